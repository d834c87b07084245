package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/testenv"
)

func recording(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../audio/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// What only the full decoder knows is scored where there is one, and refused by name where there is none.
func TestScoringWithTheFullDecoder(t *testing.T) {
	fake := azuretest.New(azuretest.Config{Transcript: "Good"})
	azure := []string{"AZURE_SPEECH_KEY=" + azuretest.Key, "AZURE_SPEECH_ENDPOINT=" + fake.Serve(t).String()}
	builtIn := openClassroom(t, azure...)
	full := openClassroom(t, append(azure, "AUDIO_DECODER_WASM="+testenv.Required(t, "TEST_DECODER_WASM"))...)
	if _, err := full.decoder.prepare(); err != nil { // with the race detector it takes longer than learners wait
		t.Fatal(err)
	}
	for _, tt := range []struct{ file, refused string }{
		{"full-opus.ogg", "this is an Ogg file, which needs the full decoder; without it only MP3, WAV and M4A audio can be used"},
		{"full-opus.webm", "this is a WebM or Matroska file, which needs the full decoder; without it only MP3, WAV and M4A audio can be used"},
		{"full-amr.amr", "this is an AMR file, which needs the full decoder; without it only MP3, WAV and M4A audio can be used"},
		{"full-alac.m4a", "this M4A holds ALAC; that needs the full decoder"},
		{"full-11025.mp3", "MP3 at 11.025 kHz needs the full decoder"},
	} {
		content := recording(t, tt.file)
		status, got, err := builtIn.score(t.Context(), content, "Good")
		if err != nil || status != 400 || got.Code != "unsupported_audio" || !strings.Contains(got.Detail, tt.refused) {
			t.Errorf("%s, built in: %d %+v, %v; want 400 %q", tt.file, status, got, err, tt.refused)
		}
		if status, got, err = full.score(t.Context(), content, "Good"); err != nil || status != 200 || got.Provider != "azure" {
			t.Errorf("%s: %d %+v, %v", tt.file, status, got, err)
		}
	}
	if status, got, err := full.score(t.Context(), []byte("fLaC"), "Good"); err != nil || status != 400 || !strings.Contains(got.Detail, "OGG, WebM and AMR") {
		t.Errorf("FLAC: %d %+v, %v", status, got, err)
	}
	kept, err := filepath.Glob(filepath.Join(full.cfg.DataDir, "cache", "decoder", "*", "*"))
	if err != nil || len(kept) != 1 {
		t.Errorf("%v is kept of the compiled module, %v; want one file", kept, err)
	}
}

// What can be imported stays what phones play.
func TestTheFullDecoderImportsNothingElse(t *testing.T) {
	if _, _, err := sniff(recording(t, "full-opus.ogg")); err == nil || err.Error() != "an Ogg file" {
		t.Errorf("%v, want that it is an Ogg file", err)
	}
	cfg := schoolhouse(t, "AUDIO_DECODER_WASM="+testenv.Required(t, "TEST_DECODER_WASM"))
	decoder, err := openDecoder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = decoder.Close() })
	sound, err := newExaminer(decoder).examine(t.Context(), recording(t, "full-alac.m4a"))
	if err != nil || sound.Unheard != "" || sound.Peak == 0 {
		t.Errorf("%+v, %v; want that it was heard", sound, err)
	}
	if _, err := os.Stat(cfg.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("DATA_DIR was made for the sake of the decoder: %v", err)
	}
}

// brokenModule is whole by its sections, and nothing inside.
const brokenModule = "\x00asm\x01\x00\x00\x00\x01\x01\xff"

func module(t *testing.T, content string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "decoder.wasm")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return schoolhouse(t, "AUDIO_DECODER_WASM="+path)
}

// checkSetting wants one line that names the setting and the file.
func checkSetting(t *testing.T, err error, cfg *config.Config, why string) {
	t.Helper()
	if err == nil {
		t.Fatal("it starts")
	}
	if got := err.Error(); !strings.HasPrefix(got, "AUDIO_DECODER_WASM: ") || !strings.Contains(got, cfg.Speech.AudioDecoderWASM) || !strings.Contains(got, why) || strings.Contains(got, "\n") {
		t.Errorf("%q, want one line that names the setting, the file and %q", got, why)
	}
}

func TestAWrongModuleStopsTheStart(t *testing.T) {
	for _, tt := range []struct {
		why string
		cfg *config.Config
	}{
		{"there is no ", schoolhouse(t, "AUDIO_DECODER_WASM=none.wasm")},
		{"is no WebAssembly module", module(t, "#!/bin/sh")},
		{"was cut off", module(t, brokenModule[:10])},
	} {
		d, err := OpenDaemon(t.Context(), tt.cfg, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = d.Close()
		}
		checkSetting(t, err, tt.cfg, tt.why)
	}
}

// Only compiling shows it, and that is done while the daemon answers already.
func TestADamagedModuleStopsTheDaemon(t *testing.T) {
	cfg := module(t, brokenModule)
	d, err := OpenDaemon(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	checkSetting(t, d.Serve(t.Context()), cfg, "is a damaged WebAssembly module")
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
