package cli

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func TestPrintTable(t *testing.T) {
	tests := map[string]struct {
		in    listing
		width int
		want  []string
	}{
		"a pipe gets the cells whole, without space at the ends of lines": {
			in:   listing{columns: []string{"name", "created_at"}, rows: [][]string{{"a", ""}, {strings.Repeat("b", 90), "today"}}},
			want: []string{"NAME" + strings.Repeat(" ", 88) + "CREATED AT", "a", strings.Repeat("b", 90) + "  today"},
		},
		"what fits a terminal is left alone": {
			in:    listing{columns: []string{"name", "value"}, rows: [][]string{{"API_PORT", "8000"}}},
			width: 15,
			want:  []string{"NAME      VALUE", "API_PORT  8000"},
		},
		"what is too wide is broken at spaces, the first column last": {
			in:    listing{columns: []string{"name", "value"}, rows: [][]string{{"A_RATHER_LONG_NAME", "one two three four five"}}},
			width: 36,
			want:  []string{"NAME                VALUE", "A_RATHER_LONG_NAME  one two three", "                    four five"},
		},
		"a word longer than its column is broken anywhere": {
			in:    listing{columns: []string{"a", "value"}, rows: [][]string{{"1", "0123456789abcdefghij"}}},
			width: 15,
			want:  []string{"A  VALUE", "1  0123456789ab", "   cdefghij"},
		},
		"the widest column gives way first": {
			in:    listing{columns: []string{"a", "b", "c"}, rows: [][]string{{"1", "thirteen char", "thirty characters are too many"}}},
			width: 36,
			want:  []string{"A  B              C", "1  thirteen char  thirty characters", "                  are too many"},
		},
		"the first column gives way where the others cannot": {
			in:    listing{columns: []string{"email", "role"}, rows: [][]string{{"somebody.with.a.long.name@example.com", "admin"}}},
			width: 30,
			want:  []string{"EMAIL                    ROLE", "somebody.with.a.long.na  admin", "me@example.com"},
		},
		"no column is made unreadable: each row becomes a block": {
			in: listing{columns: []string{"a", "value", "created_at"}, rows: [][]string{
				{"1", "0123456789abcdef", "2026-01-31T12:00:00Z"}, {"2", "x", ""},
			}},
			width: 26,
			want: []string{
				"A           1", "VALUE       0123456789abcd", "            ef", "CREATED AT  2026-01-31T12:", "            00:00Z",
				"", "A           2", "VALUE       x", "CREATED AT",
			},
		},
		"ids are not broken": {
			in: listing{columns: []string{"id", "batch_id", "text"}, rows: [][]string{
				{"01a20811-b2ce-7ca8-a519-ae14fb3735e2", "01a20811-b2ce-7ca8-a519-ae14fb3735e3", "Is there any soup?"},
			}},
			width: 80,
			want: []string{
				"ID        01a20811-b2ce-7ca8-a519-ae14fb3735e2", "BATCH ID  01a20811-b2ce-7ca8-a519-ae14fb3735e3", "TEXT      Is there any soup?",
			},
		},
		"numbers stand at the right": {
			in:    listing{columns: []string{"n", "name", "speech_count"}, numbers: []string{"n", "speech_count"}, rows: [][]string{{"9", "Food", "3"}, {"10", "Travel", "1000"}}},
			width: 80,
			want:  []string{" N  NAME    SPEECH COUNT", " 9  Food               3", "10  Travel          1000"},
		},
		"numbers are not broken": {
			in:    listing{columns: []string{"name", "count"}, numbers: []string{"count"}, rows: [][]string{{"a b c d e f g h i j k", "1000000000000000"}}},
			width: 32,
			want:  []string{"NAME                      COUNT", "a b c d e f g  1000000000000000", "h i j k"},
		},
		"wide characters take two columns": {
			in:    listing{columns: []string{"name", "role"}, rows: [][]string{{"王小明", "admin"}, {"Nguyễn", "learner"}}},
			width: 80,
			want:  []string{"NAME    ROLE", "王小明  admin", "Nguyễn  learner"},
		},
		"wide characters do not count by their bytes": {
			in:    listing{columns: []string{"a", "b", "c"}, rows: [][]string{{"1", "twenty characters it", "一二三四五六七"}}},
			width: 39,
			want:  []string{"A  B                     C", "1  twenty characters it  一二三四五六七"},
		},
		"wide characters are broken by the columns that they take": {
			in:    listing{columns: []string{"a", "name"}, rows: [][]string{{"1", "一二三四五六七"}}},
			width: 15,
			want:  []string{"A  NAME", "1  一二三四五六", "   七"},
		},
		"a letter is not parted from its marks, nor an emoji in its middle": {
			in:    listing{columns: []string{"a", "name"}, rows: [][]string{{"1", "abcdefghijke\u0301e\u0301"}, {"2", "abcdefghijk👩‍👩‍👧👩‍👩‍👧"}, {"3", "abcdefghijk🇻🇳🇻🇳"}}},
			width: 15,
			want:  []string{"A  NAME", "1  abcdefghijke\u0301", "   e\u0301", "2  abcdefghijk", "   👩‍👩‍👧👩‍👩‍👧", "3  abcdefghijk", "   🇻🇳🇻🇳"},
		},
		"Vietnamese is as wide as it looks, composed or not": {
			in:   listing{columns: []string{"name", "role"}, rows: [][]string{{"Nguyễn Thị", "x"}, {"Nguye\u0302\u0303n Thi\u0323", "x"}}},
			want: []string{"NAME        ROLE", "Nguyễn Thị  x", "Nguye\u0302\u0303n Thi\u0323  x"},
		},
		"what would steer the terminal is shown instead": {
			in: listing{columns: []string{"name", "x"}, rows: [][]string{
				{"\x1b[31mred", "\x1b]0;title\a"}, {"two\nlines", "a\tb\rc"}, {"\u009b31m", "\u202eevil\u2066"}, {"\xff\xfe", "\u2028\x00\x7f"},
			}},
			want: []string{
				`NAME         X`, `\x1b[31mred  \x1b]0;title\a`, `two\nlines   a\tb\rc`, `\u009b31m    \u202eevil\u2066`, `\xff\xfe     \u2028\x00\x7f`,
			},
		},
		"a table shows its own columns only": {
			in: listing{
				columns: []string{"id", "email", "role"}, inTable: []string{"email", "role"},
				rows: [][]string{{"7", "ada@example.com", "admin"}},
			},
			want: []string{"EMAIL            ROLE", "ada@example.com  admin"},
		},
		"one item stands upright": {
			in:   listing{columns: []string{"id", "email"}, inTable: []string{"email"}, rows: [][]string{{"7", "ada@example.com"}}}.upright(),
			want: []string{"FIELD  VALUE", "id     7", "email  ada@example.com"},
		},
		"no rows": {
			in:    listing{columns: []string{"id"}, rows: [][]string{}},
			width: 80,
			want:  []string{"ID"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tt.in.printTable(&out, tt.width); err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("the table differs (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the cells hold and however wide the terminal is: no line is wider, and nothing is lost.
func TestPrintTableFits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"word", "a", " ", " ", "王小明", "Nguyễn", "e\u0301", "👩‍👩‍👧", "🇻🇳", "somebody@example.com", "\x1b[31m", "\n", "x-y_z"}
	text := func() string {
		var out strings.Builder
		for range random.IntN(30) {
			out.WriteString(pieces[random.IntN(len(pieces))])
		}
		return out.String()
	}
	for range 500 {
		l := listing{columns: []string{"first_of_all", "number", "text", "id"}, numbers: []string{"number"}}
		for range random.IntN(5) {
			l.rows = append(l.rows, []string{text(), strconv.Itoa(random.IntN(1 << 30)), text(), "01a20811-b2ce-7ca8-a519-ae14fb3735e2"})
		}
		width := 52 + random.IntN(100)
		var out strings.Builder
		if err := l.printTable(&out, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if got := twwidth.Width(strings.TrimSuffix(line, "\n")); got > width {
				t.Fatalf("a line of %d columns on a terminal of %d: %q in\n%s", got, width, line, out.String())
			}
		}
		for _, row := range l.rows {
			for _, cell := range row {
				for word := range strings.FieldsSeq(visible(cell)) {
					if len(word) <= minColumn && !strings.Contains(out.String(), word) {
						t.Fatalf("%q is lost in\n%s", word, out.String())
					}
				}
			}
		}
	}
}

func TestVisible(t *testing.T) {
	for _, tt := range []struct{ name, text, cell, lines string }{
		{"plain text", "Is there any soup?", "Is there any soup?", "Is there any soup?"},
		{"a backslash is no escape", `C:\new`, `C:\new`, `C:\new`},
		{"lines and tabs", "a\n\tb", `a\n\tb`, "a\n\tb"},
		{"a carriage return hides what stands before it", "evil\rgood", `evil\rgood`, `evil\rgood`},
		{"emoji keep their joiners", "👩‍👩‍👧", "👩‍👩‍👧", "👩‍👩‍👧"},
		{"no UTF-8", "caf\xe9", `caf\xe9`, `caf\xe9`},
		{"a replacement character that is one", "\ufffd", "\ufffd", "\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := visible(tt.text); got != tt.cell {
				t.Errorf("visible = %q, want %q", got, tt.cell)
			}
			if got := visibleLines(tt.text); got != tt.lines {
				t.Errorf("visibleLines = %q, want %q", got, tt.lines)
			}
		})
	}
}

func TestBreakWords(t *testing.T) {
	const id = "01a20811-b2ce-7ca8-a519-ae14fb3735e2"
	for _, tt := range []struct{ name, line, want string }{
		{"what fits", "twenty columns wide.\n", "twenty columns wide.\n"},
		{"between words", "this is a little wider than that\n", "this is a little\nwider than that\n"},
		{"a word that fits nowhere stays whole", "undo " + id + " now\n", "undo\n" + id + "\nnow\n"},
		{"space before a line stays", "    address    127.0.0.1:8000 or so\n", "    address\n127.0.0.1:8000 or so\n"},
		{"a question keeps the space behind it", "Delete Food? [y/N] ", "Delete Food? [y/N] "},
		{"wide characters", "王小明王小明 王小明 王小明", "王小明王小明 王小明\n王小明"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := breakWords(tt.line, 20); got != tt.want {
				t.Errorf("breakWords = %q, want %q", got, tt.want)
			}
		})
	}
}
