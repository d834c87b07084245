package importing

// SheetRow is a row of a spreadsheet.
type SheetRow struct {
	// Number is what the sheet shows beside the row, from 1.
	Number int
	// Cells are the row's values from column A on, as the sheet shows them; those behind the last that is not empty are
	// left out.
	Cells []string
}
