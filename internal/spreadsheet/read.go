// Package spreadsheet reads workbooks (XLSX) for importing: the rows of the first sheet, as a person sees them.
//
// Excelize reads the cells. It is lenient: what it does not understand it passes over, so that a damaged file gives fewer
// rows and no error. This package looks through the file first, and refuses by name what would be read wrongly. Nothing is
// written to disk.
package spreadsheet

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// maxRows is how many rows with something in them a sheet may have: the 50,000 data rows of a CSV file, and the header.
	maxRows = 50_001
	// maxColumns is generous: an import has six.
	maxColumns = 100
	// maxText in bytes is as much as a CSV file may hold. A text that stands in many cells is in the file only once.
	maxText = 20 << 20
)

// Read returns the rows of the first visible sheet that have something in them, numbered as the sheet shows them. Rows that a
// filter hides are rows like all others.
//
// Cells are text, as the sheet shows it: numbers and dates in their format, TRUE and FALSE, error values such as #N/A, the
// results that formulas had when the file was saved. Of merged cells, the first one has the value and the others are
// empty. Empty cells at the end of a row are left out.
//
// It returns fault.Invalid (field "file"), with a sentence that says what the file is and what to do, if it is no XLSX
// workbook, is protected with a password, damaged, too large, or has formulas without results.
func Read(content []byte) ([]importing.SheetRow, error) {
	if err := checkArchive(content); err != nil {
		return nil, err
	}
	return guarded(func() ([]importing.SheetRow, error) { return read(content) })
}

// guarded turns a panic of excelize, which is other people's code on strangers' input, into an error.
func guarded(read func() ([]importing.SheetRow, error)) (rows []importing.SheetRow, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, broken("it cannot be read").WithCause(fmt.Errorf("excelize panicked: %v", p))
		}
	}()
	return read()
}

func read(content []byte) ([]importing.SheetRow, error) {
	// With one limit for both, nothing is unpacked into temporary files.
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return nil, broken("it cannot be opened").WithCause(err)
	}
	defer func() { _ = book.Close() }() // it has no files
	sheet, err := firstSheet(book)
	if err != nil {
		return nil, err
	}
	if err := checkParts(book, sheet); err != nil {
		return nil, err
	}
	return readRows(book, sheet.name)
}

// readRows streams the sheet: of 50,000 rows, one at a time is more than its text.
func readRows(book *excelize.File, sheet string) ([]importing.SheetRow, error) {
	stream, err := book.Rows(sheet)
	if err != nil {
		return nil, broken("its sheet cannot be read").WithCause(err)
	}
	defer func() { _ = stream.Close() }() // nor has this
	var rows []importing.SheetRow
	text := 0
	for number := 1; stream.Next(); number++ {
		cells, err := stream.Columns()
		if err != nil {
			return nil, broken("row %d of its sheet cannot be read", number).WithCause(err)
		}
		if cells = trimmed(cells); len(cells) == 0 {
			continue
		}
		rows = append(rows, importing.SheetRow{Number: number, Cells: cells})
		text += size(cells)
		if err := checkLimits(rows, text); err != nil {
			return nil, err
		}
	}
	if err := stream.Error(); err != nil {
		return nil, broken("its sheet cannot be read to the end").WithCause(err)
	}
	return rows, nil
}

// checkLimits judges the last row and how much there is by now.
func checkLimits(rows []importing.SheetRow, text int) error {
	last := rows[len(rows)-1]
	switch {
	case len(rows) > maxRows:
		return fault.Invalid("file", "The file has more than %d data rows; split it", maxRows-1)
	case len(last.Cells) > maxColumns:
		return fault.Invalid("file", "Row %d of the sheet has something in column %d; only %d columns can be read", last.Number, len(last.Cells), maxColumns)
	case text > maxText:
		return fault.Invalid("file", "The sheet holds more than %d MiB of text; split it", maxText>>20)
	}
	return nil
}

// trimmed leaves out the empty cells at the end.
func trimmed(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// size is the cells' text in bytes.
func size(cells []string) int {
	sum := 0
	for _, c := range cells {
		sum += len(c)
	}
	return sum
}

// broken says that a workbook is damaged, and how.
func broken(why string, args ...any) *fault.Error {
	return fault.Invalid("file", "The workbook is damaged: %s. Open it in Excel or LibreOffice and save it again", fmt.Sprintf(why, args...))
}
