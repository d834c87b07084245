package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestRoundTrip goes from SQLite to PostgreSQL and back: every row and every recording is the same, byte by byte.
func TestRoundTrip(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	first := w.create(t)
	if first.Name != "20260304T120000Z" || first.Copied != 2 || len(first.Problems) != 0 || first.Whole() != nil {
		t.Errorf("report = %+v", first)
	}
	if first.Manifest.Rows() < 20 || first.Manifest.Source != "sqlite" {
		t.Errorf("manifest = %+v", first.Manifest)
	}
	for i, db := range []*sqlstore.DB{sqltest.Postgres(t), sqltest.SQLite(t)} {
		store := audio{newMemory(time.Now)}
		restored, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{KeepSignedIn: true})
		if err != nil {
			t.Fatal(err)
		}
		if restored.Rows != first.Manifest.Rows() || restored.Left != 0 || restored.Recordings != 2 || restored.Copied != 2 {
			t.Errorf("restored = %+v", restored)
		}
		if diff := cmp.Diff(w.recordings.files, store.files); diff != "" {
			t.Errorf("the recordings differ (-want +got):\n%s", diff)
		}
		w.clock = w.clock.Add(time.Duration(i+1) * time.Minute)
		again, err := w.Create(ctx, db.Backup(), store)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(digests(first.Manifest), digests(again.Manifest)); diff != "" {
			t.Errorf("%s has other rows (-want +got):\n%s", db.Dialect(), diff)
		}
		if again.Copied != 0 {
			t.Errorf("%d recordings were copied again", again.Copied)
		}
	}
	if _, err := w.Verify(ctx, ""); err != nil {
		t.Error(err)
	}
	list, err := w.List(ctx)
	if err != nil || len(list) != 3 || list[2].Manifest == nil || list[1].Manifest.Source != "postgres" {
		t.Errorf("list = %+v, %v", list, err)
	}
}

// TestSignedIn: what proves that somebody is signed in is not brought back to life, unless that is wanted.
func TestSignedIn(t *testing.T) {
	w, db := newWorld(t), sqltest.SQLite(t)
	w.create(t)
	restored, err := w.Restore(t.Context(), db.Backup(), audio{newMemory(time.Now)}, backup.RestoreOptions{})
	if err != nil || restored.Left != 1 || sqltest.Count(t, db, "refresh_tokens") != 0 || sqltest.Count(t, db, "users") != 2 {
		t.Errorf("restored = %+v, %v", restored, err)
	}
}

