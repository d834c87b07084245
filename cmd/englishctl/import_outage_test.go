package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/testenv"
)

// What an import says that breaks off, before and after its recordings are stored.
var (
	saysHowFar   = regexp.MustCompile(`\d+ of 40 recordings are in the store, nothing is in the catalogue; the same command goes on from there\n`)
	saysEitherOr = regexp.MustCompile(`the import was done whole or not at all; the same command goes on from there\n`)
)

// wantBrokenOff fails unless the command ends with exit code 1 and says each of the things.
func (r *running) wantBrokenOff(says ...*regexp.Regexp) {
	r.t.Helper()
	talk, code := r.wait()
	if code != 1 {
		r.t.Errorf("exit code %d, want 1\n%s", code, talk)
	}
	for _, what := range says {
		if !what.MatchString(talk) {
			r.t.Errorf("it does not say %q:\n%s", what, talk)
		}
	}
}

var (
	storeIsAway    = regexp.MustCompile(`englishctl: .*the audio store cannot be used at the moment`)
	storeIsFull    = regexp.MustCompile(`englishctl: .*the disk of the audio store is full; make room and try again`)
	databaseIsAway = regexp.MustCompile(`englishctl: .*the database does not answer; try again`)
)

// TestAudioStoreFailsDuringImport stops MinIO half way, or lets it refuse. The command says how far it came; the same one
// goes on, at once.
func TestAudioStoreFailsDuringImport(t *testing.T) {
	t.Parallel()
	l := newLessons(t, 0, 40)
	tests := map[string]func(t *testing.T){
		"it stops": func(t *testing.T) {
			s := production(t)
			store := s.behindWire(t, "S3_ENDPOINT_URL")
			half := store.watch(s.put(), 20)
			importing := s.start(t, l.args()...)
			importing.caught(half)
			store.cut()
			half.release()
			importing.wantBrokenOff(saysHowFar, storeIsAway)
			store.mend()
			s.goesOnAtOnce(t, l, store)
		},
		"it is slow, and somebody is impatient": func(t *testing.T) { slowStore(t, l) },
		"the keys are wrong": func(t *testing.T) {
			s := production(t)
			right, replace := s.setting(t, "S3_SECRET_KEY")
			replace("wrong-wrong-wrong")
			s.start(t, l.args()...).wantBrokenOff(storeIsAway, regexp.MustCompile("signature"))
			replace(right)
			if n := s.pending(t); n > 0 {
				t.Errorf("%d things are pending", n)
			}
			s.goesOn(t, l)
		},
	}
	for name, refusal := range map[string]struct {
		status int
		code   string
		says   *regexp.Regexp
	}{
		"it refuses": {http.StatusForbidden, "AccessDenied", storeIsAway},
		"it is full": {http.StatusInsufficientStorage, "XMinioStorageFull", storeIsFull},
	} {
		tests[name] = func(t *testing.T) {
			s := production(t)
			store, put := s.behindFront(t), s.put()
			var stored atomic.Int64
			store.answer(func(w http.ResponseWriter, r *http.Request) (answered bool) {
				if !strings.HasPrefix(r.Method+" "+r.URL.Path, put) {
					return false
				}
				if stored.Add(1) < 20 {
					return false
				}
				w.WriteHeader(refusal.status)
				fmt.Fprintf(w, "<Error><Code>%s</Code><Message>No.</Message></Error>", refusal.code)
				return true
			})
			over := s.behindWire(t, "S3_ENDPOINT_URL")
			s.start(t, l.args()...).wantBrokenOff(saysHowFar, refusal.says)
			store.answer(nil)
			s.goesOnAtOnce(t, l, over)
		}
	}
	together(t, tests)
}

