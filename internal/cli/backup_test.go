package cli_test

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/testenv"
)

// runs runs the program with nothing of the environment but these variables, and returns what it prints to stdout.
func runs(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "englishctl", args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, env...)
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("englishctl %v: %v\n%s", args, err, talk.String())
	}
	return string(out)
}

// bucketSettings lead to the store of the tests.
func bucketSettings(t *testing.T) []string {
	t.Helper()
	return []string{
		"S3_ENDPOINT_URL=" + testenv.Required(t, "TEST_S3_ENDPOINT"), "S3_ACCESS_KEY=" + testenv.Required(t, "TEST_S3_ACCESS_KEY"),
		"S3_SECRET_KEY=" + testenv.Required(t, "TEST_S3_SECRET_KEY"), "S3_BUCKET_NAME=audio-" + uuid.NewString(),
	}
}

// productionStack is an empty PostgreSQL database, with a bucket that does not exist yet.
func productionStack(t *testing.T) []string {
	t.Helper()
	server := testenv.Required(t, "TEST_POSTGRES_URL")
	name := "backup_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	psql := func(ctx context.Context, statement string) {
		if out, err := exec.CommandContext(ctx, "psql", server, "-c", statement).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", statement, err, out)
		}
	}
	psql(t.Context(), "CREATE DATABASE "+name)
	t.Cleanup(func() { psql(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return append(bucketSettings(t), "DATABASE_URL="+u.String(), "DATA_DIR="+t.TempDir(), "JWT_SECRET_KEY="+strings.Repeat("k", 32))
}

// TestOutgrowing runs the commands of docs/backup.md: a team goes from SQLite and a folder to PostgreSQL and MinIO, and back,
// through a folder and through a bucket. Counts and digests stay the same, and so do the sentences.
func TestOutgrowing(t *testing.T) {
	small, large := []string{"DATA_DIR=" + t.TempDir()}, productionStack(t)
	back := []string{"DATA_DIR=" + t.TempDir()}
	for _, setting := range large { // the store of backups by its own settings
		if name, value, _ := strings.Cut(setting, "="); name == "S3_ENDPOINT_URL" || name == "S3_ACCESS_KEY" || name == "S3_SECRET_KEY" {
			back = append(back, "BACKUP_"+name+"="+value)
		}
	}
	stacks := map[string][]string{"old": small, "new": large, "laptop": back}
	folder := filepath.Join(t.TempDir(), "backups")
	real := strings.NewReplacer("/var/backups/english", folder, "s3://english-backups", "s3://backups-"+uuid.NewString())
	runs(t, small, "seed", "--speeches", "200", "--users", "5", "--sessions", "30", "--yes")

	var saved string
	told := commandsToldIn(t, "../../docs/backup.md", "## From SQLite to PostgreSQL, and back")
	if len(told) != 5 {
		t.Fatalf("the story has %d commands: %v", len(told), told)
	}
	for _, told := range told {
		got := runs(t, stacks[told.where], append(strings.Fields(real.Replace(told.command)), "-o", "csv")...)
		if saved == "" {
			saved = got
		}
		if got != saved {
			t.Errorf("%s: %s has printed\n%s\nthe first backup has\n%s", told.where, told.command, got, saved)
		}
	}
	want := runs(t, small, "speeches", "list", "-o", "csv", "--limit", "100")
	for where, stack := range stacks {
		if got := runs(t, stack, "speeches", "list", "-o", "csv", "--limit", "100"); got != want {
			t.Errorf("%s has other sentences:\n%s\nwant\n%s", where, got, want)
		}
	}
	if got := runs(t, back, "backup", folder+"-again", "-o", "csv"); got != saved {
		t.Errorf("back on SQLite:\n%s\nat first:\n%s", got, saved)
	}
}

// told is a command of a document, without the program's name, and where the comment before it says that it is run.
type told struct{ where, command string }

// commandsToldIn returns the commands of a section, but not serve.
func commandsToldIn(t *testing.T, file, section string) []told {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(content), section)
	if !found {
		t.Fatalf("%s has no section %q", file, section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	var commands []told
	var where string
	for line := range strings.SplitSeq(rest, "\n") {
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			where, _, _ = strings.Cut(comment, ":")
		}
		if command, ok := strings.CutPrefix(line, "englishctl "); ok && command != "serve" {
			commands = append(commands, told{where, command})
		}
	}
	return commands
}

// TestBackupKilled kills backups after more and more of their work: there is never a snapshot that is not whole, and the
// place can be used on.
func TestBackupKilled(t *testing.T) {
	data := []string{"DATA_DIR=" + t.TempDir()}
	place := filepath.Join(t.TempDir(), "backups")
	runs(t, data, "seed", "--speeches", "400", "--users", "5", "--sessions", "50", "--yes")
	begun := 0
	for n := 0; n < 400; n += 40 { // recordings that are there when it is killed
		killWhen(t, data, func() bool { return recordingsIn(place) >= n }, "backup", place)
		begun++
	}
	list := runs(t, data, "backup", "list", place, "-o", "csv")
	if unfinished := strings.Count(list, ",unfinished,"); unfinished == 0 || unfinished+strings.Count(list, ",whole,") > begun {
		t.Errorf("after %d backups, most of them killed:\n%s", begun, list)
	}
	for _, line := range strings.Split(list, "\n") {
		if name, rest, _ := strings.Cut(line, ","); strings.HasPrefix(rest, "whole,") {
			runs(t, data, "backup", "verify", place, "--snapshot", name)
		}
	}
	copied := recordingsIn(place)
	if copied < 100 {
		t.Errorf("%d recordings were copied before the kills, want most", copied)
	}
	saved := runs(t, data, "backup", place, "-o", "csv")
	runs(t, data, "backup", "verify", place)

	// And restores: the database is empty until it is whole.
	target := t.TempDir()
	into := []string{"DATA_DIR=" + target}
	for n := 0; n < 400; n += 80 {
		killWhen(t, into, func() bool { return recordingsIn(filepath.Join(target, "audio")) >= n }, "restore", place)
		if stats := runs(t, into, "stats", "-o", "csv"); !strings.Contains(stats, "\nspeeches,0\n") && !strings.Contains(stats, "\nspeeches,400\n") {
			t.Fatalf("half a restore:\n%s", stats)
		}
	}
	if got := runs(t, into, "restore", place, "--replace", "--yes", "-o", "csv"); got != saved {
		t.Errorf("restored:\n%s\nsaved:\n%s", got, saved)
	}
}

// killWhen runs a command and kills it as soon as something is so, unless it has ended before.
func killWhen(t *testing.T, env []string, so func() bool, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "englishctl", args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	for {
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
			if so() {
				_ = cmd.Process.Kill()
				<-ended
				return
			}
		}
	}
}

// recordingsIn counts the files below a folder that are neither of a snapshot nor being written.
func recordingsIn(dir string) int {
	n := 0
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "/snapshots/") && !strings.Contains(path, "/.tmp/") {
			n++
		}
		return nil // what vanishes meanwhile does not count
	})
	return n
}

