package httpapi

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

const (
	// maxScoreForm leaves a recording room for the fields, and for what multipart puts around them.
	maxScoreForm = pronunciation.MaxRecordingBytes + 1<<20
	// maxScoreText is far above any text that may be scored: how long that is, the service says.
	maxScoreText = 16 << 10
)

// scoreDetail is down to what there are scores.
type scoreDetail string

const detailPhoneme scoreDetail = "phoneme"

var scoreDetails = []scoreDetail{"word", detailPhoneme}

type scoreResponse struct {
	RecognizedText     string              `json:"recognized_text"`
	PronunciationScore float64             `json:"pronunciation_score"`
	AccuracyScore      *float64            `json:"accuracy_score"`
	FluencyScore       *float64            `json:"fluency_score"`
	CompletenessScore  *float64            `json:"completeness_score"`
	ProsodyScore       *float64            `json:"prosody_score"` // an addition
	Confidence         *float64            `json:"confidence"`    // an addition
	WordScores         []wordScoreResponse `json:"word_scores"`
	Provider           string              `json:"provider"`
	Estimate           bool                `json:"estimate"` // an addition
	ScoreID            string              `json:"score_id"` // an addition
}

type wordScoreResponse struct {
	Word      string                 `json:"word"`
	Score     float64                `json:"score"`
	ErrorType *string                `json:"error_type"`         // an addition; null where nothing is wrong
	Band      string                 `json:"band,omitempty"`     // an addition, of the offline provider
	Phonemes  []phonemeScoreResponse `json:"phonemes,omitempty"` // an addition, for detail=phoneme
}

type phonemeScoreResponse struct {
	Phoneme string  `json:"phoneme"`
	Score   float64 `json:"score"`
}

// scoreSpeech scores a recording. It is in memory until the answer is out, and never anywhere else.
func (a *API) scoreSpeech(w http.ResponseWriter, r *http.Request) error {
	stepBack()
	recording, err := readRecording(w, r)
	if err != nil {
		return err
	}
	recording.Player = caller(r.Context())
	stepBack()
	assessment, err := a.scores.Score(r.Context(), recording)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newScoreResponse(assessment))
}

func readRecording(w http.ResponseWriter, r *http.Request) (pronunciation.Recording, error) {
	f, err := newForm(w, r, maxScoreForm)
	if err != nil {
		return pronunciation.Recording{}, err
	}
	in := scoreForm{form: f, detail: r.URL.Query().Get("detail")}
	for {
		p, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = in.read(p)
		}
		if err != nil {
			return pronunciation.Recording{}, err
		}
	}
	if detail := scoreDetail(in.detail); detail != "" && !slices.Contains(scoreDetails, detail) {
		return pronunciation.Recording{}, fault.Invalid("detail", "%s", notOneOf(detail, scoreDetails))
	}
	in.recording.Phonemes = in.detail == string(detailPhoneme)
	return in.recording, nil
}

// scoreForm is what a form says of a recording. Whether it can be scored, the service says.
type scoreForm struct {
	form      *form
	recording pronunciation.Recording
	detail    string
}

// read takes in a part. Unknown ones are ignored.
func (in *scoreForm) read(p *part) (err error) {
	switch p.name {
	case "audio", "reference_text", "language", "detail":
		if err := in.form.once(p.name); err != nil {
			return err
		}
	}
	switch p.name {
	case "audio":
		in.recording.Content, err = p.bytes(pronunciation.MaxRecordingBytes)
	case "reference_text":
		in.recording.Text, err = p.text(maxScoreText)
	case "language":
		in.recording.Language, err = p.text(maxFieldBytes)
	case "detail":
		in.detail, err = p.text(maxFieldBytes)
	}
	return err
}

func newScoreResponse(a pronunciation.Assessment) scoreResponse {
	out := scoreResponse{
		RecognizedText: a.Recognized, PronunciationScore: a.Pronunciation, AccuracyScore: a.Accuracy, FluencyScore: a.Fluency,
		CompletenessScore: a.Completeness, ProsodyScore: a.Prosody, Confidence: a.Confidence, WordScores: make([]wordScoreResponse, len(a.Words)),
		Provider: a.Provider, Estimate: a.Estimate, ScoreID: a.ScoreID,
	}
	for i, word := range a.Words {
		out.WordScores[i] = wordScoreResponse{Word: word.Text, Score: word.Score, Band: string(word.Band), Phonemes: phonemeScores(word.Phonemes)}
		if word.Error != "" {
			out.WordScores[i].ErrorType = (*string)(&word.Error)
		}
	}
	return out
}

func phonemeScores(phonemes []pronunciation.Phoneme) []phonemeScoreResponse {
	var out []phonemeScoreResponse
	for _, p := range phonemes {
		out = append(out, phonemeScoreResponse{p.Name, p.Score})
	}
	return out
}
