package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/paging"
)

type importListOptions struct {
	page   paging.Page
	format string
}

func newImportList(e *env) *cobra.Command {
	var o importListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List imports, newest first",
		Long: `List all imports, whoever made them, newest first, one page at a time.

How many there are in all is said on stderr. The counts and the author are in
-o json and -o csv, and in "englishctl import show". A page past the end is
empty.`,
		Example: `  englishctl import list
  englishctl import list --limit 10 -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runImportList(ctx, e, s.Imports, o) })
		},
	}
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "imports on a page, 1 to 200")
	addOutputFlag(cmd, &o.format)
	return cmd
}

func runImportList(ctx context.Context, e *env, imports imports, o importListOptions) error {
	batches, total, err := imports.Batches(ctx, o.page)
	if err != nil {
		return err
	}
	if err := batchListing(batches).print(e.Stdout, o.format); err != nil {
		return err
	}
	if o.format == "table" {
		e.sayPage(o.page, total, "import")
	}
	return nil
}
