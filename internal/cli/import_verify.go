package cli

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// verifyOptions say whether and how recordings are scored against their own sentences.
type verifyOptions struct {
	wanted   bool
	minScore float64
	language string
}

const (
	// usualMinScore is where Azure begins to call a word mispronounced.
	usualMinScore = 60
	// verifyTries is how often a recording is scored whose score was too slow, or one too many, and verifyPause what is waited before
	// it is tried again: nobody stands there waiting.
	verifyTries = 3
	verifyPause = 2 * time.Second
)

func (o *verifyOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.wanted, "verify-audio", false, "score each new recording against its own sentence")
	cmd.Flags().Float64Var(&o.minScore, "min-score", usualMinScore, "with --verify-audio: the lowest score without a warning, 0 to 100")
	cmd.Flags().StringVar(&o.language, "language", pronunciation.DefaultLanguage, "with --verify-audio: the language and accent to score against")
}

func (o *verifyOptions) check(cmd *cobra.Command) error {
	for _, name := range []string{"min-score", "language"} {
		if cmd.Flags().Changed(name) && !o.wanted {
			return usagef("--%s means nothing without --verify-audio", name)
		}
	}
	if math.IsNaN(o.minScore) || o.minScore < 0 || o.minScore > 100 {
		return usagef("--min-score %v is not allowed: 0 to 100", o.minScore)
	}
	return nil
}

// verdict is what was found out about a recording.
type verdict struct {
	score *verifiedItem          // nil where it could not be scored
	doubt *importing.PlanWarning // nil where nothing is to be said
}

// verifiedItem is a recording that was scored, as -o json prints it.
type verifiedItem struct {
	Row        int     `json:"row"`
	Line       int     `json:"line"`
	Value      string  `json:"value"`
	Score      float64 `json:"pronunciation_score"`
	Recognized string  `json:"recognized_text"`
}

// verify scores the recordings of new rows against their sentences. What is below the wanted score becomes a warning of the plan; with
// --strict its row is rejected. A provider that does not work ends the import.
func (r *importRun) verify(ctx context.Context, plan importing.Plan) (importing.Plan, error) {
	if !r.o.verify.wanted {
		return plan, nil
	}
	verdicts, err := r.scoreAll(ctx, plan)
	if err != nil {
		return importing.Plan{}, err
	}
	r.verified = []verifiedItem{}
	wrong := map[string]string{}
	for i, v := range verdicts {
		if v.score != nil {
			r.verified = append(r.verified, *v.score)
		}
		if v.doubt != nil {
			plan.Warnings = append(plan.Warnings, *v.doubt)
			wrong[plan.Upload[i].Name] = v.doubt.Message
		}
	}
	if r.o.strict && len(wrong) > 0 {
		for i, f := range r.files {
			if why := wrong[f.Name]; why != "" {
				r.files[i] = importing.LocalFile{Name: f.Name, Wrong: why}
			}
		}
		return r.judge(ctx)
	}
	slices.SortStableFunc(plan.Warnings, func(a, b importing.PlanWarning) int { return a.Row - b.Row })
	return plan, nil
}

// scoreAll returns what is found out about the recordings that the plan uploads, in their order.
func (r *importRun) scoreAll(ctx context.Context, plan importing.Plan) ([]verdict, error) {
	sentences, err := r.s.Imports.Sentences(r.src.content)
	if err != nil {
		return nil, err
	}
	progress := r.e.begin(planned("scoring", plan))
	defer progress.end()
	spelled := r.folder.spelled()
	verdicts := make([]verdict, len(plan.Upload))
	group, scoring := errgroup.WithContext(ctx)
	group.SetLimit(max(1, min(r.s.ScoresAtOnce, lookers)))
	for i, f := range plan.Upload {
		group.Go(func() error {
			if err := scoring.Err(); err != nil {
				return err
			}
			v, err := r.scoreOne(scoring, filepath.Join(r.folder.dir, spelled[f.Name]), sentences[f.Name])
			if err != nil {
				return fmt.Errorf("score %s: %w", f.Name, err)
			}
			verdicts[i] = v
			progress.advance(1, f.Size)
			return nil
		})
	}
	return verdicts, group.Wait()
}

func (r *importRun) scoreOne(ctx context.Context, path string, s importing.Sentence) (verdict, error) {
	var v verdict
	content, err := readUpTo(path, pronunciation.MaxRecordingBytes+1)
	if err != nil {
		return v, unreadable(path, err)
	}
	a, err := r.scorePatiently(ctx, pronunciation.Recording{Content: content, Text: s.Text, Language: r.o.verify.language})
	switch f, ok := fault.As(err); {
	case err == nil:
		v.score = &verifiedItem{s.Row, s.Line, s.Value, a.Pronunciation, a.Recognized}
		if a.Pronunciation < r.o.verify.minScore {
			v.doubt = doubt(s, "low_score", "scores %g of 100 against its text; heard was: %s", a.Pronunciation, visible(a.Recognized))
		}
		return v, nil
	case !ok, f.Code == "scoring_not_configured", wrongLanguage(f):
		return v, err
	case f.Kind == fault.KindUnsuitable:
		v.doubt = doubt(s, "low_score", "cannot be understood: %s", f.Message)
		return v, nil
	case f.Kind == fault.KindInvalid, f.Kind == fault.KindTooLarge, overloaded(f):
		v.doubt = doubt(s, "not_verified", "could not be scored: %s", f)
		return v, nil
	default:
		return v, err
	}
}

// scorePatiently scores a recording, again where it took too long or was one too many.
func (r *importRun) scorePatiently(ctx context.Context, recording pronunciation.Recording) (a pronunciation.Assessment, err error) {
	for try := 1; ; try++ {
		a, err = r.s.Scores.Score(ctx, recording)
		if f, ok := fault.As(err); !ok || !overloaded(f) || try == verifyTries {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(verifyPause):
		}
	}
}

func overloaded(f *fault.Error) bool { return f.Code == "scoring_busy" || f.Code == "scoring_timeout" }

// wrongLanguage tells what is wrong with all recordings from what is wrong with one.
func wrongLanguage(f *fault.Error) bool {
	return slices.ContainsFunc(f.Fields, func(field fault.Field) bool { return field.Name == "language" })
}

func doubt(s importing.Sentence, code, format string, args ...any) *importing.PlanWarning {
	w := s.Doubt(code, fmt.Sprintf(format, args...))
	return &w
}

// clean reports whether an upload session of an earlier run holds nothing that this plan rejects for its score: the import itself,
// which scores nothing, would take it.
func (r *importRun) clean(arrived []importing.UploadFile) bool {
	for _, f := range r.files {
		if f.Wrong == "" {
			continue
		}
		if slices.ContainsFunc(arrived, func(a importing.UploadFile) bool { return a.OriginalName == f.Name || a.Name == f.Name }) {
			return false
		}
	}
	return true
}
