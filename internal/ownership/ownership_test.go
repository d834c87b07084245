package ownership_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/englishapp/englishctl/internal/ownership"
)

// another is a user who needs no name. Whoever is not root cannot give files away, and keeps them.
const another = 12345

// folder makes a folder, another user's if this process is root's, and returns its owner.
func folder(t *testing.T) (dir string, uid int) {
	t.Helper()
	dir, uid = t.TempDir(), os.Geteuid()
	if uid == 0 {
		uid = another
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	return dir, uid
}

func file(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func TestHandOver(t *testing.T) {
	dir, uid := folder(t)
	made := file(t, filepath.Join(dir, "made"))
	if err := ownership.HandOver(made); err != nil {
		t.Fatal(err)
	}
	if got := ownerOf(t, made); got != uid {
		t.Errorf("the file belongs to %d, want %d", got, uid)
	}
}

// TestWhatIsElsewhere: links that somebody has laid into their folder lead to nothing that root would give them.
func TestWhatIsElsewhere(t *testing.T) {
	dir, _ := folder(t)
	outside := file(t, filepath.Join(t.TempDir(), "secret"))
	soft, hard := filepath.Join(dir, "soft"), filepath.Join(dir, "hard")
	if err := os.Symlink(outside, soft); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(outside, hard); err != nil {
		t.Fatal(err)
	}
	if err := ownership.HandOver(soft); os.Geteuid() == 0 && err == nil {
		t.Error("a symbolic link is taken for a file")
	}
	if err := ownership.HandOver(hard); err != nil {
		t.Error(err)
	}
	if got := ownerOf(t, outside); got != os.Geteuid() {
		t.Errorf("the file elsewhere belongs to %d now", got)
	}
}

func TestOwnersFolder(t *testing.T) {
	o, err := ownership.Of(t.TempDir())
	if err != nil || o != nil {
		t.Errorf("the own folder is said to be %v's: %v", o, err)
	}
}
