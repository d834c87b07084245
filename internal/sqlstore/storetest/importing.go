package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func newUploadSession() importing.UploadSession {
	return importing.UploadSession{
		ID: newID(), Author: "cli:o'brien", State: importing.SessionOpen, CreatedAt: noon, ExpiresAt: noon.Add(24 * time.Hour),
		LeaseUntil: noon,
	}
}

func addUploadSession(t *testing.T, db *sqlstore.DB) importing.UploadSession {
	t.Helper()
	s := newUploadSession()
	must(t, db.Importing().InsertUploadSession(t.Context(), s))
	return s
}

func testUploadSessions(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	s := addUploadSession(t, db)
	equal(t, "UploadSession", must1[importing.UploadSession](t)(store.UploadSession(ctx, s.ID)), s)
	refused(t, second(store.UploadSession(ctx, newID())), fault.KindNotFound, "")

	t.Run("it moves from the one state only", func(t *testing.T) {
		move := func(from, to importing.SessionState) bool {
			return must1[bool](t)(store.MoveUploadSession(ctx, s.ID, from, to))
		}
		equal(t, "from a state it is not in", move(importing.SessionUsed, importing.SessionOpen), false)
		equal(t, "from its state", move(importing.SessionOpen, importing.SessionImporting), true)
		equal(t, "a second time", move(importing.SessionOpen, importing.SessionImporting), false)
		equal(t, "the state", must1[importing.UploadSession](t)(store.UploadSession(ctx, s.ID)).State, importing.SessionImporting)
		equal(t, "an unknown one", must1[bool](t)(store.MoveUploadSession(ctx, newID(), importing.SessionOpen, importing.SessionUsed)), false)
	})
	t.Run("of many who move it one does", func(t *testing.T) {
		moved := 0
		for _, did := range atOnce(racers, func(int) bool {
			did, err := store.MoveUploadSession(ctx, s.ID, importing.SessionImporting, importing.SessionUsed)
			return did && err == nil
		}) {
			if did {
				moved++
			}
		}
		equal(t, "movers", moved, 1)
	})
	t.Run("expired are those used, and those open and past their end", func(t *testing.T) {
		open, ended, importingNow := newUploadSession(), newUploadSession(), newUploadSession()
		ended.ExpiresAt = noon.Add(-time.Microsecond)
		open.ExpiresAt = noon
		importingNow.State, importingNow.ExpiresAt = importing.SessionImporting, noon.Add(-time.Hour)
		for _, u := range []importing.UploadSession{open, ended, importingNow} {
			must(t, store.InsertUploadSession(ctx, u))
		}
		s.State = importing.SessionUsed
		expired := func(limit int) []importing.UploadSession {
			return must1[[]importing.UploadSession](t)(store.ExpiredUploadSessions(ctx, noon, limit))
		}
		equal(t, "expired", expired(10), []importing.UploadSession{ended, s})
		equal(t, "at most one", expired(1), []importing.UploadSession{ended})
	})
	t.Run("one that serves a file is found by it and leased to one run at a time", func(t *testing.T) {
		testUploadLeases(t, db)
	})
	t.Run("it has one sheet at a time, which goes with it", func(t *testing.T) {
		u := addUploadSession(t, db)
		refused(t, second(store.UploadSheet(ctx, u.ID)), fault.KindNotFound, "")
		for _, sheet := range []importing.Sheet{{FileName: "a.csv", Content: []byte("a")}, {FileName: "b.xlsx", Content: []byte{0, 255, 'b'}}} {
			must(t, store.PutUploadSheet(ctx, u.ID, sheet))
			equal(t, "the sheet", must1[importing.Sheet](t)(store.UploadSheet(ctx, u.ID)), sheet)
		}
		must(t, store.DeleteUploadSession(ctx, u.ID))
		refused(t, second(store.UploadSheet(ctx, u.ID)), fault.KindNotFound, "")
		refused(t, store.PutUploadSheet(ctx, u.ID, importing.Sheet{Content: []byte("c")}), fault.KindNotFound, "")
	})
	t.Run("the rows that a batch has skipped are kept", func(t *testing.T) {
		b := newBatch()
		rejected := importing.Sheet{FileName: "a-rejected.csv", Content: []byte("text,error\nx,y\n")}
		must(t, store.InsertBatch(ctx, b, nil))
		refused(t, second(store.BatchRejects(ctx, b.ID)), fault.KindNotFound, "")
		must(t, store.InsertRejects(ctx, b.ID, rejected))
		equal(t, "the rejected rows", must1[importing.Sheet](t)(store.BatchRejects(ctx, b.ID)), rejected)
		if err := store.InsertRejects(ctx, newID(), rejected); err == nil {
			t.Error("rows of an unknown batch are kept")
		}
	})
	t.Run("it is deleted with its files' records, once or twice", func(t *testing.T) {
		u := addUploadSession(t, db)
		must(t, store.InsertUploadFiles(ctx, []importing.UploadFile{newFile(u, "a.mp3")}))
		must(t, store.DeleteUploadSession(ctx, u.ID))
		must(t, store.DeleteUploadSession(ctx, u.ID))
		refused(t, second(store.UploadSession(ctx, u.ID)), fault.KindNotFound, "")
		equal(t, "files", sqltest.Count(t, db, "upload_files"), 0)
	})
}