func TestRestoreRefusesWhatIsNotEmpty(t *testing.T) {
	w, ctx, store := newWorld(t), t.Context(), audio{newMemory(time.Now)}
	w.create(t)
	db := sqltest.SQLite(t)
	w.exec(t, db, `INSERT INTO panel_sessions VALUES (x'00', NULL, x'00', '2026-03-04T12:00:00.000000Z', '2026-03-04T12:00:00.000000Z')`)
	_, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{})
	if !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), "panel_sessions") || len(store.files) != 0 {
		t.Errorf("the error is %v, and there are %d recordings", err, len(store.files))
	}
	if _, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if sqltest.Count(t, db, "panel_sessions") != 0 || sqltest.Count(t, db, "users") != 2 {
		t.Error("what was there is still there, or nothing came")
	}
	// Into itself.
	before := w.create(t)
	if _, err := w.Restore(ctx, w.db.Backup(), w.recordings, backup.RestoreOptions{Replace: true, KeepSignedIn: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(digests(before.Manifest), digests(w.create(t).Manifest)); diff != "" {
		t.Error(diff)
	}
}

// TestDamage flips, cuts and removes every file that a snapshot consists of: each is named, and nothing is restored.
func TestDamage(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	empty := sqltest.SQLite(t)
	for _, name := range w.place.names("") {
		if strings.HasSuffix(name, "README.txt") {
			continue
		}
		whole := w.place.files[name]
		flipped := append([]byte(nil), whole...)
		flipped[len(flipped)/2] ^= 1
		for what, content := range map[string][]byte{"flipped": flipped, "cut": whole[:len(whole)-1], "longer": append(whole[:len(whole):len(whole)], 0), "missing": nil} {
			t.Run(what+" "+name, func(t *testing.T) {
				w.place.files[name] = content
				defer func() { w.place.files[name] = whole }()
				if what == "missing" {
					delete(w.place.files, name)
				}
				_, verified := w.Verify(ctx, "20260304T120000Z")
				_, restored := w.Restore(ctx, empty.Backup(), audio{newMemory(time.Now)}, backup.RestoreOptions{Snapshot: "20260304T120000Z"})
				if what == "missing" && strings.HasSuffix(name, "manifest.json") {
					if !fault.Is(verified, fault.KindNotFound) || !strings.Contains(verified.Error(), "manifest.json") {
						t.Errorf("the error is %v", verified)
					}
				} else {
					damagedFile(t, verified, name)
					damagedFile(t, restored, name)
				}
				if restored == nil || sqltest.Count(t, empty, "users") != 0 || sqltest.Count(t, empty, "tags") != 0 {
					t.Error("something was restored")
				}
			})
		}
	}
	if left, err := os.ReadDir(w.scratches); err != nil || len(left) != 0 {
		t.Errorf("%d scratch databases are left (%v)", len(left), err)
	}
}

// TestBrokenOff stops a backup at each of its writes: there is never a snapshot that is not whole, and the next one goes on.
func TestBrokenOff(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	power := errors.New("the power is gone")
	for n := range 100 {
		writes := 0
		w.place.fail = func(op string) error {
			if strings.HasPrefix(op, "put ") {
				if writes++; writes > n {
					return power
				}
			}
			return nil
		}
		w.clock = w.clock.Add(time.Minute)
		_, err := w.Create(ctx, w.db.Backup(), w.recordings)
		w.place.fail = func(string) error { return nil }
		list, listErr := w.List(ctx)
		if listErr != nil {
			t.Fatal(listErr)
		}
		whole := 0
		for _, s := range list {
			if s.Manifest != nil {
				whole++
			}
		}
		if err == nil {
			if whole != 1 || n < 15 {
				t.Fatalf("%d whole snapshots after %d writes", whole, n)
			}
			_, err := w.Verify(ctx, "")
			if err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, power) || whole != 0 {
			t.Fatalf("write %d: %v, %d whole snapshots", n, err, whole)
		}
	}
	t.Error("it never succeeded")
}

// TestRestoreBrokenOff stops a restore at each of its steps: the database stays empty, and the same again succeeds.
func TestRestoreBrokenOff(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	db, store := sqltest.SQLite(t), audio{newMemory(time.Now)}
	power := errors.New("the power is gone")
	for n := range 200 {
		var steps atomic.Int64 // recordings are restored side by side
		fail := func(string) error {
			if steps.Add(1) > int64(n) {
				return power
			}
			return nil
		}
		w.place.fail, store.fail = fail, fail
		_, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{})
		if err == nil {
			if n < 20 || sqltest.Count(t, db, "users") != 2 {
				t.Errorf("%d users after %d steps", sqltest.Count(t, db, "users"), n)
			}
			return
		}
		if !errors.Is(err, power) || sqltest.Count(t, db, "tags")+sqltest.Count(t, db, "users") != 0 {
			t.Fatalf("step %d: %v; %d tags", n, err, sqltest.Count(t, db, "tags"))
		}
	}
	t.Error("it never succeeded")
}

// TestSweptMeanwhile: a sweep that removes recordings without rows, while the rows are on their way, does no harm.
func TestSweptMeanwhile(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	db, store := sqltest.SQLite(t), audio{newMemory(time.Now)}
	w.place.fail = func(op string) error {
		if strings.Contains(op, "tables/speeches") {
			store.mu.Lock()
			defer store.mu.Unlock()
			delete(store.files, sqltest.FilledKey)
		}
		return nil
	}
	if _, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if string(store.files[sqltest.FilledKey]) != sqltest.FilledAudio {
		t.Error("the recording is gone")
	}
}

// TestMissingRecordings are named, and the rest is saved.
func TestMissingRecordings(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	delete(w.recordings.files, sqltest.FilledOther)
	w.exec(t, w.db, fmt.Sprintf(`UPDATE speeches SET audio_sha256 = '%064d' WHERE id = '%s'`, 0, sqltest.FilledSpeech))
	report := w.create(t)
	if report.Manifest.Recordings.Missing != 1 || report.Manifest.Recordings.Differing != 1 || len(report.Problems) != 2 ||
		!fault.Is(report.Whole(), fault.KindUnavailable) {
		t.Errorf("report = %+v", report)
	}
	verified, err := w.Verify(ctx, "")
	if err != nil || len(verified.Problems) != 2 || verified.Whole() == nil {
		t.Errorf("verified = %+v, %v", verified, err)
	}
	store := audio{newMemory(time.Now)}
	restored, err := w.Restore(ctx, sqltest.SQLite(t).Backup(), store, backup.RestoreOptions{})
	if err != nil || restored.Missing != 1 || restored.Recordings != 1 || len(store.files) != 1 {
		t.Errorf("restored = %+v, %v", restored, err)
	}
}

