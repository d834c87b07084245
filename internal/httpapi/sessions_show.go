package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// defaultHistoryPage is the spec's ("GET /game/sessions").
const defaultHistoryPage = 20

type historyResponse struct {
	Sessions   []sessionSummary  `json:"sessions"`
	Pagination historyPagination `json:"pagination"`
}

// historyPagination is an addition to the spec's: the way to the next page that stays flat.
type historyPagination struct {
	paginationResponse
	// NextCursor is null where the history ends.
	NextCursor *string `json:"next_cursor"`
}

type sessionSummary struct {
	ID              uuid.UUID            `json:"id"`
	Mode            practice.Mode        `json:"mode"`
	Level           catalog.Level        `json:"level"`
	SentenceType    catalog.SentenceType `json:"sentence_type"`
	TotalSentences  int                  `json:"total_sentences"`
	CorrectCount    int                  `json:"correct_count"`
	MaxStreak       int                  `json:"max_streak"`
	DurationSeconds int                  `json:"duration_seconds"`
	CompletedAt     time.Time            `json:"completed_at"`
}

func newSessionSummary(s practice.Session) sessionSummary {
	return sessionSummary{
		ID: s.ID, Mode: s.Mode, Level: s.Level, SentenceType: s.SentenceType,
		TotalSentences: s.TotalSentences, CorrectCount: s.CorrectCount, MaxStreak: s.MaxStreak,
		DurationSeconds: s.DurationSeconds, CompletedAt: s.CompletedAt.UTC(),
	}
}

func (a *API) listSessions(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	page := q.page(defaultHistoryPage)
	after := q.cursor(&page)
	filter := practice.HistoryFilter{
		Mode:  choice(q, "mode", practice.Modes),
		Level: choice(q, "level", catalog.Levels),
		From:  q.from("from_date"),
		To:    q.to("to_date"),
		After: after,
	}
	if err := q.err(); err != nil {
		return err
	}
	found, total, err := a.practice.History(r.Context(), caller(r.Context()), filter, page)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, historyResponse{
		list(found, newSessionSummary), historyPagination{newPagination(page, total), nextCursor(page, filter, found, total)},
	})
}

// nextCursor leads to the page behind this one. By number it is known whether there is one; by cursor games may have come or gone
// meanwhile, and a full page may be followed by an empty one.
func nextCursor(page paging.Page, f practice.HistoryFilter, found []practice.Session, total int) *string {
	if len(found) < page.Limit || f.After == nil && page.Number >= page.Pages(total) {
		return nil
	}
	last := found[len(found)-1]
	text := cursor{page.Number + 1, practice.Position{CompletedAt: last.CompletedAt, ID: last.ID}}.String()
	return &text
}

// gameResponse is what a game session's detail and its export have in common.
type gameResponse struct {
	ID                    uuid.UUID            `json:"id"`
	Mode                  practice.Mode        `json:"mode"`
	Level                 catalog.Level        `json:"level"`
	SentenceType          catalog.SentenceType `json:"sentence_type"`
	SelectedTags          []string             `json:"selected_tags"`
	TotalSentences        int                  `json:"total_sentences"`
	CorrectCount          int                  `json:"correct_count"`
	MaxStreak             int                  `json:"max_streak"`
	AvgPronunciationScore *float64             `json:"avg_pronunciation_score"`
	DurationSeconds       int                  `json:"duration_seconds"`
	StartedAt             time.Time            `json:"started_at"`
	CompletedAt           time.Time            `json:"completed_at"`
}

func newGame(d practice.Detail) gameResponse {
	return gameResponse{
		ID: d.ID, Mode: d.Mode, Level: d.Level, SentenceType: d.SentenceType,
		SelectedTags:   list(d.TagNames, func(name string) string { return name }),
		TotalSentences: d.TotalSentences, CorrectCount: d.CorrectCount, MaxStreak: d.MaxStreak,
		AvgPronunciationScore: d.AvgPronunciationScore, DurationSeconds: d.DurationSeconds,
		StartedAt: d.StartedAt.UTC(), CompletedAt: d.CompletedAt.UTC(),
	}
}

type sessionResponse struct {
	gameResponse
	Results []resultResponse `json:"results"`
}

type resultResponse struct {
	SequenceNumber     int               `json:"sequence_number"`
	Speech             speechResponse    `json:"speech"`
	UserResponse       practice.Response `json:"user_response"`
	PronunciationScore *float64          `json:"pronunciation_score"`
	RecognizedText     *string           `json:"recognized_text"`
	ResponseTimeMS     int               `json:"response_time_ms"`
	ScoreSource        *string           `json:"score_source"` // an addition
}

// scoreSource is null where there is no score.
func scoreSource(r practice.Result) *string {
	source := string(r.ScoreSource())
	if source == "" {
		return nil
	}
	return &source
}

func (a *API) showSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "session_id", "game session")
	if err != nil {
		return err
	}
	d, err := a.practice.Detail(r.Context(), caller(r.Context()), id)
	if err != nil {
		return err
	}
	results, err := a.results(r.Context(), d)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, sessionResponse{newGame(d), results})
}

func (a *API) results(ctx context.Context, d practice.Detail) ([]resultResponse, error) {
	out := make([]resultResponse, len(d.Results))
	for i, res := range d.Results {
		played, known := d.Speeches[res.SpeechID]
		if !known {
			return nil, fmt.Errorf("game session %s: result %d has no speech %s", d.ID, res.SequenceNumber, res.SpeechID)
		}
		speech, err := a.speech(ctx, played)
		if err != nil {
			return nil, err
		}
		out[i] = resultResponse{
			SequenceNumber: res.SequenceNumber, Speech: speech, UserResponse: res.UserResponse,
			PronunciationScore: res.PronunciationScore, RecognizedText: res.RecognizedText, ResponseTimeMS: res.ResponseTimeMS,
			ScoreSource: scoreSource(res),
		}
	}
	return out, nil
}
