package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Prepared says on which connections to PostgreSQL the hot statements are prepared.
type Prepared string

// The choices of Config.Prepared.
const (
	// PreparedAuto is where nothing stands between that hands each transaction to another connection; it is the default.
	PreparedAuto Prepared = "auto"
	// PreparedOn is everywhere: for a pool that carries them along, as PgBouncer does from 1.21 on with max_prepared_statements.
	PreparedOn Prepared = "on"
	// PreparedOff is nowhere.
	PreparedOff Prepared = "off"
)

const (
	// directMark is a setting that a connection begins with and that means nothing. PostgreSQL takes it, as it takes every setting with a dot in
	// its name. PgBouncer refuses what it does not follow, and others swallow it: then names of statements may not last longer than a transaction.
	directMark    = "englishctl.direct"
	askDirectMark = `SELECT current_setting('` + directMark + `', true)`

	timeoutSetting = "statement_timeout"
)

// postgresConnector opens connections to PostgreSQL, or to a pool of them that does not take what we would like to begin with.
type postgresConnector struct {
	// whole begins connections with a timeout and the mark, where they are wanted; plain with neither.
	whole, plain *pq.Connector
	prepared     Prepared
}

func newPostgresConnector(cfg Config) (*postgresConnector, error) {
	parsed, err := pq.NewConfig(cfg.URL)
	if err != nil {
		return nil, err
	}
	plain, err := pq.NewConnectorConfig(parsed.Clone())
	if err != nil {
		return nil, err
	}
	begin := parsed.Clone()
	if begin.Runtime == nil {
		begin.Runtime = map[string]string{}
	}
	if _, given := begin.Runtime[timeoutSetting]; !given && cfg.StatementTimeout > 0 {
		begin.Runtime[timeoutSetting] = strconv.FormatInt(cfg.StatementTimeout.Milliseconds(), 10)
	}
	if cfg.prepared() == PreparedAuto {
		begin.Runtime[directMark] = "yes"
	}
	whole, err := pq.NewConnectorConfig(begin)
	if err != nil {
		return nil, err
	}
	return &postgresConnector{whole: whole, plain: plain, prepared: cfg.prepared()}, nil
}

func (cfg Config) prepared() Prepared {
	if cfg.Prepared == "" {
		return PreparedAuto
	}
	return cfg.Prepared
}

func (p *postgresConnector) dial(d pq.Dialer) {
	p.whole.Dialer(d)
	p.plain.Dialer(d)
}

// Connect implements driver.Connector. Each connection finds out for itself what it is connected to: a pool may be put between, or taken away,
// while the daemon runs.
func (p *postgresConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.whole.Connect(ctx)
	direct := p.prepared == PreparedAuto
	if refusesSetting(err) {
		c, err = p.plain.Connect(ctx)
		direct = false
	}
	if err != nil {
		return nil, err
	}
	if direct {
		if direct, err = marked(ctx, c); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if direct || p.prepared == PreparedOn {
		return withPrepared(c, false), nil
	}
	return c, nil
}

// Driver implements driver.Connector.
func (p *postgresConnector) Driver() driver.Driver { return p.whole.Driver() }

// refusesSetting reports whether a connection was refused for what it was to begin with.
func refusesSetting(err error) bool {
	said := pq.As(err, pqerror.ProtocolViolation)
	return said != nil && (strings.Contains(said.Message, timeoutSetting) || strings.Contains(said.Message, directMark))
}

// marked reports whether the mark has come through to the database.
func marked(ctx context.Context, c driver.Conn) (bool, error) {
	q, ok := c.(driver.QueryerContext)
	if !ok {
		return false, nil
	}
	rows, err := q.QueryContext(ctx, askDirectMark, nil)
	if err != nil {
		return false, fmt.Errorf("ask what a connection began with: %w", err)
	}
	value := make([]driver.Value, 1)
	err = rows.Next(value)
	if err == nil {
		err = rows.Next(make([]driver.Value, 1)) // reads to the end
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return fmt.Sprintf("%s", value[0]) == "yes", errors.Join(err, rows.Close())
}
