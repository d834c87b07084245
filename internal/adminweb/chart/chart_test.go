package chart_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/adminweb/chart"
)

func columns(values ...float64) []chart.Column {
	all := make([]chart.Column, len(values))
	for i := range values {
		all[i].Value = &values[i]
	}
	return all
}

// inside demands that a chart draws nothing beside itself, and no number that is none.
func inside(t *testing.T, c chart.Chart) {
	t.Helper()
	within := func(what string, v, most float64) {
		if math.IsNaN(v) || v < 0 || v > most {
			t.Errorf("%s is %v, which is not between 0 and %v", what, v, most)
		}
	}
	for _, b := range c.Bars {
		within("the left of a bar", b.X, c.Width)
		within("the right of a bar", b.X+b.Width, c.Width)
		within("the top of a bar", b.Y, c.Height)
		within("the foot of a bar", b.Y+b.Height, c.Height)
	}
	for _, l := range c.Lines {
		within("a line", l.Y, c.Height)
	}
	for _, w := range c.Words {
		within("the place of "+w.Text, w.X, c.Width)
		within("the foot of "+w.Text, w.Y, c.Height)
	}
}

// TestScales: few lines, at round numbers, and whole ones; the highest bar is below the last one and above half of it.
func TestScales(t *testing.T) {
	for _, most := range []float64{0, 0.4, 1, 2, 3, 7, 10, 11, 19, 20, 21, 55, 99, 100, 101, 250, 999, 1000, 1e4, 123456, 1e6, 98765432} {
		c := chart.Columns(columns(0, most))
		inside(t, c)
		var names []string
		for _, w := range c.Words {
			names = append(names, w.Text)
		}
		if n := len(c.Lines); n < 3 || n > 7 || names[0] != "0" {
			t.Errorf("up to %v there are lines at %v", most, names)
		}
		if slices.ContainsFunc(names, func(n string) bool { return len(n) > 5 }) {
			t.Errorf("up to %v the names are too long: %v", most, names)
		}
		if most >= 2 {
			if bar := c.Bars[1].Height; bar < (chart.Columns(columns(1)).Height-32)/2 {
				t.Errorf("the bar of the highest value %v is only %v high", most, bar)
			}
		}
	}
}

func TestColumns(t *testing.T) {
	two := 2.0
	c := chart.Columns([]chart.Column{{Value: &two, Tip: "a"}, {Name: "b"}, {Value: new(float64), Tip: "c"}})
	inside(t, c)
	if len(c.Bars) != 2 || c.Bars[0].Tip != "a" || c.Bars[0].Height <= 100 || c.Bars[1].Height != 0 {
		t.Errorf("bars: %+v", c.Bars)
	}
	inside(t, chart.Columns(nil))
	many := make([]float64, 90)
	for i := range many {
		many[i] = float64(i)
	}
	inside(t, chart.Columns(columns(many...)))
}

func TestRows(t *testing.T) {
	long := strings.Repeat("ä", 30)
	c := chart.Rows([]chart.Row{
		{Name: "one", Values: [2]float64{10, 0}, Words: "10"}, {Name: long, Values: [2]float64{2, 3}, Words: "2 + 3", Series: 1}, {Name: "none", Words: "0"},
	}, 12, 0)
	inside(t, c)
	if len(c.Bars) != 3 || c.Bars[1].Series != 1 || c.Bars[2].Series != 0 || c.Bars[2].X != c.Bars[1].X+c.Bars[1].Width {
		t.Errorf("bars: %+v", c.Bars)
	}
	if name := c.Words[2].Text; name != strings.Repeat("ä", 11)+"…" {
		t.Errorf("a long name is %q", name)
	}
	if half := chart.Rows([]chart.Row{{Values: [2]float64{50, 0}}}, 2, 100).Bars[0].Width; math.Abs(half*2-chart.Rows([]chart.Row{{Values: [2]float64{100, 0}}}, 2, 100).Bars[0].Width) > 0.02 {
		t.Errorf("half is %v", half)
	}
	inside(t, chart.Rows(nil, 5, 0))
	inside(t, chart.Rows([]chart.Row{{Name: "x"}}, 5, 0))
}
