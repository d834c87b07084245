package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/importing"
)

// What importing warns about must be told by the one who can hear it, all of it.
func TestSoundOf(t *testing.T) {
	for _, tt := range []struct {
		file string
		want importing.Sound
	}{
		{"mp3-22050-1.mp3", importing.Sound{Format: "MP3", Codec: "MP3 (MPEG-2 Layer III)", SampleRate: 22050, Channels: 1, BitRate: 32003,
			Duration: 350_022_675, Leading: 69_841_269, Sounding: 280_181_405, Speech: -16, Peak: -7.6}},
		{"refused-alac.m4a", importing.Sound{Format: "M4A", Codec: "ALAC", SampleRate: 8000, Channels: 1, BitRate: 37600,
			Duration: 100 * time.Millisecond, Unheard: "this M4A holds ALAC; that needs the full decoder"}},
	} {
		content, err := os.ReadFile(filepath.Join("../audio/testdata", tt.file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := newExaminer(audio.BuiltIn{}).examine(t.Context(), content)
		if err != nil {
			t.Fatalf("%s: %v", tt.file, err)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 0.1)); diff != "" {
			t.Errorf("%s: %s", tt.file, diff)
		}
	}
}
