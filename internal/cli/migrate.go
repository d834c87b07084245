package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
)

func newMigrate(e *env) *cobra.Command {
	return group("migrate", "Bring the database schema up to date, or back",
		newMigrateUp(e), newMigrateDown(e), newMigrateStatus(e))
}

// schema returns the schema of the database that the command's settings name.
func (e *env) schema(cmd *cobra.Command) (app.Schema, error) {
	cfg, _, err := e.load(cmd)
	return app.NewSchema(cfg), err
}

func newMigrateUp(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Apply every migration that is missing",
		Long: `Apply every migration that is missing, each in a transaction of its own.

Two at once are kept apart by a lock: the second one waits and then finds
nothing to do. If one fails, those before it stay applied, its own changes do
not, and the exit code is 1.`,
		Example: `  englishctl migrate up`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := e.schema(cmd)
			if err != nil {
				return err
			}
			applied, err := schema.Up(cmd.Context())
			for _, m := range applied {
				e.sayf("applied %s\n", m.Name)
			}
			if err == nil && len(applied) == 0 {
				e.say("the schema is up to date")
			}
			return leaving(cmd.Context(), err, migrationsLeft)
		},
	}
}

// migrationsLeft is how an interruption leaves the schema.
const migrationsLeft = "no step is half done: see \"englishctl migrate status\""

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
			schema, err := e.schema(cmd)
			if err != nil {
				return err
			}
			undone, err := schema.Down(cmd.Context())
			for _, m := range undone {
				e.sayf("took back %s\n", m.Name)
			}
			if err == nil && len(undone) == 0 {
				e.say("there is no migration to take back")
			}
			return leaving(cmd.Context(), err, migrationsLeft)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// migrationItem is a migration as -o json prints it.
type migrationItem struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

func newMigrateStatus(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which migrations are applied",
		Long: `Show every migration and whether the database has it. Changes nothing. The
columns are version, name and applied.`,
		Example: `  englishctl migrate status`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.check(); err != nil {
				return err
			}
			schema, err := e.schema(cmd)
			if err != nil {
				return err
			}
			migrations, err := schema.Status(cmd.Context())
			if err != nil {
				return err
			}
			return output.print(e.Stdout, migrationListing(migrations))
		},
	}
	output.register(cmd, migrationColumns)
	return cmd
}

var migrationColumns = []string{"version", "name", "applied"}

func migrationListing(migrations []app.Migration) listing {
	l := listing{columns: migrationColumns, numbers: []string{"version"}, rows: [][]string{}}
	items := make([]migrationItem, 0, len(migrations))
	for _, m := range migrations {
		items = append(items, migrationItem(m))
		applied := "not yet"
		if m.Applied {
			applied = "yes"
		}
		l.rows = append(l.rows, []string{strconv.FormatInt(m.Version, 10), m.Name, applied})
	}
	l.items = items
	return l
}
