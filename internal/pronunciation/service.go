package pronunciation

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/englishapp/englishctl/internal/fault"
)

// Decode turns an uploaded file into sound, in memory. It returns fault.Invalid, naming the field "audio", or
// fault.TooLarge for a file that cannot be used, a *Failure where it takes too long, or the context's error.
type Decode func(ctx context.Context, content []byte) (Sound, error)

// MaxRecordingBytes is how large a recording may be (decisions, "Pronunciation").
const MaxRecordingBytes = 10 << 20

// maxWaitingBytes is how much may be in decoding or wait for it: more than a thousand sentences. It bounds the memory, and what comes
// on top would wait longer than a learner does.
const maxWaitingBytes = 64 << 20

// Recording is what a learner sends.
type Recording struct {
	// Player is who may quote the score in a game session; zero means that nobody will.
	Player   uuid.UUID
	Content  []byte // an audio file; nil where none was sent
	Text     string // the sentence that it should be
	Language string // empty means DefaultLanguage
	Phonemes bool   // whether the scores of single sounds are wanted
}

// Service scores recordings. It is safe for concurrent use.
type Service struct {
	assessor Assessor
	decode   Decode
	waiting  *semaphore.Weighted // bytes
	ids      *ScoreIDs
}

// New returns a service that lets assessor score what decode has decoded. Without an assessor (nil) it says that nobody scores
// here. Without ids (nil) scores cannot be quoted.
func New(assessor Assessor, decode Decode, ids *ScoreIDs) *Service {
	return &Service{assessor, decode, semaphore.NewWeighted(maxWaitingBytes), ids}
}

// Score scores the recording.
//
// It returns fault.Invalid for a text, language or file that cannot be scored, fault.TooLarge for a file that is too large,
// fault.Unsuitable for sound that cannot be scored (most of them before the provider is asked), and fault.Unavailable where
// too many recordings wait, decoding takes too long, the provider does not score it now, or nobody scores here. Each has a code and a sentence for the learner.
func (s *Service) Score(ctx context.Context, r Recording) (Assessment, error) {
	if s.assessor == nil {
		return Assessment{}, fault.Unavailable("pronunciation is not scored on this server; its operator has to install an acoustic model " +
			"(englishctl model install), or set AZURE_SPEECH_KEY and AZURE_SPEECH_REGION, and SPEECH_PROVIDER not to none").WithCode("scoring_not_configured")
	}
	var c fault.Check
	u := Utterance{Text: normal(r.Text), Phonemes: r.Phonemes}
	c.Require(r.Content != nil, "audio", "is required: a recording as MP3, WAV or M4A")
	c.Require(r.Content == nil || len(r.Content) > 0, "audio", "is an empty file: it was sent before the recording was written, or is another one than was meant")
	checkText(&c, u.Text)
	u.Language = checkLanguage(&c, r.Language, s.assessor.Languages())
	if err := c.Err(); err != nil {
		return Assessment{}, err
	}
	sound, err := s.listen(ctx, r.Content)
	if err != nil {
		return Assessment{}, err
	}
	if err := sound.check(u.Text); err != nil {
		return Assessment{}, err
	}
	u.Samples = sound.Samples
	assessment, err := s.assessor.Assess(ctx, u)
	if err != nil {
		return Assessment{}, told(err)
	}
	assessment = assessment.rounded()
	assessment.Provider = s.assessor.Provider()
	spell(assessment.Words, u.Text)
	if s.ids != nil && r.Player != uuid.Nil {
		if assessment.ScoreID, err = s.ids.issue(r.Player, u.Text, assessment); err != nil {
			return Assessment{}, fmt.Errorf("make a score id: %w", err)
		}
	}
	return assessment, nil
}

// listen decodes a recording, unless too many wait for that already.
func (s *Service) listen(ctx context.Context, content []byte) (Sound, error) {
	size := int64(min(len(content), MaxRecordingBytes)) // what is larger is refused in no time
	if !s.waiting.TryAcquire(size) {
		return Sound{}, told(&Failure{Reason: Crowded, Cause: fmt.Errorf("recordings of %d MiB in all are waiting to be decoded", maxWaitingBytes>>20)})
	}
	defer s.waiting.Release(size)
	sound, err := s.decode(ctx, content)
	if err != nil {
		return Sound{}, told(fmt.Errorf("decode a recording: %w", err))
	}
	return sound, nil
}

// rounded returns the assessment with scores of one digit after the point: no provider knows more. It shares nothing with the
// original, which others may remember.
func (a Assessment) rounded() Assessment {
	a.Pronunciation = rounded(a.Pronunciation)
	for _, score := range []**float64{&a.Accuracy, &a.Fluency, &a.Completeness, &a.Prosody} {
		if *score != nil {
			value := rounded(**score)
			*score = &value
		}
	}
	a.Words = slices.Clone(a.Words)
	for i := range a.Words {
		w := &a.Words[i]
		w.Score, w.Phonemes = rounded(w.Score), slices.Clone(w.Phonemes)
		for j := range w.Phonemes {
			w.Phonemes[j].Score = rounded(w.Phonemes[j].Score)
		}
	}
	return a
}

func rounded(score float64) float64 { return math.Round(score*10) / 10 }
