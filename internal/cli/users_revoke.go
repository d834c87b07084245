package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newUsersRevoke(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke EMAIL|ID",
		Short: "Sign an account out everywhere",
		Long: `End all refresh tokens of an account: its phones have to sign in again as soon
as their access token has run out, after an hour by default
(JWT_ACCESS_TOKEN_EXPIRE_MINUTES).`,
		Example: `  englishctl users revoke ada@example.com`,
		Args:    exactlyOne("an e-mail address or an id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				u, err := s.Accounts.FindUser(ctx, args[0])
				if err != nil {
					return err
				}
				count, err := s.Accounts.Revoke(ctx, u.ID)
				if err != nil {
					return err
				}
				e.sayf("ended %d sign-ins of %s\n", count, u.Email)
				return nil
			})
		},
	}
}
