package blob_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/blob/blobtest"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/testenv"
)

func TestDiskContract(t *testing.T) {
	blobtest.Run(t, func(t testing.TB, now func() time.Time) blobtest.Store {
		var d *blob.Disk
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, d) }))
		t.Cleanup(server.Close)
		d = openDisk(t, blob.DiskConfig{Dir: t.TempDir(), PublicURL: server.URL, Now: now})
		return d
	})
}

// serve is the least that a server of signed links does.
func serve(w http.ResponseWriter, r *http.Request, d *blob.Disk) {
	key := strings.TrimPrefix(r.URL.Path, "/media/")
	f, info, err := d.OpenSigned(r.Context(), key, r.FormValue("expires"), r.FormValue("signature"))
	switch {
	case fault.Is(err, fault.KindForbidden):
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	case fault.Is(err, fault.KindNotFound):
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", info.ContentType)
	w.Header().Set("ETag", info.ETag)
	http.ServeContent(w, r, "", info.ModTime, f)
}

func openDisk(t testing.TB, cfg blob.DiskConfig) *blob.Disk {
	t.Helper()
	if cfg.SigningKey == nil {
		cfg.SigningKey = bytes.Repeat([]byte{7}, 32)
	}
	d, err := blob.NewDisk(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDiskLeavesNoOtherFiles(t *testing.T) {
	dir := t.TempDir()
	d := openDisk(t, blob.DiskConfig{Dir: dir})
	ctx := t.Context()
	if _, err := d.Put(ctx, "audio/uploads/1/a.mp3", strings.NewReader("x"), ""); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Copy(ctx, "audio/uploads/1/a.mp3", "audio/A1/a.mp3"), d.Ping(ctx), d.Delete(ctx, "audio/uploads/1/a.mp3")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(ctx, "audio/uploads/2/b.mp3", errorReader{}, ""); err == nil {
		t.Fatal("a failing reader went unnoticed")
	}
	var got []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			got = append(got, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := ".tmp audio audio/A1 audio/A1/a.mp3"; strings.Join(got, " ") != want {
		t.Fatalf("the folder holds %q, want %q", got, want)
	}
}

type errorReader struct{}

func (errorReader) Read(p []byte) (int, error) { return 1, errors.New("broken") }

func TestDiskRemovesWhatDeadProcessesLeft(t *testing.T) {
	dir := t.TempDir()
	openDisk(t, blob.DiskConfig{Dir: dir})
	old, alive := filepath.Join(dir, ".tmp", "old"), filepath.Join(dir, ".tmp", "alive")
	for _, name := range []string{old, alive} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	twoHoursAgo := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, twoHoursAgo, twoHoursAgo); err != nil {
		t.Fatal(err)
	}
	d := openDisk(t, blob.DiskConfig{Dir: dir})
	for o, err := range d.List(t.Context(), "") {
		t.Errorf("an unfinished file is listed as an object: %+v, %v", o, err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left two hours ago is still there: %v", err)
	}
	if _, err := os.Stat(alive); err != nil {
		t.Errorf("what another process may be writing is gone: %v", err)
	}
}

func TestDiskRefusesAKeyThatIsTheFolderOfAnother(t *testing.T) {
	d := openDisk(t, blob.DiskConfig{Dir: t.TempDir()})
	for _, tt := range []struct {
		key  string
		want bool
	}{{"audio/a/x.mp3", true}, {"audio/a", false}, {"audio/a/x.mp3/y.mp3", false}, {"audio/a/x.mp3/y/z.mp3", false}} {
		_, err := d.Put(t.Context(), tt.key, strings.NewReader("x"), "")
		if (err == nil) != tt.want || (!tt.want && !fault.Is(err, fault.KindConflict)) {
			t.Errorf("Put(%q) = %v; wanted: %v, else a conflict", tt.key, err, tt.want)
		}
	}
}

// A full disk is named, keeps what is there, and is no longer full once there is room.
func TestDiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	small := testenv.NewSmallDisk(t, 256<<10, dir)
	d := openDisk(t, blob.DiskConfig{Dir: small.Outside(dir)})
	put := func(key string) error {
		_, err := d.Put(t.Context(), key, bytes.NewReader(make([]byte, 150_000)), "")
		return err
	}
	if err := put("audio/a/old.mp3"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"audio/a/old.mp3", "audio/b/new.mp3"} {
		wantFull(t, put(key))
	}
	if err := d.Ping(t.Context()); err != nil {
		t.Errorf("there is room for a little: %v", err)
	}
	for o, err := range d.List(t.Context(), "") {
		if err != nil || o.Key != "audio/a/old.mp3" || o.Size != 150_000 {
			t.Errorf("the disk holds %+v, %v", o, err)
		}
	}
	small.Resize(dir, 1<<20)
	if err := put("audio/b/new.mp3"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestDiskPingNoticesAFolderThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audio")
	d := openDisk(t, blob.DiskConfig{Dir: dir})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := d.Ping(t.Context()); !fault.Is(err, fault.KindUnavailable) {
		t.Fatalf("Ping = %v, want unavailable", err)
	}
}

func TestDiskStaysInItsFolderDespiteSymlinks(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.mp3"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.Symlink(outside, filepath.Join(dir, "audio")),
		os.Symlink(filepath.Join(outside, "secret.mp3"), filepath.Join(dir, "link.mp3")),
	); err != nil {
		t.Fatal(err)
	}
	d := openDisk(t, blob.DiskConfig{Dir: dir})
	for _, key := range []string{"audio/secret.mp3", "link.mp3"} {
		if f, _, err := d.Open(t.Context(), key); err == nil {
			f.Close()
			t.Errorf("Open(%q) reads a file outside the folder", key)
		}
	}
	if _, err := d.Put(t.Context(), "audio/new.mp3", strings.NewReader("x"), ""); err == nil {
		t.Error("Put writes outside the folder")
	}
	if err := d.Delete(t.Context(), "audio/secret.mp3"); err == nil {
		t.Error("Delete says that it deleted outside the folder")
	}
	for o, err := range d.List(t.Context(), "") {
		t.Errorf("List shows %+v, %v", o, err)
	}
	got, err := os.ReadDir(outside)
	if err != nil || len(got) != 1 {
		t.Errorf("the other folder now holds %v, %v", got, err)
	}
}

func TestDiskSignedLinks(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC)
	cfg := blob.DiskConfig{Dir: t.TempDir(), PublicURL: "https://api.example.org/", Now: func() time.Time { return now }}
	d := openDisk(t, cfg)
	if _, err := d.Put(t.Context(), "audio/A1/a b.mp3", strings.NewReader("x"), ""); err != nil {
		t.Fatal(err)
	}
	link, err := d.SignedURL(t.Context(), "audio/A1/a b.mp3")
	if err != nil {
		t.Fatal(err)
	}
	signature, ok := strings.CutPrefix(link, "https://api.example.org/media/audio/A1/a%20b.mp3?expires=1772370000&signature=")
	if !ok {
		t.Fatalf("link = %s", link)
	}

	forgedKey := cfg
	forgedKey.SigningKey = bytes.Repeat([]byte{8}, 32)
	other := openDisk(t, forgedKey)
	for _, tt := range []struct {
		rule               string
		store              *blob.Disk
		at                 time.Duration
		expires, signature string
		code               string
	}{
		{"good until its last second", d, 55*time.Minute - time.Second, "1772370000", signature, ""},
		{"over in the second that it names", d, 55 * time.Minute, "1772370000", signature, "link_expired"},
		{"made with another key", other, 0, "1772370000", signature, "link_forged"},
		{"another end", d, 0, "1772370001", signature, "link_forged"},
		{"another spelling of the same end", d, 0, "+1772370000", signature, "link_forged"},
		{"no end", d, 0, "", signature, "link_forged"},
		{"no signature", d, 0, "1772370000", "", "link_forged"},
		{"forged and over: the forgery counts", d, time.Hour, "1772370000", "AAAA" + signature[4:], "link_forged"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			start := now
			now = now.Add(tt.at)
			defer func() { now = start }()
			f, _, err := tt.store.OpenSigned(t.Context(), "audio/A1/a b.mp3", tt.expires, tt.signature)
			if err == nil {
				f.Close()
			}
			var code string
			if e, ok := fault.As(err); ok && e.Kind == fault.KindForbidden {
				code = e.Code
			}
			if code != tt.code || (err == nil) != (tt.code == "") {
				t.Fatalf("error = %v, code %q; want %q", err, code, tt.code)
			}
		})
	}
}

func TestDiskLinksWithoutPublicURLBeginWithTheirPath(t *testing.T) {
	d := openDisk(t, blob.DiskConfig{Dir: t.TempDir()})
	link, err := d.SignedURL(t.Context(), "audio/x.mp3")
	if err != nil || !strings.HasPrefix(link, "/media/audio/x.mp3?expires=") {
		t.Fatalf("SignedURL = %q, %v", link, err)
	}
}

func TestDiskRefusesBadSettings(t *testing.T) {
	good := blob.DiskConfig{Dir: t.TempDir(), PublicURL: "https://api.example.org", SigningKey: make([]byte, 32)}
	for name, spoil := range map[string]func(*blob.DiskConfig){
		"a short signing key":        func(c *blob.DiskConfig) { c.SigningKey = make([]byte, 31) },
		"no signing key":             func(c *blob.DiskConfig) { c.SigningKey = nil },
		"an address without scheme":  func(c *blob.DiskConfig) { c.PublicURL = "api.example.org" },
		"another scheme":             func(c *blob.DiskConfig) { c.PublicURL = "ftp://api.example.org" },
		"an address with a query":    func(c *blob.DiskConfig) { c.PublicURL = "https://api.example.org/?a=b" },
		"an address without host":    func(c *blob.DiskConfig) { c.PublicURL = "https:///x" },
		"an address that is no URL":  func(c *blob.DiskConfig) { c.PublicURL = "https://%zz" },
		"an address with a fragment": func(c *blob.DiskConfig) { c.PublicURL = "https://api.example.org/#x" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			spoil(&cfg)
			if d, err := blob.NewDisk(cfg); !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("NewDisk = %v, %v; want invalid", d, err)
			}
		})
	}
}