// TestVerifyFindsBrokenReferences: rows that do not belong together cannot be restored.
func TestVerifyFindsBrokenReferences(t *testing.T) {
	w := newWorld(t)
	w.exec(t, w.db, `PRAGMA foreign_keys = OFF`)
	w.exec(t, w.db, `DELETE FROM game_sessions`)
	w.create(t)
	_, err := w.Verify(t.Context(), "")
	if !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), "game_results") {
		t.Errorf("the error is %v", err)
	}
}

// TestRecordingsFollowRows: what the list of recordings says must be what rows refer to.
func TestRecordingsFollowRows(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	// A database whose rows refer to something else, with the list of the first one.
	list := w.place.files["snapshots/20260304T120000Z/recordings.ndjson.gz"]
	w.clock = w.clock.Add(time.Hour)
	w.exec(t, w.db, `DELETE FROM past_recordings`)
	for _, statement := range []string{
		`UPDATE speeches SET audio_url = 'audio/A1/elsewhere.mp3' WHERE audio_url LIKE '%other%'`,
		`UPDATE speeches SET audio_url = 'https://example.com/x' WHERE audio_url LIKE '%elsewhere%'`,
	} {
		w.exec(t, w.db, statement)
		m := w.create(t).Manifest
		m.Recordings = manifestOf(t, w, "20260304T120000Z").Recordings
		w.forge(t, m, list)
		_, err := w.Verify(ctx, "")
		damagedFile(t, err, "recordings.ndjson.gz")
		w.clock = w.clock.Add(time.Hour)
	}
}

func manifestOf(t *testing.T, w *world, name string) backup.Manifest {
	t.Helper()
	list, err := w.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Name == name && s.Manifest != nil {
			return *s.Manifest
		}
	}
	t.Fatalf("there is no snapshot %s", name)
	return backup.Manifest{}
}

// forge replaces the latest snapshot's manifest and list of recordings, with a checksum that fits.
func (w *world) forge(t *testing.T, m backup.Manifest, recordings []byte) {
	t.Helper()
	list, err := w.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := "snapshots/" + list[len(list)-1].Name + "/"
	text, err := backup.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	w.place.files[dir+"manifest.json"], w.place.files[dir+"recordings.ndjson.gz"] = text, recordings
}

func TestOtherVersions(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	list := w.place.files["snapshots/20260304T120000Z/recordings.ndjson.gz"]
	for name, change := range map[string]func(*backup.Manifest){
		"of the schema": func(m *backup.Manifest) { m.SchemaVersion = 1000 },
		"of the format": func(m *backup.Manifest) { m.Format = 2 },
		"outside":       func(m *backup.Manifest) { m.Tables[0].File = "../../x" },
	} {
		t.Run(name, func(t *testing.T) {
			m := manifestOf(t, w, "20260304T120000Z")
			before := w.place.files["snapshots/20260304T120000Z/manifest.json"]
			change(&m)
			w.forge(t, m, list)
			if _, err := w.Verify(ctx, ""); !fault.Is(err, fault.KindUnsuitable) {
				t.Errorf("the error is %v", err)
			}
			w.place.files["snapshots/20260304T120000Z/manifest.json"] = before
		})
	}
}

// TestOldSnapshot restores a snapshot that version 8 of the schema has written: its rows are migrated on the way.
func TestOldSnapshot(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.place.files = files(t, "testdata/schema8")
	for _, db := range []*sqlstore.DB{sqltest.SQLite(t), sqltest.Postgres(t)} {
		store := audio{newMemory(time.Now)}
		restored, err := w.Restore(ctx, db.Backup(), store, backup.RestoreOptions{KeepSignedIn: true})
		if err != nil {
			t.Fatal(err)
		}
		if restored.Manifest.SchemaVersion != 8 || restored.Rows < restored.Manifest.Rows() || len(store.files) != 2 {
			t.Errorf("restored = %+v", restored)
		}
		for _, saved := range restored.Manifest.Tables {
			if n := sqltest.Count(t, db, saved.Name); n != saved.Rows {
				t.Errorf("%s has %d rows, want %d", saved.Name, n, saved.Rows)
			}
		}
	}
	if _, err := w.Verify(ctx, ""); err != nil {
		t.Error(err)
	}
}

