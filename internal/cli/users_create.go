package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

type usersCreateOptions struct {
	email, name, role string
	passwordStdin     bool
}

func newUsersCreate(e *env) *cobra.Command {
	var o usersCreateOptions
	cmd := &cobra.Command{
		Use:   "create --email ADDRESS --name NAME [--role ROLE]",
		Short: "Create an account",
		Long: `Create an account that signs in with an e-mail address and a password.

The password is asked for on the terminal, or read from stdin with
--password-stdin: at least 8 characters with a letter and a digit. The new
account's id is printed on stdout. If the address is taken or something is not
allowed, nothing is created and the exit code is 3.`,
		Example: `  englishctl users create --email admin@example.com --name "First Admin" \
      --role admin
  englishctl users create --email ada@example.com --name Ada \
      --password-stdin < password.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := e.password(o.passwordStdin)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runUsersCreate(ctx, e, s.Accounts, o, password) })
		},
	}
	cmd.Flags().StringVar(&o.email, "email", "", "the e-mail address, compared ignoring case")
	cmd.Flags().StringVar(&o.name, "name", "", "the display name")
	cmd.Flags().StringVar(&o.role, "role", string(account.Learner), "learner or admin")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from stdin")
	_ = cmd.MarkFlagRequired("email")
	_ = cmd.MarkFlagRequired("name")
	return cmd
}

func runUsersCreate(ctx context.Context, e *env, accounts accounts, o usersCreateOptions, password string) error {
	u, err := accounts.CreateUser(ctx, account.NewUser{
		Registration: account.Registration{Email: o.email, Password: password, Name: o.name},
		Role:         account.Role(o.role),
	})
	if err != nil {
		return err
	}
	e.sayf("created the %s %s\n", u.Role, u.Email)
	_, err = fmt.Fprintln(e.Stdout, u.ID)
	return err
}
