package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

func newUsersShow(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "show EMAIL|ID",
		Short: "Show one account",
		Long: `Show one account, found by its e-mail address or its id. Where there is none,
the exit code is 1.`,
		Example: `  englishctl users show ada@example.com
  englishctl users show ada@example.com -o json`,
		Args: exactlyOne("an e-mail address or an id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				u, err := s.Accounts.FindUser(ctx, args[0])
				if err != nil {
					return err
				}
				l := userListing([]account.User{u})
				l.items, l.single = newUserItem(u), true
				return output.print(e.Stdout, l)
			})
		},
	}
	output.register(cmd, userColumns)
	return cmd
}
