package sqlstore

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"net/url"
	"strconv"
	"strings"
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
	connector, err := pq.NewConnector(withTimeout(cfg.URL, cfg.StatementTimeout))
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
	pool.SetConnMaxLifetime(cmp.Or(cfg.MaxLifetime, connMaxLifetime))
	pool.SetConnMaxIdleTime(cmp.Or(cfg.MaxIdleTime, connMaxIdleTime))
	return &DB{dialect: postgres, write: pool, read: pool, timed: cfg.StatementTimeout > 0}
}

// refusesTimeout reports whether a connection was refused for its timeout: PgBouncer takes no parameter that it does not follow, and leaves the
// timeout to the role's own settings.
func refusesTimeout(err error) bool {
	var said *pq.Error
	return errors.As(err, &said) && said.Code == "08P01" && strings.Contains(said.Message, "statement_timeout")
}

// withTimeout adds the setting to an address, as one that a session begins with. An address that is none stays as it is.
func withTimeout(address string, d time.Duration) string {
	u, err := url.Parse(address)
	if err != nil || d <= 0 {
		return address
	}
	query := u.Query()
	if !query.Has("statement_timeout") {
		query.Set("statement_timeout", strconv.FormatInt(d.Milliseconds(), 10))
	}
	u.RawQuery = query.Encode()
	return u.String()
}
