package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

func newUsersSetRole(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "set-role EMAIL|ID ROLE",
		Short: "Make somebody an admin, or a learner again",
		Long: `Change the role of an account to learner or admin.

The change takes effect within 60 seconds, also for those who are signed in.`,
		Example: `  englishctl users set-role ada@example.com admin`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("%q takes an e-mail address or an id, and a role; it got %s", cmd.CommandPath(), numbered(len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				found, err := s.Accounts.FindUser(ctx, args[0])
				if err != nil {
					return err
				}
				u, err := s.Accounts.SetRole(ctx, found.ID, account.Role(args[1]))
				if err != nil {
					return err
				}
				e.sayf("%s is now %s\n", u.Email, u.Role)
				return nil
			})
		},
	}
}
