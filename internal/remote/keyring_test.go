package remote

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func signIn(server string) SignIn {
	return SignIn{Server: server, Email: "ada@example.com", AccessToken: oldAccess, RefreshToken: refresh}
}

func newKeyring(t *testing.T) (k *Keyring, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "config", "englishctl", "credentials.json")
	return NewKeyring(path), path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeyring: several servers, of which the last is the current one.
func TestKeyring(t *testing.T) {
	k, _ := newKeyring(t)
	one, two := signIn("https://one.example.com"), signIn("https://two.example.com")
	current := func(want string) {
		t.Helper()
		got, found, err := k.Current()
		must(t, err)
		if got.Server != want || found != (want != "") {
			t.Fatalf("the current server is %q, want %q", got.Server, want)
		}
	}
	current("")
	must(t, k.Put(one))
	must(t, k.Put(two))
	current(two.Server)
	one.Email, one.InsecureHTTP = "bea@example.com", true
	must(t, k.Put(one))
	current(one.Server)
	must(t, k.Renew(one.Server, newAccess))
	must(t, k.Renew("https://three.example.com", newAccess))
	one.AccessToken = newAccess
	for _, want := range []SignIn{one, two} {
		got, found, err := k.Find(want.Server)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" || !found {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if _, found, _ := k.Find("https://three.example.com"); found {
		t.Error("a server that nobody has signed in to is there")
	}
	must(t, k.Remove(one.Server))
	current("")
	must(t, k.Remove(one.Server))
	if _, found, _ := k.Find(two.Server); !found {
		t.Error("the other server is gone, too")
	}
}

// TestKeyringIsPrivate: the folder and the file are the owner's, and nothing lies about beside them.
func TestKeyringIsPrivate(t *testing.T) {
	k, path := newKeyring(t)
	must(t, k.Put(signIn("https://one.example.com")))
	must(t, k.Put(signIn("https://two.example.com")))
	for path, want := range map[string]os.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the mode %o, want %o", path, got, want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("the folder has %v", entries)
	}
}

// TestKeyringThatOthersRead is refused by whatever would use it, with the command that mends it.
func TestKeyringThatOthersRead(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o601} {
		k, path := newKeyring(t)
		must(t, k.Put(signIn("https://one.example.com")))
		must(t, os.Chmod(path, mode))
		for name, use := range map[string]func() error{
			"Current": func() error { _, _, err := k.Current(); return err },
			"Find":    func() error { _, _, err := k.Find("https://one.example.com"); return err },
			"Put":     func() error { return k.Put(signIn("https://two.example.com")) },
		} {
			err := use()
			if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
				t.Errorf("%s of a file with mode %o: %v", name, mode, err)
			}
			mustBeDiscreet(t, err)
		}
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != mode {
			t.Error("the mode was changed in silence")
		}
	}
}

// TestDamagedKeyring says what to do, and shows nothing of what is in it.
func TestDamagedKeyring(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "cut off": `{"current": "https://one", "servers": [{"access_token": "` + oldAccess, "a list": `["` + oldAccess + `"]`,
		"far too large": strings.Repeat(" ", maxKeyring+1) + "{}",
	} {
		k, path := newKeyring(t)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(content), 0o600))
		_, _, err := k.Current()
		if err == nil || !strings.Contains(err.Error(), path+" is damaged") || !strings.Contains(err.Error(), "remove it and sign in again") {
			t.Errorf("%s: %v", name, err)
		}
		mustBeDiscreet(t, err)
		if after, _ := os.ReadFile(path); string(after) != content {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// TestKeyringTogether: what many processes change at once is all there.
func TestKeyringTogether(t *testing.T) {
	_, path := newKeyring(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := NewKeyring(path).Put(signIn(fmt.Sprintf("https://%d.example.com", i))); err != nil { // a lock of its own, as a process has
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 20 {
		if _, found, err := NewKeyring(path).Find(fmt.Sprintf("https://%d.example.com", i)); !found || err != nil {
			t.Errorf("sign-in %d is lost: %v", i, err)
		}
	}
}

// TestKeyringWithoutAPlace: where nothing can be written, the error says so, and nothing is left behind.
func TestKeyringWithoutAPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := NewKeyring(filepath.Join(file, "englishctl", "credentials.json")).Put(signIn("https://one.example.com")); err == nil {
		t.Error("a file was taken for a folder")
	}
	k, path := newKeyring(t)
	must(t, os.MkdirAll(path, 0o700)) // a folder in the file's place
	err := k.Put(signIn("https://one.example.com"))
	if err == nil {
		t.Error("a folder was taken for a file")
	}
	mustBeDiscreet(t, err)
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".credentials-") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}
