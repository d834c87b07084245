package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	sqlitedriver "modernc.org/sqlite"

	"github.com/englishapp/englishctl/internal/ownership"
)

// A SQLite setting belongs to a connection, so it stands in the address, where each new connection of a pool finds it.
//
// synchronous=FULL: each commit waits for the disk. NORMAL would survive the death of the process too, but a power cut
// could take back sessions that a phone has been told are saved.
const (
	sqliteSettings = "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)"
	// BEGIN IMMEDIATE: a transaction that began by reading could not become a writing one once somebody else has written.
	sqliteWriter = sqliteSettings + "&_pragma=journal_mode(WAL)&_txlock=immediate"
	sqliteReader = sqliteSettings + "&_pragma=query_only(1)&_txlock=deferred"
)

// sqliteIdleReaders bounds the readers that stay open: each keeps a page cache of about 2 MB.
const sqliteIdleReaders = 4

func init() { sqlx.BindDriver(sqlite.name, sqlx.QUESTION) }

func openSQLite(ctx context.Context, cfg Config) (*DB, error) {
	path, err := filepath.Abs(cfg.SQLitePath)
	if err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("create the database file: %w", err)
	}
	write, err := cfg.openSQLite(sqliteDSN(path, sqliteWriter))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read, err := cfg.openSQLite(sqliteDSN(path, sqliteReader))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	// One writer: SQLite lets only one write at a time, and a queue in Go is fairer than polling for a lock.
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(cfg.PoolSize + cfg.MaxOverflow)
	read.SetMaxIdleConns(min(cfg.PoolSize, sqliteIdleReaders))
	read.SetConnMaxIdleTime(connMaxIdleTime)
	db := &DB{dialect: sqlite, write: write, read: read, path: path}

	// The writer first: it turns the WAL on, which a reader may not.
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, db.fault(ctx, err)), db.Close())
	}
	return db, nil
}

func (cfg Config) openSQLite(dsn string) (*sqlx.DB, error) {
	connector, err := sqlitedriver.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sqlx.NewDb(cfg.openDB("sqlite", sqliteConnector{connector}), sqlite.name), nil
}

// sqliteConnector opens connections that prepare the hot statements. SQLite prepares them again by itself when the schema has changed.
type sqliteConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (s sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return withPrepared(c, true), nil
}

// createPrivate makes the file, readable by its owner only, unless it is there. A file that is there is not opened:
// closing it again would drop the locks that SQLite holds on it in this process.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), ownership.HandOver(path))
}

// sqliteDSN escapes the path, which may hold '?', '#' or '%'.
func sqliteDSN(path, settings string) string {
	u := url.URL{Scheme: "file", Path: path, RawQuery: settings}
	return u.String()
}
