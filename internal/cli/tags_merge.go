package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newTagsMerge(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "merge FROM INTO",
		Short: "Make two tags one",
		Long: `Give all sentences of the tag FROM the tag INTO instead, and delete FROM: all of
it or nothing. Tags are found by id or by name ignoring case. Old games keep
showing the name of FROM.

It asks first. Without a terminal it refuses, unless --yes is given.`,
		Example: `  englishctl tags merge "Past Continuous" "Past Simple" --yes`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return usagef("%q takes two tags, FROM and INTO; it got %s", cmd.CommandPath(), numbered(len(args)))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				return runTagsMerge(ctx, e, s.Catalog, args[0], args[1], yes)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func runTagsMerge(ctx context.Context, e *env, content catalogue, fromName, intoName string, yes bool) error {
	from, err := content.FindTag(ctx, fromName)
	if err != nil {
		return err
	}
	into, err := content.FindTag(ctx, intoName)
	if err != nil {
		return err
	}
	if from.ID != into.ID { // else it is refused, and there is nothing to ask about
		question := fmt.Sprintf("Give %s with the tag %q the tag %q, and delete the tag %q?",
			counted(from.SpeechCount, "sentence"), from.Name, into.Name, from.Name)
		if err := e.confirm(question, yes); err != nil {
			return err
		}
	}
	gained, err := content.MergeTags(ctx, from.ID, into.ID)
	if err != nil {
		return err
	}
	e.sayf("merged the tag %q into %q, which is new to %s\n", from.Name, into.Name, counted(gained, "sentence"))
	return nil
}
