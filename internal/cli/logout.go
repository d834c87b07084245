package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/fault"
)

func newLogout(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "logout [--server URL]",
		Short: "Sign out of a daemon",
		Long: `Sign out of the daemon that was signed in to last, or of the one that --server
names: its token is ended there and forgotten here. Where the daemon cannot be
reached the token is forgotten all the same, and the exit code is 1.

Afterwards the commands work on this machine again.`,
		Example: `  englishctl logout --server https://api.example.com`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keyring, err := e.keyring()
			if err != nil {
				return err
			}
			cfg, _, err := e.load(cmd)
			if err != nil {
				return err
			}
			server, err := serverToSignIn(cfg, keyring)
			if err != nil {
				return err
			}
			signIn, found, err := keyring.Find(server)
			if err != nil {
				return err
			}
			if !found {
				return fault.Unauthorized("you are not signed in to %s", server)
			}
			ended := app.SignOut(cmd.Context(), signIn)
			if err := keyring.Remove(server); err != nil {
				return errors.Join(err, ended)
			}
			if ended != nil {
				e.warn("the token lives on at the server until it runs out; here it is forgotten")
				return ended
			}
			e.sayf("signed out of %s\n", server)
			return nil
		},
	}
}
