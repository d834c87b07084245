package remote

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Scores is package pronunciation's service.
type Scores struct{ *client }

type scoreAnswer struct {
	Recognized    string            `json:"recognized_text"`
	Pronunciation float64           `json:"pronunciation_score"`
	Accuracy      *float64          `json:"accuracy_score"`
	Fluency       *float64          `json:"fluency_score"`
	Completeness  *float64          `json:"completeness_score"`
	Prosody       *float64          `json:"prosody_score"`
	Confidence    *float64          `json:"confidence"`
	Words         []wordScoreAnswer `json:"word_scores"`
	Provider      string            `json:"provider"`
	Estimate      bool              `json:"estimate"`
	ScoreID       string            `json:"score_id"`
}

type wordScoreAnswer struct {
	Word     string               `json:"word"`
	Score    float64              `json:"score"`
	Error    string               `json:"error_type"` // null where nothing is wrong
	Band     string               `json:"band"`       // of the offline provider
	Phonemes []phonemeScoreAnswer `json:"phonemes"`
}

type phonemeScoreAnswer struct {
	Name  string  `json:"phoneme"`
	Score float64 `json:"score"`
}

func (a scoreAnswer) assessment() pronunciation.Assessment {
	return pronunciation.Assessment{
		Recognized: a.Recognized, Pronunciation: a.Pronunciation, Accuracy: a.Accuracy, Fluency: a.Fluency, Completeness: a.Completeness,
		Prosody: a.Prosody, Confidence: a.Confidence, Words: each(a.Words, wordScoreAnswer.word), Provider: a.Provider, Estimate: a.Estimate, ScoreID: a.ScoreID,
	}
}

func (a wordScoreAnswer) word() pronunciation.Word {
	w := pronunciation.Word{Text: a.Word, Score: a.Score, Error: pronunciation.WordError(a.Error), Band: pronunciation.Band(a.Band)}
	for _, p := range a.Phonemes {
		w.Phonemes = append(w.Phonemes, pronunciation.Phoneme(p))
	}
	return w
}

// Score is pronunciation.Service.Score. Who the player is, the daemon knows by the token.
func (s *Scores) Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error) {
	if err := (texts{"reference_text", r.Text, "language", r.Language}).check(); err != nil {
		return pronunciation.Assessment{}, err
	}
	content, contentType, err := scoreForm(r)
	if err != nil {
		return pronunciation.Assessment{}, fmt.Errorf("make a request: %w", err)
	}
	var answer scoreAnswer
	err = s.do(ctx, call{method: http.MethodPost, path: "/speech/score", harmless: true, body: func() (*body, error) {
		return &body{content: content, contentType: contentType, large: true}, nil
	}}, &answer)
	return answer.assessment(), err
}

// CheckSpeech scores the recording of a speech against its own text, at the daemon: the recording stays where it is.
func (s *Scores) CheckSpeech(ctx context.Context, speech catalog.Speech, language string) (pronunciation.Assessment, error) {
	var answer scoreAnswer
	err := s.do(ctx, call{
		method: http.MethodPost, path: speechPath(speech.ID) + "/check", query: filters("language", language), harmless: true,
	}, &answer)
	return answer.assessment(), err
}

func scoreForm(r pronunciation.Recording) (content []byte, contentType string, err error) {
	fields := [][2]string{{"reference_text", r.Text}}
	if r.Language != "" {
		fields = append(fields, [2]string{"language", r.Language})
	}
	if r.Phonemes {
		fields = append(fields, [2]string{"detail", "phoneme"})
	}
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for _, field := range fields {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, "", err
		}
	}
	audio, err := w.CreateFormFile("audio", "recording") // what it is called is nobody's business
	if err != nil {
		return nil, "", err
	}
	if _, err := audio.Write(r.Content); err != nil {
		return nil, "", err
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buffer.Bytes(), w.FormDataContentType(), nil
}