func testUploadLeases(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	file := strings.Repeat("ab", 32)
	add := func(change func(*importing.UploadSession)) importing.UploadSession {
		s := newUploadSession()
		s.FileSHA256 = file
		change(&s)
		must(t, store.InsertUploadSession(ctx, s))
		return s
	}
	old := add(func(*importing.UploadSession) {})
	recent := add(func(s *importing.UploadSession) { s.CreatedAt = noon.Add(time.Second) })
	atWork := add(func(s *importing.UploadSession) {
		s.State, s.CreatedAt, s.ExpiresAt = importing.SessionImporting, noon.Add(-time.Hour), noon
	})
	add(func(s *importing.UploadSession) { s.State = importing.SessionUsed })
	add(func(s *importing.UploadSession) { s.ExpiresAt = noon })
	add(func(s *importing.UploadSession) { s.Author = "cli:other" })
	add(func(s *importing.UploadSession) { s.FileSHA256 = strings.Repeat("cd", 32) })
	equal(t, "for the file", must1[[]importing.UploadSession](t)(store.UploadSessionsFor(ctx, old.Author, file, noon)),
		[]importing.UploadSession{recent, old, atWork})

	lease := func(id uuid.UUID, until, ifBefore time.Time) bool {
		return must1[bool](t)(store.LeaseUploadSession(ctx, id, until, ifBefore))
	}
	equal(t, "while another has it", lease(old.ID, noon.Add(time.Minute), noon), false)
	equal(t, "after its end", lease(old.ID, noon.Add(time.Minute), noon.Add(time.Microsecond)), true)
	equal(t, "the end", must1[importing.UploadSession](t)(store.UploadSession(ctx, old.ID)).LeaseUntil, noon.Add(time.Minute))
	equal(t, "one that is being imported", lease(atWork.ID, noon.Add(time.Minute), noon.Add(time.Hour)), false)
	won := 0
	for _, did := range atOnce(racers, func(int) bool {
		did, err := store.LeaseUploadSession(ctx, recent.ID, noon.Add(time.Hour), noon.Add(time.Second))
		return did && err == nil
	}) {
		if did {
			won++
		}
	}
	equal(t, "of many who take it", won, 1)
	another := strings.Repeat("ef", 32)
	for _, err := range atOnce(racers, func(int) error { return openUnlessThere(ctx, store, another) }) {
		must(t, err)
	}
	opened := must1[[]importing.UploadSession](t)(store.UploadSessionsFor(ctx, old.Author, another, noon))
	equal(t, "of many who open one", len(opened), 1)
}

