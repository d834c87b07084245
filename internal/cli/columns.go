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
}

// register adds the flags -o/--output and --columns.
func (o *outputOptions) register(cmd *cobra.Command) {
	addOutputFlag(cmd, &o.format)
	cmd.Flags().StringSliceVar(&o.columns, "columns", nil, "the columns of a table or CSV, in this order")
}

// check refuses what contradicts itself before anything is done.
func (o outputOptions) check() error {
	if o.format == "json" && len(o.columns) > 0 {
		return usagef("--columns is for tables and CSV; -o json prints every field")
	}
	return checkFormat(o.format)
}

// print writes the listing to w.
func (o outputOptions) print(w io.Writer, l listing) error {
	if len(o.columns) > 0 {
		var err error
		if l, err = l.only(o.columns); err != nil {
			return err
		}
	}
	return l.print(w, o.format)
}

// only returns the listing with these of its columns, in this order.
func (l listing) only(columns []string) (listing, error) {
	places := make([]int, len(columns))
	for i, column := range columns {
		places[i] = slices.Index(l.columns, column)
		if places[i] < 0 {
			return listing{}, usagef("--columns %q is not a column: use %s", column, strings.Join(l.columns, ", "))
		}
	}
	chosen := listing{columns: columns, items: l.items, rows: make([][]string, len(l.rows))}
	for i, row := range l.rows {
		for _, place := range places {
			chosen.rows[i] = append(chosen.rows[i], row[place])
		}
	}
	return chosen, nil
}
