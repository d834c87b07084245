package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"
)

// formats are the ways a list can be printed.
var formats = []string{"table", "json", "csv"}

// listing is what a command prints: the same items as rows for people and spreadsheets, and as values for programs.
type listing struct {
	columns []string
	rows    [][]string
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
		return l.printTable(w)
	}
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

// printTable prints plain columns without borders: readable, and easy to cut and grep.
func (l listing) printTable(w io.Writer) error {
	headers := make([]string, len(l.columns))
	for i, c := range l.columns {
		headers[i] = strings.ToUpper(strings.ReplaceAll(c, "_", " "))
	}
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
	)
	table.Header(headers)
	if err := table.Bulk(l.rows); err != nil {
		return fmt.Errorf("lay out the table: %w", err)
	}
	return table.Render()
}

// printJSON writes v indented, without escaping HTML: it goes to a terminal or a program, not into a page.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
