package offline

import (
	"slices"
	"testing"

	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/testenv"
)

// BenchmarkFiveSeconds is what a learner waits for.
func BenchmarkFiveSeconds(b *testing.B) {
	a := New("", nil)
	a.model = testModel(b)
	u := pronunciation.Utterance{
		Samples: testenv.Recording(b, "librivox/sense_and_sensibility_01_austen_64kb-0890.wav")[:5*sampleRate],
		Text:    "unless to be rather cold hearted and rather selfish is to be ill disposed",
	}
	for b.Loop() {
		if _, err := a.Assess(b.Context(), u); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkThirtySeconds is the longest recording with a long text, for the memory that it takes.
func BenchmarkThirtySeconds(b *testing.B) {
	m := testModel(b)
	sound := testenv.Recording(b, "librivox/sense_and_sensibility_01_austen_64kb-0870.wav")
	samples := slices.Repeat(sound, 30*sampleRate/len(sound)+1)[:30*sampleRate]
	b.ReportAllocs()
	for b.Loop() {
		h, err := m.Listen(b.Context(), samples)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.Read(b.Context(), longText); err != nil {
			b.Fatal(err)
		}
	}
}

const longText = `and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them and mister john
	dashwood had then leisure to consider how much there might be prudently in his power to do for them and mister john dashwood had then leisure to
	consider how much there might be prudently in his power to do for them and mister john dashwood had then leisure to consider how much`

// BenchmarkOpen is what the first learner waits for in addition.
func BenchmarkOpen(b *testing.B) {
	dir := testenv.SpeechModel(b)
	for b.Loop() {
		if _, err := Open(dir); err != nil {
			b.Fatal(err)
		}
	}
}
