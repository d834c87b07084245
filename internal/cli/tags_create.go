package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

func newTagsCreate(e *env) *cobra.Command {
	var tag catalog.NewTag
	cmd := &cobra.Command{
		Use:   "create NAME [--category CATEGORY]",
		Short: "Create a tag",
		Long: `Create a tag. Names are unique ignoring case; a name that is taken is refused
with exit code 3. The new tag's id is printed on stdout.`,
		Example: `  englishctl tags create "At the Dentist" --category topic`,
		Args:    exactlyOne("a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			tag.Name = args[0]
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runTagsCreate(ctx, e, s.Catalog, tag) })
		},
	}
	cmd.Flags().StringVar(&tag.Category, "category", "", "what groups it with others, such as topic or tense")
	return cmd
}

func runTagsCreate(ctx context.Context, e *env, content catalogue, tag catalog.NewTag) error {
	created, err := content.CreateTag(ctx, tag)
	if err != nil {
		return err
	}
	e.sayf("created the tag %q\n", created.Name)
	_, err = fmt.Fprintln(e.Stdout, created.ID)
	return err
}
