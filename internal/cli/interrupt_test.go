package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

func TestLeaving(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	plain := errors.New("read: connection reset")
	tests := map[string]struct {
		ctx  context.Context
		err  error
		want string // what report says; the error's own words where nothing is to be added
	}{
		"no error":                            {interrupted, nil, ""},
		"the context's own error":             {t.Context(), fmt.Errorf("list: %w", context.Canceled), "englishctl: interrupted; all is well\n"},
		"what breaks when the context ends":   {interrupted, plain, "englishctl: interrupted; all is well\n"},
		"what breaks by itself":               {t.Context(), plain, "englishctl: read: connection reset\n"},
		"a store that was cut off":            {interrupted, fault.Unavailable("no answer"), "englishctl: interrupted; all is well\n"},
		"a refusal that came just before":     {interrupted, fault.Conflict("taken"), "englishctl: taken\n"},
		"somebody nearer has said it":         {interrupted, &interruption{"half is done", plain}, "englishctl: interrupted; half is done\n"},
		"somebody nearer, wrapped":            {interrupted, fmt.Errorf("x: %w", &interruption{"half is done", plain}), "englishctl: interrupted; half is done\n"},
		"a deadline is no interruption":       {t.Context(), context.DeadlineExceeded, "englishctl: context deadline exceeded\n"},
		"a store that is down without Ctrl-C": {t.Context(), fault.Unavailable("no answer"), "englishctl: no answer\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := leaving(tt.ctx, tt.err, "all is well")
			var said strings.Builder
			report(&said, err)
			if said.String() != tt.want {
				t.Errorf("it says %q, want %q", said.String(), tt.want)
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("%v does not wrap %v", err, tt.err)
			}
		})
	}
}

// Every command says in what state it leaves things, those that only read that nothing was changed.
func TestStateLeft(t *testing.T) {
	reads := map[string]bool{}
	for _, cmd := range commands(newRoot(&env{})) {
		if cmd.HasSubCommands() {
			continue
		}
		if stateLeft(cmd) == nothingChanged {
			reads[strings.TrimPrefix(cmd.CommandPath(), "englishctl ")] = true
		}
	}
	for _, name := range []string{"users delete", "tags merge", "speeches update", "migrate down", "import undo", "users set-role"} {
		if reads[name] {
			t.Errorf("%s changes something", name)
		}
	}
	for _, name := range []string{"users list", "import show", "stats days", "stats errors", "backup verify", "migrate status", "speeches play", "audit list"} {
		if !reads[name] {
			t.Errorf("%s changes nothing", name)
		}
	}
}

func TestControlCAtAPrompt(t *testing.T) {
	data := dataWithAda(t, starterPack(t))
	for _, question := range []struct{ args, prompt string }{
		{"users delete ada@example.com", "[y/N]"},
		{"users set-password ada@example.com", "Password:"},
		{"users hash-password", "Password:"},
		{"migrate down", "[y/N]"},
	} {
		t.Run(question.args, func(t *testing.T) {
			s := startOnTerminal(t, 80, []string{"DATA_DIR=" + data}, strings.Fields(question.args)...)
			s.sees(question.prompt)
			s.press(controlC)
			if code := s.wait(); code != exitFailed {
				t.Errorf("exit code %d, want %d", code, exitFailed)
			}
			if got := s.shown(); !strings.HasSuffix(got, "\nenglishctl: interrupted; nothing was changed") {
				t.Errorf("the terminal shows\n%s", got)
			}
		})
	}
}

// What is said is broken between words, and a command in it is not.
func TestTalkOnATerminal(t *testing.T) {
	environ := []string{"DATA_DIR=" + t.TempDir()}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"users", "set-role", "ada@example.com"}, "englishctl: \"englishctl users set-role\" takes an e-mail address or an id, and a\nrole; it got 1"},
		{[]string{"tags", "list", "a\x1b[31mb\u202e"}, `englishctl: "englishctl tags list" takes no argument "a\x1b[31mb\u202e"`},
		{[]string{"stats", "--a\x1b[31mb\u202e"}, `englishctl: unknown flag: --a\x1b[31mb\u202e; see "englishctl stats --help"`},
	} {
		if got := runOnTerminal(t, 80, environ, tt.args...).shown(); got != tt.want {
			t.Errorf("%q: the terminal shows\n%s\nwant\n%s", tt.args, got, tt.want)
		}
	}
}

func starterPack(t *testing.T) string {
	t.Helper()
	return testenv.StarterPack(t, 10)
}

// lessons makes a data directory with n sentences, and returns it.
func lessons(t *testing.T, n int) (data string) {
	t.Helper()
	data = t.TempDir()
	rows := "audio_filename,text,level\n"
	files := filepath.Join(starterPack(t), "audio")
	for i := range n {
		rows += fmt.Sprintf("a1-question-%03d.mp3,Sentence number %d.,A1\n", i+1, i+1)
	}
	write(t, data, "lessons.csv", rows)
	prepare(t, data, "", "import", "lessons.csv", "--audio", files, "--yes")
	return data
}

