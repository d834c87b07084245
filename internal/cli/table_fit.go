package cli

import (
	"math"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// minColumn is the narrowest that a column of text is made: a narrower one nobody can read.
const minColumn = 12

// fit breaks cells into lines so that the table is at most width columns wide. Where that would make columns unreadable
// it reports false and leaves the table as it is.
func (t table) fit(width int) bool {
	widths := t.naturalWidths()
	if !t.shrink(widths, width-len(columnGap)*(len(widths)-1)) {
		return false
	}
	for _, row := range t.rows {
		for i, cell := range row {
			row[i] = breakLines(cell, widths[i])
		}
	}
	return true
}

// naturalWidths returns for each column how many columns of a terminal its widest cell takes.
func (t table) naturalWidths() []int {
	widths := make([]int, len(t.right))
	for i, header := range t.headers {
		widths[i] = twwidth.Width(header)
	}
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], twwidth.Width(cell))
		}
	}
	return widths
}

// shrink takes columns away where there are most until all fit, and reports whether they do. The first column gives way
// last: it is what the row is called by. Numbers and ids do not give way: they are for counting and for copying.
func (t table) shrink(widths []int, available int) bool {
	excess := -available
	for _, w := range widths {
		excess += w
	}
	for ; excess > 0; excess-- {
		widest := t.widest(widths)
		if widest < 0 {
			return false
		}
		widths[widest]--
	}
	return true
}

// widest returns which column is to give way, -1 if none can.
func (t table) widest(widths []int) int {
	widest := -1
	for i, w := range widths {
		if w > t.least(i) && (widest <= 0 || w > widths[widest]) {
			widest = i
		}
	}
	return widest
}

// least is how narrow a column may become.
func (t table) least(column int) int {
	switch {
	case t.whole[column]:
		return math.MaxInt
	case len(t.headers) == 0:
		return 1 // there is nothing narrower than blocks
	}
	return max(minColumn, twwidth.Width(t.headers[column]))
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
// What people see as one character, a letter with its marks or an emoji of several, is not broken. Of how many columns an
// emoji of several takes terminals have their own ideas; the widest is what counts here and in package tablewriter.
func lineEnd(text string, width int) int {
	used, end, lastSpace := 0, 0, 0
	for characters := displaywidth.StringGraphemes(text); characters.Next(); {
		if characters.Value() == " " {
			lastSpace = end
		}
		used += twwidth.Width(characters.Value())
		switch {
		case used <= width || end == 0:
		case lastSpace > 0:
			return lastSpace
		default:
			return end
		}
		end += len(characters.Value())
	}
	return len(text)
}
