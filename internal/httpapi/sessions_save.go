package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
)

type saveSessionRequest struct {
	Mode                  field[practice.Mode]        `json:"mode"`
	Level                 field[catalog.Level]        `json:"level"`
	SentenceType          field[catalog.SentenceType] `json:"sentence_type"`
	SelectedTags          field[items[uuid.UUID]]     `json:"selected_tags"`
	TotalSentences        field[int32]                `json:"total_sentences"`
	CorrectCount          field[int32]                `json:"correct_count"`
	MaxStreak             field[int32]                `json:"max_streak"`
	AvgPronunciationScore field[float64]              `json:"avg_pronunciation_score"`
	DurationSeconds       field[int32]                `json:"duration_seconds"`
	StartedAt             field[time.Time]            `json:"started_at"`
	CompletedAt           field[time.Time]            `json:"completed_at"`
	Results               field[items[resultRequest]] `json:"results"`
}

type resultRequest struct {
	SpeechID           field[uuid.UUID]         `json:"speech_id"`
	SequenceNumber     field[int32]             `json:"sequence_number"`
	UserResponse       field[practice.Response] `json:"user_response"`
	PronunciationScore field[float64]           `json:"pronunciation_score"`
	RecognizedText     field[string]            `json:"recognized_text"`
	ResponseTimeMS     field[int32]             `json:"response_time_ms"`
	ScoreID            field[string]            `json:"score_id"` // an addition
}

func (in saveSessionRequest) draft(c *fault.Check) practice.Draft {
	return practice.Draft{
		Mode:                  required(c, "mode", in.Mode),
		Level:                 required(c, "level", in.Level),
		SentenceType:          required(c, "sentence_type", in.SentenceType),
		SelectedTags:          elements(c, "selected_tags", in.SelectedTags),
		TotalSentences:        int(required(c, "total_sentences", in.TotalSentences)),
		CorrectCount:          int(required(c, "correct_count", in.CorrectCount)),
		MaxStreak:             int(required(c, "max_streak", in.MaxStreak)),
		AvgPronunciationScore: nullable(c, "avg_pronunciation_score", in.AvgPronunciationScore),
		DurationSeconds:       int(required(c, "duration_seconds", in.DurationSeconds)),
		StartedAt:             required(c, "started_at", in.StartedAt),
		CompletedAt:           required(c, "completed_at", in.CompletedAt),
		Results:               eachElement(c, "results", in.Results, resultRequest.result),
	}
}

func (in resultRequest) result(c *fault.Check) practice.Result {
	return practice.Result{
		SpeechID:           required(c, "speech_id", in.SpeechID),
		SequenceNumber:     int(required(c, "sequence_number", in.SequenceNumber)),
		UserResponse:       required(c, "user_response", in.UserResponse),
		PronunciationScore: nullable(c, "pronunciation_score", in.PronunciationScore),
		RecognizedText:     nullable(c, "recognized_text", in.RecognizedText),
		ResponseTimeMS:     int(required(c, "response_time_ms", in.ResponseTimeMS)),
		QuotedScore:        orElse(nullable(c, "score_id", in.ScoreID), ""),
	}
}

type savedSessionResponse struct {
	SessionID uuid.UUID `json:"session_id"`
	Message   string    `json:"message"`
}

func newSavedSession(id uuid.UUID) savedSessionResponse {
	return savedSessionResponse{SessionID: id, Message: "Session saved successfully"}
}

func (a *API) saveSession(w http.ResponseWriter, r *http.Request) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	draft, err := decode(w, r, saveSessionRequest.draft)
	if err != nil {
		return err
	}
	id, err := a.practice.Save(r.Context(), caller(r.Context()), draft, key)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newSavedSession(id))
}

type saveSessionsRequest struct {
	Sessions field[items[saveSessionRequest]] `json:"sessions"`
}

func (in saveSessionsRequest) drafts(c *fault.Check) []practice.Draft {
	return eachElement(c, "sessions", in.Sessions, saveSessionRequest.draft)
}

type savedSessionsResponse struct {
	Sessions []savedSessionResponse `json:"sessions"`
}

// saveSessions keeps the games of a phone that was offline: all of them, or none.
func (a *API) saveSessions(w http.ResponseWriter, r *http.Request) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	drafts, err := decode(w, r, saveSessionsRequest.drafts)
	if err != nil {
		return err
	}
	ids, err := a.practice.SaveBatch(r.Context(), caller(r.Context()), drafts, key)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, savedSessionsResponse{list(ids, newSavedSession)})
}

// idempotencyKey returns the header Idempotency-Key, or "" if there is none. What a key looks like is the service's
// business.
func idempotencyKey(r *http.Request) (string, error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) > 1 {
		return "", fault.Invalid("Idempotency-Key", "was given %d times", len(keys))
	}
	return r.Header.Get("Idempotency-Key"), nil
}
