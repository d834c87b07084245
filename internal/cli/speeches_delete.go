package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newSpeechesDelete(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a sentence",
		Long: `Delete a sentence: games do not draw it any longer. The history of those who
have played it keeps its text and its recording.

It asks first. Without a terminal it refuses, unless --yes is given.`,
		Example: `  englishctl speeches delete 01985a2e-7c1b-7000-8000-00000000000a --yes`,
		Args:    exactlyOne("the id of a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, sv services) error {
				s, err := findSpeech(ctx, sv.Catalog, args[0])
				if err != nil {
					return err
				}
				if err := e.confirm(fmt.Sprintf("Delete %q? The history of those who have played it keeps it.", s.Text), yes); err != nil {
					return err
				}
				if err := sv.Catalog.DeleteSpeech(ctx, s.ID); err != nil {
					return err
				}
				e.sayf("deleted %q; the history keeps it\n", s.Text)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