// files reads a folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			found[filepath.ToSlash(name)], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files below %s (%v)", len(found), dir, err)
	}
	return found
}

func TestPrune(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.create(t)
	other := audio{w.recordings.memory}
	w.clock = w.clock.Add(time.Hour)
	w.exec(t, w.db, `DELETE FROM past_recordings`)
	w.exec(t, w.db, `DELETE FROM speeches WHERE audio_url LIKE '%other%'`)
	if _, err := w.Create(ctx, w.db.Backup(), other); err != nil {
		t.Fatal(err)
	}
	w.clock = w.clock.Add(time.Hour)
	unfinished := "snapshots/20260304T140000Z/README.txt"
	w.place.files[unfinished], w.place.ages[unfinished] = []byte("x"), w.clock

	if _, err := w.Prune(ctx, 1); !fault.Is(err, fault.KindConflict) {
		t.Errorf("while a backup may be running: %v", err)
	}
	if _, err := w.Prune(ctx, 0); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("keep 0: %v", err)
	}
	w.clock = w.clock.Add(24 * time.Hour)
	pruned, err := w.Prune(ctx, 2)
	if err != nil || len(pruned.Snapshots) != 1 || pruned.Recordings != 0 {
		t.Errorf("what is unfinished: %+v, %v", pruned, err)
	}
	pruned, err = w.Prune(ctx, 1)
	if err != nil || len(pruned.Snapshots) != 1 || pruned.Recordings != 1 || pruned.Size != int64(len("other bytes")) {
		t.Errorf("pruned = %+v, %v", pruned, err)
	}
	if _, err := w.Verify(ctx, ""); err != nil || len(w.place.names("audio/")) != 1 {
		t.Errorf("%v; recordings: %v", err, w.place.names("audio/"))
	}
	w.place.files["snapshots/20260304T130000Z/manifest.json"][10] ^= 1
	if _, err := w.Prune(ctx, 1); !fault.Is(err, fault.KindUnsuitable) || len(w.place.names("audio/")) != 1 {
		t.Errorf("of a damaged place: %v", err)
	}
}

// TestOneMoment: what is written while a backup runs is in it wholly or not at all.
func TestOneMoment(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		w := newWorld(t)
		sqltest.Fill(t, db)
		w.place.fail = func(op string) error {
			if strings.HasSuffix(op, "tables/speeches.ndjson.gz") { // users come later
				w.exec(t, db, `DELETE FROM users`)
				w.exec(t, db, `DELETE FROM tags`)
			}
			return nil
		}
		report, err := w.Create(t.Context(), db.Backup(), w.recordings)
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range report.Manifest.Tables {
			if (table.Name == "users" || table.Name == "speech_tags") && table.Rows != 2 {
				t.Errorf("%s has %d rows, want 2", table.Name, table.Rows)
			}
		}
		if sqltest.Count(t, db, "users") != 0 {
			t.Error("nothing was deleted meanwhile")
		}
	})
}

// TestNothingThere says so.
func TestNothingThere(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for _, name := range []string{"", "20260101T000000Z"} {
		if _, err := w.Verify(ctx, name); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
	w.place.files["snapshots/20260101T000000Z/README.txt"] = nil
	if _, err := w.Verify(ctx, ""); !fault.Is(err, fault.KindNotFound) || !strings.Contains(err.Error(), "manifest") {
		t.Errorf("with one that is not whole: %v", err)
	}
}

// TestSameSecond gives two snapshots of one second two names.
func TestSameSecond(t *testing.T) {
	w := newWorld(t)
	if a, b := w.create(t), w.create(t); a.Name == b.Name || b.Name != "20260304T120000Z-2" {
		t.Errorf("the names are %q and %q", a.Name, b.Name)
	}
}

// TestInterrupted ends early, with the context's error.
func TestInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.place.fail = func(op string) error {
		if strings.HasSuffix(op, "tables/users.ndjson.gz") {
			cancel()
		}
		return nil
	}
	if _, err := w.Create(ctx, w.db.Backup(), w.recordings); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
