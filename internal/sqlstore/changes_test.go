package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// told are the ids of the speeches that a store has told of as live.
type told struct {
	version catalog.Version
	live    map[uuid.UUID]bool
}

// Begin implements catalog.Collector.
func (s *told) Begin(version catalog.Version, _ []catalog.Tag) { s.version = version }

// Changed implements catalog.Collector.
func (s *told) Changed(speeches []uuid.UUID) {
	for _, id := range speeches {
		delete(s.live, id)
	}
}

// Speech implements catalog.Collector.
func (s *told) Speech(row catalog.SpeechRow) { s.live[row.ID] = true }

// Tagged implements catalog.Collector.
func (s *told) Tagged(uuid.UUID, uuid.UUID) {}

// TestChangesCommittedOutOfOrder: a transaction that wrote before another one and commits after it is not missed, whether it raises the
// version before or after its write, and is not told before it has committed. Only PostgreSQL lets two write at a time.
func TestChangesCommittedOutOfOrder(t *testing.T) {
	db := sqltest.Postgres(t)
	ctx, store := t.Context(), db.Catalog()
	newSpeech := func() catalog.Speech {
		return catalog.Speech{ID: uuid.New(), Audio: "audio/A1/x.mp3", Text: "Hello.", Level: "A1", Type: catalog.Question}
	}
	insert := func(tx catalog.Store, s catalog.Speech) error { return tx.InsertSpeeches(ctx, []catalog.Speech{s}) }
	raise := func(tx catalog.Store) error { return tx.BumpVersion(ctx) }
	inTx := func(steps ...func(tx catalog.Store) error) error {
		return store.InTx(ctx, func(tx catalog.Store) error {
			for _, step := range steps {
				if err := step(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(inTx(raise))
	seen := told{live: map[uuid.UUID]bool{}}
	must(store.Snapshot(ctx, &seen))
	look := func(want ...catalog.Speech) {
		t.Helper()
		known, err := store.Changes(ctx, seen.version, 100, &seen)
		if err != nil || !known || len(seen.live) != len(want) {
			t.Fatalf("%d speeches are told (known %v, %v), want %d", len(seen.live), known, err, len(want))
		}
		for _, s := range want {
			if !seen.live[s.ID] {
				t.Errorf("speech %s is missed", s.ID)
			}
		}
	}

	early, between, late := newSpeech(), newSpeech(), newSpeech()
	must(inTx(
		func(tx catalog.Store) error { return insert(tx, early) },
		func(catalog.Store) error { // another one overtakes
			return inTx(raise, func(other catalog.Store) error { return insert(other, between) })
		},
		func(catalog.Store) error { look(between); return nil },
		raise,
		func(catalog.Store) error { look(between); return nil },
	))
	look(early, between)

	// Whoever has raised the version is before whoever wants to.
	second := make(chan error, 1)
	must(inTx(
		raise,
		func(tx catalog.Store) error {
			go func() { second <- inTx(raise, func(other catalog.Store) error { return insert(other, late) }) }()
			awaitLock(t, db)
			return tx.DeleteSpeech(ctx, early.ID, time.Now())
		},
		func(catalog.Store) error { look(early, between); return nil },
	))
	must(<-second)
	look(between, late)
}

// awaitLock waits until somebody waits for a lock.
func awaitLock(t *testing.T, db *sqlstore.DB) {
	t.Helper()
	for waiting := 0; waiting == 0; {
		const query = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
		if err := db.Raw().GetContext(t.Context(), &waiting, query); err != nil {
			t.Fatal(err)
		}
	}
}
