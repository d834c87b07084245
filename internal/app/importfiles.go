package app

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/spreadsheet"
)

// importFiles is how the files of an import are recognised and read.
func importFiles(decoder audio.Decoder) importing.FilesConfig {
	return importing.FilesConfig{Sniff: sniff, Examine: newExaminer(decoder).examine, Sheet: spreadsheet.Read}
}

// examiner decodes recordings, as many at a time as there are processors: more would only take more memory.
type examiner struct {
	decoder audio.Decoder
	places  *semaphore.Weighted
}

func newExaminer(decoder audio.Decoder) examiner {
	return examiner{decoder, semaphore.NewWeighted(int64(processors))}
}

// examine returns what a recording sounds like. Its error is a sentence that says why nobody could play it.
func (e examiner) examine(ctx context.Context, content []byte) (importing.Sound, error) {
	if err := e.places.Acquire(ctx, 1); err != nil {
		return importing.Sound{}, fmt.Errorf("wait for a place to decode: %w", err)
	}
	defer e.places.Release(1)
	found, err := audio.Examine(ctx, e.decoder, content, audio.Limits{})
	if err != nil {
		return importing.Sound{}, err
	}
	return soundOf(found), nil
}

// soundOf is an examination in importing's words.
func soundOf(found audio.Examination) importing.Sound {
	q := found.Quality
	s := importing.Sound{
		Format: found.Format.String(), Codec: found.Codec, SampleRate: found.SampleRate, Channels: found.Channels, BitRate: found.BitRate,
		Duration: found.Duration, Speech: q.Speech, Peak: q.Peak, Clipped: q.Clipped, Leading: q.Leading, Trailing: q.Trailing,
		Sounding: q.Sounding,
	}
	if found.Unheard != nil {
		s.Unheard = found.Unheard.Error()
	}
	return s
}
