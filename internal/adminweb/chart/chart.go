// Package chart says where the bars, lines and words of a chart stand: pictures of numbers, which a template draws as SVG.
//
// It knows numbers and names, and neither colours nor HTML. A chart is as wide as a phone, so that its words can be read there, and grows
// with its place.
package chart

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Width is that of every chart, in units of which a word's letters are 12 high.
const Width = 340.0

// Chart is what there is to draw.
type Chart struct {
	Width, Height float64
	Bars          []Bar
	Lines         []Line
	Words         []Word
}

// Bar is a rectangle, with what it says when one points at it. Series is 0 or 1, for two kinds of bars in one chart.
type Bar struct {
	X, Y, Width, Height float64
	Series              int
	Tip                 string
}

// Line is a thin line from left to right.
type Line struct{ X1, X2, Y float64 }

// Word is a text whose Anchor ("start", "middle" or "end") stands at X, and its foot at Y.
type Word struct {
	X, Y   float64
	Anchor string
	Text   string
}

// Column is a bar that stands. A nil Value draws none.
type Column struct {
	Value *float64
	// Tip is said of the bar; Name stands under it, if it is not empty.
	Tip, Name string
}

// The places around standing bars.
const (
	columnsHeight = 170.0
	left          = 38.0
	right         = 6.0
	top           = 10.0
	bottom        = 22.0
)

// Columns are bars side by side over a scale from zero, in the order of time, say.
func Columns(columns []Column) Chart {
	c := Chart{Width: Width, Height: columnsHeight}
	most := 0.0
	for _, col := range columns {
		if col.Value != nil {
			most = math.Max(most, *col.Value)
		}
	}
	step, steps := scale(most)
	floor := columnsHeight - bottom
	perUnit := (floor - top) / (step * float64(steps))
	for i := range steps + 1 {
		y := round(floor - perUnit*step*float64(i))
		c.Lines = append(c.Lines, Line{left, Width - right, y})
		c.Words = append(c.Words, Word{left - 5, y + 4, "end", Number(step * float64(i))})
	}
	pitch := (Width - left - right) / float64(max(1, len(columns)))
	for i, col := range columns {
		x := left + pitch*float64(i)
		if col.Name != "" {
			c.Words = append(c.Words, Word{round(x + pitch/2), columnsHeight - 6, "middle", col.Name})
		}
		if col.Value == nil {
			continue
		}
		height := perUnit * *col.Value
		c.Bars = append(c.Bars, Bar{X: round(x + pitch*0.12), Y: round(floor - height), Width: round(pitch * 0.76), Height: round(height), Tip: col.Tip})
	}
	return c
}

// Row is a bar that lies, or two in one line.
type Row struct {
	// Name stands to the left, Words to the right of the bar.
	Name  string
	Words string
	Tip   string
	// Values are the lengths, one for each series.
	Values [2]float64
	// Series is that of the first value; the second one is of the other.
	Series int
}

// Rows are bars under each other, each with its name. nameWidth is how many letters of a name there is room for; longer ones end in "…".
// full is the value of a bar of the whole width; 0 means that of the longest.
func Rows(rows []Row, nameWidth int, full float64) Chart {
	const pitch, letter, words = 20.0, 6.6, 52.0
	c := Chart{Width: Width, Height: pitch*float64(len(rows)) + 4}
	begin := letter*float64(nameWidth) + 6
	if full == 0 {
		for _, r := range rows {
			full = math.Max(full, r.Values[0]+r.Values[1])
		}
	}
	room := Width - begin - words
	for i, r := range rows {
		y := pitch * float64(i)
		c.Words = append(c.Words, Word{begin - 6, y + 16, "end", Short(r.Name, nameWidth)})
		x := begin
		for k, value := range r.Values {
			if value <= 0 || full == 0 {
				continue
			}
			width := math.Max(1, room*value/full)
			c.Bars = append(c.Bars, Bar{X: round(x), Y: y + 5, Width: round(width), Height: 14, Series: (r.Series + k) % 2, Tip: r.Tip})
			x += width
		}
		c.Words = append(c.Words, Word{round(x + 5), y + 16, "start", r.Words})
	}
	return c
}

// Short cuts a text to so many letters, of which the last is "…" where there were more.
func Short(text string, letters int) string {
	if utf8.RuneCountInString(text) <= letters {
		return text
	}
	return string([]rune(text)[:letters-1]) + "…"
}

// scale divides a height that holds the value into two to five even steps: the smallest of 1, 2, 5, 10, 20, 50, … that do.
func scale(most float64) (step float64, steps int) {
	for power := 1.0; ; power *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if step = digit * power; most <= 5*step {
				return step, max(2, int(math.Ceil(most/step)))
			}
		}
	}
}

// Number is a number with thousands as "k": 1500 as "1.5k".
func Number(n float64) string {
	switch {
	case n >= 1e6:
		return strconv.FormatFloat(n/1e6, 'f', -1, 64) + "M"
	case n >= 1e4:
		return strconv.FormatFloat(n/1e3, 'f', -1, 64) + "k"
	default:
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
}

// round keeps two digits: more are not seen.
func round(x float64) float64 { return math.Round(x*100) / 100 }
