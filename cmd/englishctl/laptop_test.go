package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/testenv"
)

// laptop is signed in to the daemon as an administrator, and knows no key of the stack.
func (d *daemon) laptop(s stack) (l stack, staff string) {
	d.t.Helper()
	staff = strings.TrimSpace(s.must(d.t, "SecurePass123\n", "users", "create", "--email", "staff@example.com", "--name", "Staff", "--role", "admin", "--password-stdin"))
	l = stack{env: []string{"XDG_CONFIG_HOME=" + d.t.TempDir()}}
	l.must(d.t, "SecurePass123\n", "login", "--server", d.address, "--email", "staff@example.com", "--password-stdin")
	return l, staff
}

// printed decodes what a command prints with -o json.
func (s stack) printed(t *testing.T, args ...string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s.must(t, "", append(args, "-o", "json")...)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// An editor does a day's work from a laptop, over HTTP.
func TestLaptop(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		d := s.serve(t)
		l, staff := d.laptop(s)
		pack := filepath.Dir(starterPack(t)[1])
		recording := filepath.Join(pack, "audio", "a1-question-001.mp3")

		l.must(t, "", "tags", "import", filepath.Join(pack, "tags.csv"))
		id := strings.TrimSpace(l.must(t, "", "speeches", "create", "--text", "Is there any soup?", "--level", "A1", "--type", "question",
			"--tag", "food", "--audio", recording))
		l.must(t, "", "speeches", "update", id, "--text", "Is there any tea?")
		if _, talk, code := l.run(t, "", "speeches", "create", "--text", " ", "--level", "D1", "--audio", recording); code != 3 || !strings.Contains(talk, "level: ") {
			t.Errorf("a wrong sentence: exit code %d\n%s", code, talk)
		}
		speech := l.printed(t, "speeches", "list", "--tag", "FOOD").([]any)[0].(map[string]any)
		if speech["id"] != id || speech["text"] != "Is there any tea?" || !strings.HasPrefix(speech["audio_url"].(string), "audio/A1/") {
			t.Errorf("the sentence is %v", speech)
		}
		if here := s.printed(t, "speeches", "list", "--tag", "FOOD").([]any)[0].(map[string]any); here["audio_sha256"] != speech["audio_sha256"] || here["updated_at"] != speech["updated_at"] {
			t.Errorf("beside the daemon it is %v, from the laptop %v", here, speech)
		}

		out := t.TempDir()
		l.must(t, "", "speeches", "export", filepath.Join(out, "out.csv"), "--audio", out)
		got, err := os.ReadFile(filepath.Join(out, "a1-question-is-there-any-tea.mp3"))
		want, wantErr := os.ReadFile(recording)
		if err != nil || wantErr != nil || !bytes.Equal(got, want) {
			t.Errorf("the exported recording is not the one that was given: %v, %v", err, wantErr)
		}
		if _, talk, code := l.run(t, "", "import", out, "--yes"); code != 0 || !strings.Contains(talk, "0 created, 1 unchanged, 0 rejected") {
			t.Errorf("the export is not what is there: exit code %d\n%s", code, talk)
		}

		if users := l.printed(t, "users", "list").([]any); len(users) != 1 || users[0].(map[string]any)["id"] != staff {
			t.Errorf("the users are %v", users)
		}
		entry := l.printed(t, "audit", "list", "--action", "speech.update").([]any)[0].(map[string]any)
		if entry["actor"] != "user:"+staff || entry["object_id"] != id {
			t.Errorf("the audit log says %v", entry)
		}
		if stats := l.printed(t, "stats").(map[string]any); stats["speeches"] != 1.0 || stats["admins"] != 1.0 {
			t.Errorf("the statistics are %v", stats)
		}
		l.must(t, "", "logout")
		if code := d.stop(); code != 0 {
			t.Errorf("the daemon ends with %d", code)
		}
		if log := d.logged(); strings.Contains(log, "SecurePass123") || strings.Contains(log, "staff@example.com") {
			t.Errorf("the log shows who signed in:\n%s", log)
		}
	})
}

// A laptop that dies during an import: the same command goes on where it stopped.
func TestLaptopDiesDuringImport(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		d := s.serve(t)
		l, _ := d.laptop(s)
		admin := d.admin(s)
		lessons := firstLessons(t, 200)

		first := l.command(t, lessons...)
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		// Four requests of 16 recordings are on their way: beyond those, some have arrived for good.
		eventually(t, 5*time.Minute, "recordings have arrived", func() bool { return len(s.keys(t)) > 5*16 })
		_ = first.Process.Kill()
		_ = first.Wait()
		if n := total(admin); n != 0 {
			t.Fatalf("%d sentences are there already: it was killed too late", n)
		}

		_, talk, code := l.run(t, "", lessons...)
		if code != 0 || !strings.Contains(talk, "going on with an earlier run") || !strings.Contains(talk, "200 created, 0 unchanged, 0 rejected") {
			t.Fatalf("exit code %d\n%s", code, talk)
		}
		if speeches, recordings := total(admin), len(s.keys(t)); speeches != 200 || recordings != 200 {
			t.Errorf("%d speeches and %d recordings, want 200 of each", speeches, recordings)
		}
	})
}

// firstLessons returns the arguments that import the first rows of the starter pack.
func firstLessons(t *testing.T, rows int) []string {
	t.Helper()
	pack := testenv.StarterPack(t, rows) // of each kind, and so more than enough
	all := []string{"import", filepath.Join(pack, "lessons.csv"), "--audio", filepath.Join(pack, "audio")}
	content, err := os.ReadFile(all[1])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(content), "\n")
	some := filepath.Join(t.TempDir(), "lessons.csv")
	if err := os.WriteFile(some, []byte(strings.Join(lines[:rows+1], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"import", some, "--audio", all[3]}
}
