package main

import (
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What an import says that was interrupted.
var (
	interruptedHowFar   = regexp.MustCompile(`englishctl: interrupted; ` + saysHowFar.String())
	interruptedEitherOr = regexp.MustCompile(`englishctl: interrupted; ` + saysEitherOr.String())
	interruptedNothing  = regexp.MustCompile(`englishctl: interrupted; nothing was changed\n`)
)

// cancelRequest is how a client asks PostgreSQL to give a statement up: "53.2.8. Canceling Requests in Progress" in its
// manual; the code is 80877102.
const cancelRequest = "\x04\xd2\x16\x2e"

// TestInterruptedImport is Ctrl-C at one point after the other. The command says in which state it leaves things, and the
// next one has not to wait for its lease.
func TestInterruptedImport(t *testing.T) {
	t.Parallel()
	l := newLessons(t, 0, 40)
	tests := map[string]func(t *testing.T){
		"production: while it waits for another run":  func(t *testing.T) { interruptedWhileWaiting(t, l) },
		"embedded: while it stores recordings":        func(t *testing.T) { interruptedStoring(t, l) },
		"embedded: while it imports":                  func(t *testing.T) { interruptedCommitting(t, l) },
		"production: while it stores recordings":      func(t *testing.T) { interruptedAt(t, l, "half way through", interruptedHowFar) },
		"production: while it claims the session":     func(t *testing.T) { interruptedAt(t, l, "claiming the session", interruptedEitherOr) },
		"production: while it writes sentences":       func(t *testing.T) { interruptedAt(t, l, "writing the sentences", interruptedEitherOr) },
		"production: while it commits the recordings": func(t *testing.T) { interruptedAt(t, l, "committing that they are", interruptedHowFar) },
	}
	together(t, tests)
}

// interruptedAt interrupts the command while a message is on its way.
func interruptedAt(t *testing.T, l lessons, step string, says *regexp.Regexp) {
	s := production(t)
	database, store := s.behindWire(t, "DATABASE_URL"), s.behindWire(t, "S3_ENDPOINT_URL")
	cancelled := database.watch(cancelRequest, 0)
	m := messages[step]
	here := s.watchFor(m, database, store)
	importing := s.start(t, l.args()...)
	importing.caught(here)
	importing.interrupt()
	if !m.toStore {
		eventually(t, time.Minute, "it has understood", func() bool { return database.count(cancelled) > 0 })
	}
	here.release()
	importing.wantBrokenOff(says)
	s.goesOnAtOnce(t, l, store)
}

// interruptedWhileWaiting interrupts the second of two runs.
func interruptedWhileWaiting(t *testing.T, l lessons) {
	s := production(t)
	database, store := s.behindWire(t, "DATABASE_URL"), s.behindWire(t, "S3_ENDPOINT_URL")
	here := s.watchFor(messages["claiming the session"], database, store)
	first := s.start(t, l.args()...)
	first.caught(here)
	second := s.start(t, l.args()...)
	eventually(t, time.Minute, "it waits", func() bool { return strings.Contains(second.talk.String(), "waiting for up to") })
	second.interrupt()
	second.wantBrokenOff(interruptedNothing)
	here.release()
	if talk, code := first.wait(); code != 0 {
		t.Errorf("the first run: exit code %d\n%s", code, talk)
	}
	s.goesOnAtOnce(t, l, store)
}

// interruptedStoring interrupts the command on the embedded stack when some recordings are in their places.
func interruptedStoring(t *testing.T, l lessons) {
	for range 10 {
		s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
		importing := s.start(t, l.args()...)
		reached := importing.stepsTo(func() bool { return recordings(5)(s, nil) })
		if !reached || importing.cmd.Process.Signal(os.Interrupt) != nil || importing.cmd.Process.Signal(syscall.SIGCONT) != nil {
			continue // it was faster
		}
		talk, code := importing.wait()
		if code == 0 || interruptedEitherOr.MatchString(talk) {
			continue
		}
		importing.wantBrokenOff(interruptedHowFar)
		s.goesOnWithoutWaiting(t, l)
		return
	}
	t.Fatal("the moment was missed ten times")
}

// interruptedCommitting interrupts the command on the embedded stack while it waits for its turn to write the sentences,
// or has just written them.
func interruptedCommitting(t *testing.T, l lessons) {
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	s.must(t, "", "migrate", "up")
	db := s.database(t)
	importing := s.start(t, l.args()...)
	importing.reaches(func() bool { return moments["while it imports"](s, db) })
	turn, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = importing.cmd.Process.Signal(os.Interrupt) // it may have ended
	if err := turn.Rollback(); err != nil {
		t.Fatal(err)
	}
	if talk, code := importing.wait(); code != 0 && (code != 1 || !interruptedEitherOr.MatchString(talk)) {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	s.goesOnWithoutWaiting(t, l)
}

func (s stack) goesOnWithoutWaiting(t *testing.T, l lessons) {
	t.Helper()
	if _, talk := s.goesOn(t, l); strings.Contains(talk, "waiting for up to") {
		t.Errorf("it waits for a run that has ended:\n%s", talk)
	}
}
