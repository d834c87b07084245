package sqltest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/testenv"
	"github.com/englishapp/englishctl/migrations"
)

// The tests of several packages run at once against one server: each database takes few connections.
const (
	poolSize    = 3
	maxOverflow = 2
)

// Postgres returns a fresh, migrated PostgreSQL database on the server of TEST_POSTGRES_URL. It is closed and dropped
// when the test ends. Without the variable the test is skipped (see package testenv).
//
// It is cloned from a template named after the content of the migrations, which stays on the server.
func Postgres(tb testing.TB) *sqlstore.DB {
	tb.Helper()
	return open(tb, sqlstore.Config{URL: PostgresURL(tb), PoolSize: poolSize, MaxOverflow: maxOverflow})
}

// PostgresURL makes a database like Postgres and returns its address instead of opening it.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	server := testenv.Required(tb, "TEST_POSTGRES_URL")
	template, err := postgresTemplate(server)
	if err != nil {
		tb.Fatalf("make a template database: %v", err)
	}
	return create(tb, server, template)
}

// EmptyPostgresURL makes a database without any schema, dropped when the test ends, and returns its address.
func EmptyPostgresURL(tb testing.TB) string {
	tb.Helper()
	return create(tb, testenv.Required(tb, "TEST_POSTGRES_URL"), "template0")
}

func create(tb testing.TB, server, template string) string {
	tb.Helper()
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := onServer(tb.Context(), server, `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		tb.Fatalf("create the test's database: %v", err)
	}
	tb.Cleanup(func() {
		// Not the test's context: it has ended by now.
		if err := onServer(context.Background(), server, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Errorf("drop the test's database: %v", err)
		}
	})
	return databaseURL(server, name)
}

// templates remembers, for each server, that its template is there.
var templates struct {
	sync.Mutex
	ready map[string]string
}

func postgresTemplate(server string) (string, error) {
	templates.Lock()
	defer templates.Unlock()
	if name := templates.ready[server]; name != "" {
		return name, nil
	}
	hash, err := migrationsHash()
	if err != nil {
		return "", err
	}
	name := "sqltest_" + hash[:16]
	if err := ensureTemplate(context.Background(), server, name); err != nil {
		return "", err
	}
	if templates.ready == nil {
		templates.ready = make(map[string]string)
	}
	templates.ready[server] = name
	return name, nil
}

// templateLock keeps the test programs of other packages away while one makes the template. It is any number.
const templateLock = 7316580142

// ensureTemplate makes the template under another name first: one that is there under its own is complete.
func ensureTemplate(ctx context.Context, server, name string) (err error) {
	pool, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }() // ends the lock as well
	pool.SetMaxOpenConns(1)
	if _, err := pool.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return err
	}
	var there bool
	const exists = `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`
	if err := pool.QueryRowContext(ctx, exists, name).Scan(&there); err != nil || there {
		return err
	}
	draft := name + "_draft"
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + draft + ` WITH (FORCE)`, // of a program that died half way
		`CREATE DATABASE ` + draft + ` TEMPLATE template0`,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	cfg := sqlstore.Config{URL: databaseURL(server, draft), PoolSize: poolSize}
	if err := migrate(ctx, cfg); err != nil {
		return err
	}
	_, err = pool.ExecContext(ctx, `ALTER DATABASE `+draft+` RENAME TO `+name)
	return err
}

// onServer runs one statement on a connection of its own.
func onServer(ctx context.Context, server, statement string) error {
	pool, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }() // nothing is lost with it
	_, err = pool.ExecContext(ctx, statement)
	return err
}

// databaseURL is the server's address with another database, and with the parameters that production uses.
func databaseURL(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(fmt.Sprintf("TEST_POSTGRES_URL is no URL: %v", err))
	}
	u.Path = "/" + name
	q := u.Query()
	q.Set("binary_parameters", "yes")
	u.RawQuery = q.Encode()
	return u.String()
}

func migrationsHash() (string, error) {
	hash := sha256.New()
	files := migrations.FS("postgres")
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
