package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

type tagsUpdateOptions struct {
	tag, name, category string
	noCategory          bool
}

func newTagsUpdate(e *env) *cobra.Command {
	var o tagsUpdateOptions
	cmd := &cobra.Command{
		Use:   "update TAG [--name NAME] [--category C|--no-category]",
		Short: "Rename a tag or change its category",
		Long: `Rename a tag, found by its id or its name ignoring case, or change its category.
What is not given stays. A name that another tag has is refused with exit
code 3.`,
		Example: `  englishctl tags update food --name "Food and Drink"
  englishctl tags update Food --no-category`,
		Args: exactlyOne("a tag's name or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.tag = args[0]
			change, err := o.change(cmd)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				return runTagsUpdate(ctx, e, s.Catalog, o.tag, change)
			})
		},
	}
	cmd.Flags().StringVar(&o.name, "name", "", "the new name")
	cmd.Flags().StringVar(&o.category, "category", "", "the new category")
	cmd.Flags().BoolVar(&o.noCategory, "no-category", false, "take the category away")
	cmd.MarkFlagsMutuallyExclusive("category", "no-category")
	cmd.MarkFlagsOneRequired("name", "category", "no-category")
	return cmd
}

// change is what the flags that were given ask for.
func (o *tagsUpdateOptions) change(cmd *cobra.Command) (catalog.TagChange, error) {
	var change catalog.TagChange
	if cmd.Flags().Changed("name") {
		change.Name = &o.name
	}
	switch {
	case o.noCategory:
		none := ""
		change.Category = &none
	case cmd.Flags().Changed("category"):
		if o.category == "" {
			return change, usagef("--category is empty; --no-category takes the category away")
		}
		change.Category = &o.category
	}
	return change, nil
}

func runTagsUpdate(ctx context.Context, e *env, content catalogue, idOrName string, change catalog.TagChange) error {
	tag, err := content.FindTag(ctx, idOrName)
	if err != nil {
		return err
	}
	updated, err := content.UpdateTag(ctx, tag.ID, change)
	if err != nil {
		return err
	}
	category := "without a category"
	if updated.Category != "" {
		category = fmt.Sprintf("in the category %q", updated.Category)
	}
	e.sayf("the tag is now %q %s\n", updated.Name, category)
	return nil
}
