package app

import (
	"context"
	"errors"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Migration is one step of the database schema.
type Migration = sqlstore.MigrationStatus

// Schema changes or shows the database's schema, whatever its version is.
type Schema struct{ cfg *config.Config }

// NewSchema returns the schema of the database that the settings name. Each call below opens and closes the database.
func NewSchema(cfg *config.Config) Schema { return Schema{cfg} }

// Up applies every step that is missing and returns them.
func (s Schema) Up(ctx context.Context) ([]Migration, error) {
	return s.with(ctx, (*sqlstore.DB).Migrate)
}

// Down takes the latest step back, with the data in its tables, and returns it; none if there is none.
func (s Schema) Down(ctx context.Context) ([]Migration, error) {
	return s.with(ctx, (*sqlstore.DB).MigrateDown)
}

// Status returns every step, first one first, and whether the database has it.
func (s Schema) Status(ctx context.Context) ([]Migration, error) {
	return s.with(ctx, (*sqlstore.DB).Status)
}

func (s Schema) with(ctx context.Context, do func(*sqlstore.DB, context.Context) ([]Migration, error)) ([]Migration, error) {
	db, err := openDatabase(ctx, s.cfg, 0) // a step may take its time
	if err != nil {
		return nil, err
	}
	steps, err := do(db, ctx)
	return steps, errors.Join(err, db.Close())
}