// openUnlessThere opens a session for the file unless there is one.
func openUnlessThere(ctx context.Context, store importing.Store, file string) error {
	return store.InTx(ctx, func(tx importing.Store) error {
		s := newUploadSession()
		s.FileSHA256 = file
		if err := tx.LockUploads(ctx, s.Author, file); err != nil {
			return err
		}
		there, err := tx.UploadSessionsFor(ctx, s.Author, file, noon)
		if err != nil || len(there) > 0 {
			return err
		}
		return tx.InsertUploadSession(ctx, s)
	})
}

func newFile(s importing.UploadSession, name string) importing.UploadFile {
	return importing.UploadFile{
		ID: newID(), SessionID: s.ID, OriginalName: "café " + name, Name: name,
		Key: "audio/uploads/" + s.ID.String() + "/" + name, Size: 1 << 40, SHA256: fmt.Sprintf("%064x", len(name)),
		Ext: ".mp3", UploadedAt: noon, Sound: &importing.Sound{
			Format: "MP3", Codec: "MP3 (MPEG-1 Layer III)", SampleRate: 44100, Channels: 2, BitRate: 64000,
			Duration: 1234567890, Speech: -19.25, Peak: -0.1, Clipped: 0.0001, Leading: time.Millisecond, Sounding: time.Second,
		},
	}
}

func testUploadFiles(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	s, other := addUploadSession(t, db), addUploadSession(t, db)
	a, b, upper, accent := newFile(s, "a.mp3"), newFile(s, "b.mp3"), newFile(s, "B.mp3"), newFile(s, "é.mp3")
	must(t, store.InsertUploadFiles(ctx, []importing.UploadFile{accent, b, upper, a}))
	must(t, store.InsertUploadFiles(ctx, []importing.UploadFile{newFile(other, "a.mp3")}))
	must(t, store.InsertUploadFiles(ctx, nil))
	files := func() []importing.UploadFile { return must1[[]importing.UploadFile](t)(store.UploadFiles(ctx, s.ID)) }
	equal(t, "by name, which minds case", files(), []importing.UploadFile{upper, a, b, accent})
	equal(t, "of an unknown session", must1[[]importing.UploadFile](t)(store.UploadFiles(ctx, newID())), []importing.UploadFile{})

	t.Run("a name is taken once in a session, and nothing is written then", func(t *testing.T) {
		again := newFile(s, "a.mp3")
		again.Key += "-again"
		err := store.InsertUploadFiles(ctx, []importing.UploadFile{newFile(s, "new.mp3"), again})
		refused(t, err, fault.KindConflict, "")
		equal(t, "the files", len(files()), 4)
	})
	t.Run("a file needs its session", func(t *testing.T) {
		refused(t, store.InsertUploadFiles(ctx, []importing.UploadFile{newFile(newUploadSession(), "x.mp3")}), fault.KindConflict, "")
	})
	t.Run("keys are told apart", func(t *testing.T) {
		equal(t, "keys", must1[map[string]bool](t)(store.UploadKeys(ctx, []string{a.Key, "audio/x.mp3", accent.Key, a.Key})),
			map[string]bool{a.Key: true, accent.Key: true})
		equal(t, "none", must1[map[string]bool](t)(store.UploadKeys(ctx, nil)), map[string]bool{})
	})
	t.Run("some are deleted", func(t *testing.T) {
		equal(t, "of three, one of which is not there", must1[int](t)(store.DeleteUploadFiles(ctx, []uuid.UUID{a.ID, newID(), b.ID})), 2)
		equal(t, "of none", must1[int](t)(store.DeleteUploadFiles(ctx, nil)), 0)
		equal(t, "left", files(), []importing.UploadFile{upper, accent})
	})
}

func newBatch() importing.Batch {
	return importing.Batch{
		ID: newID(), Author: "user:1", SessionID: newID(), FileName: "lessons 'A1'.csv", FileSHA256: fmt.Sprintf("%064x", 1),
		OnError: importing.Skip, State: importing.BatchRunning, LeaseUntil: noon, StartedAt: noon.Add(-time.Minute),
	}
}

