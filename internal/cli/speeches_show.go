package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

func newSpeechesShow(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one sentence with all its fields",
		Long: `Show one sentence with all its fields. Where there is none, the exit code is 1.

The audio_url is what is stored: the key of a recording of ours, or somebody
else's address. "englishctl speeches play" makes a link of it.`,
		Example: `  englishctl speeches show 01985a2e-7c1b-7000-8000-00000000000a`,
		Args:    exactlyOne("the id of a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, sv services) error {
				s, err := findSpeech(ctx, sv.Catalog, args[0])
				if err != nil {
					return err
				}
				l := speechListing([]catalog.Speech{s})
				l.items, l.single = newSpeechItem(s), true
				return output.print(e.Stdout, l)
			})
		},
	}
	output.register(cmd, speechColumns)
	return cmd
}