// slowStore takes 6 seconds for a recording, until the import has run for longer than its lease was in the beginning.
// Somebody who runs the same command meanwhile waits for it, and sends nothing.
func slowStore(t *testing.T, l lessons) {
	s := production(t)
	store := s.behindFront(t)
	over := s.behindWire(t, "S3_ENDPOINT_URL")
	sent := over.watch(s.put(), 0)
	fast := make(chan struct{})
	store.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			select {
			case <-fast:
			case <-time.After(6 * time.Second):
			}
		}
		return false
	})
	s.must(t, "", "migrate", "up")
	first := s.start(t, l.args()...)
	renewed := func(seconds int) func() bool {
		return func() bool {
			return s.count(t, fmt.Sprintf(`SELECT count(*) FROM upload_sessions WHERE lease_until > created_at + interval '%d s'`, seconds)) > 0
		}
	}
	eventually(t, time.Minute, "the lease is renewed", renewed(19))
	second := s.start(t, l.args()...)
	eventually(t, time.Minute, "the lease is renewed time and again", renewed(29))
	close(fast)
	for run, want := range map[*running]string{first: "40 created, 0 unchanged", second: "0 created, 40 unchanged"} {
		if talk, code := run.wait(); code != 0 || !strings.Contains(talk, want) {
			t.Errorf("exit code %d, and it should say %q:\n%s", code, want, talk)
		}
	}
	if n := over.count(sent); n != 40 {
		t.Errorf("%d recordings were sent", n)
	}
	s.wantImported(t, l.sentences)
}

// goesOnAtOnce is goesOn after a run that has not died: nobody has to wait for its lease to end.
func (s stack) goesOnAtOnce(t *testing.T, l lessons, store *wire) {
	t.Helper()
	if talk := s.goesOnOver(t, l, store); strings.Contains(talk, "waiting for up to") {
		t.Errorf("it waits for a run that has ended:\n%s", talk)
	}
}

// TestDatabaseIsAwayDuringImport cuts PostgreSQL off, at different steps, until the command has given up.
func TestDatabaseIsAwayDuringImport(t *testing.T) {
	t.Parallel()
	l := newLessons(t, 0, 40)
	tests := map[string]func(t *testing.T){}
	for name, at := range map[string]struct {
		step string
		says *regexp.Regexp
	}{
		"while it stores recordings": {"half way through", saysHowFar},
		"before it has claimed them": {"claiming the session", saysEitherOr},
		"while it writes sentences":  {"writing the sentences", saysEitherOr},
		"when it commits":            {"committing the sentences", saysEitherOr},
	} {
		tests[name] = func(t *testing.T) {
			s := production(t)
			database, store := s.behindWire(t, "DATABASE_URL"), s.behindWire(t, "S3_ENDPOINT_URL")
			here := s.watchFor(messages[at.step], database, store)
			importing := s.start(t, l.args()...)
			importing.caught(here)
			database.cut()
			here.release()
			importing.wantBrokenOff(at.says, databaseIsAway)
			database.mend()
			s.goesOnOver(t, l, store)
		}
	}
	together(t, tests)
}

// TestDatabaseRestartsDuringImport restarts a real PostgreSQL, in good order and without, while imports are at different
// steps.
func TestDatabaseRestartsDuringImport(t *testing.T) {
	t.Parallel()
	testenv.Required(t, "TEST_POSTGRES_URL") // says how to get one where there is none
	together(t, map[string]func(t *testing.T){
		"it shuts down":    func(t *testing.T) { restartDuringImports(t, "INT") },
		"it is in a hurry": func(t *testing.T) { restartDuringImports(t, "QUIT") },
	})
}

func restartDuringImports(t *testing.T, signal string) {
	postgres := newService(t, "postgres")
	l := newLessons(t, 0, 40)
	goOn := map[string]func(t *testing.T){}
	caught := map[*running]*trap{}
	for _, step := range []string{"half way through", "committing that they are", "writing the sentences", "committing the sentences"} {
		s := production(t)
		s.on(t, postgres)
		database, store := s.behindWire(t, "DATABASE_URL"), s.behindWire(t, "S3_ENDPOINT_URL")
		here := s.watchFor(messages[step], database, store)
		importing := s.start(t, l.args()...)
		caught[importing] = here
		goOn[step] = func(t *testing.T) {
			// What does not need the broken connections may well go on.
			if talk, code := importing.wait(); code != 0 && (code != 1 || !strings.Contains(talk, "the same command goes on from there")) {
				t.Errorf("exit code %d\n%s", code, talk)
			}
			s.goesOnOver(t, l, store)
		}
	}
	for importing, here := range caught {
		importing.caught(here)
	}
	postgres.restart(signal)
	for _, here := range caught {
		here.release()
	}
	together(t, goOn)
}
