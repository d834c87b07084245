package sqlstore

import (
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
	connector, err := pq.NewConnector(cfg.URL)
	if err != nil {
		// The cause stays out: it may quote the address, and with it the password.
		return nil, errors.New("the database address is not one that PostgreSQL's driver understands")
	}
	if cfg.Silence > 0 {
		connector.Dialer(impatient{cfg.Silence})
	}
	return newPostgres(connector, cfg), nil
}

func newPostgres(connector driver.Connector, cfg Config) *DB {
	pool := sqlx.NewDb(cfg.openDB("postgresql", connector), postgres.name)
	pool.SetMaxOpenConns(cfg.PoolSize + cfg.MaxOverflow)
	pool.SetMaxIdleConns(cfg.PoolSize)
	pool.SetConnMaxLifetime(connMaxLifetime)
	pool.SetConnMaxIdleTime(connMaxIdleTime)
	return &DB{dialect: postgres, write: pool, read: pool}
}
