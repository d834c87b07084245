// Package sqlstore keeps what the services own in PostgreSQL or SQLite.
//
// It owns the SQL, the schema's version, transactions, and what a driver's error means. It knows no rule of the
// product: whose a row is, and who may change it, is decided above. Both databases run the same code; where they truly
// differ, the difference has a name in dialect.go.
package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// Config says which database to open and how many connections it may take.
type Config struct {
	// URL is a PostgreSQL address as lib/pq reads it. Empty means SQLite. With binary_parameters=yes in it a statement
	// is one round trip instead of two.
	URL string
	// SQLitePath is the database file. It and its folder are made where they are missing, readable by the owner only.
	SQLitePath string
	// PoolSize is how many connections stay open while idle, MaxOverflow how many more may be opened under load.
	// Both zero means 20 and 10 (spec, "Database Optimization").
	PoolSize, MaxOverflow int
	// Silence is how long PostgreSQL may say nothing while a statement runs, before the connection is given up and the
	// caller told fault.Unavailable. It bounds waiting for locks too. Zero means for ever, which migrations need.
	Silence time.Duration
	// OpenDB makes a pool of a connector to "postgresql" or "sqlite", for whoever wants to see its statements; nil means
	// sql.OpenDB.
	OpenDB func(system string, connector driver.Connector) *sql.DB
	// StatementTimeout is when PostgreSQL itself gives up a statement. Zero means what the server says, which is never by default. Reading
	// transactions in one version are without: a backup may take its time.
	StatementTimeout time.Duration
	// Prepared says where statements are prepared on PostgreSQL; empty means PreparedAuto.
	Prepared Prepared
	// MaxLifetime and MaxIdleTime are when a PostgreSQL connection is replaced, and when one that is not used is closed. Zero means 30 and 5
	// minutes.
	MaxLifetime, MaxIdleTime time.Duration
}

// openDB makes a pool.
func (cfg Config) openDB(system string, connector driver.Connector) *sql.DB {
	if cfg.OpenDB == nil {
		return sql.OpenDB(connector)
	}
	return cfg.OpenDB(system, connector)
}

// The sizes that the specification gives ("Database Optimization": pool_size=20, max_overflow=10).
const (
	defaultPoolSize    = 20
	defaultMaxOverflow = 10
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect *dialect
	// write and read are one pool on PostgreSQL. On SQLite write is the only connection that writes.
	write, read *sqlx.DB
	// path is the SQLite file; empty on PostgreSQL.
	path   string
	closed atomic.Bool
	// timed says that statements have a timeout of ours.
	timed bool
	// idle is how many connections of PostgreSQL are kept, and left when those were last closed for a server that takes no writes.
	idle int
	left atomic.Pointer[time.Time]
	// replica is nil where histories are read from the primary alone.
	replica *replica
}

// Open connects to the database and checks that it answers. It does not look at the schema: see CheckSchema.
// A database that does not answer is fault.Unavailable.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.PoolSize == 0 && cfg.MaxOverflow == 0 {
		cfg.PoolSize, cfg.MaxOverflow = defaultPoolSize, defaultMaxOverflow
	}
	db, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.URL != "" {
		return openPostgres(cfg)
	}
	return openSQLite(ctx, cfg)
}

// Close ends all connections. What is asked of the database afterwards is fault.Unavailable.
func (db *DB) Close() error {
	db.closed.Store(true)
	var err error
	if db.replica != nil {
		err = db.replica.close()
	}
	err = errors.Join(err, db.write.Close())
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	return err
}

// Ping reports whether the database answers: nil, or fault.Unavailable.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.conn().get(ctx, &one, `SELECT 1`); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

// Dialect is "postgres" or "sqlite".
func (db *DB) Dialect() string { return db.dialect.name }

// Raw is the pool that writes. It is for tests, which look at rows; the services never see it.
func (db *DB) Raw() *sqlx.DB { return db.write }

// Pools are the pools of connections by what they are for, for metrics: "primary" on PostgreSQL, "write" and "read" on
// SQLite; and "replica" where there is one.
func (db *DB) Pools() map[string]*sql.DB {
	if db.replica != nil {
		return map[string]*sql.DB{"primary": db.write.DB, "replica": db.replica.pool.DB}
	}
	if db.read == db.write {
		return map[string]*sql.DB{"primary": db.write.DB}
	}
	return map[string]*sql.DB{"write": db.write.DB, "read": db.read.DB}
}

// Accounts returns the store of users and their tokens.
func (db *DB) Accounts() *Accounts { return &Accounts{db.conn()} }

// Catalog returns the store of speeches and tags.
func (db *DB) Catalog() *Catalog { return &Catalog{db.conn()} }

// Practice returns the store of played sessions.
func (db *DB) Practice() *Practice { return &Practice{db.conn()} }

// Importing returns the store of uploads and import batches.
func (db *DB) Importing() *Importing { return &Importing{db.conn()} }

// Statistics returns the store of the dashboard's roll-ups.
func (db *DB) Statistics() *Statistics { return &Statistics{db.conn()} }

// Seeding returns the store of seeds.
func (db *DB) Seeding() *Seeding { return &Seeding{db.conn()} }

func (db *DB) conn() conn { return conn{db: db, read: db.read, write: db.write} }
