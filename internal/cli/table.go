package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	// columnGap stands between two columns.
	columnGap = "  "
	// minColumn is the narrowest that a column is made: a narrower one nobody can read.
	minColumn = 12
)

// printTable prints plain columns without borders: readable, and easy to cut and grep. Where width is above 0, cells are
// broken into lines so that the table is no wider, as far as minColumn allows. The first column stays whole: it is what
// the row is called by.
func (l listing) printTable(w io.Writer, width int) error {
	headers, rows := l.shown()
	for i, header := range headers {
		headers[i] = strings.ToUpper(strings.ReplaceAll(header, "_", " "))
	}
	if width > 0 {
		rows = fit(headers, rows, width)
	}
	var out bytes.Buffer
	table := newTable(&out)
	table.Header(headers)
	if err := table.Bulk(rows); err != nil {
		return fmt.Errorf("lay out the table: %w", err)
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("lay out the table: %w", err)
	}
	return printTrimmed(w, out.String())
}

func newTable(w io.Writer) *tablewriter.Table {
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithPadding(tw.Padding{Right: columnGap, Overwrite: true}),
	)
}

// printTrimmed prints the lines without the space at their ends, which pads the last column and would make a terminal
// break lines that are not too long. The first line is the header.
func printTrimmed(w io.Writer, text string) error {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		if out.Len() == 0 {
			line = paint(w, bold, line)
		}
		out.WriteString(line + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// shown returns the columns and cells that a table shows. The caller owns the headers.
func (l listing) shown() (headers []string, rows [][]string) {
	if len(l.inTable) == 0 {
		return slices.Clone(l.columns), l.rows
	}
	rows = make([][]string, len(l.rows))
	for i, column := range l.columns {
		if !slices.Contains(l.inTable, column) {
			continue
		}
		headers = append(headers, column)
		for j, row := range l.rows {
			rows[j] = append(rows[j], row[i])
		}
	}
	return headers, rows
}

// upright returns a listing of one row turned: a row for each column.
func (l listing) upright() listing {
	turned := listing{columns: []string{"field", "value"}, items: l.items}
	for i, column := range l.columns {
		turned.rows = append(turned.rows, []string{column, l.rows[0][i]})
	}
	return turned
}

// fit returns the rows with their cells broken into lines so that the table is at most width columns wide.
func fit(headers []string, rows [][]string, width int) [][]string {
	widths := naturalWidths(headers, rows)
	shrink(widths, headers, width-len(columnGap)*(len(headers)-1))
	broken := make([][]string, len(rows))
	for i, row := range rows {
		for j, cell := range row {
			broken[i] = append(broken[i], breakLines(cell, widths[j]))
		}
	}
	return broken
}

// naturalWidths returns for each column how many columns of a terminal its widest cell takes.
func naturalWidths(headers []string, rows [][]string) []int {
	widths := make([]int, len(headers))
	for _, row := range append([][]string{headers}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], twwidth.Width(cell))
		}
	}
	return widths
}

// shrink takes columns away where there are most, until all fit or nothing more can be taken.
func shrink(widths []int, headers []string, available int) {
	total := 0
	for _, w := range widths {
		total += w
	}
	for ; total > available; total-- {
		widest := -1
		for i := 1; i < len(widths); i++ {
			least := max(minColumn, twwidth.Width(headers[i]))
			if widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// breakLines breaks text into lines of at most width columns: at spaces, or within a word that is too long for a line.
func breakLines(text string, width int) string {
	var lines []string
	for twwidth.Width(text) > width {
		end := lineEnd(text, width)
		lines = append(lines, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
	return strings.Join(append(lines, text), "\n")
}

// lineEnd returns where the first line of a text that is wider than width ends, at least one character from its start.
func lineEnd(text string, width int) int {
	used, lastSpace := 0, 0
	for i, r := range text {
		if r == ' ' {
			lastSpace = i
		}
		used += twwidth.Width(string(r))
		switch {
		case used <= width || i == 0:
		case lastSpace > 0:
			return lastSpace
		default:
			return i
		}
	}
	return len(text)
}
