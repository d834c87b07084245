package sqlstore

import (
	"database/sql/driver"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestSQLiteSettings looks at several connections of both pools: a setting made on one would not be on the next.
func TestSQLiteSettings(t *testing.T) {
	db := openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	const orphan = `INSERT INTO refresh_tokens (token_hash, user_id, issued_at, expires_at) VALUES ('x', 'nobody', '', '')`
	check := func(t *testing.T, conn *sqlx.Conn, want map[string]string) {
		t.Helper()
		for pragma, value := range want {
			var got string
			if err := conn.GetContext(t.Context(), &got, `PRAGMA `+pragma); err != nil || got != value {
				t.Errorf("%s is %q (%v), want %q", pragma, got, err, value)
			}
		}
		if _, err := conn.ExecContext(t.Context(), orphan); err == nil {
			t.Error("an orphan was let in")
		}
	}
	t.Run("readers", func(t *testing.T) {
		for range 3 { // held open, so that each is another one
			conn, err := db.read.Connx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			check(t, conn, map[string]string{"foreign_keys": "1", "query_only": "1", "journal_mode": "wal", "busy_timeout": "5000"})
		}
	})
	t.Run("writers", func(t *testing.T) {
		for range 3 { // thrown away, so that the next is another one
			conn, err := db.write.Connx(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			check(t, conn, map[string]string{
				"foreign_keys": "1", "query_only": "0", "journal_mode": "wal", "busy_timeout": "5000", "synchronous": "2",
			})
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			_ = conn.Close()
		}
	})
	t.Run("a writer that is thrown away was refused for the foreign key", func(t *testing.T) {
		_, err := db.conn().exec(t.Context(), strings.ReplaceAll(orphan, `'x'`, `x'00'`))
		if !hasCode(err, codeDangling) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestOpenSQLite(t *testing.T) {
	t.Run("the file and its folder are private", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "new", "folder", "test.db")
		openTestSQLite(t, path)
		for name, want := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has the mode %v (%v), want %v", filepath.Base(name), info.Mode(), err, want)
			}
		}
	})
	t.Run("a path may hold what means something in an address", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "we ird?x=1#%20&é;.db")
		openTestSQLite(t, path)
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("the file is not there: %v", err)
		}
	})
	t.Run("a second one on the same file sees what the first has written", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "test.db")
		first, second := openTestSQLite(t, path), openTestSQLite(t, path)
		w := newWorld(t, first, 1)
		if _, err := second.Accounts().User(t.Context(), w.user.ID); err != nil {
			t.Error(err)
		}
	})
	t.Run("what is committed survives the death of the process", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "test.db")
		w := newWorld(t, openTestSQLite(t, path), 1)
		// Copied while the first one is open: as a killed process leaves the files.
		after := filepath.Join(t.TempDir(), "test.db")
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(path + suffix)
			if err == nil {
				err = os.WriteFile(after+suffix, content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := openTestSQLite(t, after).Accounts().User(t.Context(), w.user.ID); err != nil {
			t.Error(err)
		}
	})
	t.Run("searching survives VACUUM, which may renumber rows", func(t *testing.T) {
		db := openTestSQLite(t, filepath.Join(t.TempDir(), "test.db"))
		w := newWorld(t, db, 3)
		if err := db.Catalog().DeleteSpeech(t.Context(), w.speeches[0].ID, testTime); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{`DELETE FROM speeches WHERE deleted_at IS NOT NULL`, `VACUUM`} {
			if _, err := db.write.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		found, _, err := db.Catalog().Speeches(t.Context(), catalog.SpeechFilter{Words: []string{"live"}}, paging.Page{Number: 1, Limit: 9})
		if err != nil || len(found) != 2 {
			t.Errorf("found %d speeches (%v), want 2", len(found), err)
		}
	})
	for name, path := range map[string]string{
		"a folder is no database":         t.TempDir(),
		"a text file is no database":      writeFile(t, strings.Repeat("This is a letter, not a database. ", 99)),
		"a folder cannot be in a file":    filepath.Join(writeFile(t, "x"), "test.db"),
		"a name cannot be longer than so": filepath.Join(t.TempDir(), strings.Repeat("x", 300)),
	} {
		t.Run(name, func(t *testing.T) {
			db, err := Open(t.Context(), Config{SQLitePath: path})
			if err == nil {
				t.Error(db.Close(), "it was opened")
			}
		})
	}
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenPostgres(t *testing.T) {
	server := testenv.Required(t, "TEST_POSTGRES_URL")
	t.Run("a server that does not answer is unavailable", func(t *testing.T) {
		// Port 1 of the loopback: nobody listens, and the answer is at once.
		_, err := Open(t.Context(), Config{URL: "postgres://u:secret@127.0.0.1:1/x?sslmode=disable"})
		wantUnavailable(t, err)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	})
	t.Run("so is a database that does not exist", func(t *testing.T) {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = "/nowhere"
		_, err = Open(t.Context(), Config{URL: u.String()})
		wantUnavailable(t, err)
	})
	t.Run("an address that is none is refused without telling it", func(t *testing.T) {
		_, err := Open(t.Context(), Config{URL: "postgres://u:secret@[::1"})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("the pool has the sizes of the settings", func(t *testing.T) {
		db, err := Open(t.Context(), Config{URL: server, PoolSize: 3, MaxOverflow: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if got := db.Raw().Stats().MaxOpenConnections; got != 5 {
			t.Errorf("at most %d connections, want 5", got)
		}
		if db.Dialect() != "postgres" {
			t.Errorf("the dialect is %s", db.Dialect())
		}
	})
}
