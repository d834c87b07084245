package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

type speechesListOptions struct {
	filter speechFilter
	page   paging.Page
	sort   string
	output outputOptions
}

func newSpeechesList(e *env) *cobra.Command {
	var o speechesListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List sentences, newest first",
		Long: `List sentences, newest first or as --sort says, one page at a time. How
many match in all is said on stderr. A page past the end is empty.

The columns are id, level, type, text, tags, audio_url, audio_sha256, batch_id,
created_at and updated_at; a table shows the first four.`,
		Example: `  englishctl speeches list --level A1 --type question --tag food
  englishctl speeches list --search "do you" --columns text,tags
  englishctl speeches list --page 2 --limit 200 --sort level -o csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, sv services) error { return runSpeechesList(ctx, e, sv.Catalog, o) })
		},
	}
	o.filter.register(cmd)
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "sentences on a page, 1 to 200")
	cmd.Flags().StringVar(&o.sort, "sort", "", "created_at, level, or with a minus before it the other way round (default -created_at)")
	o.output.register(cmd, speechColumns)
	return cmd
}

func runSpeechesList(ctx context.Context, e *env, content catalogue, o speechesListOptions) error {
	q, err := o.filter.query(ctx, content)
	if err != nil {
		return err
	}
	q.Order = catalog.SpeechOrder(o.sort)
	speeches, total, err := content.Speeches(ctx, q, o.page)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, speechListing(speeches)); err != nil {
		return err
	}
	if o.output.format == "table" {
		e.sayPage(o.page, total, "sentence")
	}
	return nil
}
