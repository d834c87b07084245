package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sync/semaphore"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/spreadsheet"
)

// importFiles is how the files of an import are recognised and read.
func importFiles() importing.FilesConfig {
	return importing.FilesConfig{Sniff: sniff, Examine: newExaminer().examine, Sheet: spreadsheet.Read}
}

// examiner decodes recordings, as many at a time as there are processors: more would only take more memory.
type examiner struct{ places *semaphore.Weighted }

func newExaminer() examiner {
	return examiner{semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))}
}

// examine returns what a recording sounds like. Its error is a sentence that says why nobody could play it.
func (e examiner) examine(ctx context.Context, content []byte) (importing.Sound, error) {
	if err := e.places.Acquire(ctx, 1); err != nil {
		return importing.Sound{}, fmt.Errorf("wait for a place to decode: %w", err)
	}
	defer e.places.Release(1)
	clip, err := audio.BuiltIn{}.Decode(ctx, content, audio.Limits{})
	var unsupported *audio.UnsupportedError
	var tooLong *audio.TooLongError
	switch {
	case errors.As(err, &unsupported) && unsupported.FullDecoder:
		return importing.Sound{Unheard: err.Error()}, nil
	case errors.As(err, &tooLong):
		return importing.Sound{Unheard: err.Error(), Duration: tooLong.AtLeast}, nil
	case err != nil:
		return importing.Sound{}, err
	}
	q := audio.Measure(clip.Samples, clip.SampleRate)
	return importing.Sound{
		Format: clip.Format.String(), Codec: clip.Codec, SampleRate: clip.SampleRate, Channels: clip.Channels, BitRate: clip.BitRate,
		Duration: clip.Duration, Speech: q.Speech, Peak: q.Peak, Clipped: q.Clipped, Leading: q.Leading, Trailing: q.Trailing,
		Sounding: q.Sounding,
	}, nil
}