func testBatches(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	b := newBatch()
	items := []importing.Item{
		{Row: 2, SpeechID: newID(), Key: "audio/A1/2.mp3", Outcome: importing.Planned},
		{Row: 1, SpeechID: newID(), Key: "audio/A1/1.mp3", Outcome: importing.Planned},
		{Row: 10, SpeechID: newID(), Key: "audio/A1/10.mp3", Outcome: importing.Planned},
	}
	must(t, store.InsertBatch(ctx, b, items))
	batch := func(id uuid.UUID) importing.Batch { return must1[importing.Batch](t)(store.Batch(ctx, id)) }
	equal(t, "Batch", batch(b.ID), b)
	equal(t, "BatchItems by row", must1[[]importing.Item](t)(store.BatchItems(ctx, b.ID)),
		[]importing.Item{items[1], items[0], items[2]})
	refused(t, second(store.Batch(ctx, newID())), fault.KindNotFound, "")
	equal(t, "items of an unknown batch", must1[[]importing.Item](t)(store.BatchItems(ctx, newID())), []importing.Item{})

	t.Run("a batch and its items are written all or none", func(t *testing.T) {
		bad := newBatch()
		refused(t, store.InsertBatch(ctx, bad, []importing.Item{items[0], items[0]}), fault.KindConflict, "")
		refused(t, second(store.Batch(ctx, bad.ID)), fault.KindNotFound, "")
		must(t, store.InsertBatch(ctx, bad, nil))
	})
	t.Run("outcomes and speeches are set by row, keys stay", func(t *testing.T) {
		one, ten := items[1], items[2]
		one.Outcome, ten.Outcome, ten.SpeechID = importing.Created, importing.Unchanged, newID()
		given := ten
		given.Key = "another"
		must(t, store.SetOutcomes(ctx, b.ID, []importing.Item{given, one}))
		must(t, store.SetOutcomes(ctx, b.ID, nil))
		equal(t, "items", must1[[]importing.Item](t)(store.BatchItems(ctx, b.ID)), []importing.Item{one, items[0], ten})
	})
	t.Run("dead are those running whose lease has ended", func(t *testing.T) {
		dead := func(now time.Time) []importing.Batch { return must1[[]importing.Batch](t)(store.DeadBatches(ctx, now)) }
		equal(t, "at the lease's end", dead(noon), []importing.Batch{})
		equal(t, "after it", len(dead(noon.Add(time.Microsecond))), 2)
		equal(t, "renewed", must1[bool](t)(store.RenewLease(ctx, b.ID, noon.Add(time.Hour))), true)
		b.LeaseUntil = noon.Add(time.Hour)
		equal(t, "the batch", batch(b.ID), b)
		equal(t, "after renewal", len(dead(noon.Add(time.Microsecond))), 1)
	})
	t.Run("a batch is finished once", func(t *testing.T) {
		done := b
		done.State, done.Created, done.Unchanged, done.Rejected = importing.BatchDone, 1, 2, 3
		done.FinishedAt = ptr(noon.Add(time.Hour))
		equal(t, "first", must1[bool](t)(store.FinishBatch(ctx, done)), true)
		failed := done
		failed.State = importing.BatchFailed
		equal(t, "second", must1[bool](t)(store.FinishBatch(ctx, failed)), false)
		equal(t, "its lease", must1[bool](t)(store.RenewLease(ctx, b.ID, noon)), false)
		equal(t, "the batch", batch(b.ID), done)
		equal(t, "an unknown batch", must1[bool](t)(store.FinishBatch(ctx, newBatch())), false)
	})
}

