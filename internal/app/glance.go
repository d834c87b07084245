package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Glance builds the services for a look at what is there, as Open does for a command. It makes nothing: no directory, no
// key, no schema. Where something is missing, or the schema is not of this program's version, it fails; and so does
// whatever then needs a recording or a token.
func Glance(ctx context.Context, cfg *config.Config) (_ *App, err error) {
	if !cfg.Database.Postgres() {
		if _, err := os.Stat(sqlitePath(cfg)); err != nil {
			return nil, fmt.Errorf("look for the database: %w", err)
		}
	}
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler), watch: newWatch(nil, nil)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.db, err = sqlstore.Open(ctx, databaseConfig(cfg, silence)); err != nil {
		return nil, err
	}
	if err = a.db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if a.decoder, err = openDecoder(cfg); err != nil {
		return nil, err
	}
	err = a.build(keys{signing: make([]byte, 32)}) // nothing is signed
	return a, err
}
