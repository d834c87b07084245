package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func newMigrate(e *env) *cobra.Command {
	return group("migrate", "Bring the database schema up to date, or back",
		newMigrateUp(e), newMigrateDown(e), newMigrateStatus(e))
}

// withDatabase runs fn with the database alone: its schema may be of any version.
func (e *env) withDatabase(cmd *cobra.Command, fn func(ctx context.Context, db *sqlstore.DB) error) error {
	cfg, _, err := e.load(cmd)
	if err != nil {
		return err
	}
	db, err := app.OpenDatabase(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	return errors.Join(fn(cmd.Context(), db), db.Close())
}

func newMigrateUp(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Apply every migration that is missing",
		Long: `Apply every migration that is missing, each in a transaction of its own.

Two at once are kept apart by a lock: the second one waits and then finds nothing to do. If one
fails, those before it stay applied, its own changes do not, and the exit code is 1.`,
		Example: `  englishctl migrate up`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.withDatabase(cmd, func(ctx context.Context, db *sqlstore.DB) error {
				applied, err := db.Migrate(ctx)
				if err != nil {
					return err
				}
				fmt.Fprintf(e.Stderr, "applied %d migrations\n", len(applied))
				return nil
			})
		},
	}
}

func newMigrateDown(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Take the latest migration back",
		Long: `Take the latest migration back, with the data that its tables hold.

It asks first. Without a terminal it refuses, unless --yes is given.`,
		Example: `  englishctl migrate down --yes`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := e.confirm("Take the latest migration back, with the data in its tables?", yes); err != nil {
				return err
			}
			return e.withDatabase(cmd, func(ctx context.Context, db *sqlstore.DB) error {
				name, err := db.MigrateDown(ctx)
				if err != nil {
					return err
				}
				if name == "" {
					fmt.Fprintln(e.Stderr, "there is no migration to take back")
					return nil
				}
				fmt.Fprintf(e.Stderr, "took back %s\n", name)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// migrationItem is a migration as -o json prints it.
type migrationItem struct {
	Version   int64      `json:"version"`
	Name      string     `json:"name"`
	AppliedAt *time.Time `json:"applied_at"`
}

func newMigrateStatus(e *env) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show which migrations are applied",
		Long:    `Show every migration with the time it was applied at. Changes nothing.`,
		Example: `  englishctl migrate status`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			return e.withDatabase(cmd, func(ctx context.Context, db *sqlstore.DB) error {
				migrations, err := db.Status(ctx)
				if err != nil {
					return err
				}
				return migrationListing(migrations).print(e.Stdout, format)
			})
		},
	}
	addOutputFlag(cmd, &format)
	return cmd
}

func migrationListing(migrations []sqlstore.MigrationStatus) listing {
	l := listing{columns: []string{"version", "name", "applied_at"}, rows: [][]string{}}
	items := make([]migrationItem, 0, len(migrations))
	for _, m := range migrations {
		item := migrationItem{Version: m.Version, Name: m.Name}
		applied := "not yet"
		if m.Applied() {
			at := m.AppliedAt.UTC()
			item.AppliedAt = &at
			applied = at.Format(time.RFC3339)
		}
		items = append(items, item)
		l.rows = append(l.rows, []string{strconv.FormatInt(m.Version, 10), m.Name, applied})
	}
	l.items = items
	return l
}
