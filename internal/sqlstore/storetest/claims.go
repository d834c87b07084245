package storetest

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func newClaim(u account.User, key string) *practice.Claim {
	return &practice.Claim{
		Key: key, UserID: u.ID, Request: sha256.Sum256([]byte(key)), At: noon, StaleBefore: noon.Add(-24 * time.Hour),
	}
}

func testClaims(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Practice()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	insert := func(u account.User, claim *practice.Claim, sessions ...practice.Session) practice.Outcome {
		t.Helper()
		return must1[practice.Outcome](t)(store.InsertSessions(ctx, sessions, claim))
	}
	first := []practice.Session{newSession(ann, one), newSession(ann, one)}
	claim := newClaim(ann, "key 'one'")
	equal(t, "the first use", insert(ann, claim, first...), practice.Outcome{})
	earlier := practice.Outcome{Earlier: &practice.Earlier{
		Request: claim.Request, SessionIDs: []uuid.UUID{first[0].ID, first[1].ID},
	}}

	t.Run("a second use writes nothing and tells of the first", func(t *testing.T) {
		other := *claim
		other.Request[0]++
		equal(t, "the same request", insert(ann, claim, newSession(ann, one)), earlier)
		equal(t, "another request", insert(ann, &other, newSession(ann, one)), earlier)
		equal(t, "sessions", sqltest.Count(t, db, "game_sessions"), 2)
	})
	t.Run("another user's key is another key", func(t *testing.T) {
		equal(t, "the outcome", insert(bob, newClaim(bob, claim.Key), newSession(bob, one)), practice.Outcome{})
	})
	t.Run("a claim of exactly the allowed age counts, an older one is overwritten", func(t *testing.T) {
		later := *claim
		later.At, later.StaleBefore, later.Request = noon.Add(24*time.Hour), noon, [32]byte{9}
		equal(t, "of the age", insert(ann, &later, newSession(ann, one)), earlier)
		later.StaleBefore = noon.Add(time.Microsecond)
		replacement := newSession(ann, one)
		equal(t, "older", insert(ann, &later, replacement), practice.Outcome{})
		equal(t, "the replacement", insert(ann, claim, newSession(ann, one)), practice.Outcome{
			Earlier: &practice.Earlier{Request: [32]byte{9}, SessionIDs: []uuid.UUID{replacement.ID}},
		})
	})
	t.Run("missing speeches are told first, and leave the key as it is", func(t *testing.T) {
		never := newSpeech("never")
		got := insert(ann, claim, newSession(ann, never))
		equal(t, "the outcome", got, practice.Outcome{Missing: []uuid.UUID{never.ID}})
	})
	t.Run("of many with one key at once one writes, and all the others learn of it", func(t *testing.T) {
		for _, key := range []string{"race 1", "race 2", "race 3"} {
			before := sqltest.Count(t, db, "game_results")
			type result struct {
				id      uuid.UUID
				outcome practice.Outcome
				err     error
			}
			results := atOnce(racers, func(int) result {
				s := newSession(ann, one, one, one)
				outcome, err := store.InsertSessions(ctx, []practice.Session{s}, newClaim(ann, key))
				return result{s.ID, outcome, err}
			})
			var winners []uuid.UUID
			for _, r := range results {
				must(t, r.err)
				if r.outcome.Earlier == nil {
					winners = append(winners, r.id)
				}
			}
			if len(winners) != 1 {
				t.Fatalf("%d have written, want 1", len(winners))
			}
			for _, r := range results {
				if r.outcome.Earlier != nil {
					equal(t, "a loser's answer", r.outcome.Earlier.SessionIDs, winners)
				}
			}
			equal(t, "results", sqltest.Count(t, db, "game_results"), before+3)
		}
	})
	t.Run("claims made before, not at, the time are forgotten", func(t *testing.T) {
		must1[int](t)(store.DeleteClaims(ctx, noon.Add(100*time.Hour)))
		at, before := newClaim(ann, "at"), newClaim(ann, "before")
		before.At = noon.Add(-time.Microsecond)
		insert(ann, at, newSession(ann, one))
		insert(ann, before, newSession(ann, one))
		equal(t, "forgotten", must1[int](t)(store.DeleteClaims(ctx, noon)), 1)
		equal(t, "the forgotten key", insert(ann, before, newSession(ann, one)), practice.Outcome{})
		equal(t, "the kept key is taken", insert(ann, at, newSession(ann, one)).Earlier != nil, true)
	})
}
