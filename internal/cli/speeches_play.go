package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newSpeechesPlay(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "play ID",
		Short: "Print a link by which a recording can be heard",
		Long: `Print a link by which anybody can hear the recording of a sentence, for an hour
at most. Where recordings are files of the embedded store, the daemon must be
running to answer it. For somebody else's recording it is their address.`,
		Example: `  englishctl speeches play 01985a2e-7c1b-7000-8000-00000000000a`,
		Args:    exactlyOne("the id of a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, sv services) error {
				s, err := findSpeech(ctx, sv.Catalog, args[0])
				if err != nil {
					return err
				}
				link, err := sv.Catalog.AudioURL(ctx, s)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(e.Stdout, link)
				return err
			})
		},
	}
}
