package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

type recordingsResponse struct {
	Recordings []recordingResponse `json:"recordings"`
}

// recordingResponse is a recording that a speech has, or can have again.
type recordingResponse struct {
	Version    string                 `json:"version"`
	State      catalog.RecordingState `json:"state"`
	AudioKey   string                 `json:"audio_key"`
	AudioURL   *string                `json:"audio_url"` // null where no link leads to it
	SHA256     *string                `json:"sha256"`
	Size       int64                  `json:"size_bytes"`
	StoredAt   *time.Time             `json:"stored_at"`
	ReplacedAt *time.Time             `json:"replaced_at"`
}

func (a *API) recording(ctx context.Context, r catalog.Recording) (recordingResponse, error) {
	link, err := a.catalog.RecordingURL(ctx, r)
	out := recordingResponse{
		Version: r.Version, State: r.State, AudioKey: r.Key, AudioURL: orNull(link), SHA256: orNull(r.SHA256), Size: r.Size,
	}
	if !r.StoredAt.IsZero() {
		at := r.StoredAt.UTC()
		out.StoredAt = &at
	}
	if r.ReplacedAt != nil {
		at := r.ReplacedAt.UTC()
		out.ReplacedAt = &at
	}
	return out, err
}

// listRecordings shows what a speech could be heard with. They are few, and come all at once.
func (a *API) listRecordings(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	all, err := a.catalog.Recordings(r.Context(), id)
	if err != nil {
		return err
	}
	answer := recordingsResponse{make([]recordingResponse, len(all))}
	for i, recording := range all {
		if answer.Recordings[i], err = a.recording(r.Context(), recording); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

type restoreRequest struct {
	Version field[string] `json:"version"`
}

func (in restoreRequest) version(c *fault.Check) string { return required(c, "version", in.Version) }

// restoreRecording is no critical operation: like any change of a speech it can be taken back, by the same call.
func (a *API) restoreRecording(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	version, err := decode(w, r, restoreRequest.version)
	if err != nil {
		return err
	}
	s, err := a.catalog.RestoreRecording(r.Context(), id, version)
	return a.answerSpeech(w, r, http.StatusOK, s, err)
}

// checkSpeech scores the recording of a speech against its own text. Nobody has said it to be scored: there is no score id.
func (a *API) checkSpeech(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "speech_id", "speech")
	if err != nil {
		return err
	}
	q := parseQuery(r)
	wanted := pronunciation.Recording{Language: q.word("language"), Phonemes: choice(q, "detail", scoreDetails) == detailPhoneme}
	if err := q.err(); err != nil {
		return err
	}
	speech, err := a.catalog.Speech(r.Context(), id)
	if err != nil {
		return err
	}
	wanted.Text = speech.Text
	if wanted.Content, err = a.catalog.ReadRecording(r.Context(), speech); err != nil {
		return err
	}
	assessment, err := a.scores.Score(r.Context(), wanted)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newScoreResponse(assessment))
}
