package audio_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/testenv"
)

// allocated is how many bytes fn asks for in all.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What a file claims takes no memory; only what it holds does, and of that no more than the limit.
func TestMemoryIsBounded(t *testing.T) {
	pcm := wavSpec{tag: 1, channels: 1, rate: 8000, align: 1, bits: 8, data: make([]byte, 9<<20)} // 20 minutes
	hours := pcm
	hours.size = 0x7FFE0000
	manyUnits := mp4File(fixture(t, "aac-16000-1.m4a"))
	copy(manyUnits.body(t, in(stbl, "stsz")...)[8:], be32(-1))
	copy(manyUnits.body(t, in(stbl, "stco")...)[4:], be32(-1))
	runs := mp4File(fixture(t, "fragmented.mp4"))
	copy(runs.body(t, "moof", "traf", "trun")[4:], be32(-1))
	cover := join(id3(9<<20), slices.Concat(speechMP3(t)...))

	for _, tt := range []struct {
		rule string
		file []byte
		most uint64 // MiB
	}{
		{"20 minutes of WAV", pcm.bytes(), 4},
		{"WAV of 18 hours by its header", hours.bytes(), 4},
		{"4 billion units", manyUnits, 4},
		{"4 billion units in a fragment", runs, 4},
		{"a cover picture of 9 MiB", cover, 4},
		{"half an hour of MP3", slices.Concat(slices.Repeat([][]byte{silentFrame()}, 80_000)...), 120}, // in all; the codec allocates per frame
	} {
		t.Run(tt.rule, func(t *testing.T) {
			used := allocated(func() {
				_, _ = audio.BuiltIn{}.Decode(t.Context(), tt.file, audio.Limits{MaxDuration: 10 * time.Second})
			})
			if used > tt.most<<20 {
				t.Errorf("%d MiB were allocated, want at most %d", used>>20, tt.most)
			}
		})
	}
}

// Bytes changed at random reach the codecs more often than what a fuzzer makes up.
func TestDamagedBytesGiveAnAnswer(t *testing.T) {
	rounds := testenv.Sparing(80)
	random := rand.New(rand.NewPCG(4, 2))
	for _, name := range []string{"mp3-24000-1.mp3", "mp3-22050-1.mp3", "mp3-44100-2.mp3", "aac-16000-1.m4a", "fragmented.mp4", "wav-extensible.wav"} {
		whole := fixture(t, name)
		for range rounds {
			content := slices.Clone(whole)
			for range 1 + random.IntN(6) {
				content[random.IntN(len(content))] = byte(random.Uint32())
			}
			checkDecode(t, content)
		}
	}
}
