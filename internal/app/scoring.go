package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
	"github.com/englishapp/englishctl/internal/azure"
	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// rememberedBytes is for some thousand scores of 10 minutes. They stay in this process: what learners say is nobody else's.
const rememberedBytes = 8 << 20

// newScores builds the scoring of pronunciation with the provider that the settings name.
func newScores(cfg *config.Config, decoder audio.Decoder, ids *pronunciation.ScoreIDs, meter *pronunciation.Meter, w *watch, log *slog.Logger) (*pronunciation.Service, error) {
	assessor, err := newAssessor(cfg, log)
	if err != nil {
		return nil, err
	}
	behind := newBackground()
	if cfg.Speech.Offline() && assessor != nil {
		assessor = quietAssessor{assessor, behind}
	}
	if assessor != nil {
		assessor = pronunciation.Patient(watchedAssessor{assessor, w}, pronunciation.Patience{Timeout: cfg.Speech.Timeout, Calls: cfg.Speech.Calls, Hedge: cfg.Speech.Hedge, Meter: meter, Log: log})
		assessor = pronunciation.Remembering(assessor, w.cache("scores", cache.NewMemory(rememberedBytes, nil)), meter)
	}
	return pronunciation.New(assessor, listener{decoder, behind, listeningTime}.listen, ids), nil
}

// OpenScores builds the scoring alone, for a command that needs nothing else: no database is opened.
func OpenScores(cfg *config.Config, log *slog.Logger) (*pronunciation.Service, error) {
	decoder, err := openDecoder(cfg)
	if err != nil {
		return nil, err
	}
	return newScores(cfg, decoder, nil, &pronunciation.Meter{}, newWatch(nil, nil), log)
}

// ScoringCalls is how many recordings the provider may be asked about at a time.
func (a *App) ScoringCalls() int { return a.cfg.Speech.Calls }

// newScoreIDs builds what lets a game session quote a score.
func newScoreIDs(tokens keys, now func() time.Time) (*pronunciation.ScoreIDs, error) {
	own, err := tokens.derive("score ids")
	if err != nil {
		return nil, fmt.Errorf("derive the key of score ids: %w", err)
	}
	return pronunciation.NewScoreIDs(own.signing, own.previous, now), nil
}

// quotedScores reads score ids for practice, in its types.
type quotedScores struct{ ids *pronunciation.ScoreIDs }

// Quoted returns the score that was given to the player for the sentence.
func (q quotedScores) Quoted(player uuid.UUID, sentence, scoreID string) (practice.Quote, error) {
	given, err := q.ids.Read(player, sentence, scoreID)
	if errors.Is(err, pronunciation.ErrOver) {
		return practice.Quote{}, practice.ErrScoreOver
	}
	return practice.Quote(given), err
}

// newAssessor returns nil where nobody scores: by wish, because a setting is missing, which config.ValidateForServe has said to whom it
// concerns, or because no acoustic model is found and none was asked for.
func newAssessor(cfg *config.Config, log *slog.Logger) (pronunciation.Assessor, error) {
	switch {
	case cfg.Speech.Azure():
		return newAzure(cfg.Speech)
	case cfg.Speech.Offline():
		dir, err := findModel(cfg, offline.DebianDir)
		if dir == "" || err != nil {
			return nil, err
		}
		return offline.New(dir, log), nil
	}
	return nil, nil
}

func newAzure(cfg config.Speech) (pronunciation.Assessor, error) {
	resource := azure.Config{
		Key: cfg.AzureKey.Reveal(), Region: cfg.AzureRegion, Endpoint: cfg.AzureEndpoint, Connections: cfg.Calls,
	}
	if cfg.Provider == config.SpeechAzureSDK {
		return newSDK(resource)
	}
	client, err := azure.New(resource)
	if err != nil {
		return nil, fmt.Errorf("set up Azure Speech: %w", err)
	}
	return client, nil
}

// quietAssessor computes behind everything else that is to be done.
type quietAssessor struct {
	pronunciation.Assessor
	background background
}

// Assess implements pronunciation.Assessor.
func (q quietAssessor) Assess(ctx context.Context, u pronunciation.Utterance) (a pronunciation.Assessment, err error) {
	if waiting := q.background.do(ctx, func() { a, err = q.Assessor.Assess(ctx, u) }); waiting != nil {
		return pronunciation.Assessment{}, waiting
	}
	return a, err
}

// listeningTime is how long decoding a recording may take, with waiting for a turn. It leaves the provider time to answer before the
// server gives up writing (45 s), and comes to an end only where the machine has far too much to do: it takes some milliseconds.
const listeningTime = 30 * time.Second

// listener decodes what learners send, behind everything else that is to be done.
type listener struct {
	decoder    audio.Decoder
	background background
	time       time.Duration // at most
}

// listen implements pronunciation.Decode.
func (l listener) listen(ctx context.Context, content []byte) (sound pronunciation.Sound, err error) {
	bounded, cancel := context.WithTimeout(ctx, l.time)
	defer cancel()
	if waiting := l.background.do(bounded, func() { sound, err = l.hear(bounded, content) }); waiting != nil {
		err = waiting
	}
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = &pronunciation.Failure{Reason: pronunciation.TimedOut, Cause: fmt.Errorf("not decoded within %s: the machine is busy: %w", l.time, err)}
	}
	return sound, err
}

// hear decodes a recording and measures it.
func (l listener) hear(ctx context.Context, content []byte) (pronunciation.Sound, error) {
	clip, err := l.decoder.Decode(ctx, content, audio.Limits{MaxBytes: pronunciation.MaxRecordingBytes, MinDuration: audio.DefaultLimits.MinDuration})
	if err != nil {
		return pronunciation.Sound{}, unusable(err)
	}
	samples, err := clip.At(pronunciation.SampleRate)
	if err != nil {
		return pronunciation.Sound{}, fmt.Errorf("resample a recording: %w", err)
	}
	q := audio.Measure(clip.Samples, clip.SampleRate) // of the original: resampling would smooth what is clipped
	if clip.SampleRate != pronunciation.SampleRate {  // else its samples are those that go on
		clip.Release()
	}
	return pronunciation.Sound{Samples: samples, Speech: q.Speech, Peak: q.Peak, Clipped: q.Clipped, Flat: q.Flat, Sounding: q.Sounding}, nil
}

// unusable says what is wrong with a file, in the words of whoever chose it.
func unusable(err error) error {
	var (
		tooLarge *audio.TooLargeError
		tooLong  *audio.TooLongError
		tooShort *audio.TooShortError
	)
	invalid := fault.Invalid("audio", "%s", err).WithCause(err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, ffmpeg.ErrModule):
		return decoderSetting(err)
	case errors.As(err, &tooLarge):
		return fault.TooLarge("%s", err)
	case errors.As(err, &tooLong):
		return invalid.WithCode("audio_too_long")
	case errors.As(err, &tooShort):
		return invalid.WithCode("audio_too_short")
	default:
		return invalid.WithCode("unsupported_audio")
	}
}
