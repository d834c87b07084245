package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

func newUsersShow(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "show EMAIL|ID",
		Short: "Show one account",
		Long: `Show one account, found by its e-mail address or its id, with the accounts at
Google, Apple and Facebook that sign in as it. Where there is none, the exit
code is 1.`,
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
				linked, err := s.Accounts.Identities(ctx, u.ID)
				if err != nil {
					return err
				}
				return output.print(e.Stdout, shownUser(u, linked))
			})
		},
	}
	output.register(cmd, shownUserColumns)
	return cmd
}

// shownUserItem is one account as -o json prints it, with what a list leaves out.
type shownUserItem struct {
	userItem
	Identities []identityItem `json:"identities"`
}

type identityItem struct {
	AuthProvider   string    `json:"auth_provider"`
	AuthProviderID string    `json:"auth_provider_id"`
	LinkedAt       time.Time `json:"linked_at"`
}

var shownUserColumns = append(slices.Clone(userColumns), "identities")

func shownUser(u account.User, linked []account.LinkedIdentity) listing {
	l := userListing([]account.User{u})
	item := shownUserItem{newUserItem(u), make([]identityItem, len(linked))}
	providers := make([]string, len(linked))
	for i, id := range linked {
		item.Identities[i] = identityItem{string(id.Provider), id.Subject, id.LinkedAt.UTC()}
		providers[i] = string(id.Provider) + " since " + id.LinkedAt.UTC().Format(time.DateOnly)
	}
	l.columns, l.inTable = shownUserColumns, append(l.inTable, "identities")
	l.rows[0] = append(l.rows[0], strings.Join(providers, ", "))
	l.items, l.single = item, true
	return l
}
