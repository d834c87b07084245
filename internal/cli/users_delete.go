package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newUsersDelete(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete EMAIL|ID",
		Short: "Delete an account with everything that is its own",
		Long: `Delete an account with its game sessions, results and sign-ins, at once and for
good.

It asks first. Without a terminal it refuses, unless --yes is given.`,
		Example: `  englishctl users delete ada@example.com --yes`,
		Args:    exactlyOne("an e-mail address or an id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				u, err := s.Accounts.FindUser(ctx, args[0])
				if err != nil {
					return err
				}
				if err := e.confirm(fmt.Sprintf("Delete %s (%s) with all game sessions?", u.Email, u.Name), yes); err != nil {
					return err
				}
				if err := s.Accounts.DeleteUser(ctx, u.ID); err != nil {
					return err
				}
				e.sayf("deleted %s\n", u.Email)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
