package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/telemetry"
)

func newVersion(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Long: `Print the version, the commit with its date, and the version of Go, as the build
has recorded them.`,
		Example: `  englishctl version`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(e.Stdout, "englishctl", telemetry.Version())
			return err
		},
	}
}
