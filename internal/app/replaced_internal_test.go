package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/importing"
)

// TestReplacedRecordingSurvivesTheSweep until its days are over; then it goes, and what is in use stays.
func TestReplacedRecordingSurvivesTheSweep(t *testing.T) {
	data, ctx := t.TempDir(), t.Context()
	cfg, _, err := config.Load(config.Options{Environ: []string{"DATA_DIR=" + data, "REPLACED_RECORDING_DAYS=2"}, Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctx, cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	wave := func(n byte) *strings.Reader {
		return strings.NewReader("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00" + string(n))
	}
	first, err := a.Catalog.CreateSpeech(ctx, catalog.NewSpeech{Text: "Hello.", Level: "A1", Recording: wave(1)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.Catalog.UpdateSpeech(ctx, first.ID, catalog.SpeechChange{Recording: wave(2)})
	if err != nil {
		t.Fatal(err)
	}
	file := func(s catalog.Speech) string { return filepath.Join(data, "audio", filepath.FromSlash(s.Audio)) }
	hourAgo := time.Now().Add(-time.Hour)
	if err := errors.Join(os.Chtimes(file(first), hourAgo, hourAgo), os.Chtimes(file(second), hourAgo, hourAgo)); err != nil {
		t.Fatal(err)
	}
	sweep := func(want int) {
		t.Helper()
		(&Daemon{App: a}).tidy(ctx)
		got, err := a.Imports.Sweep(ctx)
		if (err != nil || got != importing.SweepReport{Recordings: want}) {
			t.Errorf("swept %+v, %v; want %d recordings", got, err, want)
		}
	}
	sweep(0)
	const longAgo = `UPDATE past_recordings SET replaced_at = '2020-01-01T00:00:00.000000Z'`
	if _, err := a.db.Raw().ExecContext(ctx, longAgo); err != nil {
		t.Fatal(err)
	}
	sweep(1)
	if _, err := os.Stat(file(first)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the replaced recording: %v, want it gone", err)
	}
	if _, err := os.Stat(file(second)); err != nil {
		t.Errorf("the recording in use: %v", err)
	}
}
