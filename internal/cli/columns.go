package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// outputOptions say how a list is printed: its format, and which of its columns.
type outputOptions struct {
	format  string
	columns []string
	known   []string // the columns that there are
}

// register adds the flags -o/--output and --columns for a list with these columns.
func (o *outputOptions) register(cmd *cobra.Command, known []string) {
	o.known = known
	addOutputFlag(cmd, &o.format)
	cmd.Flags().StringSliceVar(&o.columns, "columns", nil, "the columns of a table or CSV, in this order")
	_ = cmd.RegisterFlagCompletionFunc("columns", completeColumns(known))
}

// check refuses what is wrong before anything is done. Columns may be written as a table writes them: CREATED AT.
func (o *outputOptions) check() error {
	if o.format == "json" && len(o.columns) > 0 {
		return usagef("--columns is for tables and CSV; -o json prints every field")
	}
	for i, column := range o.columns {
		o.columns[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(column)), " ", "_")
		if !slices.Contains(o.known, o.columns[i]) {
			return usagef("--columns %q is not a column: use %s", column, strings.Join(o.known, ", "))
		}
	}
	return checkFormat(o.format)
}

// print writes the listing to w.
func (o *outputOptions) print(w io.Writer, l listing) error {
	if len(o.columns) > 0 {
		l = l.only(o.columns)
	}
	return l.print(w, o.format)
}

// only returns the listing with these of its columns, in this order.
func (l listing) only(columns []string) listing {
	chosen := l
	chosen.columns, chosen.inTable, chosen.rows = columns, nil, make([][]string, len(l.rows))
	for i, row := range l.rows {
		for _, column := range columns {
			chosen.rows[i] = append(chosen.rows[i], row[slices.Index(l.columns, column)])
		}
	}
	return chosen
}
