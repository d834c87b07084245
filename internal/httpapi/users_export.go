package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// exportedSession is a game session as its player takes it away: with the sentences' texts, and without links, which
// would be over within the hour.
type exportedSession struct {
	gameResponse
	SavedAt time.Time        `json:"saved_at"`
	Results []exportedResult `json:"results"`
}

type exportedResult struct {
	SequenceNumber     int               `json:"sequence_number"`
	SpeechID           uuid.UUID         `json:"speech_id"`
	Text               string            `json:"text"`
	UserResponse       practice.Response `json:"user_response"`
	PronunciationScore *float64          `json:"pronunciation_score"`
	RecognizedText     *string           `json:"recognized_text"`
	ResponseTimeMS     int               `json:"response_time_ms"`
	ScoreSource        *string           `json:"score_source"`
}

func newExportedSession(d practice.Detail) exportedSession {
	return exportedSession{
		gameResponse: newGame(d), SavedAt: d.SavedAt.UTC(),
		Results: list(d.Results, func(r practice.Result) exportedResult {
			return exportedResult{
				SequenceNumber: r.SequenceNumber, SpeechID: r.SpeechID, Text: d.Speeches[r.SpeechID].Text, UserResponse: r.UserResponse,
				PronunciationScore: r.PronunciationScore, RecognizedText: r.RecognizedText, ResponseTimeMS: r.ResponseTimeMS,
				ScoreSource: scoreSource(r),
			}
		}),
	}
}

// exportProfile answers all that is kept of the caller, as a file. It is sent as it is read, so that a long history needs
// no more memory than a short one; what goes wrong before the first session is an answer like any other.
func (a *API) exportProfile(w http.ResponseWriter, r *http.Request) error {
	user, err := a.accounts.Profile(r.Context(), caller(r.Context()))
	if err != nil {
		return err
	}
	linked, err := a.accounts.Identities(r.Context(), user.ID)
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(a.practice.ExportSessions(r.Context(), user.ID))
	defer stop()
	first, err, more := next()
	if err != nil {
		return err
	}
	now := a.now().UTC().Truncate(time.Microsecond) // as all times of the API
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="englishapp-export-%s.json"`, now.Format(time.DateOnly)))
	out := &exportWriter{w: bufio.NewWriterSize(w, 32<<10)}
	out.text(`{"exported_at": `).value(now).text(`, "profile": `).value(newAdminUser(user))
	out.text(`, "identities": `).value(list(linked, newIdentity)).text(`, "sessions": [`)
	for comma := ""; more && out.err == nil; comma = "," {
		out.text(comma).value(newExportedSession(first))
		if first, err, more = next(); err != nil {
			out.err = err
		}
	}
	out.text("]}\n")
	return a.ended(r, out.flush())
}

// ended tells of an answer that broke off half way: the log, and the client, whose connection is cut so that nobody takes
// half of it for the whole.
func (a *API) ended(r *http.Request, err error) error {
	if err == nil {
		return nil
	}
	a.log.WarnContext(r.Context(), "an export broke off", "error", err)
	panic(http.ErrAbortHandler)
}

// exportWriter writes pieces of JSON until one cannot be written.
type exportWriter struct {
	w   *bufio.Writer
	err error
}

func (e *exportWriter) text(s string) *exportWriter {
	if e.err == nil {
		_, e.err = io.WriteString(e.w, s)
	}
	return e
}

func (e *exportWriter) value(v any) *exportWriter {
	encoded, err := encode(v)
	if e.err == nil {
		e.err = err
	}
	return e.text(string(encoded))
}

// flush sends what is left, and nothing where something went wrong: a whole end would look like a whole file.
func (e *exportWriter) flush() error {
	if e.err != nil {
		return e.err
	}
	return e.w.Flush()
}
