package storetest

import (
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testPanelSessions(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	session := func(hash string, user *account.User, expires time.Time) account.PanelSession {
		s := account.PanelSession{
			Hash: []byte(hash), Credential: []byte{0, 1, 255}, StartedAt: noon, ExpiresAt: expires,
		}
		if user != nil {
			s.UserID = &user.ID
		}
		must(t, store.InsertPanelSession(ctx, s))
		return s
	}
	there := func(hash string) bool {
		_, err := store.PanelSession(ctx, []byte(hash))
		if err != nil {
			refused(t, err, fault.KindNotFound, "")
		}
		return err == nil
	}
	later := noon.Add(time.Hour)
	anns, operators := session("ann 1", &ann, later), session("operator", nil, later)
	session("ann 2", &ann, noon)
	session("bob", &bob, noon)
	equal(t, "a session", must1[account.PanelSession](t)(store.PanelSession(ctx, anns.Hash)), anns)
	equal(t, "a session of nobody", must1[account.PanelSession](t)(store.PanelSession(ctx, operators.Hash)), operators)

	must(t, store.ExtendPanelSession(ctx, anns.Hash, later.Add(time.Hour)))
	anns.ExpiresAt = later.Add(time.Hour)
	equal(t, "an extended session", must1[account.PanelSession](t)(store.PanelSession(ctx, anns.Hash)), anns)
	must(t, store.ExtendPanelSession(ctx, []byte("no such"), later))

	equal(t, "expired before noon", must1[int](t)(store.DeleteExpiredPanelSessions(ctx, noon)), 0)
	must(t, store.DeletePanelSession(ctx, []byte("ann 2")))
	must(t, store.DeletePanelSession(ctx, []byte("ann 2")))
	equal(t, "expired after noon", must1[int](t)(store.DeleteExpiredPanelSessions(ctx, noon.Add(time.Microsecond))), 1)
	must(t, store.DeletePanelSessions(ctx, bob.ID))
	equal(t, "who is left", []bool{there("ann 1"), there("ann 2"), there("bob"), there("operator")}, []bool{true, false, false, true})
	must(t, store.DeletePanelSessions(ctx, ann.ID))
	equal(t, "ann is out", there("ann 1"), false)

	session("ann 3", &ann, later)
	must(t, store.DeleteUser(ctx, ann.ID))
	equal(t, "a deleted account's session", there("ann 3"), false)
	refused(t, store.InsertPanelSession(ctx, account.PanelSession{
		Hash: []byte("x"), UserID: &ann.ID, Credential: []byte{1}, StartedAt: noon, ExpiresAt: later,
	}), fault.KindUnauthorized, "account_gone")
}
