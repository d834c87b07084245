package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/paging"
)

type usersListOptions struct {
	filter account.UserFilter
	role   string
	signUp string
	page   paging.Page
	output outputOptions
}

func newUsersList(e *env) *cobra.Command {
	var o usersListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List accounts, newest first",
		Long: `List accounts, newest first, one page at a time.

How many match in all is said on stderr. A page past the end is empty. The
columns are id, email, name, role, auth_provider and created_at; a table shows
neither the id, as every command takes the address as well, nor the provider.`,
		Example: `  englishctl users list --columns email,id
  englishctl users list --role admin
  englishctl users list --search ada -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.output.check(); err != nil {
				return err
			}
			o.filter.Role, o.filter.Provider = account.Role(o.role), account.Provider(o.signUp)
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runUsersList(ctx, e, s.Accounts, o) })
		},
	}
	cmd.Flags().StringVar(&o.role, "role", "", "only this role: learner or admin")
	cmd.Flags().StringVar(&o.signUp, "auth-provider", "", "only those created by: email, google, apple or facebook")
	cmd.Flags().StringVar(&o.filter.Search, "search", "", "only where the address or the name contains this")
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "accounts on a page, 1 to 200")
	o.output.register(cmd, userColumns)
	return cmd
}

func runUsersList(ctx context.Context, e *env, accounts accounts, o usersListOptions) error {
	users, total, err := accounts.Users(ctx, o.filter, o.page)
	if err != nil {
		return err
	}
	if err := o.output.print(e.Stdout, userListing(users)); err != nil {
		return err
	}
	if o.output.format == "table" {
		e.sayPage(o.page, total, "account")
	}
	return nil
}
