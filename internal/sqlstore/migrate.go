package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/ownership"
	"github.com/englishapp/englishctl/migrations"
)

// MigrationStatus is one step of the schema.
type MigrationStatus struct {
	// Version counts from 1.
	Version int64
	// Name is the file's: "00001_accounts.sql". It is empty where this program does not know the version.
	Name string
	// Applied reports whether the database has the step.
	Applied bool
}

// versionTable is where goose notes what it has applied.
const versionTable = goose.DefaultTablename

// lockPoll is how often a waiting migrator looks whether the other one has finished; lockPatience is how often at most.
const (
	lockPoll     = time.Second
	lockPatience = 300
)

// Migrate brings the schema up to this program's version and returns the steps it applied: none if there was nothing
// to do. Of several programs that migrate at once, one does it and the others wait.
func (db *DB) Migrate(ctx context.Context) ([]MigrationStatus, error) {
	return db.migrate(ctx, (*goose.Provider).Up)
}

// MigrateTo is Migrate up to a version, which may be an older one than this program's.
func (db *DB) MigrateTo(ctx context.Context, version int64) ([]MigrationStatus, error) {
	return db.migrate(ctx, func(p *goose.Provider, ctx context.Context) ([]*goose.MigrationResult, error) {
		return p.UpTo(ctx, version)
	})
}

// KnownVersion is the number of the last step of the schema in this program.
func KnownVersion(dialect string) (int64, error) {
	steps, err := knownSteps(dialect)
	if err != nil {
		return 0, err
	}
	var latest int64
	for _, s := range steps {
		latest = max(latest, s.Version)
	}
	return latest, nil
}

// MigrateDown takes the last applied step back, with the data in it, and returns it; none if there is none.
func (db *DB) MigrateDown(ctx context.Context) ([]MigrationStatus, error) {
	return db.migrate(ctx, func(p *goose.Provider, ctx context.Context) ([]*goose.MigrationResult, error) {
		result, err := p.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []*goose.MigrationResult{result}, nil
	})
}

// MigrateDownTo takes back every step above the version, with the data in it; 0 leaves nothing. It returns them,
// latest first.
func (db *DB) MigrateDownTo(ctx context.Context, version int64) ([]MigrationStatus, error) {
	return db.migrate(ctx, func(p *goose.Provider, ctx context.Context) ([]*goose.MigrationResult, error) {
		return p.DownTo(ctx, version)
	})
}

func (db *DB) migrate(
	ctx context.Context, run func(*goose.Provider, context.Context) ([]*goose.MigrationResult, error),
) (steps []MigrationStatus, err error) {
	unlock, options, err := db.migrationLock(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the schema: %w", db.fault(ctx, err))
	}
	defer func() { err = errors.Join(err, unlock()) }()

	if err := db.checkNotNewer(ctx); err != nil {
		return nil, err
	}
	options = append(options, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(goose.Dialect(db.gooseDialect()), db.write.DB, migrations.FS(db.Dialect()), options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	results, err := run(provider, ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate the schema: %w", db.fault(ctx, err))
	}
	for _, r := range results {
		steps = append(steps, MigrationStatus{
			Version: r.Source.Version, Name: path.Base(r.Source.Path), Applied: r.Direction == "up",
		})
	}
	return steps, nil
}

func (db *DB) gooseDialect() goose.Dialect {
	if db.dialect == sqlite {
		return goose.DialectSQLite3
	}
	return goose.DialectPostgres
}

// migrationLock keeps other migrators of the same database away until unlock is called. PostgreSQL has locks that end
// with their session, which goose takes itself; for SQLite a file beside the database serves.
func (db *DB) migrationLock(ctx context.Context) (unlock func() error, options []goose.ProviderOption, err error) {
	if db.dialect != sqlite {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(uint64(lockPoll/time.Second), lockPatience))
		if err != nil {
			return nil, nil, err
		}
		return func() error { return nil }, []goose.ProviderOption{goose.WithSessionLocker(locker)}, nil
	}
	file := flock.New(db.path+".migrate.lock", flock.SetPermissions(0o600))
	waiting, cancel := context.WithTimeout(ctx, lockPatience*lockPoll)
	defer cancel()
	if _, err := file.TryLockContext(waiting, lockPoll/20); err != nil {
		return nil, nil, err
	}
	if err := ownership.HandOver(file.Path()); err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file.Close, nil, nil
}

// Status returns every step of the schema by version: those that this program knows, and those that a newer one has
// applied. It changes nothing.
func (db *DB) Status(ctx context.Context) ([]MigrationStatus, error) {
	steps, err := knownSteps(db.Dialect())
	if err != nil {
		return nil, err
	}
	applied, err := db.appliedVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	for i := range steps {
		steps[i].Applied = applied[steps[i].Version]
		delete(applied, steps[i].Version)
	}
	for version := range applied {
		steps = append(steps, MigrationStatus{Version: version, Applied: true})
	}
	slices.SortFunc(steps, func(a, b MigrationStatus) int { return int(a.Version - b.Version) })
	return steps, nil
}

// checkNotNewer refuses to change a schema that a newer program has made.
func (db *DB) checkNotNewer(ctx context.Context) error {
	steps, err := db.Status(ctx)
	if err != nil {
		return err
	}
	return notNewer(steps)
}

// notNewer returns fault.Unavailable (code schema_newer) if the database has steps that this program does not know.
func notNewer(steps []MigrationStatus) error {
	var unknown []string
	for _, s := range steps {
		if s.Name == "" {
			unknown = append(unknown, fmt.Sprint(s.Version))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fault.Unavailable("this program is older than the database: it does not know the schema's version %s; install the version that migrated the database",
		strings.Join(unknown, ", ")).WithCode("schema_newer")
}

// CheckSchema returns nil if the schema is exactly the one that this program was made for. Otherwise it is
// fault.Unavailable, with code schema_older or schema_newer, and says what to do.
func (db *DB) CheckSchema(ctx context.Context) error {
	steps, err := db.Status(ctx)
	if err != nil {
		return err
	}
	if err := notNewer(steps); err != nil {
		return err
	}
	var missing []string
	for _, s := range steps {
		if !s.Applied {
			missing = append(missing, s.Name)
		}
	}
	if len(missing) > 0 {
		return fault.Unavailable("the database is older than this program: it lacks %s; run `englishctl migrate up`",
			strings.Join(missing, ", ")).WithCode("schema_older")
	}
	return nil
}

// knownSteps are the steps of the schema in this program, none of them applied.
func knownSteps(dialect string) ([]MigrationStatus, error) {
	names, err := fs.Glob(migrations.FS(dialect), "*.sql")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	var steps []MigrationStatus
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("read the migrations: %w", err)
		}
		steps = append(steps, MigrationStatus{Version: version, Name: name})
	}
	return steps, nil
}

// appliedVersions are the steps that the database has. It asks itself instead of through goose, which would create
// its table.
func (db *DB) appliedVersions(ctx context.Context) (map[int64]bool, error) {
	c := db.conn()
	var migrated bool
	if err := c.get(ctx, &migrated, db.dialect.hasTable, versionTable); err != nil {
		return nil, err
	}
	applied := make(map[int64]bool)
	if !migrated {
		return applied, nil
	}
	var versions []int64
	// 0 is goose's mark for "nothing yet".
	const selectVersions = `SELECT version_id FROM ` + versionTable + ` WHERE version_id > 0 ORDER BY version_id, id`
	if err := c.all(ctx, &versions, selectVersions); err != nil {
		return nil, err
	}
	for _, v := range versions {
		applied[v] = true
	}
	return applied, nil
}
