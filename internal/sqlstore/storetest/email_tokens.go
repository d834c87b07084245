package storetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func newEmailToken(u account.User, p account.Purpose, first byte, expires time.Time) account.EmailToken {
	hash := bytes.Repeat([]byte{0xff}, 32)
	hash[0] = first
	return account.EmailToken{Hash: hash, UserID: u.ID, Purpose: p, Email: u.Email, ExpiresAt: expires}
}

func testEmailTokens(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	verify := newEmailToken(ann, account.ProveEmail, 1, noon)
	reset := newEmailToken(ann, account.ResetPassword, 2, noon.Add(time.Microsecond))
	bobs := newEmailToken(bob, account.ResetPassword, 3, noon.Add(time.Hour))
	all := []account.EmailToken{verify, reset, bobs}
	for _, token := range all {
		must(t, store.InsertEmailToken(ctx, token))
	}
	left := func(want ...account.EmailToken) {
		t.Helper()
		var got []account.EmailToken
		for _, token := range all {
			found, err := store.EmailToken(ctx, token.Hash)
			if err == nil {
				got = append(got, found)
				continue
			}
			refused(t, err, fault.KindNotFound, "")
		}
		equal(t, "what is left", got, want)
	}
	left(verify, reset, bobs)

	t.Run("what is not there is not found", func(t *testing.T) {
		for _, hash := range [][]byte{nil, {}, verify.Hash[:31], append(bytes.Clone(verify.Hash), 0), bytes.Repeat([]byte{9}, 1<<16)} {
			refused(t, second(store.EmailToken(ctx, hash)), fault.KindNotFound, "")
		}
	})
	t.Run("a link of nobody is unauthorized", func(t *testing.T) {
		refused(t, store.InsertEmailToken(ctx, newEmailToken(account.User{ID: newID()}, account.ProveEmail, 4, noon)), fault.KindUnauthorized, "account_gone")
	})
	t.Run("a link for nothing, or to what is no address, is invalid", func(t *testing.T) {
		refused(t, store.InsertEmailToken(ctx, newEmailToken(ann, "other", 4, noon)), fault.KindInvalid, "")
		long := newEmailToken(ann, account.ProveEmail, 4, noon)
		long.Email = strings.Repeat("a", 256)
		refused(t, store.InsertEmailToken(ctx, long), fault.KindInvalid, "")
	})
	t.Run("one purpose of one user goes, twice over", func(t *testing.T) {
		for range 2 {
			must(t, store.DeleteEmailTokens(ctx, ann.ID, account.ProveEmail))
			left(reset, bobs)
		}
	})
	t.Run("what expired before goes, and is counted", func(t *testing.T) {
		equal(t, "deleted", must1[int](t)(store.DeleteExpiredEmailTokens(ctx, reset.ExpiresAt)), 0)
		equal(t, "deleted", must1[int](t)(store.DeleteExpiredEmailTokens(ctx, reset.ExpiresAt.Add(time.Microsecond))), 1)
		left(bobs)
	})
	t.Run("a transaction that fails leaves them", func(t *testing.T) {
		stop := fault.Conflict("stop")
		err := store.InTx(ctx, func(tx account.Store) error {
			must(t, tx.DeleteEmailTokens(ctx, bob.ID, account.ResetPassword))
			return stop
		})
		refused(t, err, fault.KindConflict, "")
		left(bobs)
	})
}
