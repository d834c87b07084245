package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newTagsDelete(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete TAG",
		Short: "Delete a tag that no sentence has",
		Long: `Delete a tag, found by its id or its name ignoring case. Old games keep showing
its name. While sentences have it, it is refused with their number and exit code
3; "englishctl tags merge" gives them another tag.

It asks first. Without a terminal it refuses, unless --yes is given.`,
		Example: `  englishctl tags delete Hobbies --yes`,
		Args:    exactlyOne("a tag's name or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				return runTagsDelete(ctx, e, s.Catalog, args[0], yes)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func runTagsDelete(ctx context.Context, e *env, content catalogue, idOrName string, yes bool) error {
	tag, err := content.FindTag(ctx, idOrName)
	if err != nil {
		return err
	}
	if tag.SpeechCount == 0 { // else it is refused, and there is nothing to ask about
		if err := e.confirm(fmt.Sprintf("Delete the tag %q?", tag.Name), yes); err != nil {
			return err
		}
	}
	if err := content.DeleteTag(ctx, tag.ID); err != nil {
		return err
	}
	e.sayf("deleted the tag %q\n", tag.Name)
	return nil
}
