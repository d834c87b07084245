package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An import that is killed half way, while a daemon runs on, is taken up by the same command where it stopped.
func TestKilledDuringImport(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		d := s.serve(t)
		admin := d.admin(s)
		db := s.database(t)
		importing := s.start(t, starterPack(t)...)
		importing.reaches(func() bool { return someHaveArrived(s, db) })
		importing.kill()

		want := fmt.Sprintf("going on with an earlier run: %d recordings in the store already", s.arrived(t))
		if total(admin) == 100 { // it was faster
			want = "0 created, 100 unchanged"
		}
		_, talk, code := s.run(t, "", starterPack(t)...)
		if code != 0 || !strings.Contains(talk, want) {
			t.Errorf("exit code %d, and it should say %q:\n%s", code, want, talk)
		}
		speeches, objects := total(admin), len(s.keys(t))
		if speeches != 100 || speeches != objects {
			t.Errorf("%d speeches and %d objects, want 100 of both", speeches, objects)
		}
	})
}

// If nobody runs it again, its recordings are removed once its session has ended.
func TestKilledImportIsForgotten(t *testing.T) {
	t.Parallel()
	const ttl = 20 * time.Second
	setting := fmt.Sprintf("UPLOAD_SESSION_TTL=%s", ttl)
	l := newLessons(t, 0, 40)
	forgotten := func(t *testing.T, s stack) {
		killed := time.Now()
		if s.arrived(t) == 0 || len(s.keys(t)) == 0 {
			t.Fatal("no recording has arrived")
		}
		eventually(t, 2*ttl, "its session has ended", func() bool { return time.Since(killed) > ttl })
		s.serve(t)
		eventually(t, time.Minute, "nothing is left", func() bool { return s.pending(t) == 0 && len(s.keys(t)) == 0 })
	}
	together(t, map[string]func(t *testing.T){
		"embedded": func(t *testing.T) { forgotten(t, killedWhen(t, l, someHaveArrived, setting)) },
		"production": func(t *testing.T) {
			s, _ := killedAt(t, l, messages["claiming the session"], setting)
			forgotten(t, s)
		},
	})
}

// TestKilledImport kills the real command with kill -9 at one point after the other. The same command, begun again, goes
// on from what has arrived, and leaves what an undisturbed run leaves.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	l := newLessons(t, 0, 40)
	tests := map[string]func(t *testing.T){}
	for name, p := range messages {
		tests["production: "+name] = func(t *testing.T) {
			s, store := killedAt(t, l, p)
			s.goesOnOver(t, l, store)
		}
	}
	for name, there := range moments {
		tests["embedded: "+name] = func(t *testing.T) { s := killedWhen(t, l, there); s.goesOn(t, l) }
	}
	together(t, tests)
}

// message is one that the command sends to PostgreSQL, or a recording that it sends to MinIO.
type message struct {
	toStore bool
	after   string // a message that must have come before it
	text    string
	nth     int
}

// messages are the steps of an import of 40 recordings, by what is sent for them.
var messages = map[string]message{
	"opening its session":              {false, "", "INSERT INTO upload_sessions", 1},
	"committing that":                  {false, "INSERT INTO upload_sessions", "COMMIT", 1},
	"reserving names":                  {false, "", "INSERT INTO upload_files", 1},
	"storing the first recording":      {true, "", "", 1},
	"half way through":                 {true, "", "", 20},
	"storing the last recording":       {true, "", "", 40},
	"making recordings visible":        {false, "INSERT INTO upload_files", "DELETE FROM upload_files", 1},
	"committing that they are":         {false, "INSERT INTO upload_files", "COMMIT", 4},
	"claiming the session":             {false, "", "INSERT INTO import_batches", 1},
	"committing the claim":             {false, "INSERT INTO import_batches", "COMMIT", 1},
	"writing the sentences":            {false, "", "INSERT INTO speeches", 1},
	"committing the sentences":         {false, "INSERT INTO speeches", "COMMIT", 1},
	"tidying up after all is imported": {false, "", "DELETE FROM upload_sessions", 1},
}

// killedAt holds a message back, kills the command, and lets the message go: it arrives, but nobody is there to hear the
// answer. It returns the machine, and the wire to its audio store.
func killedAt(t *testing.T, l lessons, m message, settings ...string) (s stack, store *wire) {
	t.Helper()
	s = production(t)
	s.env = append(s.env, settings...)
	database := s.behindWire(t, "DATABASE_URL")
	store = s.behindWire(t, "S3_ENDPOINT_URL")
	here := s.watchFor(m, database, store)
	importing := s.start(t, l.args()...)
	importing.caught(here)
	importing.kill()
	here.release()

	return s, store
}

