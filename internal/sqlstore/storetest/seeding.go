package storetest

import (
	"bytes"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testSeedIDs(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Seeding()
	ids := orderedIDs(4)
	speeches := []catalog.Speech{newSpeech("a"), newSpeech("b"), newSpeech("c"), newSpeech("d")}
	users := []account.User{newUser("a@example.com"), newUser("b@example.com"), newUser("c@example.com"), newUser("d@example.com")}
	for i, id := range ids {
		speeches[i].ID, users[i].ID = id, id
	}
	addSpeeches(t, db, speeches...)
	must(t, store.InsertUsers(ctx, users))
	for _, id := range ids {
		s := newSession(users[0], speeches[0])
		s.ID = id
		must1[practice.Outcome](t)(store.Practice().InsertSessions(ctx, []practice.Session{s}, nil))
	}
	must(t, store.Catalog().DeleteSpeech(ctx, ids[1], noon))

	found := func(store seeding.Store, kind seeding.Kind, from, end uuid.UUID) (live, dead []uuid.UUID) {
		t.Helper()
		must(t, store.EachID(ctx, kind, from, end, func(id uuid.UUID, alive bool) {
			if alive {
				live = append(live, id)
			} else {
				dead = append(dead, id)
			}
		}))
		slices.SortFunc(live, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		return live, dead
	}
	for _, kind := range []seeding.Kind{seeding.Speeches, seeding.Users, seeding.Sessions} {
		wantLive, wantDead := ids[:3], []uuid.UUID{}
		if kind == seeding.Speeches {
			wantLive, wantDead = []uuid.UUID{ids[0], ids[2]}, ids[1:2]
		}
		live, dead := found(store, kind, ids[0], ids[3])
		equal(t, string(kind)+", from the first, without the end", live, wantLive)
		equal(t, string(kind)+", deleted", dead, wantDead)
		live, dead = found(store, kind, uuid.UUID{15: 1}, uuid.UUID{15: 2})
		equal(t, string(kind)+", in an empty range", len(live)+len(dead), 0)
		must(t, store.InTx(ctx, func(tx seeding.Store) error {
			live, _ := found(tx, kind, ids[2], uuid.Max)
			equal(t, string(kind)+", in a transaction", live, ids[2:])
			return nil
		}))
	}
}

func testSeedUsers(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Seeding()
	first, second, taken := newUser("first@example.com"), newUser("second@example.com"), newUser("FIRST@example.com")
	taken.Email = first.Email
	second.PasswordHash = ""
	must(t, store.InsertUsers(ctx, []account.User{first, second}))
	must(t, store.InsertUsers(ctx, nil))
	for _, u := range []account.User{first, second} {
		equal(t, u.Email, must1[account.User](t)(db.Accounts().User(ctx, u.ID)), u)
	}
	refused(t, store.InsertUsers(ctx, []account.User{newUser("third@example.com"), taken}), fault.KindConflict, "")
	refused(t, store.InsertUsers(ctx, []account.User{first}), fault.KindConflict, "")
	equal(t, "users", sqltest.Count(t, db, "users"), 2)

	t.Run("they and all else come back where the transaction fails", func(t *testing.T) {
		broken := errors.New("broken")
		err := store.InTx(ctx, func(tx seeding.Store) error {
			must(t, tx.InsertUsers(ctx, []account.User{newUser("third@example.com")}))
			must(t, tx.Catalog().InsertSpeeches(ctx, []catalog.Speech{newSpeech("never")}))
			return broken
		})
		equal(t, "the error", errors.Is(err, broken), true)
		equal(t, "users and speeches", sqltest.Count(t, db, "users")+sqltest.Count(t, db, "speeches"), 2)
	})
	t.Run("the tables can be analyzed", func(t *testing.T) { must(t, store.Analyze(ctx)) })
}

// testSeedLock: whoever locks is alone with whoever writes content; nobody sees that they had been there.
func testSeedLock(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Seeding()
	before := must1[catalog.Version](t)(store.Catalog().Version(ctx)).Number
	var inside atomic.Int32
	for _, err := range atOnce(racers, func(i int) error {
		return store.InTx(ctx, func(tx seeding.Store) error {
			lock := tx.Lock
			if i%2 == 0 {
				lock = tx.Catalog().BumpVersion
			}
			if err := lock(ctx); err != nil {
				return err
			}
			defer inside.Add(-1)
			if others := inside.Add(1) - 1; others > 0 {
				t.Errorf("%d others are inside", others)
			}
			_, err := tx.Catalog().Version(ctx) // takes a while
			return err
		})
	}) {
		must(t, err)
	}
	equal(t, "the version", must1[catalog.Version](t)(store.Catalog().Version(ctx)).Number, before+racers/2)
}
