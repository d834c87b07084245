package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func newIdentity(u account.User, provider account.Provider, subject string) account.LinkedIdentity {
	return account.LinkedIdentity{Provider: provider, Subject: subject, UserID: u.ID, LinkedAt: noon}
}

func testIdentities(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	apple := newIdentity(ann, account.Apple, "001.ab.02")
	google := newIdentity(ann, account.Google, "1")
	facebook := newIdentity(ann, account.Facebook, "1") // another person: ids are the providers' own
	google.LinkedAt = noon.Add(-time.Hour)
	bobs := newIdentity(bob, account.Google, strings.Repeat("9", 255))
	for _, l := range []account.LinkedIdentity{apple, google, facebook, bobs} {
		must(t, store.InsertIdentity(ctx, l))
	}

	for _, l := range []account.LinkedIdentity{apple, google, facebook, bobs} {
		equal(t, "IdentityUser", must1[uuid.UUID](t)(store.IdentityUser(ctx, l.Provider, l.Subject)), l.UserID)
	}

	equal(t, "Identities, the earliest first", must1[[]account.LinkedIdentity](t)(store.Identities(ctx, ann.ID)),
		[]account.LinkedIdentity{google, apple, facebook})
	equal(t, "Identities of nobody", must1[[]account.LinkedIdentity](t)(store.Identities(ctx, newID())), []account.LinkedIdentity{})

	t.Run("an unknown identity is not found", func(t *testing.T) {
		for _, subject := range []string{"2", "", "001.AB.02"} { // ids tell case apart
			refused(t, second(store.IdentityUser(ctx, account.Apple, subject)), fault.KindNotFound, "")
		}
	})
	t.Run("an identity is linked once, and the transaction goes on", func(t *testing.T) {
		other := newIdentity(bob, account.Facebook, "2")
		must(t, store.InTx(ctx, func(tx account.Store) error {
			refused(t, tx.InsertIdentity(ctx, newIdentity(bob, google.Provider, google.Subject)), fault.KindConflict, "")
			return tx.InsertIdentity(ctx, other)
		}))
		equal(t, "the user", must1[uuid.UUID](t)(store.IdentityUser(ctx, google.Provider, google.Subject)), ann.ID)
		equal(t, "after the conflict", must1[uuid.UUID](t)(store.IdentityUser(ctx, other.Provider, other.Subject)), bob.ID)
	})
	t.Run("an identity of nobody is unauthorized", func(t *testing.T) {
		gone := newIdentity(account.User{ID: newID()}, account.Google, "gone")
		refused(t, store.InsertIdentity(ctx, gone), fault.KindUnauthorized, "account_gone")
	})
	t.Run("an identity that no provider gives is invalid", func(t *testing.T) {
		refused(t, store.InsertIdentity(ctx, newIdentity(bob, account.Email, "x")), fault.KindInvalid, "")
		refused(t, store.InsertIdentity(ctx, newIdentity(bob, account.Google, strings.Repeat("9", 256))), fault.KindInvalid, "")
		refused(t, store.InsertIdentity(ctx, newIdentity(bob, account.Google, "a\x00b")), fault.KindInvalid, "")
	})
	t.Run("all identities of one user are deleted and counted", func(t *testing.T) {
		equal(t, "deleted", must1[int](t)(store.DeleteIdentities(ctx, ann.ID)), 3)
		equal(t, "deleted again", must1[int](t)(store.DeleteIdentities(ctx, ann.ID)), 0)
		refused(t, second(store.IdentityUser(ctx, apple.Provider, apple.Subject)), fault.KindNotFound, "")
		must1[uuid.UUID](t)(store.IdentityUser(ctx, bobs.Provider, bobs.Subject))
	})
}

func testIdentityRaces(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	u := addUser(t, db, "race@example.com")
	won := 0
	for _, err := range atOnce(racers, func(int) error {
		return store.InTx(ctx, func(tx account.Store) error { return tx.InsertIdentity(ctx, newIdentity(u, account.Google, "race")) })
	}) {
		if err == nil {
			won++
			continue
		}
		refused(t, err, fault.KindConflict, "")
	}
	equal(t, "winners", won, 1)
}
