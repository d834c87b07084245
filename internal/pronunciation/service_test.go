package pronunciation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// provider notes what it is asked, and answers with what it has.
type provider struct {
	asked  []pronunciation.Utterance
	answer pronunciation.Assessment
	err    error
}

func (p *provider) Provider() string    { return "fake" }
func (p *provider) Languages() []string { return []string{"en-GB", "en-US"} }
func (p *provider) Assess(_ context.Context, u pronunciation.Utterance) (pronunciation.Assessment, error) {
	p.asked = append(p.asked, u)
	return p.answer, p.err
}

// audible is sound as most phones record it.
func audible() pronunciation.Sound {
	return pronunciation.Sound{Samples: []int16{1, 2, 3}, Speech: -20, Clipped: 0.001, Sounding: 2 * time.Second}
}

func decoding(s pronunciation.Sound) pronunciation.Decode {
	return func(context.Context, []byte) (pronunciation.Sound, error) { return s, nil }
}

func recording() pronunciation.Recording {
	return pronunciation.Recording{Content: []byte("RIFF"), Text: "What is your name?", Language: "en-US"}
}

func TestScoreChecksWhatIsSent(t *testing.T) {
	type r = *pronunciation.Recording
	tests := map[string]struct {
		edit func(r)
		want []string
	}{
		"a good one":                     {func(r) {}, nil},
		"the language may be missing":    {func(r r) { r.Language = "" }, nil},
		"its case does not matter":       {func(r r) { r.Language = "EN-gb" }, nil},
		"500 characters":                 {func(r r) { r.Text = " " + strings.Repeat("é", 500) + "\n" }, nil},
		"a number is a word":             {func(r r) { r.Text = "7" }, nil},
		"no audio":                       {func(r r) { r.Content = nil }, []string{"audio"}},
		"audio without a byte":           {func(r r) { r.Content = []byte{} }, []string{"audio"}},
		"no text":                        {func(r r) { r.Text = "" }, []string{"reference_text"}},
		"spaces alone":                   {func(r r) { r.Text = " \t\u00a0\n" }, []string{"reference_text"}},
		"signs alone":                    {func(r r) { r.Text = "?! …" }, []string{"reference_text"}},
		"501 characters":                 {func(r r) { r.Text = strings.Repeat("é", 501) }, []string{"reference_text"}},
		"control characters":             {func(r r) { r.Text = "What\x00 is" }, []string{"reference_text"}},
		"not UTF-8":                      {func(r r) { r.Text = "caf\xe9" }, []string{"reference_text"}},
		"an unknown language":            {func(r r) { r.Language = "xx-XX" }, []string{"language"}},
		"a language without its country": {func(r r) { r.Language = "en" }, []string{"language"}},
		"all of it": {func(r r) { *r = pronunciation.Recording{Language: strings.Repeat("x", 1000)} },
			[]string{"audio", "reference_text", "language"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in, p := recording(), &provider{}
			tt.edit(&in)
			_, err := pronunciation.New(p, decoding(audible()), nil).Score(t.Context(), in)
			var got []string
			if f, ok := fault.As(err); ok {
				for _, field := range f.Fields {
					got = append(got, field.Name)
				}
				if len(f.Error()) > 600 {
					t.Errorf("the sentence has %d bytes: %v", len(f.Error()), f)
				}
			}
			// The longest text takes 14 seconds, so a good one may still be too short; it is not invalid.
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if len(tt.want) > 0 && len(p.asked) > 0 {
				t.Error("the provider was asked")
			}
		})
	}
}

