package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/config"
)

func TestTidyRemovesWhatNobodyGoesOnWriting(t *testing.T) {
	data := t.TempDir()
	cfg, _, err := config.Load(config.Options{Environ: []string{"DATA_DIR=" + data}, Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	unfinished := func(name string, age time.Duration) string {
		path := filepath.Join(data, "audio", ".tmp", name)
		if err := os.WriteFile(path, []byte("half a recording"), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dead, alive := unfinished("dead", 11*time.Minute), unfinished("alive", time.Minute)

	(&Daemon{App: a}).tidy(t.Context())

	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file that nobody writes: %v, want it gone", err)
	}
	if _, err := os.Stat(alive); err != nil {
		t.Errorf("the file that is being written: %v, want it untouched", err)
	}
}
