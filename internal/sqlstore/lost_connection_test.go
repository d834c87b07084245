package sqlstore

import (
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// TestLostConnection kills the server's side of connections.
func TestLostConnection(t *testing.T) {
	db, err := Open(t.Context(), Config{URL: postgresTestURL(t), PoolSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx := t.Context()
	other, err := db.Raw().Connx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	killOthers := func() {
		t.Helper()
		const kill = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`
		if _, err := other.ExecContext(ctx, kill); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("between two calls it is replaced, at the latest once it has failed", func(t *testing.T) {
		if err := db.Ping(ctx); err != nil {
			t.Fatal(err)
		}
		killOthers()
		if err := db.Ping(ctx); err != nil {
			wantUnavailable(t, err)
		}
		if err := db.Ping(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Run("in a transaction the transaction fails as unavailable", func(t *testing.T) {
		err := db.Accounts().InTx(ctx, func(tx account.Store) error {
			if _, _, err := tx.Users(ctx, account.UserFilter{}, paging.Page{Number: 1, Limit: 1}); err != nil {
				t.Fatal(err)
			}
			killOthers()
			_, err := tx.DeleteRefreshTokens(ctx, uuid.New())
			return err
		})
		wantUnavailable(t, err)
	})
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if !fault.Is(err, fault.KindUnavailable) || !hasCode(err, codeDatabase) {
		t.Errorf("the error is %v, want unavailable", err)
	}
}
