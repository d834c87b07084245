package testenv

import (
	"encoding/csv"
	"errors"
	"os"

	"github.com/xuri/excelize/v2"
)

// Workbook writes the rows of a CSV file into the first sheet of a new XLSX file.
func Workbook(csvPath, xlsxPath string) (err error) {
	in, err := os.Open(csvPath)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return err
	}
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			return err
		}
	}
	return book.SaveAs(xlsxPath)
}