// TestBackupBesideDaemon: a daemon serves while a backup is made; while it runs, nothing is restored under it.
func TestBackupBesideDaemon(t *testing.T) {
	data := t.TempDir()
	settings := []string{"DATA_DIR=" + data}
	runs(t, settings, "seed", "--speeches", "20", "--yes")
	place := filepath.Join(t.TempDir(), "backups")
	_, stop, err := cli.StartDaemon(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	runs(t, settings, "backup", place)
	cmd := exec.CommandContext(t.Context(), "englishctl", "restore", place, "--replace", "--yes")
	cmd.Env = append(settings, "PATH="+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another daemon (process ") {
		t.Errorf("restored under a daemon: %v\n%s", err, out)
	}
	if stats := runs(t, settings, "stats", "-o", "csv"); !strings.Contains(stats, "speeches,20") {
		t.Errorf("stats:\n%s", stats)
	}
}

// TestBackupStoreRefuses: a store that is not there, or does not let us in, ends a backup with a sentence.
func TestBackupStoreRefuses(t *testing.T) {
	data := []string{"DATA_DIR=" + t.TempDir()}
	runs(t, data, "seed", "--speeches", "5", "--yes")
	endpoint := testenv.Required(t, "TEST_S3_ENDPOINT")
	for name, tt := range map[string]struct {
		endpoint, key, want string
	}{
		"wrong key":     {endpoint, "nobody", "cannot be used at the moment"},
		"nobody there":  {"http://127.0.0.1:1", "nobody", "cannot be used at the moment"},
		"path in there": {endpoint + "/path", "nobody", "BACKUP_S3_ENDPOINT_URL"},
		"no bucket":     {endpoint, "nobody", "PLACE"},
	} {
		t.Run(name, func(t *testing.T) {
			bucket := "s3://backups-" + uuid.NewString()
			if name == "no bucket" {
				bucket = "s3://Backups"
			}
			cmd := exec.CommandContext(t.Context(), "englishctl", "backup", bucket)
			cmd.Env = append(data, "PATH="+os.Getenv("PATH"), "BACKUP_S3_ENDPOINT_URL="+tt.endpoint,
				"BACKUP_S3_ACCESS_KEY="+tt.key, "BACKUP_S3_SECRET_KEY=secret-of-nobody")
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), tt.want) || strings.Contains(string(out), "secret-of-nobody") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestBackupDiskFull: a full disk ends a backup with a sentence, and the next one with room is whole.
func TestBackupDiskFull(t *testing.T) {
	data := []string{"DATA_DIR=" + t.TempDir()}
	runs(t, data, "seed", "--speeches", "100", "--yes")
	dir := t.TempDir()
	disk := testenv.NewSmallDisk(t, 200<<10, dir)
	backup := func() (string, error) {
		args := append(disk.Command(), "englishctl", "backup", filepath.Join(dir, "backups"))
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Env = append(data, "PATH="+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := backup()
	if err == nil || !strings.Contains(out, "the place of the backup is full; make room and try again (write ") {
		t.Fatalf("on a full disk: %v\n%s", err, out)
	}
	disk.Resize(dir, 20<<20)
	if out, err := backup(); err != nil {
		t.Errorf("with room again: %v\n%s", err, out)
	}
	if got := runs(t, data, "backup", "list", disk.Outside(filepath.Join(dir, "backups")), "-o", "csv"); strings.Count(got, ",whole,") != 1 {
		t.Errorf("snapshots:\n%s", got)
	}
}

// TestOperatorBesideTheDaemonsUser: what commands that root gives leave in the data directory of the daemon's user is that user's. Who
// is not root works in their own.
func TestOperatorBesideTheDaemonsUser(t *testing.T) {
	place := filepath.Join(t.TempDir(), "backups")
	old := []string{"DATA_DIR=" + t.TempDir()}
	runs(t, old, "seed", "--speeches", "3", "--yes")
	runs(t, old, "backup", place)
	data, daemons := t.TempDir(), os.Geteuid()
	if daemons == 0 {
		daemons = 12345
		if err := os.Chown(data, daemons, daemons); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"DATA_DIR=" + data}
	runs(t, env, "restore", place)
	runs(t, env, "tags", "create", "Beside the daemon")
	var files int
	err := filepath.WalkDir(data, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files++
		if uid := int(info.Sys().(*syscall.Stat_t).Uid); uid != daemons {
			t.Errorf("%s belongs to user %d, want %d", path, uid, daemons)
		}
		return nil
	})
	if err != nil || files < 8 {
		t.Errorf("%d files and folders: %v", files, err)
	}
}