// slowStore serves the recordings of a data directory as a bucket. After some it does not answer any longer, and closes
// stuck.
func slowStore(t *testing.T, data string, answers int64, stuck chan<- struct{}) (environ []string) {
	t.Helper()
	files := http.FileServer(http.Dir(filepath.Join(data, "audio")))
	var asked atomic.Int64
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && asked.Add(1) > answers {
			once.Do(func() { close(stuck) })
			<-r.Context().Done()
			return
		}
		w.Header().Set("ETag", `"x"`)
		http.StripPrefix("/bucket", files).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return []string{
		"DATA_DIR=" + data, "S3_ENDPOINT_URL=" + server.URL, "S3_ACCESS_KEY=key", "S3_SECRET_KEY=secret", "S3_BUCKET_NAME=bucket",
	}
}

func TestControlCDuringAnExport(t *testing.T) {
	data := lessons(t, 5)
	out := t.TempDir()
	s := startOnTerminal(t, 80, slowStore(t, data, 3, make(chan struct{})), "speeches", "export", filepath.Join(out, "x.csv"), "--audio", filepath.Join(out, "audio"))
	s.sees("downloading 3/5 recordings [")
	s.press(controlC)
	if code := s.wait(); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	const want = "downloading: stopped after 3 of 5 recordings\n" +
		"englishctl: interrupted; the CSV file was not written; recordings stay whole"
	if got := s.shown(); got != want {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
	}
	if left, err := filepath.Glob(filepath.Join(out, "*", "*")); err != nil || len(left) != 3 {
		t.Errorf("there are %d files, want 3: %q, %v", len(left), left, err)
	}
	if _, err := os.Stat(filepath.Join(out, "x.csv")); err == nil {
		t.Error("the CSV file was written")
	}
}

// Where the cursor cannot be moved there are lines instead of a bar; work that is done at once leaves none.
func TestExportWithoutABar(t *testing.T) {
	environ := []string{"DATA_DIR=" + lessons(t, 2)}
	export := []string{"speeches", "export", "x.csv", "--audio", "audio"}
	for name, tt := range map[string]struct {
		environ, args []string
		want          string
	}{
		"a dumb terminal": {append(environ, "TERM=dumb"), export, "exported 2 sentences, left out 0"},
		"a fast disk":     {environ, export, "exported 2 sentences, left out 0"},
		"--quiet":         {environ, append(export, "-q"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := runOnTerminal(t, 80, tt.environ, tt.args...).shown(); got != tt.want {
				t.Errorf("the terminal shows %q, want %q", got, tt.want)
			}
		})
	}
}

// On a terminal without a bar, and with --quiet, an interruption is told all the same.
func TestInterruptedWithoutABar(t *testing.T) {
	data := lessons(t, 5)
	for name, tt := range map[string]struct {
		environ, args []string
		want          string
	}{
		"a dumb terminal": {[]string{"TERM=dumb"}, nil, "downloading: stopped after 3 of 5 recordings\n"},
		"--quiet":         {nil, []string{"--quiet"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			stuck := make(chan struct{})
			environ := append(slowStore(t, data, 3, stuck), tt.environ...)
			s := startOnTerminal(t, 80, environ, append([]string{"speeches", "export", "x.csv", "--audio", "audio"}, tt.args...)...)
			<-stuck
			s.press(controlC)
			if code := s.wait(); code != exitFailed {
				t.Errorf("exit code %d, want %d", code, exitFailed)
			}
			want := "^C" + tt.want + "englishctl: interrupted; the CSV file was not written; recordings stay whole"
			if got := strings.ReplaceAll(s.shown(), "\n", ""); got != strings.ReplaceAll(want, "\n", "") {
				t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestSIGTERMDuringAListing(t *testing.T) {
	url := sqltest.EmptyPostgresURL(t)
	environ := []string{"DATABASE_URL=" + url, "DATA_DIR=" + t.TempDir(), "JWT_SECRET_KEY=" + strings.Repeat("k", 32)}
	if s := runOnTerminal(t, 80, environ, "migrate", "up"); !strings.Contains(s.shown(), "applied") {
		t.Fatal(s.shown())
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE speeches IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	s := startOnTerminal(t, 80, environ, "speeches", "list")
	waitsForALock(t, db)
	s.terminate()
	if code := s.wait(); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if got := s.shown(); got != "englishctl: interrupted; nothing was changed" {
		t.Errorf("the terminal shows\n%s", got)
	}
}

// waitsForALock returns when somebody stands in the queue for a lock.
func waitsForALock(t *testing.T, db *sql.DB) {
	t.Helper()
	for waiting := 0; waiting == 0; {
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}