func TestSoundIsCheckedBeforeItCosts(t *testing.T) {
	type s = *pronunciation.Sound
	tests := map[string]struct {
		edit func(s)
		text string
		want string
	}{
		"clear":                     {func(s) {}, "What is your name?", ""},
		"digital silence":           {func(s s) { s.Speech, s.Sounding = -120, 0 }, "What?", "audio_silent"},
		"the noise of a microphone": {func(s s) { s.Speech = -61 }, "What?", "audio_silent"},
		"far too quiet":             {func(s s) { s.Speech = -55.1 }, "What?", "audio_too_quiet"},
		"quiet":                     {func(s s) { s.Speech = -49.9 }, "What?", ""},
		"distorted":                 {func(s s) { s.Clipped = 0.021 }, "What?", "audio_clipped"},
		"loud":                      {func(s s) { s.Clipped = 0.019 }, "What?", ""},
		"distorted before a codec":  {func(s s) { s.Flat, s.Peak = 0.11, -2.9 }, "What?", "audio_clipped"},
		"hardly distorted":          {func(s s) { s.Flat, s.Peak = 0.09, 0 }, "What?", ""},
		"a steady tone":             {func(s s) { s.Flat, s.Peak = 1, -3.1 }, "What?", ""},
		"faster than anybody":       {func(s s) { s.Sounding = 470 * time.Millisecond }, "abcdefghi, abcdefghi?", "audio_too_short_for_text"},
		"hurried":                   {func(s s) { s.Sounding = 510 * time.Millisecond }, "abcdefghi, abcdefghi?", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sound, p, in := audible(), &provider{}, recording()
			tt.edit(&sound)
			in.Text = tt.text
			_, err := pronunciation.New(p, decoding(sound), nil).Score(t.Context(), in)
			code := ""
			if f, ok := fault.As(err); ok {
				code = f.Code
				if f.Kind != fault.KindUnsuitable || f.Message == "" {
					t.Errorf("kind %s, message %q", f.Kind, f.Message)
				}
			}
			if code != tt.want || (len(p.asked) == 0) != (tt.want != "") {
				t.Errorf("code %q and %d calls, want %q (%v)", code, len(p.asked), tt.want, err)
			}
		})
	}
}

func TestScoreAsksTheProvider(t *testing.T) {
	p := &provider{answer: pronunciation.Assessment{Recognized: "what is it", Pronunciation: 87.5, Provider: "?"}}
	in := recording()
	in.Text, in.Language, in.Phonemes = "  What \n is it?", "en-gb", true
	got, err := pronunciation.New(p, decoding(audible()), nil).Score(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pronunciation.Assessment{Recognized: "what is it", Pronunciation: 87.5, Provider: "fake"}, got); diff != "" {
		t.Errorf("assessment (-want +got):\n%s", diff)
	}
	want := []pronunciation.Utterance{{Samples: []int16{1, 2, 3}, Text: "What is it?", Language: "en-GB", Phonemes: true}}
	if diff := cmp.Diff(want, p.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestWhatTheLearnerIsTold(t *testing.T) {
	cause := errors.New("status 401 from the provider")
	failure := func(r pronunciation.Reason) error { return &pronunciation.Failure{Reason: r, Cause: cause} }
	tests := map[string]struct {
		err  error
		kind fault.Kind
		code string
	}{
		"it is broken":           {failure(pronunciation.Broken), fault.KindUnavailable, "scoring_unavailable"},
		"it does not take us":    {failure(pronunciation.Refused), fault.KindUnavailable, "scoring_unavailable"},
		"it is slow":             {failure(pronunciation.TimedOut), fault.KindUnavailable, "scoring_timeout"},
		"it has too much":        {failure(pronunciation.Throttled), fault.KindUnavailable, "scoring_busy"},
		"we have too much":       {failure(pronunciation.Crowded), fault.KindUnavailable, "scoring_busy"},
		"it has heard no words":  {pronunciation.ErrNoWords, fault.KindUnsuitable, "speech_not_recognized"},
		"it has heard silence":   {pronunciation.ErrSilent, fault.KindUnsuitable, "audio_silent"},
		"it has heard noise":     {pronunciation.ErrNoise, fault.KindUnsuitable, "audio_noisy"},
		"it has heard nothing":   {pronunciation.ErrNothingHeard, fault.KindUnsuitable, "speech_not_heard"},
		"it wants another words": {fault.Invalid("language", "is not known"), fault.KindInvalid, ""},
		"it says whose fault":    {fault.Invalid("language", "is not known").WithCause(failure(pronunciation.Rejected)), fault.KindInvalid, ""},
		"its failure has a kind": {&pronunciation.Failure{Reason: pronunciation.Broken, Cause: fault.NotFound("no model").WithCause(cause)}, fault.KindUnavailable, "scoring_unavailable"},
	}
	seen := map[string]bool{}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pronunciation.New(&provider{err: tt.err}, decoding(audible()), nil).Score(t.Context(), recording())
			f, ok := fault.As(err)
			if !ok || f.Kind != tt.kind || f.Code != tt.code {
				t.Fatalf("told %v, want %s %s", err, tt.kind, tt.code)
			}
			if strings.Contains(f.Message, "401") || strings.Contains(strings.ToLower(f.Message), "unauthorized") {
				t.Errorf("the learner reads %q", f.Message)
			}
			if tt.kind == fault.KindUnavailable && !errors.Is(err, cause) {
				t.Error("the log would not see the cause")
			}
			if tt.kind == fault.KindUnsuitable && seen[f.Message] {
				t.Errorf("two reasons have one sentence: %q", f.Message)
			}
			seen[f.Message] = true
		})
	}
}

