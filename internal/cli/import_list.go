package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/paging"
)

type importListOptions struct {
	page   paging.Page
	output outputOptions
}

func newImportList(e *env) *cobra.Command {
	var o importListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List imports, newest first",
		Long: `List all imports, whoever made them, newest first, one page at a time.

How many there are in all is said on stderr. A page past the end is empty. The
columns are batch_id, file_name, author, state, success_count, unchanged_count,
error_count and started_at; a table leaves out the author and the counts, which
"englishctl import show" says.`,
		Example: `  englishctl import list
  englishctl import list --columns started_at,author,success_count
  englishctl import list --limit 10 -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runImportList(ctx, e, s.Imports, o) })
		},
	}
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "imports on a page, 1 to 200")
	o.output.register(cmd, batchColumns)
	return cmd
}

func runImportList(ctx context.Context, e *env, imports imports, o importListOptions) error {
	batches, total, err := imports.Batches(ctx, o.page)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, batchListing(batches)); err != nil {
		return err
	}
	if o.output.format == "table" {
		e.sayPage(o.page, total, "import")
	}
	return nil
}
