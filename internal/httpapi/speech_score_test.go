package httpapi

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

var scorePost = request{method: post, path: "/speech/score", token: learnerToken}

// scoreRequest is what the spec's example sends.
func scoreRequest(tb testing.TB, recording string) request {
	tb.Helper()
	return withForm(tb, scorePost, []formPart{{"audio", "a.m4a", recording}, {"reference_text", "", "What is your name?"}, {"language", "", "en-US"}})
}

func TestScoreSpeech(t *testing.T) {
	w := newWorld(t)
	w.assessment = pronunciation.Assessment{
		Recognized: "What is your name", Pronunciation: 87.5, Accuracy: ptr(80.7), Fluency: ptr(80.0), Completeness: ptr(90.0),
		Confidence: ptr(0.93), Provider: "azure", ScoreID: "eyJpIjoi.sig",
		Words: []pronunciation.Word{
			{Text: "What", Score: 95, Phonemes: []pronunciation.Phoneme{{Name: "w", Score: 91.3}, {Score: 99}}},
			{Text: "is", Error: pronunciation.Omission},
		},
	}
	got := w.do(t, scoreRequest(t, "RIFF"))
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	sameJSON(t, got.body, `{"recognized_text": "What is your name", "pronunciation_score": 87.5, "accuracy_score": 80.7, "fluency_score": 80,
		"completeness_score": 90, "prosody_score": null, "confidence": 0.93, "provider": "azure", "estimate": false, "score_id": "eyJpIjoi.sig", "word_scores": [
			{"word": "What", "score": 95, "error_type": null, "phonemes": [{"phoneme": "w", "score": 91.3}, {"phoneme": "", "score": 99}]},
			{"word": "is", "score": 0, "error_type": "omission"}]}`)
	want := []call{{"Score", []any{pronunciation.Recording{Player: learnerID, Content: []byte("RIFF"), Text: "What is your name?", Language: "en-US"}}}}
	if diff := cmp.Diff(want, w.calls); diff != "" {
		t.Errorf("the calls differ (-want +got):\n%s", diff)
	}
	w.assessment.Words = nil
	if got = w.do(t, scoreRequest(t, "RIFF")); !strings.Contains(got.body, `"word_scores":[]`) {
		t.Errorf("no words: %s", got.body)
	}
}

func TestScoreForms(t *testing.T) {
	audio, text := formPart{"audio", "a.wav", "RIFF"}, formPart{"reference_text", "", " Hi "}
	for name, tc := range map[string]struct {
		query  string
		parts  []formPart
		want   *pronunciation.Recording // nil: refused
		status int
		field  string
	}{
		"in any order, without a language": {"", []formPart{text, {"x", "x.wav", "?"}, audio}, &pronunciation.Recording{Content: []byte("RIFF"), Text: " Hi "}, 200, ""},
		"phonemes by a field":              {"", []formPart{audio, text, {"detail", "", "phoneme"}}, &pronunciation.Recording{Content: []byte("RIFF"), Text: " Hi ", Phonemes: true}, 200, ""},
		"phonemes by the query":            {"?detail=phoneme", []formPart{audio, text}, &pronunciation.Recording{Content: []byte("RIFF"), Text: " Hi ", Phonemes: true}, 200, ""},
		"words, in so many words":          {"?detail=word", []formPart{audio, text}, &pronunciation.Recording{Content: []byte("RIFF"), Text: " Hi "}, 200, ""},
		"what is missing the service says": {"", []formPart{{"x", "", ""}}, &pronunciation.Recording{}, 200, ""},
		"10 MiB are let through": {"", []formPart{{"audio", "a.wav", strings.Repeat("A", 10<<20)}, text},
			&pronunciation.Recording{Content: []byte(strings.Repeat("A", 10<<20)), Text: " Hi "}, 200, ""},

		"another detail":       {"?detail=letter", []formPart{audio, text}, nil, 400, "detail"},
		"two recordings":       {"", []formPart{audio, audio, text}, nil, 400, "audio"},
		"two texts":            {"", []formPart{audio, text, text}, nil, 400, "reference_text"},
		"not UTF-8":            {"", []formPart{audio, {"reference_text", "", "caf\xe9"}}, nil, 400, "reference_text"},
		"a text without end":   {"", []formPart{audio, {"reference_text", "", strings.Repeat("a", 16<<10+1)}}, nil, 400, "reference_text"},
		"more than 10 MiB":     {"", []formPart{{"audio", "a.wav", strings.Repeat("A", 10<<20+1)}, text}, nil, 413, ""},
		"more than all of it":  {"", []formPart{{"x", "x.wav", strings.Repeat("A", 12<<20)}, audio, text}, nil, 413, ""},
		"more than that, last": {"", []formPart{audio, text, {"x", "x.wav", strings.Repeat("A", 12<<20)}}, nil, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := withForm(t, scorePost, tc.parts)
			in.path += tc.query
			got := w.do(t, in)
			if got.status != tc.status {
				t.Fatalf("status %d, want %d: %s", got.status, tc.status, got.body)
			}
			if tc.want != nil {
				tc.want.Player = learnerID
				if diff := cmp.Diff([]call{{"Score", []any{*tc.want}}}, w.calls, cmp.Comparer(bytes.Equal)); diff != "" {
					t.Errorf("the calls differ (-want +got):\n%.500s", diff)
				}
				return
			}
			if fields := got.problem(t).fields(); len(w.calls) > 0 || tc.field != "" && !cmp.Equal(fields, []string{tc.field}) {
				t.Errorf("fields %v, %d calls", fields, len(w.calls))
			}
		})
	}
}

func TestScoreBodiesThatAreNoForm(t *testing.T) {
	whole := scoreRequest(t, strings.Repeat("RIFF", 100))
	cut := whole
	cut.body = cut.body[:len(cut.body)/2]
	for name, in := range map[string]request{
		"JSON":     {method: post, path: "/speech/score", token: learnerToken, body: `{"audio": "UklGRg=="}`},
		"a file":   {method: post, path: "/speech/score", token: learnerToken, body: "RIFF", header: map[string]string{"Content-Type": "audio/wav"}},
		"cut off":  cut,
		"no bound": {method: post, path: "/speech/score", token: learnerToken, body: whole.body, header: map[string]string{"Content-Type": "multipart/form-data"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if got := w.do(t, in); got.status != 400 || len(w.calls) > 0 {
				t.Errorf("%d %s, %d calls", got.status, got.body, len(w.calls))
			}
		})
	}
}

func TestScoreFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		status int
		code   string

		retryAfter string
	}{
		"a wrong format": {fault.Invalid("audio", "this is a FLAC file").WithCode("unsupported_audio"), 400, "unsupported_audio", ""},
		"silence":        {pronunciation.ErrSilent, 422, "audio_silent", ""},
		"an outage":      {fault.Unavailable("later").WithCode("scoring_unavailable"), 503, "scoring_unavailable", "5"},
		"an outage whose end is known": {
			fault.Unavailable("later").WithCode("scoring_unavailable").WithRetryAfter(19001 * time.Millisecond), 503, "scoring_unavailable", "20",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.err = tc.err
			got := w.do(t, scoreRequest(t, "RIFF"))
			if got.status != tc.status || got.problem(t).Code != tc.code {
				t.Errorf("%d %s", got.status, got.body)
			}
			if after := got.header.Get("Retry-After"); after != tc.retryAfter {
				t.Errorf("Retry-After = %q, want %q", after, tc.retryAfter)
			}
		})
	}
}
