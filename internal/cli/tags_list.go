package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

type tagsListOptions struct {
	filter catalog.TagFilter
	output outputOptions
}

func newTagsList(e *env) *cobra.Command {
	var o tagsListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List tags with the number of their sentences",
		Long: `List tags by category (those without one last) and name, with the number of
sentences that have each.

The columns are id, name, category, speech_count and created_at.`,
		Example: `  englishctl tags list
  englishctl tags list --category topic --search foo
  englishctl tags list -o csv --columns name,category > tags.csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runTagsList(ctx, e, s.Catalog, o) })
		},
	}
	cmd.Flags().StringVar(&o.filter.Category, "category", "", "only this category, ignoring case")
	cmd.Flags().StringVar(&o.filter.Search, "search", "", "only where the name contains this, ignoring case")
	o.output.register(cmd, tagColumns)
	return cmd
}

func runTagsList(ctx context.Context, e *env, content catalogue, o tagsListOptions) error {
	tags, err := content.TagsLike(ctx, o.filter)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, tagListing(tags)); err != nil {
		return err
	}
	if o.output.format == "table" {
		e.sayf("%s\n", counted(len(tags), "tag"))
	}
	return nil
}
