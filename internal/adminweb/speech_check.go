package adminweb

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// check is what was found out about the recording of a speech.
type check struct {
	// Problem says why it has no scores; then there is nothing else.
	Problem string

	Provider string
	Estimate bool
	Heard    string
	Parts    []checkPart
	// Banded is set where the provider says what the score of a word is worth.
	Banded bool
	Words  []checkWord
}

// checkPart is a score of the whole recording.
type checkPart struct {
	Name string
	checkScore
}

// checkWord is a word's score. Band and Wrong are empty where there is nothing to say.
type checkWord struct {
	Text, Band, Wrong string
	checkScore
}

// checkScore is a score from 0 to 100, as a number and as a bar.
type checkScore struct{ Score float64 }

// Shown is the score with one digit after the point, where it has one.
func (s checkScore) Shown() string { return strconv.FormatFloat(s.Score, 'f', -1, 64) }

// checkSpeech scores the recording of a speech against its own sentence, as a learner's would be. Nothing is kept: the page that
// answers is all there is.
func (p *Panel) checkSpeech(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	found, status, err := p.checkOf(w, r, speech)
	if err != nil {
		return err
	}
	return p.speechAgain(w, r, status, inputOf(speech), speech, nil, found)
}

// toSpeech leads to the page of a speech from the address that its check has in the browser.
func (p *Panel) toSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/speeches/"+id.String(), http.StatusSeeOther)
	return nil
}

// checkOf returns what the page of the speech says, and its status. A recording that cannot be scored, or cannot be now, is a
// finding, too.
func (p *Panel) checkOf(w http.ResponseWriter, r *http.Request, speech catalog.Speech) (*check, int, error) {
	assessment, err := p.score(r, speech)
	if err == nil {
		return newCheck(assessment), http.StatusOK, nil
	}
	f, ok := fault.As(err)
	if !ok {
		return nil, 0, err
	}
	switch f.Kind {
	case fault.KindInvalid, fault.KindTooLarge, fault.KindUnsuitable, fault.KindNotFound:
	case fault.KindUnavailable:
		p.logFailure(r.Context(), http.StatusServiceUnavailable, err)
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
	default:
		return nil, 0, err
	}
	return &check{Problem: checkProblem(f)}, statusOf[f.Kind], nil
}

func (p *Panel) score(r *http.Request, speech catalog.Speech) (pronunciation.Assessment, error) {
	content, err := p.catalog.ReadRecording(r.Context(), speech)
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	return p.scores.Score(r.Context(), pronunciation.Recording{Text: speech.Text, Content: content})
}

// checkProblem is a sentence for editors. They have sent no fields: what the service calls so are parts of the speech.
func checkProblem(f *fault.Error) string {
	if f.Message != "" || len(f.Fields) == 0 {
		return capital(sentence(f)) + "."
	}
	parts := map[string]string{"reference_text": "The text: ", "audio": "The recording: ", "language": "The language: "}
	var sentences []string
	for _, field := range f.Fields {
		sentences = append(sentences, parts[field.Name]+field.Message+".")
	}
	return strings.Join(sentences, " ")
}

func newCheck(a pronunciation.Assessment) *check {
	c := &check{Provider: a.Provider, Estimate: a.Estimate, Heard: a.Recognized}
	add := func(name string, score *float64) {
		if score != nil {
			c.Parts = append(c.Parts, checkPart{name, checkScore{*score}})
		}
	}
	add("Pronunciation", &a.Pronunciation)
	add("Accuracy", a.Accuracy)
	add("Fluency", a.Fluency)
	add("Completeness", a.Completeness)
	add("Prosody", a.Prosody)
	for _, word := range a.Words {
		c.Banded = c.Banded || word.Band != ""
		c.Words = append(c.Words, checkWord{word.Text, string(word.Band), strings.ReplaceAll(string(word.Error), "_", " "), checkScore{word.Score}})
	}
	return c
}
