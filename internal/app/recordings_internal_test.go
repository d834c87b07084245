package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

func TestExamine(t *testing.T) {
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join("../audio/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	tests := []struct {
		name    string
		content []byte
		refused bool
	}{
		{"sound", read("ipod.m4a"), false},
		{"sound with a cover picture", read("cover.m4a"), false},
		{"sound that only the full decoder knows", read("refused-alac.m4a"), false},
		{"a video", read("refused-video.mp4"), true},
		{"a header and nothing else", []byte("\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42"), true},
		{"half a file", read("ipod.m4a")[:2000], true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sound, err := newExaminer(audio.BuiltIn{}).examine(t.Context(), tt.content)
			if (err != nil) != tt.refused {
				t.Errorf("examine = %v, want refused: %v", err, tt.refused)
			}
			if err == nil && sound.Duration == 0 && sound.Unheard == "" {
				t.Errorf("the sound is %+v", sound)
			}
		})
	}
}
