package spreadsheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/fault"
)

// checkParts looks through what excelize is going to read.
func checkParts(book *excelize.File, s sheet) error {
	texts, err := countTexts(partOf(book, "xl/sharedStrings.xml"))
	if err != nil {
		return err
	}
	limitFormats(book)
	return checkCells(partOf(book, s.part), texts)
}

// longestText in bytes is what 32,767 characters can take, the most that a cell of Excel holds.
const longestText = 4 * 32_767

// countTexts counts the texts that cells of all sheets refer to by number.
func countTexts(part []byte) (int, error) {
	texts, size := 0, 0
	for token, err := range tokens(part) {
		if err != nil {
			return 0, broken("its texts (sharedStrings) cannot be read").WithCause(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				texts, size = texts+1, 0
			}
		case xml.CharData:
			if size += len(t); size > longestText {
				return 0, broken("its text %d is longer than a cell can hold", texts)
			}
		}
	}
	return texts, nil
}

// tokens walks the elements of a part. It ends after the first error.
func tokens(part []byte) func(yield func(xml.Token, error) bool) {
	return func(yield func(xml.Token, error) bool) {
		decoder := xml.NewDecoder(bytes.NewReader(part))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(token, err) || err != nil {
				return
			}
		}
	}
}

// limitFormats leaves out the formats that only a file made to do harm has: excelize searches all of them for each cell, and
// can run for ever on fractions of many digits.
func limitFormats(book *excelize.File) {
	const most, longest = 1000, 255 // Excel allows 250 formats, of 255 characters
	if book.Styles == nil || book.Styles.NumFmts == nil {
		return
	}
	list := book.Styles.NumFmts
	list.NumFmt = list.NumFmt[:min(len(list.NumFmt), most)]
	for _, format := range list.NumFmt {
		for _, code := range []*string{&format.FormatCode, &format.FormatCode16} {
			if len(*code) > longest || manyDigits(*code) {
				*code = "General"
			}
		}
	}
}

// manyDigits reports whether a format shows fractions with more than three digits.
func manyDigits(format string) bool {
	parts := strings.Split(format, "/")
	return slices.ContainsFunc(parts[1:], func(denominator string) bool {
		return strings.Trim(denominator[:min(4, len(denominator))], "?#0") == "" && len(denominator) >= 4
	})
}

// checkCells holds the cells of a sheet against what excelize relies on: rows and cells in their order, texts that are there,
// numbers that are numbers, formulas with results.
func checkCells(part []byte, texts int) error {
	c := cellCheck{texts: texts}
	for token, err := range tokens(part) {
		if err != nil {
			return broken("its sheet cannot be read after row %d", c.row).WithCause(err)
		}
		if err := c.see(token); err != nil || c.done {
			return err
		}
	}
	return broken("its sheet has no cells")
}

// cellCheck is how far the check has come.
type cellCheck struct {
	texts    int
	row, col int // the last ones; 0 before the first
	done     bool

	cell    cell
	inValue bool
}

// cell is one cell of a sheet.
type cell struct {
	name, kind         string // the attributes r and t
	formula, hasResult bool
	value              []byte
}

func (c *cellCheck) see(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return c.begin(t)
	case xml.CharData:
		if c.inValue {
			c.cell.value = append(c.cell.value, t...)
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "v":
			c.inValue = false
		case "c":
			return c.cell.check(c.texts)
		case "sheetData":
			c.done = true
		}
	}
	return nil
}

func (c *cellCheck) begin(element xml.StartElement) error {
	switch element.Name.Local {
	case "row":
		return c.beginRow(attribute(element, "r"))
	case "c":
		c.cell = cell{name: attribute(element, "r"), kind: attribute(element, "t"), value: c.cell.value[:0]}
		return c.beginCell()
	case "f":
		c.cell.formula = true
	case "v":
		c.cell.hasResult, c.inValue = true, true
	}
	return nil
}

// beginRow takes the row's number, which may be left out.
func (c *cellCheck) beginRow(number string) error {
	row := c.row + 1
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < row || n > excelize.TotalRows {
			return broken("its row %q comes after row %d", shown(number), c.row)
		}
		row = n
	}
	c.row, c.col = row, 0
	return nil
}

// beginCell takes the cell's column from its name, which may be left out.
func (c *cellCheck) beginCell() error {
	if c.cell.name == "" {
		c.col++
		c.cell.name = fmt.Sprintf("%d in row %d", c.col, c.row)
		return nil
	}
	col, row, err := excelize.CellNameToCoordinates(c.cell.name)
	if err != nil || row != c.row || col <= c.col {
		return broken("its cell %q is in row %d after column %d", shown(c.cell.name), c.row, c.col)
	}
	c.col = col
	return nil
}

// check judges a whole cell.
func (c cell) check(texts int) error {
	if c.formula && !c.hasResult {
		return fault.Invalid("file", "The cell %s has a formula without a result; open the file in Excel or LibreOffice and save it", c.name)
	}
	value := strings.TrimSpace(string(c.value))
	switch c.kind {
	case "s":
		if n, err := strconv.Atoi(value); value != "" && (err != nil || n < 0 || n >= texts) {
			return broken("its cell %s refers to the text %q, which is not there", c.name, shown(value))
		}
	case "str", "inlineStr", "b":
	default:
		// Excelize shows these as numbers, as dates, or for ever.
		if x, err := strconv.ParseFloat(value, 64); err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
			return broken("its cell %s holds the number %q", c.name, shown(value))
		}
	}
	return nil
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
