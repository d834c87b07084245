package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/account"
)

func newUsersHashPassword(e *env) *cobra.Command {
	var fromStdin bool
	cmd := &cobra.Command{
		Use:   "hash-password",
		Short: "Make the hash for ADMIN_PASSWORD_HASH",
		Long: `Make the hash that ADMIN_PASSWORD_HASH takes, and print it on stdout. With
ADMIN_USERNAME beside it, somebody signs in to the panel (/admin) with the
password and no account.

The password is asked for on the terminal, or read from stdin with
--password-stdin: at least 8 characters with a letter and a digit. Nothing is
stored, and no database is needed. The hash is argon2id and has $ signs: in a
shell and in .env it stands in single quotes, in a Compose file each $ is
written twice, in a file that ADMIN_PASSWORD_HASH_FILE names it is as printed.`,
		Example: `  englishctl users hash-password
  englishctl users hash-password --password-stdin < password.txt > admin_hash`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := e.password(fromStdin)
			if err != nil {
				return err
			}
			hash, err := account.HashPassword(cmd.Context(), password)
			if err != nil {
				return err
			}
			e.sayf("the hash for ADMIN_PASSWORD_HASH; in .env or a shell, put it into single quotes\n")
			_, err = fmt.Fprintln(e.Stdout, hash)
			return err
		},
	}
	cmd.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from stdin")
	return hereOnly("it makes a hash for the settings of a daemon, and asks nobody", cmd)
}
