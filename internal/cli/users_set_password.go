package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newUsersSetPassword(e *env) *cobra.Command {
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "set-password EMAIL|ID",
		Short: "Give an account a new password",
		Long: `Give an account a new password and sign it out everywhere.

The password is asked for on the terminal, or read from stdin with
--password-stdin.`,
		Example: `  englishctl users set-password ada@example.com
  englishctl users set-password ada@example.com --password-stdin < password.txt`,
		Args: exactlyOne("an e-mail address or an id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := e.password(fromStdin)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				u, err := s.Accounts.FindUser(ctx, args[0])
				if err != nil {
					return err
				}
				if err := s.Accounts.SetPassword(ctx, u.ID, password); err != nil {
					return err
				}
				e.sayf("%s has a new password and is signed out everywhere\n", u.Email)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from stdin")
	return cmd
}
