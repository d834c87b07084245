package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// columnGap stands between two columns.
const columnGap = "  "

// table is what people see of a listing.
type table struct {
	headers []string // none: without a header
	rows    [][]string
	right   []bool // columns of numbers, which stand at the right
	whole   []bool // columns that are not broken into lines
}

// printTable prints plain columns without borders: readable, and easy to cut and grep. Where width is above 0, the table
// is no wider: cells are broken into lines, and where that does not help, every row is printed as a block of its own.
// Nothing in a cell steers the terminal.
func (l listing) printTable(w io.Writer, width int) error {
	t := l.table()
	if width > 0 && !t.fit(width) {
		t = t.blocks()
		t.fit(width)
	}
	var out bytes.Buffer
	if err := t.render(&out); err != nil {
		return fmt.Errorf("lay out the table: %w", err)
	}
	return printTrimmed(w, out.String(), len(t.headers) > 0)
}

// table returns the columns and cells that a table shows.
func (l listing) table() table {
	var t table
	for _, column := range l.columns {
		if len(l.inTable) > 0 && !slices.Contains(l.inTable, column) {
			continue
		}
		t.headers = append(t.headers, strings.ToUpper(strings.ReplaceAll(column, "_", " ")))
		number := slices.Contains(l.numbers, column)
		t.right = append(t.right, number)
		t.whole = append(t.whole, number || column == "id" || strings.HasSuffix(column, "_id"))
	}
	for _, row := range l.rows {
		var cells []string
		for i, cell := range row {
			if len(l.inTable) == 0 || slices.Contains(l.inTable, l.columns[i]) {
				cells = append(cells, visible(cell))
			}
		}
		t.rows = append(t.rows, cells)
	}
	return t
}

// blocks returns the table turned: the cells of each row below one another, and an empty line between two rows.
func (t table) blocks() table {
	turned := table{right: make([]bool, 2), whole: []bool{true, false}}
	for i, row := range t.rows {
		if i > 0 {
			turned.rows = append(turned.rows, []string{"", ""})
		}
		for j, cell := range row {
			turned.rows = append(turned.rows, []string{t.headers[j], cell})
		}
	}
	return turned
}

func (t table) render(w io.Writer) error {
	aligns := make([]tw.Align, len(t.right))
	for i, right := range t.right {
		if aligns[i] = tw.AlignLeft; right {
			aligns[i] = tw.AlignRight
		}
	}
	out := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithAlignment(aligns),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimLine(tw.Off),
		tablewriter.WithPadding(tw.Padding{Right: columnGap, Overwrite: true}),
	)
	if len(t.headers) > 0 {
		out.Header(t.headers)
	}
	if err := out.Bulk(t.rows); err != nil {
		return err
	}
	return out.Render()
}

// printTrimmed prints the lines without the space at their ends, which pads the last column and would make a terminal
// break lines that are not too long. The first line may be a header.
func printTrimmed(w io.Writer, text string, header bool) error {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if header && out.Len() == 0 {
			line = paint(w, bold, line)
		}
		out.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// upright returns a listing of one row turned: a row for each column.
func (l listing) upright() listing {
	turned := listing{columns: []string{"field", "value"}, items: l.items}
	for i, column := range l.columns {
		turned.rows = append(turned.rows, []string{column, l.rows[0][i]})
	}
	return turned
}
