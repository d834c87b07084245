package catalog_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// sniffRIFF knows one format.
func sniffRIFF(head []byte) (ext, contentType string, err error) {
	if bytes.HasPrefix(head, []byte("RIFF")) {
		return ".wav", "audio/wav", nil
	}
	return "", "", errors.New("a text")
}

// newStudio is a world whose service takes recordings, with an empty shelf.
func newStudio(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, catalog.WithSniffer(sniffRIFF))
	clear(w.recordings.keys)
	return w
}

func (w *world) onShelf() []string { return slices.Sorted(maps.Keys(w.recordings.keys)) }

func hello(recording io.Reader) catalog.NewSpeech {
	return catalog.NewSpeech{Recording: recording, Text: "Hello.", Level: "B1"}
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestCreateSpeechStoresItsRecording(t *testing.T) {
	w := newStudio(t)
	got, err := w.CreateSpeech(t.Context(), hello(strings.NewReader("RIFF one")))
	if err != nil {
		t.Fatal(err)
	}
	key := "audio/B1/" + got.ID.String() + ".wav"
	if got.Audio != key || got.AudioSHA256 != digest("RIFF one") || w.recordings.put != "audio/wav: RIFF one" {
		t.Fatalf("created %+v from %q", got, w.recordings.put)
	}
	if diff := cmp.Diff([]string{key}, w.onShelf()); diff != "" {
		t.Fatal(diff)
	}
	stored, err := w.Speech(t.Context(), got.ID)
	if diff := cmp.Diff(got, stored); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	content, err := w.OpenRecording(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	if bytes, err := io.ReadAll(content); err != nil || string(bytes) != "the bytes of "+key {
		t.Fatalf("read %q, %v", bytes, err)
	}
}

func TestRecordingRules(t *testing.T) {
	tests := []struct {
		name      string
		recording string
		want      string
	}{
		{"an empty one", "", "The recording is empty"},
		{"judged by its content", "hello", "The recording is a text; only MP3, WAV and M4A are allowed"},
		{"at most 10 MiB", "RIFF" + strings.Repeat("x", 10<<20-3), "The recording is larger than 10 MiB, the limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newStudio(t)
			speech := w.speech(t, "A1", "answer")
			_, created := w.CreateSpeech(t.Context(), hello(strings.NewReader(tt.recording)))
			_, updated := w.UpdateSpeech(t.Context(), speech.ID, catalog.SpeechChange{Recording: strings.NewReader(tt.recording)})
			for _, err := range []error{created, updated} {
				wantFault(t, err, fault.KindInvalid, "audio")
				if f, _ := fault.As(err); f.Fields[0].Message != tt.want {
					t.Errorf("it says %q, want %q", f.Fields[0].Message, tt.want)
				}
			}
			if len(w.onShelf()) != 0 {
				t.Errorf("something was stored: %v", w.onShelf())
			}
		})
	}
	t.Run("a recording of exactly 10 MiB", func(t *testing.T) {
		if _, err := newStudio(t).CreateSpeech(t.Context(), hello(strings.NewReader("RIFF"+strings.Repeat("x", 10<<20-4)))); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("it is told with the other mistakes", func(t *testing.T) {
		_, err := newStudio(t).CreateSpeech(t.Context(), catalog.NewSpeech{Recording: strings.NewReader("no"), Level: "D1"})
		wantFault(t, err, fault.KindInvalid, "audio", "text", "level")
	})
	t.Run("a reader that fails", func(t *testing.T) {
		if _, err := newStudio(t).CreateSpeech(t.Context(), hello(iotest.ErrReader(errDown))); !errors.Is(err, errDown) {
			t.Fatalf("err = %v", err)
		}
	})
	t.Run("without a sniffer none is accepted", func(t *testing.T) {
		_, err := newWorld(t).CreateSpeech(t.Context(), hello(strings.NewReader("RIFF")))
		wantFault(t, err, fault.KindInvalid, "audio")
	})
}

func TestUpdateSpeechStoresItsRecording(t *testing.T) {
	w := newStudio(t)
	before, err := w.CreateSpeech(t.Context(), hello(strings.NewReader("RIFF one")))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the same recording changes nothing", func(t *testing.T) {
		got, err := w.UpdateSpeech(t.Context(), before.ID, catalog.SpeechChange{Recording: strings.NewReader("RIFF one")})
		if diff := cmp.Diff(before, got); diff != "" || err != nil || len(w.onShelf()) != 1 {
			t.Fatal(err, diff, w.onShelf())
		}
	})
	t.Run("another one gets a place of its own, by the new level", func(t *testing.T) {
		got, err := w.UpdateSpeech(t.Context(), before.ID, catalog.SpeechChange{
			Recording: strings.NewReader("RIFF two"), Level: ptr(catalog.Level("C1")),
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got.Audio, "audio/C1/") || got.AudioSHA256 != digest("RIFF two") || got.Text != "Hello." {
			t.Fatalf("updated to %+v", got)
		}
		if diff := cmp.Diff([]string{before.Audio, got.Audio}, w.onShelf()); diff != "" {
			t.Fatal(diff)
		}
		if e := w.lastAudit(t); e.Changes["audio_url"].Before != before.Audio || e.Changes["audio_url"].After != got.Audio {
			t.Fatalf("recorded %+v", e)
		}
	})
	t.Run("of a speech that does not exist nothing is stored", func(t *testing.T) {
		w.recordings.put = ""
		_, err := w.UpdateSpeech(t.Context(), w.newID(), catalog.SpeechChange{Recording: strings.NewReader("RIFF three")})
		if wantFault(t, err, fault.KindNotFound); w.recordings.put != "" {
			t.Fatalf("stored %q", w.recordings.put)
		}
	})
}

func TestRecordingOfAFailedWrite(t *testing.T) {
	tests := []struct {
		name    string
		failing string
		prepare func(w *world, n *catalog.NewSpeech)
		// stored is how many recordings are left.
		stored int
	}{
		{"is taken back where the insert fails", "InsertSpeeches", nil, 0},
		{"is taken back where the commit fails", "Commit", nil, 0},
		{"is taken back where a tag does not exist", "", func(w *world, n *catalog.NewSpeech) { n.TagIDs = append(n.TagIDs, w.newID()) }, 0},
		{"is taken back where storing it seemed to fail", "", func(w *world, _ *catalog.NewSpeech) { w.recordings.putErr = errDown }, 0},
		{"stays where the commit's answer was lost, since the speech uses it", "Committed", nil, 1},
		{"stays for the sweep where nobody can tell", "*", nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newStudio(t)
			n := hello(strings.NewReader("RIFF one"))
			if tt.prepare != nil {
				tt.prepare(w, &n)
			}
			failed := false
			w.store.Fail(func(op string) error {
				if tt.failing == "*" || op == tt.failing && !failed { // taking back may succeed
					failed = true
					return errDown
				}
				return nil
			})
			if _, err := w.CreateSpeech(t.Context(), n); err == nil {
				t.Fatal("it did not fail")
			}
			if len(w.onShelf()) != tt.stored {
				t.Errorf("on the shelf: %v, want %d", w.onShelf(), tt.stored)
			}
		})
	}
	t.Run("a failure to take it back is told too", func(t *testing.T) {
		w := newStudio(t)
		w.recordings.putErr, w.recordings.deleteErr = fault.Unavailable("full"), errDown
		if _, err := w.CreateSpeech(t.Context(), hello(strings.NewReader("RIFF one"))); !errors.Is(err, errDown) || !fault.Is(err, fault.KindUnavailable) {
			t.Fatalf("err = %v", err)
		}
	})
}

func TestOpenRecordingOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	_, err := w.OpenRecording(t.Context(), w.speech(t, "A1", "answer"))
	wantFault(t, err, fault.KindNotFound)
	_, err = w.OpenRecording(t.Context(), catalog.Speech{Audio: "audio/A1/gone.mp3"})
	wantFault(t, err, fault.KindNotFound)
}

func TestAllSpeeches(t *testing.T) {
	w := newWorld(t)
	want := w.speech(t, "A1", "answer")
	w.speech(t, "A2", "answer")
	got, err := w.AllSpeeches(t.Context(), catalog.SpeechQuery{Level: "A1"})
	if err != nil || len(got) != 1 || got[0].ID != want.ID {
		t.Fatalf("AllSpeeches = %v, %v", got, err)
	}
	_, err = w.AllSpeeches(t.Context(), catalog.SpeechQuery{Level: "D1"})
	wantFault(t, err, fault.KindInvalid, "level")
}
