package importing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// MaxCSVBytes is the size of the largest CSV file.
	MaxCSVBytes = 20 << 20
	// maxRows is the largest number of data rows of a CSV file.
	maxRows = 50_000
)

// columns are the columns of the CSV file (spec, "CSV Column Specifications"), required ones first. Errors of a row are
// listed in this order.
var columns = []string{columnAudio, columnText, columnLevel, columnType, columnTags}

const (
	// columnError is what Plan.Rejects adds; an import takes it and ignores it.
	columnError = "error"

	columnAudio = "audio_filename"
	columnText  = "text"
	columnLevel = "level"
	columnType  = "type"
	columnTags  = "tags"
)

// required is how many of columns there must be.
const required = 3

// record is a data row as it stands in the file.
type record struct {
	// number counts data rows from 1.
	number int
	// header and fields are the columns, and the row as it stands, which may have more fields or fewer.
	header, fields []string
	// cells maps the header's columns to the row's values. It is nil where the row has more or fewer fields than the
	// header, so that nobody can tell which is which.
	cells map[string]string
	// wrong says so.
	wrong string
}

// AudioNames returns the names of the recordings that a CSV file asks for, in the order first met, in Unicode NFC. It
// returns fault.Invalid if the file is no such CSV file; what stands in its rows is not judged.
func AudioNames(content []byte) ([]string, error) {
	records, err := parseCSV(content)
	if err != nil {
		return nil, err
	}
	return audioNames(records), nil
}

func audioNames(records []record) []string {
	var names []string
	seen := map[string]bool{}
	for _, r := range records {
		if name := norm.NFC.String(r.cells[columnAudio]); name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// readCSV reads a CSV file within the size limit, or returns fault.TooLarge.
func readCSV(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxCSVBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the CSV file: %w", err)
	}
	if len(content) > MaxCSVBytes {
		return nil, tooLarge()
	}
	return content, nil
}

func tooLarge() error {
	return fault.TooLarge("The CSV file is larger than %d MiB; split it", MaxCSVBytes>>20)
}

// parseCSV returns the data rows of a CSV file: UTF-8 with or without byte order mark, lines ending in LF or CRLF,
// fields separated by comma, semicolon or tab (whichever makes sense of the header), columns in any order. Rows
// without any content are skipped and not counted.
//
// It returns fault.TooLarge, and fault.Invalid (field "file") for another encoding, broken quotation, columns that are
// unknown, missing or there twice, no data row and too many.
func parseCSV(content []byte) ([]record, error) {
	if len(content) > MaxCSVBytes {
		return nil, tooLarge()
	}
	if err := checkEncoding(content); err != nil {
		return nil, err
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	reader := newReader(content, delimiter(content))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalid("file", "The file is empty; its first line names the columns: %s", strings.Join(columns, ", "))
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	header = cleanHeader(header)
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	records, err := readRecords(reader, header)
	if err == nil && len(records) == 0 {
		err = fault.Invalid("file", "The file has no data row below its header")
	}
	return records, err
}

func newReader(content []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma = comma
	r.FieldsPerRecord = -1 // a row of another length is one row's error, not the file's
	return r
}

func readRecords(reader *csv.Reader, header []string) ([]record, error) {
	var records []record
	for {
		fields, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return records, nil
		case err != nil:
			return nil, syntaxError(err)
		case blank(fields):
			continue
		case len(records) == maxRows:
			return nil, fault.Invalid("file", "The file has more than %d data rows; split it", maxRows)
		}
		records = append(records, newRecord(len(records)+1, header, fields))
	}
}

// blank reports whether a row has nothing in it. Spreadsheets save an empty row as delimiters alone.
func blank(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" })
}

func newRecord(number int, header, fields []string) record {
	if len(fields) != len(header) {
		return record{number: number, header: header, fields: fields, wrong: fmt.Sprintf("The row has %d fields, the header has %d; put text that contains the separator into quotation marks", len(fields), len(header))}
	}
	cells := make(map[string]string, len(header))
	for i, column := range header {
		cells[column] = fields[i]
	}
	return record{number: number, header: header, fields: fields, cells: cells}
}

// checkEncoding returns fault.Invalid unless content is UTF-8.
func checkEncoding(content []byte) error {
	if isUTF16(content) {
		return fault.Invalid("file", "The file is in UTF-16, not UTF-8. In Excel, save it as \"CSV UTF-8 (Comma delimited)\"")
	}
	if utf8.Valid(content) {
		return nil
	}
	for i, line := range bytes.Split(content, []byte("\n")) {
		if !utf8.Valid(line) {
			return fault.Invalid("file", "Line %d is not valid UTF-8. In Excel, save the file as \"CSV UTF-8 (Comma delimited)\"", i+1)
		}
	}
	return nil
}

// isUTF16 reports whether content begins with a byte order mark of UTF-16, or has a zero byte in at least every fourth
// place, as Western text in UTF-16 has in every second.
func isUTF16(content []byte) bool {
	if bytes.HasPrefix(content, []byte{0xff, 0xfe}) || bytes.HasPrefix(content, []byte{0xfe, 0xff}) {
		return true
	}
	head := content[:min(len(content), 512)]
	zeros := bytes.Count(head, []byte{0})
	return zeros > 0 && 4*zeros >= len(head)
}

// delimiter returns the separator with which the header has most of our columns; comma if none has any.
func delimiter(content []byte) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		header, err := newReader(content, comma).Read()
		if err != nil {
			continue
		}
		known := 0
		for _, column := range cleanHeader(header) {
			if slices.Contains(columns, column) {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

// cleanHeader returns the column names in the form in which they are compared.
func cleanHeader(header []string) []string {
	clean := make([]string, len(header))
	for i, name := range header {
		clean[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return clean
}

func checkHeader(header []string) error {
	var c fault.Check
	all := strings.Join(columns, ", ")
	for i, column := range header {
		switch {
		case column == "":
			c.Addf("file", "Column %d has no name; the columns are %s", i+1, all)
		case column != columnError && !slices.Contains(columns, column):
			c.Addf("file", "Unknown column '%s'; the columns are %s", catalog.Shown(column), all)
		case slices.Index(header, column) < i:
			c.Addf("file", "The column '%s' is there twice", column)
		}
	}
	for _, column := range columns[:required] {
		c.Require(slices.Contains(header, column), "file", "The column '%s' is missing", column)
	}
	return c.Err()
}

// syntaxError makes the reader's finding a fault that names the line on which the broken row begins.
func syntaxError(err error) error {
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return fmt.Errorf("parse the CSV file: %w", err)
	}
	why := "a quotation mark within a field must be doubled, and the field put into quotation marks"
	if errors.Is(broken, csv.ErrQuote) {
		why = "a field in quotation marks does not end, or is followed by something other than a separator"
	}
	return fault.Invalid("file", "Line %d: %s", broken.StartLine, why)
}
