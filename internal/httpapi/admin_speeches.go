package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// defaultSpeechPage is the spec's ("GET /admin/speeches").
const defaultSpeechPage = 50

type speechesResponse struct {
	Speeches   []adminSpeechResponse `json:"speeches"`
	Pagination paginationResponse    `json:"pagination"`
}

// adminSpeechResponse is a speech as administrators see it.
type adminSpeechResponse struct {
	speechResponse
	AudioKey    *string    `json:"audio_key"`    // null where the recording is somebody else's
	AudioSHA256 *string    `json:"audio_sha256"` // null where the bytes were never ours
	BatchID     *uuid.UUID `json:"batch_id"`     // null where no import created it
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

func (a *API) adminSpeech(ctx context.Context, s catalog.Speech) (adminSpeechResponse, error) {
	speech, err := a.speech(ctx, s)
	answer := adminSpeechResponse{
		speechResponse: speech, AudioSHA256: orNull(s.AudioSHA256), BatchID: s.BatchID,
		CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
	if s.Stored() {
		answer.AudioKey = &s.Audio
	}
	return answer, err
}

// answerSpeech sends one speech, unless what was asked of the catalogue has failed.
func (a *API) answerSpeech(w http.ResponseWriter, r *http.Request, status int, s catalog.Speech, err error) error {
	if err != nil {
		return err
	}
	answer, err := a.adminSpeech(r.Context(), s)
	if err != nil {
		return err
	}
	return writeJSON(w, status, answer)
}

// speeches returns the parameters that choose speeches. Which levels and types there are is the catalogue's business: it
// tells of a wrong one together with whatever else is wrong.
func (q *query) speeches() catalog.SpeechQuery {
	search, _ := q.text("search")
	return catalog.SpeechQuery{
		Level: catalog.Level(q.word("level")), Type: catalog.SentenceType(q.word("type")), TagID: q.id("tag_id"), Search: search,
	}
}

func (a *API) listSpeeches(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	page := q.page(defaultSpeechPage)
	wanted := q.speeches()
	wanted.Order = catalog.SpeechOrder(q.word("sort"))
	if err := q.err(); err != nil {
		return err
	}
	found, total, err := a.catalog.Speeches(r.Context(), wanted, page)
	if err != nil {
		return err
	}
	answer := speechesResponse{make([]adminSpeechResponse, len(found)), newPagination(page, total)}
	for i, s := range found {
		if answer.Speeches[i], err = a.adminSpeech(r.Context(), s); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

func (a *API) showSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	s, err := a.catalog.Speech(r.Context(), id)
	return a.answerSpeech(w, r, http.StatusOK, s, err)
}

type speechRequest struct {
	AudioURL field[string]               `json:"audio_url"`
	Text     field[string]               `json:"text"`
	Level    field[catalog.Level]        `json:"level"`
	Type     field[catalog.SentenceType] `json:"type"`
	TagIDs   field[items[uuid.UUID]]     `json:"tag_ids"`
}

func (in speechRequest) newSpeech(c *fault.Check) catalog.NewSpeech {
	return catalog.NewSpeech{
		AudioURL: required(c, "audio_url", in.AudioURL),
		Text:     required(c, "text", in.Text),
		Level:    required(c, "level", in.Level),
		Type:     orElse(optional(c, "type", in.Type), ""), // the catalogue knows what a missing type means
		TagIDs:   orElse(optionalElements(c, "tag_ids", in.TagIDs), nil),
	}
}

func (in speechRequest) change(c *fault.Check) catalog.SpeechChange {
	return catalog.SpeechChange{
		AudioURL: optional(c, "audio_url", in.AudioURL),
		Text:     optional(c, "text", in.Text),
		Level:    optional(c, "level", in.Level),
		Type:     optional(c, "type", in.Type),
		TagIDs:   optionalElements(c, "tag_ids", in.TagIDs),
	}
}

func (a *API) createSpeech(w http.ResponseWriter, r *http.Request) error {
	wanted, err := readSpeech(w, r, speechRequest.newSpeech, speechForm.newSpeech)
	if err != nil {
		return err
	}
	s, err := a.catalog.CreateSpeech(r.Context(), wanted)
	return a.answerSpeech(w, r, http.StatusCreated, s, err)
}

func (a *API) updateSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	change, err := readSpeech(w, r, speechRequest.change, speechForm.change)
	if err != nil {
		return err
	}
	s, err := a.catalog.UpdateSpeech(r.Context(), id, change)
	return a.answerSpeech(w, r, http.StatusOK, s, err)
}

func (a *API) deleteSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	return done(w, a.catalog.DeleteSpeech(r.Context(), id))
}
