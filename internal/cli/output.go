package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/paging"
)

// formats are the ways a list can be printed.
var formats = []string{"table", "json", "csv"}

// listing is what a command prints: the same items as rows for people and spreadsheets, and as values for programs.
type listing struct {
	columns []string
	rows    [][]string
	// inTable are the columns that a table shows, all if it is empty: what people do not look for, such as an id where
	// there is a better handle, would only push the rest off the screen.
	inTable []string
	// numbers are the columns that hold numbers.
	numbers []string
	// single says that it is one item: a table has a line for each of its fields.
	single bool
	// items is encoded as it stands; an empty list must be an empty slice, so that it prints as [].
	items any
}

// addOutputFlag adds -o/--output to a command that lists.
func addOutputFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "table", "how to print: table, json or csv")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// checkFormat refuses a format that does not exist.
func checkFormat(format string) error {
	if slices.Contains(formats, format) {
		return nil
	}
	return usagef("--output %q is not a format: use %s", format, strings.Join(formats, ", "))
}

// print writes the listing to w in the format.
func (l listing) print(w io.Writer, format string) error {
	switch format {
	case "json":
		return printJSON(w, l.items)
	case "csv":
		return l.printCSV(w)
	default:
		if l.single {
			l = l.upright()
		}
		return l.printTable(w, terminalWidth(w))
	}
}

// sayPage says under a table which page of the list it is.
func (e *env) sayPage(p paging.Page, total int, thing string) {
	e.sayf("page %d of %d, %s in all\n", p.Number, max(1, p.Pages(total)), counted(total, thing))
}

// counted is "1 tag", "2 tags", "2 entries".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, ok := strings.CutSuffix(thing, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func (l listing) printCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(l.columns); err != nil {
		return err
	}
	if err := out.WriteAll(l.rows); err != nil { // WriteAll flushes
		return err
	}
	return out.Error()
}

// printJSON writes v indented, without escaping HTML: it goes to a terminal or a program, not into a page.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
