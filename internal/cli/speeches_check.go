package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

func newSpeechesCheck(e *env) *cobra.Command {
	var output outputOptions
	var language string
	cmd := &cobra.Command{
		Use:   "check ID",
		Short: "Score the recording of a sentence against its own text",
		Long: `Score the recording of a sentence against its own text, as "englishctl score"
scores a file: a wrong or unclear recording shows before learners hear it. Only
recordings that are kept in our own store can be checked. Nothing is changed.

What cannot be scored, such as a silent recording or another sentence, is exit
code 3; a provider that does not answer is 1.`,
		Example: `  englishctl speeches check 01985a2e-7c1b-7000-8000-00000000000a`,
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
				assessment, err := sv.Scores.CheckSpeech(ctx, s, language)
				if err != nil {
					return err
				}
				return e.printScore(output, assessment)
			})
		},
	}
	cmd.Flags().StringVar(&language, "language", pronunciation.DefaultLanguage, "the language and accent to score against")
	output.register(cmd, scoreColumns)
	return cmd
}
