package sqlstore

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Connections are replaced now and then, so that a load balancer or a failover in front of the database is noticed.
const (
	connMaxLifetime = 30 * time.Minute
	connMaxIdleTime = 5 * time.Minute
)

func openPostgres(cfg Config) (*DB, error) {
	connector, err := newPostgresConnector(cfg)
	if err != nil {
		// The cause stays out: it may quote the address, and with it the password.
		return nil, errors.New("the database address is not one that PostgreSQL's driver understands")
	}
	if cfg.Silence > 0 {
		connector.dial(impatient{cfg.Silence})
	}
	return newPostgres(reaching{connector}, cfg), nil
}

// reaching marks the errors of connections that were not made: of several servers, lib/pq says in words alone that none takes writes.
type reaching struct{ driver.Connector }

// Connect implements driver.Connector.
func (r reaching) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, &unreached{err}
	}
	return conn, nil
}

// unreached is the error of a connection that was not made.
type unreached struct{ error }

// Unwrap returns what the driver said.
func (u *unreached) Unwrap() error { return u.error }

func newPostgres(connector driver.Connector, cfg Config) *DB {
	pool := sqlx.NewDb(cfg.openDB("postgresql", connector), postgres.name)
	pool.SetMaxOpenConns(cfg.PoolSize + cfg.MaxOverflow)
	pool.SetMaxIdleConns(cfg.PoolSize)
	pool.SetConnMaxLifetime(cmp.Or(cfg.MaxLifetime, connMaxLifetime))
	pool.SetConnMaxIdleTime(cmp.Or(cfg.MaxIdleTime, connMaxIdleTime))
	return &DB{dialect: postgres, write: pool, read: pool, timed: cfg.StatementTimeout > 0, idle: cfg.PoolSize}
}

// readOnly reports whether a server takes no writes: it is a replica, or was told so.
func readOnly(said *pq.Error) bool {
	// A replica refuses BEGIN READ WRITE, which lib/pq sends, as feature_not_supported: PostgreSQL, check_transaction_read_only().
	return said.Code == "25006" || // read_only_sql_transaction
		said.Code == "0A000" && said.Routine == "call_bool_check_hook"
}

// leave closes all connections that nobody uses now, once a second at most: their server takes no writes any longer, and whoever has taken
// its place is found by new ones.
func (db *DB) leave() {
	now, left := time.Now(), db.left.Load()
	if left != nil && now.Sub(*left) < time.Second || !db.left.CompareAndSwap(left, &now) {
		return
	}
	db.write.SetMaxIdleConns(0)
	db.write.SetMaxIdleConns(db.idle)
}
