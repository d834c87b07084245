package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testTransactions(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	broken := errors.New("broken")
	first, nested := newUser("first@example.com"), newUser("nested@example.com")

	gone := func(t *testing.T) {
		t.Helper()
		for _, u := range []account.User{first, nested} {
			refused(t, second(store.User(ctx, u.ID)), fault.KindNotFound, "")
		}
	}
	t.Run("an error in the middle takes everything back and comes out", func(t *testing.T) {
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.InsertUser(ctx, first))
			must1[account.User](t)(tx.User(ctx, first.ID)) // its own writes are seen
			return broken
		})
		equal(t, "the error", errors.Is(err, broken), true)
		gone(t)
	})
	t.Run("so does a panic", func(t *testing.T) {
		func() {
			defer func() { equal(t, "the panic", recover(), any("broken")) }()
			_ = store.InTx(ctx, func(tx account.Store) error {
				must(t, tx.InsertUser(ctx, first))
				panic("broken")
			})
		}()
		gone(t)
	})
	t.Run("a transaction in a transaction joins it", func(t *testing.T) {
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.InTx(ctx, func(inner account.Store) error { return inner.InsertUser(ctx, nested) }))
			return broken
		})
		equal(t, "the error", errors.Is(err, broken), true)
		gone(t)
	})
	t.Run("a joined transaction that failed takes the outer one with it, even if its error is dropped", func(t *testing.T) {
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.InsertUser(ctx, first))
			_ = tx.InTx(ctx, func(inner account.Store) error {
				must(t, inner.InsertUser(ctx, nested))
				return broken
			})
			return nil
		})
		equal(t, "the error", errors.Is(err, broken), true)
		gone(t)
	})
	t.Run("a context that ends in the middle takes everything back", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.InsertUser(ctx, first))
			cancel()
			return tx.InsertUser(ctx, nested)
		})
		equal(t, "the error is the context's", errors.Is(err, context.Canceled), true)
		gone(t)
	})
	t.Run("a context that ends before the commit takes everything back", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.InsertUser(ctx, first))
			cancel()
			return nil
		})
		equal(t, "the error is the context's", errors.Is(err, context.Canceled), true)
		gone(t)
	})
	t.Run("an ended context is its own error, not a fault", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		err := second(store.User(ctx, newID()))
		_, isFault := fault.As(err)
		equal(t, "a fault", isFault, false)
		equal(t, "the context's", errors.Is(err, context.Canceled), true)
	})
	t.Run("afterwards everything works", func(t *testing.T) {
		must(t, store.InTx(ctx, func(tx account.Store) error { return tx.InsertUser(ctx, first) }))
		must1[account.User](t)(store.User(ctx, first.ID))
	})
}
