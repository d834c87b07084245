package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
			width: 14,
			want:  []string{"NAME      VALUE", "API_PORT  8000"},
		},
		"what is too wide is broken at spaces, the first column never": {
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
		"no column is made unreadable": {
			in:    listing{columns: []string{"a", "value"}, rows: [][]string{{"1", "0123456789abcdef"}}},
			width: 5,
			want:  []string{"A  VALUE", "1  0123456789ab", "   cdef"},
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
