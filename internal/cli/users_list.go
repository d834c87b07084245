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
	page   paging.Page
	format string
}

func newUsersList(e *env) *cobra.Command {
	var o usersListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List accounts, newest first",
		Long: `List accounts, newest first, one page at a time.

How many match in all is said on stderr. A page past the end is empty. The ids
are in -o json and -o csv; every command takes the address as well.`,
		Example: `  englishctl users list
  englishctl users list --role admin
  englishctl users list --search ada -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			o.filter.Role = account.Role(o.role)
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runUsersList(ctx, e, s.Accounts, o) })
		},
	}
	cmd.Flags().StringVar(&o.role, "role", "", "only this role: learner or admin")
	cmd.Flags().StringVar(&o.filter.Search, "search", "", "only where the address or the name contains this")
	cmd.Flags().IntVar(&o.page.Number, "page", 1, "which page, from 1")
	cmd.Flags().IntVar(&o.page.Limit, "limit", 50, "accounts on a page, 1 to 200")
	addOutputFlag(cmd, &o.format)
	return cmd
}

func runUsersList(ctx context.Context, e *env, accounts accounts, o usersListOptions) error {
	users, total, err := accounts.Users(ctx, o.filter, o.page)
	if err != nil {
		return err
	}
	if err := userListing(users).print(e.Stdout, o.format); err != nil {
		return err
	}
	if o.format == "table" {
		e.sayf("page %d of %d, %d accounts in all\n", o.page.Number, max(1, o.page.Pages(total)), total)
	}
	return nil
}
