package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	starterpack "github.com/englishapp/englishctl/examples/starter-pack"
	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/seeding"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/statistics"
)

// App is the wired program: the services, and what they stand on.
type App struct {
	Accounts *account.Service
	Catalog  *catalog.Service
	Practice *practice.Service
	Scores   *pronunciation.Service
	Stats    *statistics.Service
	Imports  *importing.Service
	Audit    *audit.Log
	Seeds    *seeding.Service

	cfg        *config.Config
	log        *slog.Logger
	db         *sqlstore.DB
	recordings recordings
	cache      sharedCache
	decoder    decoder
	scored     pronunciation.Meter
	insider    insider
	watch      *watch
}

// Open builds the services for one command. The schema must be of this program's version.
//
// The audio store is asked for nothing yet: it may be down where a command does not need it.
func Open(ctx context.Context, cfg *config.Config, log *slog.Logger) (*App, error) {
	return open(ctx, cfg, log, publicAddress(cfg, nil), newWatch(nil, nil))
}

// open is Open with the address that the daemon's own audio links begin with, and who watches.
func open(ctx context.Context, cfg *config.Config, log *slog.Logger, publicURL string, w *watch) (_ *App, err error) {
	a := &App{cfg: cfg, log: log, watch: w}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err = autoMigrate(ctx, cfg); err != nil {
		return nil, err
	}
	if a.db, err = openWatched(ctx, cfg, w); err != nil {
		return nil, err
	}
	if err = a.db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	tokens, err := readKeys(cfg)
	if err != nil {
		return nil, err
	}
	if a.recordings, err = openRecordings(cfg, log, publicURL, tokens); err != nil {
		return nil, err
	}
	a.recordings.watch = a.watch
	if a.cache, err = openCache(cfg, log); err != nil {
		return nil, err
	}
	if a.decoder, err = openDecoder(cfg); err != nil {
		return nil, err
	}
	err = a.build(tokens)
	return a, err
}

// build makes the services on what they stand on.
func (a *App) build(tokens keys) error {
	var err error
	if a.insider, err = newInsider(tokens, time.Now); err != nil {
		return err
	}
	options := []account.Option{
		account.WithProviders(providers(a.cfg.Social)),
		account.WithOperator(a.cfg.Admin.Username, a.cfg.Admin.PasswordHash.Reveal()),
	}
	if _, elsewhere := a.cache.(*cache.Guarded); elsewhere {
		options = append(options, account.WithNear(cache.NewMemory(memoryCacheBytes, time.Now)))
	}
	if a.cfg.Mail.Enabled() {
		mailer, err := mailing(a.cfg.Mail, newLimits(a.cache))
		if err != nil {
			return err
		}
		options = append(options, account.WithMailer(mailer, a.log))
	}
	a.Accounts = account.New(a.db.Accounts(), a.watch.cache("roles", a.cache), account.Config{
		SigningKey: tokens.signing, PreviousKey: tokens.previous,
		AccessTTL: a.cfg.Auth.AccessTokenTTL, RefreshTTL: a.cfg.Auth.RefreshTokenTTL,
	}, options...)
	a.Catalog = catalog.New(a.db.Catalog(), a.recordings,
		catalog.WithSniffer(sniff), catalog.WithVersions(a.recordings), catalog.WithRecordingsKept(a.cfg.Storage.KeepReplaced), a.recentDraws())
	a.Audit = audit.NewLog(a.db.Audit())
	ids, err := newScoreIDs(tokens, time.Now)
	if err != nil {
		return err
	}
	a.Practice = practice.New(newCountedSessions(a.db.Practice(), a.watch.metrics), a.Catalog, practice.WithScores(quotedScores{ids}))
	if a.Scores, err = newScores(a.cfg, a.decoder, ids, &a.scored, a.watch, a.log); err != nil {
		return err
	}
	a.Stats = statistics.New(a.Catalog, a.Accounts, a.Practice, a.db.Statistics(), uuid.NewString(), time.Now)
	a.Imports = importing.New(a.db.Importing(), a.recordings, a.Catalog, importing.Config{
		FilesConfig: importFiles(a.decoder), SessionTTL: a.cfg.Import.UploadSessionTTL, Log: a.log,
	})
	a.Seeds = seeding.New(a.db.Seeding(), a.recordings, a.Accounts, starterpack.Files)
	return nil
}

// Close lets go of whatever Open had taken.
func (a *App) Close() error {
	err := a.decoder.Close()
	if a.cache != nil {
		err = errors.Join(err, a.cache.Close())
	}
	if a.recordings.store != nil {
		err = errors.Join(err, a.recordings.Close())
	}
	if a.db != nil {
		err = errors.Join(err, a.db.Close())
	}
	return err
}

// silence is how long PostgreSQL may say nothing while a statement runs. It is longer than one import waits for the
// transaction of another, and shorter than phones wait.
const silence = 30 * time.Second

// openWatched is openDatabase for the services, whose statements are traced.
func openWatched(ctx context.Context, cfg *config.Config, w *watch) (*sqlstore.DB, error) {
	if err := makeDataDir(cfg); err != nil {
		return nil, err
	}
	db := databaseConfig(cfg, silence)
	db.OpenDB = w.traces.OpenDB
	return sqlstore.Open(ctx, db)
}

// openDatabase opens the database that the settings name, whatever the version of its schema.
func openDatabase(ctx context.Context, cfg *config.Config, silence time.Duration) (*sqlstore.DB, error) {
	if err := makeDataDir(cfg); err != nil {
		return nil, err
	}
	return sqlstore.Open(ctx, databaseConfig(cfg, silence))
}

func databaseConfig(cfg *config.Config, silence time.Duration) sqlstore.Config {
	opened := sqlstore.Config{
		URL:         cfg.Database.DSN(),
		SQLitePath:  sqlitePath(cfg),
		PoolSize:    cfg.Database.PoolSize,
		MaxOverflow: cfg.Database.MaxOverflow,
		Silence:     silence,
		MaxLifetime: cfg.Database.ConnMaxLifetime,
		MaxIdleTime: cfg.Database.ConnMaxIdleTime,
		Prepared:    sqlstore.Prepared(cfg.Database.Prepared),
	}
	if limit := cfg.Database.StatementTimeout; silence > 0 && limit > 0 { // migrations take their time
		opened.StatementTimeout = limit
		opened.Silence = max(silence, limit+5*time.Second) // so that the server can say so
	}
	return opened
}

func sqlitePath(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "englishctl.db") }

func makeDataDir(cfg *config.Config) error {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory (DATA_DIR): %w", err)
	}
	return nil
}

// autoMigrate brings the schema up to date where AUTO_MIGRATE says so, as it does by default for the embedded database.
func autoMigrate(ctx context.Context, cfg *config.Config) error {
	if !cfg.Database.AutoMigrate {
		return nil
	}
	_, err := NewSchema(cfg).Up(ctx)
	return err
}
