package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/englishapp/englishctl/internal/fault"
)

func TestFaultKinds(t *testing.T) {
	pgError := func(code string) error { return fmt.Errorf("wrapped: %w", &pq.Error{Code: pqerror.Code(code)}) }
	db, err := openPostgres(Config{URL: "postgres://u@127.0.0.1:1/x", PoolSize: 1}) // nobody is asked
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const internal fault.Kind = ""
	for name, test := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"a taken key":                       {pgError("23505"), fault.KindConflict},
		"a broken reference":                {pgError("23503"), fault.KindConflict},
		"a broken CHECK":                    {pgError("23514"), fault.KindInvalid},
		"a text too long":                   {pgError("22001"), fault.KindInvalid},
		"NUL in JSON":                       {pgError("22P05"), fault.KindInvalid},
		"a text that is none":               {pgError("22021"), fault.KindInvalid},
		"a deadlock":                        {pgError("40P01"), fault.KindUnavailable},
		"too many connections":              {pgError("53300"), fault.KindUnavailable},
		"a full disk":                       {pgError("53100"), fault.KindUnavailable},
		"a server that shuts down":          {pgError("57P01"), fault.KindUnavailable},
		"a connection that failed":          {pgError("08006"), fault.KindUnavailable},
		"a wrong password":                  {pgError("28P01"), fault.KindUnavailable},
		"a standby after a failover":        {pgError("25006"), fault.KindUnavailable},
		"a standby that is to write":        {&pq.Error{Code: "0A000", Routine: "call_bool_check_hook"}, fault.KindUnavailable},
		"what PostgreSQL cannot do":         {pgError("0A000"), internal},
		"a server that was never reached":   {&unreached{errors.New("server is in hot standby mode")}, fault.KindUnavailable},
		"a broken connection":               {driver.ErrBadConn, fault.KindUnavailable},
		"a connection given back":           {sql.ErrConnDone, fault.KindUnavailable},
		"an answer that stopped":            {io.ErrUnexpectedEOF, fault.KindUnavailable},
		"a dial that failed":                {&net.OpError{Op: "dial", Err: errors.New("refused")}, fault.KindUnavailable},
		"a mistake in the SQL is internal":  {pgError("42601"), internal},
		"anything else is internal":         {errors.New("anything"), internal},
		"no rows is for the repository":     {sql.ErrNoRows, internal},
		"a fault made before stays its own": {fault.Forbidden("no"), fault.KindForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got := db.fault(t.Context(), test.err)
			f, _ := fault.As(got)
			if f == nil {
				f = &fault.Error{Kind: internal}
			}
			if f.Kind != test.want {
				t.Errorf("the kind is %q, want %q", f.Kind, test.want)
			}
			if !errors.Is(got, test.err) {
				t.Errorf("%v no longer wraps its cause", got)
			}
		})
	}
	t.Run("after the end of the context an error is the context's", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, cause := range []error{driver.ErrBadConn, pgError("57014"), sql.ErrTxDone} {
			err := db.fault(ctx, cause)
			if _, isFault := fault.As(err); isFault || !errors.Is(err, context.Canceled) {
				t.Errorf("%v became %v", cause, err)
			}
		}
	})
	t.Run("nil stays nil", func(t *testing.T) {
		if err := db.fault(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// TestSQLiteFaults provokes real errors: the driver's cannot be made by hand.
func TestSQLiteFaults(t *testing.T) {
	db := openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	t.Run("writing on a reader is unavailable", func(t *testing.T) {
		_, err := db.read.ExecContext(t.Context(), bumpCatalogVersion)
		wantUnavailable(t, db.fault(t.Context(), err))
	})
	t.Run("a database that somebody else is writing to is unavailable", func(t *testing.T) {
		other := openTestSQLite(t, db.path)
		// Waiting five seconds is left to production.
		if _, err := other.write.ExecContext(t.Context(), `PRAGMA busy_timeout = 0`); err != nil {
			t.Fatal(err)
		}
		err := db.conn().inTx(t.Context(), func(conn) error { return other.Catalog().BumpVersion(t.Context()) })
		wantUnavailable(t, err)
	})
	t.Run("a full disk is named", func(t *testing.T) {
		full := openTestSQLite(t, filepath.Join(t.TempDir(), "full.db"))
		if _, err := full.write.ExecContext(t.Context(), `PRAGMA max_page_count = 1`); err != nil { // no more than there are
			t.Fatal(err)
		}
		err := full.conn().inTx(t.Context(), func(tx conn) error {
			_, err := tx.exec(t.Context(), `CREATE TABLE more AS SELECT hex(zeroblob(100000)) AS x`)
			return err
		})
		if !fault.Is(err, fault.KindUnavailable) || !hasCode(err, codeFull) || !strings.Contains(err.Error(), "the disk of the database is full") {
			t.Errorf("the error is %v", err)
		}
		if err := full.Catalog().BumpVersion(t.Context()); err != nil {
			t.Errorf("what needs no room: %v", err)
		}
	})
	t.Run("a value of the wrong type is invalid", func(t *testing.T) {
		_, err := db.write.ExecContext(t.Context(), `UPDATE catalog_version SET version = 'one'`)
		if err := db.fault(t.Context(), err); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("a mistake in the SQL is internal", func(t *testing.T) {
		_, err := db.conn().exec(t.Context(), `SELEKT`)
		if _, isFault := fault.As(err); err == nil || isFault {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestScan(t *testing.T) {
	for name, src := range map[string]any{"a number": int64(1), "no time": "yesterday", "null": nil} {
		t.Run(name+" is no time", func(t *testing.T) {
			if err := new(timestamp).Scan(src); err == nil {
				t.Error("it was scanned")
			}
		})
	}
	for name, src := range map[string]any{"a number": int64(1), "no list": "{}", "null": nil} {
		t.Run(name+" is no list of ids", func(t *testing.T) {
			if err := new(idList).Scan(src); err == nil {
				t.Error("it was scanned")
			}
		})
	}
}