// watchFor sets a trap for the message.
func (s stack) watchFor(m message, database, store *wire) *trap {
	if m.toStore {
		return store.watch(s.put(), m.nth)
	}
	var first *trap
	if m.after != "" {
		first = database.watch(m.after, 0)
	}
	return database.watchAfter(first, m.text, m.nth)
}

// put is how a message begins that stores a recording.
func (s stack) put() string { return "PUT /" + s.value("S3_BUCKET_NAME") + "/audio/" }

// goesOnOver is goesOn that looks at what is sent to the audio store: what had arrived is not.
func (s stack) goesOnOver(t *testing.T, l lessons, store *wire) (talk string) {
	t.Helper()
	sent := store.watch(s.put(), 0)
	arrived, talk := s.goesOn(t, l)
	want := len(l.sentences) - arrived
	if strings.Contains(talk, "\n0 created") {
		want = 0
	}
	if got := store.count(sent); got != want {
		t.Errorf("%d recordings were sent again, %d had arrived", got, arrived)
	}
	return talk
}

// moment says whether the command has come so far, by its database or its folder.
type moment func(s stack, db *sql.DB) bool

var moments = map[string]moment{
	"while it reads and plans":    func(stack, *sql.DB) bool { return true },
	"with its session open":       rows(`SELECT count(*) FROM upload_sessions`),
	"with the first recording":    recordings(1),
	"with half of them":           recordings(20),
	"once some have arrived":      someHaveArrived,
	"while it imports":            rows(`SELECT count(*) FROM import_batches WHERE state = 'running'`),
	"when it has just imported":   rows(`SELECT count(*) FROM import_batches WHERE state = 'done'`),
	"when its session is used up": rows(`SELECT count(*) FROM upload_sessions WHERE state = 'used'`),
}

var someHaveArrived = rows(countArrived)

const countArrived = `SELECT count(*) FROM upload_files WHERE size_bytes > 0`

// arrived is how many recordings are in the store for an import that has not ended.
func (s stack) arrived(t *testing.T) int {
	t.Helper()
	return s.count(t, countArrived)
}

// rows is when a query counts more than none.
func rows(query string) moment {
	return func(_ stack, db *sql.DB) bool {
		var n int
		return db.QueryRow(query).Scan(&n) == nil && n > 0 //nolint:noctx // bounded by what it looks at
	}
}

// recordings is when so many are in their places.
func recordings(atLeast int) moment {
	return func(s stack, _ *sql.DB) bool {
		found, err := filepath.Glob(filepath.Join(s.value("DATA_DIR"), "audio", "audio", "*", "*"))
		return err == nil && len(found) >= atLeast
	}
}

// killedWhen starts the command on an empty machine, kills it when it has come so far, and returns the machine. A moment
// that was missed is tried again, on another one.
func killedWhen(t *testing.T, l lessons, soFar moment, settings ...string) stack {
	t.Helper()
	for range 10 {
		s := stack{env: append([]string{"DATA_DIR=" + t.TempDir()}, settings...)}
		s.must(t, "", "migrate", "up")
		db := s.database(t)
		importing := s.start(t, l.args()...)
		reached := importing.stepsTo(func() bool { return soFar(s, db) })
		importing.kill()
		_ = db.Close()
		if reached && importing.cmd.ProcessState.ExitCode() != 0 {
			return s
		}
	}
	t.Fatal("the moment was missed ten times")
	return stack{}
}

// goesOn runs the command again after one that was killed, and looks at all that is there then. It returns how many
// recordings had arrived, and what the command said.
func (s stack) goesOn(t *testing.T, l lessons) (arrived int, talk string) {
	t.Helper()
	if n := s.count(t, `SELECT count(*) FROM speeches`); n != 0 && n != len(l.sentences) {
		t.Errorf("half of the import is in the catalogue: %d sentences", n)
	}
	arrived = s.arrived(t)
	_, talk, code := s.run(t, "", l.args()...)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	if on := fmt.Sprintf("going on with an earlier run: %d recordings in the store already", arrived); arrived > 0 && !strings.Contains(talk, on) {
		t.Errorf("it does not say %q:\n%s", on, talk)
	}
	s.wantImported(t, l.sentences)
	if left := s.pending(t); left > 0 {
		s.serve(t) // which sweeps when it starts
		eventually(t, time.Minute, "what is left of the session is removed", func() bool { return s.pending(t) == 0 })
	}
	return arrived, talk
}