func BenchmarkDiskSignedURL(b *testing.B) {
	d := openDisk(b, blob.DiskConfig{Dir: b.TempDir(), PublicURL: "https://api.example.org"})
	for b.Loop() {
		if _, err := d.SignedURL(b.Context(), "audio/A1/01970000-0000-7000-8000-000000000000.mp3"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRotatedLinks: links that the key before has signed are good until they are over; new ones are signed with the new key.
func TestRotatedLinks(t *testing.T) {
	const key = "audio/A1/a.mp3"
	now := time.Now()
	dir, first, second := t.TempDir(), []byte(strings.Repeat("1", 32)), []byte(strings.Repeat("2", 32))
	open := func(signing, previous []byte) *blob.Disk {
		d, err := blob.NewDisk(blob.DiskConfig{
			Dir: dir, PublicURL: "http://api.test", SigningKey: signing, PreviousKey: previous, Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	before, during, after := open(first, nil), open(second, first), open(second, nil)
	if _, err := before.Put(t.Context(), key, strings.NewReader("x"), "audio/mpeg"); err != nil {
		t.Fatal(err)
	}
	opens := func(d, by *blob.Disk) bool {
		link, err := by.SignedURL(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		content, _, err := d.OpenSigned(t.Context(), key, u.Query().Get("expires"), u.Query().Get("signature"))
		if err == nil {
			_ = content.Close()
		}
		return err == nil
	}
	for name, tt := range map[string]struct {
		by, at *blob.Disk
		want   bool
	}{
		"made before, opened during": {before, during, true}, "made before, opened after": {before, after, false},
		"made during, opened after": {during, after, true}, "made during, opened before": {during, before, false},
	} {
		if got := opens(tt.at, tt.by); got != tt.want {
			t.Errorf("a link %s: %v, want %v", name, got, tt.want)
		}
	}
	if _, err := blob.NewDisk(blob.DiskConfig{Dir: dir, SigningKey: second, PreviousKey: first[:31]}); err == nil {
		t.Error("a previous key of 31 bytes is taken")
	}
}

// TestDiskOfAnotherUser: what root stores in somebody's folder is theirs, folders too, or their daemon could neither read nor remove
// it. Whoever is not root keeps what they make.
func TestDiskOfAnotherUser(t *testing.T) {
	data := t.TempDir()
	want := os.Geteuid()
	if want == 0 {
		want = 12345
		if err := os.Chown(data, want, want); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(data, "audio")
	for range 2 { // once the folder is made, and once it is there
		d := openDisk(t, blob.DiskConfig{Dir: dir})
		if _, err := d.Put(t.Context(), "audio/A1/x.mp3", strings.NewReader("x"), ""); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if uid := int(info.Sys().(*syscall.Stat_t).Uid); uid != want {
			t.Errorf("%s belongs to user %d, want %d", path, uid, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
