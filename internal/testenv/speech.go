package testenv

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Where Debian's packages pocketsphinx-en-us and pocketsphinx-testdata put a model and recordings.
const (
	speechModel      = "/usr/share/pocketsphinx/model/en-us"
	speechRecordings = "/usr/share/pocketsphinx/test/data"
)

// SpeechModel returns the folder of the acoustic model for American English. See missing for where it is not there.
func SpeechModel(tb testing.TB) string {
	tb.Helper()
	return installed(tb, speechModel, "pocketsphinx-en-us")
}

// Recording returns the samples, at 16 kHz, of a file of Debian's package pocketsphinx-testdata.
func Recording(tb testing.TB, name string) []int16 {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join(installed(tb, speechRecordings, "pocketsphinx-testdata"), name))
	if err != nil {
		tb.Fatal(err)
	}
	if filepath.Ext(name) == ".wav" {
		content = content[waveHeader:]
	}
	return samples(content)
}

// waveHeader is how many bytes come before the samples in the WAV files that are read here.
const waveHeader = 44

// Say lets the synthesiser flite speak, with the voice slt or rms, and returns its samples at 16 kHz.
func Say(tb testing.TB, voice, text string) []int16 {
	tb.Helper()
	program, err := exec.LookPath("flite")
	if err != nil {
		missing(tb, "flite")
	}
	file := filepath.Join(tb.TempDir(), "speech.wav")
	if out, err := exec.CommandContext(tb.Context(), program, "-voice", voice, "-t", text, "-o", file).CombinedOutput(); err != nil {
		tb.Fatalf("flite: %v: %s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return samples(content[waveHeader:])
}

func samples(content []byte) []int16 {
	out := make([]int16, len(content)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(content[2*i:])) //nolint:gosec // the sign is wanted
	}
	return out
}

func installed(tb testing.TB, path, name string) string {
	tb.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(tb, name)
	}
	return path
}

// missing ends a test that needs a package: it fails under `make test`, which has installed it, and is skipped elsewhere.
func missing(tb testing.TB, name string) {
	tb.Helper()
	if os.Getenv("TEST_SPEECH_REQUIRED") == "1" {
		tb.Fatalf("Debian's package %s is not installed, but TEST_SPEECH_REQUIRED=1 promises it", name)
	}
	tb.Skipf("Debian's package %s is not installed: run `make test`, which installs it", name)
}