func testImportReferences(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Importing()
	tag, other := addTag(t, db, "tag", ""), addTag(t, db, "other", "")
	digest := fmt.Sprintf("%064x", 5)
	b := newBatch()
	must(t, store.InsertBatch(ctx, b, []importing.Item{
		{Row: 1, SpeechID: newID(), Key: "audio/A1/running.mp3", Outcome: importing.Planned},
	}))
	live, twin, younger, deleted, foreign := newSpeech("live", tag), newSpeech("twin"), newSpeech("younger"), newSpeech("deleted"), newSpeech("foreign")
	live.AudioSHA256, twin.AudioSHA256, younger.AudioSHA256, deleted.AudioSHA256 = digest, digest, digest, digest
	live.BatchID = &b.ID
	twin.CreatedAt, younger.CreatedAt, deleted.CreatedAt = noon.Add(time.Second), noon.Add(2*time.Second), noon.Add(-time.Second)
	must(t, store.Catalog().InsertSpeeches(ctx, []catalog.Speech{live, twin, younger, deleted, foreign}))
	must(t, store.Catalog().DeleteSpeech(ctx, deleted.ID, noon))

	t.Run("live speeches are found by their recording and text", func(t *testing.T) {
		find := func(digests []string, texts ...string) []catalog.Speech {
			return must1[[]catalog.Speech](t)(store.LiveSpeechesLike(ctx, digests, texts))
		}
		digests := []string{digest, fmt.Sprintf("%064x", 6)}
		inAnyOrder(t, "the one with the text, and the oldest", find(digests, "twin", "deleted", "foreign"), live, twin)
		inAnyOrder(t, "all that have the texts", find(digests, "live", "twin", "younger"), live, twin, younger)
		inAnyOrder(t, "without texts, the oldest", find(digests), live)
		inAnyOrder(t, "a text alone finds nothing", find(nil, "live"))
		inAnyOrder(t, "an empty digest is nobody's", find([]string{""}, "live"))
	})
	t.Run("tags are added where they are not yet", func(t *testing.T) {
		links := []importing.TagLink{
			{SpeechID: live.ID, TagID: tag.ID}, {SpeechID: live.ID, TagID: other.ID}, {SpeechID: twin.ID, TagID: tag.ID},
			{SpeechID: twin.ID, TagID: tag.ID},
		}
		equal(t, "new", must1[int](t)(store.AddTags(ctx, links)), 2)
		equal(t, "new again", must1[int](t)(store.AddTags(ctx, links)), 0)
		equal(t, "none", must1[int](t)(store.AddTags(ctx, nil)), 0)
		equal(t, "live's tags", must1[catalog.Speech](t)(store.Catalog().Speech(ctx, live.ID)).Tags,
			[]catalog.TagRef{{ID: other.ID, Name: "other"}, {ID: tag.ID, Name: "tag"}})
		refused(t, second(store.AddTags(ctx, []importing.TagLink{{SpeechID: live.ID, TagID: newID()}})), fault.KindConflict, "")
	})
	t.Run("referenced are the keys of speeches, deleted or not, and of running batches and uploads", func(t *testing.T) {
		uploaded := newFile(addUploadSession(t, db), "x.mp3")
		uploaded.Key = "audio/A1/uploaded.mp3"
		must(t, store.InsertUploadFiles(ctx, []importing.UploadFile{uploaded}))
		keys := []string{live.Audio, deleted.Audio, "audio/A1/running.mp3", "audio/A1/nobody.mp3", uploaded.Key}
		referenced := func() map[string]bool { return must1[map[string]bool](t)(store.ReferencedKeys(ctx, keys)) }
		equal(t, "while the batch runs", referenced(), map[string]bool{keys[0]: true, keys[1]: true, keys[2]: true, keys[4]: true})
		b.State = importing.BatchFailed
		must1[bool](t)(store.FinishBatch(ctx, b))
		equal(t, "afterwards", referenced(), map[string]bool{keys[0]: true, keys[1]: true, keys[4]: true})
	})
	t.Run("one transaction spans imports and catalogue", func(t *testing.T) {
		broken := errors.New("broken")
		s, speech := newUploadSession(), newSpeech("never")
		err := store.InTx(ctx, func(tx importing.Store) error {
			must(t, tx.InsertUploadSession(ctx, s))
			must(t, tx.Catalog().InTx(ctx, func(c catalog.Store) error {
				must(t, c.BumpVersion(ctx))
				return c.InsertSpeeches(ctx, []catalog.Speech{speech})
			}))
			return broken
		})
		equal(t, "the error", errors.Is(err, broken), true)
		refused(t, second(store.UploadSession(ctx, s.ID)), fault.KindNotFound, "")
		refused(t, second(store.Catalog().Speech(ctx, speech.ID)), fault.KindNotFound, "")
	})
}
