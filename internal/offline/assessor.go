package offline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Provider is what the answers call this scorer.
const Provider = "offline"

// Assessor scores utterances on this machine. It implements pronunciation.Assessor and is safe for concurrent use.
type Assessor struct {
	dir    string
	log    *slog.Logger
	places *semaphore.Weighted

	mu    sync.Mutex
	model *Model // nil until the first utterance
}

// New returns an assessor with the model in a folder, which is read when it is needed for the first time. A nil log is slog.Default().
//
// It computes on all processors. Whoever has others who shall not wait behind it calls it on threads that they go before.
func New(dir string, log *slog.Logger) *Assessor {
	if log == nil {
		log = slog.Default()
	}
	return &Assessor{dir: dir, log: log, places: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))}
}

// Provider implements pronunciation.Assessor.
func (a *Assessor) Provider() string { return Provider }

// Languages implements pronunciation.Assessor: the model knows American English.
func (a *Assessor) Languages() []string { return []string{"en-US"} }

// Assess implements pronunciation.Assessor. It also returns fault.Unsuitable where another sentence was read (different_sentence), or
// there is too little speech for the text, and fault.Invalid for a text in which no word is known.
func (a *Assessor) Assess(ctx context.Context, u pronunciation.Utterance) (pronunciation.Assessment, error) {
	if err := a.places.Acquire(ctx, 1); err != nil {
		return pronunciation.Assessment{}, fmt.Errorf("wait for a processor: %w", err)
	}
	defer a.places.Release(1)
	m, err := a.open()
	if err != nil {
		return pronunciation.Assessment{}, &pronunciation.Failure{Reason: pronunciation.Broken, Cause: err}
	}
	marks, err := m.assess(ctx, u)
	if err != nil {
		return pronunciation.Assessment{}, plain(err)
	}
	return assessment(&marks), nil
}

// open reads the model once. What goes wrong is tried again with the next utterance: somebody may have put it right.
func (a *Assessor) open() (*Model, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.model != nil {
		return a.model, nil
	}
	began := time.Now()
	m, err := Open(a.dir)
	if err != nil {
		return nil, err
	}
	a.log.Debug("the acoustic model is read", "dir", a.dir, "took", time.Since(began).Round(time.Millisecond).String())
	a.model = m
	return m, nil
}

// assess marks an utterance, or a part of the text where only that was read: whichever holds the most of the text.
func (m *Model) assess(ctx context.Context, u pronunciation.Utterance) (Marks, error) {
	h, err := m.Listen(ctx, recorded(u.Samples)) // the judge has learned, and is measured, without the cut, which changes one mark in a hundred
	if err != nil {
		return Marks{}, err
	}
	r, err := h.Read(ctx, u.Text)
	if err != nil {
		return Marks{}, err
	}
	marks := m.Mark(r)
	refusal := marks.Check(r)
	if marks.Completeness > doubtfulWhole && refusal == nil || refusal != nil && !errors.Is(refusal, errOther) {
		return marks, refusal
	}
	found := marks.Completeness
	if refusal != nil {
		found = 0
	}
	whole := marks
	for _, again := range []func() (Marks, bool, error){
		func() (Marks, bool, error) { return h.readPart(ctx, u.Text) },
		func() (Marks, bool, error) { return h.readWithout(ctx, u.Text, &whole) },
	} {
		part, ok, err := again()
		if err != nil {
			return part, err
		}
		if ok && part.Completeness > found {
			marks, refusal, found = part, nil, part.Completeness
		}
	}
	return marks, refusal
}

// plain says in a learner's words what the stages say in theirs.
func plain(err error) error {
	switch {
	case errors.Is(err, errTooShort):
		return errTooLittle
	case errors.Is(err, errNoWords):
		return errNoText
	}
	return err
}

// assessment puts the marks into the words of the service. Marks of single sounds agree too little with experts to be shown.
func assessment(m *Marks) pronunciation.Assessment {
	out := pronunciation.Assessment{
		Recognized: m.Recognized(), Confidence: &m.Confidence, Pronunciation: m.Overall, Accuracy: &m.Accuracy, Fluency: &m.Fluency,
		Completeness: &m.Completeness, Prosody: m.Prosody, Estimate: true,
	}
	for _, w := range m.Words {
		word := pronunciation.Word{Text: w.Text, Score: w.Score, Band: w.Band}
		switch {
		case w.Left:
			word.Error, word.Score = pronunciation.Omission, 0
		case w.Band == pronunciation.Poor:
			word.Error = pronunciation.Mispronunciation
		}
		out.Words = append(out.Words, word)
	}
	return out
}
