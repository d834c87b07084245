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
	// number counts data rows from 1, and line is where the row begins: the line of a CSV file, the row of a sheet.
	number, line int
	// header and fields are the columns, and the row as it stands, which may have more fields or fewer.
	header, fields []string
	// wrong says that the row has more or fewer fields than the header, so that nobody can tell which is which.
	wrong string
}

// cell is what the row has in a column; nothing where there is no such column, or nobody can tell.
func (r record) cell(column string) string {
	at := slices.Index(r.header, column)
	if at < 0 || r.wrong != "" {
		return ""
	}
	return r.fields[at]
}

// AudioNames returns the names of the recordings that a CSV file or workbook asks for, in the order first met, in
// Unicode NFC. It returns fault.Invalid if the file is neither, or has other columns; what stands in its rows is not
// judged.
func (f Files) AudioNames(content []byte) ([]string, error) {
	records, err := f.parse(content)
	if err != nil {
		return nil, err
	}
	return audioNames(records), nil
}

func audioNames(records []record) []string {
	var names []string
	seen := map[string]bool{}
	for _, r := range records {
		if name := norm.NFC.String(r.cell(columnAudio)); name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// readCSV reads a CSV file or workbook within the size limit, or returns fault.TooLarge.
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
	return fault.TooLarge("The file is larger than %d MiB; split it", MaxCSVBytes>>20)
}

// parse returns the data rows of a CSV file, or of the first sheet of a workbook. Rows without any content are skipped
// and not counted.
//
// It returns fault.TooLarge, and fault.Invalid (field "file") for columns that are unknown, missing or there twice, no
// data row and too many, and for what is neither a CSV file nor a workbook.
func (f Files) parse(content []byte) ([]record, error) {
	if len(content) > MaxCSVBytes {
		return nil, tooLarge()
	}
	if f.cfg.Sheet != nil && isWorkbook(content) {
		rows, err := f.cfg.Sheet(content)
		if err != nil {
			return nil, err
		}
		return readRecords(slices.DeleteFunc(rows, func(r SheetRow) bool { return blank(r.Cells) }), sheetRow)
	}
	rows, err := readLines(content)
	if err != nil {
		return nil, err
	}
	return readRecords(rows, csvRow)
}

// isWorkbook reports whether a file is a ZIP archive, as workbooks are, or an Office file of the old kind.
func isWorkbook(content []byte) bool {
	return bytes.HasPrefix(content, []byte("PK\x03\x04")) || bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0"))
}

// readLines returns the rows of a CSV file, with their lines as their numbers: UTF-8 with or without byte order mark,
// lines ending in LF or CRLF, fields separated by comma, semicolon or tab (whichever makes sense of the header).
//
// It returns fault.Invalid (field "file") for another encoding, broken quotation and too many rows.
func readLines(content []byte) ([]SheetRow, error) {
	if err := checkEncoding(content); err != nil {
		return nil, err
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	reader := newReader(content, delimiter(content))
	var rows []SheetRow
	for {
		fields, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, syntaxError(err)
		case len(rows) > 0 && blank(fields):
			continue
		case len(rows) > maxRows:
			return nil, tooManyRows()
		}
		line, _ := reader.FieldPos(0)
		rows = append(rows, SheetRow{line, fields})
	}
}

func tooManyRows() error {
	return fault.Invalid("file", "The file has more than %d data rows; split it", maxRows)
}

func newReader(content []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma = comma
	r.FieldsPerRecord = -1 // a row of another length is one row's error, not the file's
	return r
}

// readRecords makes records of rows that have something in them; the first one is the header.
func readRecords(rows []SheetRow, fit func(cells []string, width int) (fitted []string, wrong string)) ([]record, error) {
	if len(rows) == 0 {
		return nil, fault.Invalid("file", "The file is empty; its first line names the columns: %s", strings.Join(columns, ", "))
	}
	header := cleanHeader(rows[0].Cells)
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	switch rows = rows[1:]; {
	case len(rows) == 0:
		return nil, fault.Invalid("file", "The file has no data row below its header")
	case len(rows) > maxRows:
		return nil, tooManyRows()
	}
	records := make([]record, len(rows))
	for i, r := range rows {
		fields, wrong := fit(r.Cells, len(header))
		records[i] = record{number: i + 1, line: r.Number, header: header, fields: fields, wrong: wrong}
	}
	return records, nil
}

// csvRow leaves the fields of a CSV file alone: where there are more or fewer than columns, nobody knows which is which.
func csvRow(cells []string, width int) (fields []string, wrong string) {
	if len(cells) != width {
		wrong = fmt.Sprintf("The row has %d fields, the header has %d; put text that contains the separator into quotation marks", len(cells), width)
	}
	return cells, wrong
}

// sheetRow gives a row of a sheet the empty cells that end it.
func sheetRow(cells []string, width int) (fields []string, wrong string) {
	if len(cells) > width {
		wrong = fmt.Sprintf("The row has something in column %d, but the header has only %d columns", len(cells), width)
	}
	return padded(cells, width), wrong
}

// padded has empty fields added up to the width.
func padded(fields []string, width int) []string {
	return append(fields, make([]string, max(0, width-len(fields)))...)
}

// blank reports whether a row has nothing in it. Spreadsheets save an empty row as delimiters alone.
func blank(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" })
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