func TestNobodyScores(t *testing.T) {
	_, err := pronunciation.New(nil, decoding(audible()), nil).Score(t.Context(), recording())
	if f, ok := fault.As(err); !ok || f.Kind != fault.KindUnavailable || f.Code != "scoring_not_configured" ||
		!strings.Contains(f.Message, "AZURE_SPEECH_KEY") {
		t.Errorf("err = %v", err)
	}
}

func TestWhatCannotBeDecoded(t *testing.T) {
	flac := fault.Invalid("audio", "this is a FLAC file")
	p := &provider{}
	_, err := pronunciation.New(p, func(context.Context, []byte) (pronunciation.Sound, error) { return pronunciation.Sound{}, flac }, nil).
		Score(t.Context(), recording())
	if !errors.Is(err, flac) || len(p.asked) > 0 {
		t.Errorf("err = %v, %d calls", err, len(p.asked))
	}
}

// TestDecodingTakesTooLong: the learner is told to try again, as where the provider takes too long, and the cause is for the log.
func TestDecodingTakesTooLong(t *testing.T) {
	late := &pronunciation.Failure{Reason: pronunciation.TimedOut, Cause: errors.New("not decoded within 30s")}
	p := &provider{}
	_, err := pronunciation.New(p, func(context.Context, []byte) (pronunciation.Sound, error) { return pronunciation.Sound{}, late }, nil).
		Score(t.Context(), recording())
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.KindUnavailable || f.Code != "scoring_timeout" || !errors.Is(err, late) || len(p.asked) > 0 {
		t.Errorf("err = %v, %d calls", err, len(p.asked))
	}
}

// TestRecordingsThatWaitAreBounded: when 64 MiB wait to be decoded, the next recording is refused at once and costs neither decoder nor
// provider, smaller ones that have room are not, and all is well again when one has left, also one whose learner has hung up.
func TestRecordingsThatWaitAreBounded(t *testing.T) {
	const mostAtOnce = 6 // of the largest
	begun, next := make(chan struct{}), make(chan struct{})
	decode := func(ctx context.Context, content []byte) (pronunciation.Sound, error) {
		if len(content) < pronunciation.MaxRecordingBytes {
			return audible(), nil
		}
		begun <- struct{}{}
		select {
		case <-next:
			return pronunciation.Sound{}, pronunciation.ErrSilent
		case <-ctx.Done():
			return pronunciation.Sound{}, ctx.Err()
		}
	}
	scores := pronunciation.New(&provider{}, decode, nil)
	large := recording()
	large.Content = make([]byte, pronunciation.MaxRecordingBytes)
	learner, hangUp := context.WithCancel(t.Context())
	ended := make(chan error)
	speak := func() {
		_, err := scores.Score(learner, large)
		ended <- err
	}
	for range mostAtOnce {
		go speak()
		<-begun
	}
	_, err := scores.Score(t.Context(), large)
	if f, ok := fault.As(err); !ok || f.Kind != fault.KindUnavailable || f.Code != "scoring_busy" {
		t.Errorf("one more: %v, want scoring_busy", err)
	}
	if _, err := scores.Score(t.Context(), recording()); err != nil {
		t.Errorf("a small one: %v", err)
	}
	next <- struct{}{}
	if err := <-ended; !errors.Is(err, pronunciation.ErrSilent) {
		t.Error(err)
	}
	go speak()
	<-begun
	hangUp()
	for range mostAtOnce {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want the context's error", err)
		}
	}
	if _, err := scores.Score(t.Context(), recording()); err != nil {
		t.Errorf("at the end: %v", err)
	}
}

func TestTheContextsErrorStaysItself(t *testing.T) {
	_, err := pronunciation.New(&provider{err: context.Canceled}, decoding(audible()), nil).Score(t.Context(), recording())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// TestWordsAreSpelledAsInTheText: also where the provider has other words than the text.
func TestWordsAreSpelledAsInTheText(t *testing.T) {
	p := &provider{answer: pronunciation.Assessment{Words: []pronunciation.Word{
		{Text: "i"}, {Text: "anna", Error: pronunciation.Insertion}, {Text: "say"}, {Text: "one"}, {Text: "2"}, {Text: "anna's", Error: pronunciation.Omission},
	}}}
	in := recording()
	in.Text = `I say: "1, 2 — Anna's."`
	got, err := pronunciation.New(p, decoding(audible()), nil).Score(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, w := range got.Words {
		words = append(words, w.Text)
	}
	if diff := cmp.Diff([]string{"I", "anna", "say", "one", "2", "Anna's"}, words); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}
