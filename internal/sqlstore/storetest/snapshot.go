package storetest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// snapshot is what a store has told of a catalogue.
type snapshot struct {
	version  catalog.Version
	tags     []catalog.Tag
	speeches map[uuid.UUID]speechTold
}

type speechTold struct {
	level       catalog.Level
	typ         catalog.SentenceType
	audio, text string
	tags        []uuid.UUID // sorted
}

// Begin implements catalog.Collector.
func (s *snapshot) Begin(version catalog.Version, tags []catalog.Tag) {
	s.version, s.tags = version, tags
	if s.speeches == nil {
		s.speeches = map[uuid.UUID]speechTold{}
	}
}

// Changed implements catalog.Collector.
func (s *snapshot) Changed(speeches []uuid.UUID) {
	for _, id := range speeches {
		delete(s.speeches, id)
	}
}

// Speech implements catalog.Collector.
func (s *snapshot) Speech(row catalog.SpeechRow) {
	s.speeches[row.ID] = speechTold{level: row.Level, typ: row.Type, audio: string(row.Audio), text: string(row.Text)}
}

// Tagged implements catalog.Collector.
func (s *snapshot) Tagged(speech, tag uuid.UUID) {
	told := s.speeches[speech]
	told.tags = append(told.tags, tag)
	slices.SortFunc(told.tags, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	s.speeches[speech] = told
}

// read takes a snapshot of a catalogue.
func read(t *testing.T, store catalog.Store) snapshot {
	t.Helper()
	var s snapshot
	must(t, store.Snapshot(t.Context(), &s))
	return s
}

func testSnapshot(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	empty := read(t, store)
	if empty.version.Number != 1 || len(empty.tags) != 0 || len(empty.speeches) != 0 {
		t.Errorf("of an empty catalogue: %+v", empty)
	}

	a, b := addTag(t, db, "a", ""), addTag(t, db, "b", "")
	gone := addTag(t, db, "gone", "")
	must(t, store.DeleteTag(ctx, gone.ID, noon))
	speeches := []catalog.Speech{newSpeech("none"), newSpeech("both", a, b), newSpeech("Ça va?\t“Yes”\x01 | ", b), newSpeech("deleted", a)}
	ids := orderedIDs(len(speeches))
	for i := range speeches {
		speeches[i].ID = ids[i]
		speeches[i].Audio = "audio/A1/" + ids[i].String() + ".mp3"
	}
	speeches[2].Level, speeches[2].Type = "C1", catalog.Answer
	addSpeeches(t, db, speeches...)
	must(t, store.DeleteSpeech(ctx, ids[3], noon))
	must(t, store.BumpVersion(ctx))

	want := snapshot{version: catalog.Version{Number: 2}, tags: []catalog.Tag{a, b}, speeches: map[uuid.UUID]speechTold{}}
	for _, s := range speeches[:3] {
		told := speechTold{level: s.Level, typ: s.Type, audio: s.Audio, text: s.Text, tags: tagIDs(s.Tags)}
		slices.SortFunc(told.tags, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		want.speeches[s.ID] = told
	}
	equalTold(t, read(t, store), want)

	t.Run("in a transaction it shows the transaction's writes", func(t *testing.T) {
		must(t, store.InTx(ctx, func(tx catalog.Store) error {
			must(t, tx.BumpVersion(ctx))
			want.version.Number++
			equalTold(t, read(t, tx), want)
			return nil
		}))
	})
	t.Run("what was changed is told as it is now", func(t *testing.T) {
		both := speeches[1]
		both.Text, both.Tags = "one", []catalog.TagRef{{ID: b.ID, Name: b.Name}}
		must(t, store.UpdateSpeech(ctx, both))
		told := want.speeches[both.ID]
		told.text, told.tags = both.Text, tagIDs(both.Tags)
		want.speeches[both.ID] = told
		want.version.Mark = must1[catalog.Version](t)(store.Version(ctx)).Mark // of the transaction before
		equalTold(t, read(t, store), want)
	})
	t.Run("what is read while others write is all of one version", func(t *testing.T) {
		// Each write adds one speech with one tag and raises the version: in every snapshot the three have grown alike.
		base := read(t, store)
		for _, err := range atOnce(racers, func(i int) error {
			if i%2 == 0 {
				return store.InTx(ctx, func(tx catalog.Store) error {
					return errors.Join(tx.BumpVersion(ctx), tx.InsertSpeeches(ctx, []catalog.Speech{newSpeech("new", a)}))
				})
			}
			var s snapshot
			err := store.Snapshot(ctx, &s)
			grown := int64(len(s.speeches) - len(base.speeches))
			if err == nil && (grown != s.version.Number-base.version.Number || links(s)-links(base) != grown) {
				err = errors.New("the snapshot mixes versions")
			}
			return err
		}) {
			must(t, err)
		}
	})
}

// links counts the tags of all speeches.
func links(s snapshot) int64 {
	n := 0
	for _, told := range s.speeches {
		n += len(told.tags)
	}
	return int64(n)
}

func equalTold(t *testing.T, got, want snapshot) {
	t.Helper()
	equal(t, "the version", got.version, want.version)
	equal(t, "the tags", got.tags, want.tags)
	equal(t, "how many speeches", len(got.speeches), len(want.speeches))
	for id, told := range want.speeches {
		had := got.speeches[id]
		equal(t, "the tags of "+told.text, had.tags, told.tags)
		equal(t, "the texts of "+told.text, []string{string(had.level), string(had.typ), had.audio, had.text},
			[]string{string(told.level), string(told.typ), told.audio, told.text})
	}
}
