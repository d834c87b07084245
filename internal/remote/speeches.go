package remote

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

type speechAnswer struct {
	ID          uuid.UUID            `json:"id"`
	AudioURL    string               `json:"audio_url"`
	AudioKey    *string              `json:"audio_key"`
	AudioSHA256 string               `json:"audio_sha256"` // null is none
	Text        string               `json:"text"`
	Level       catalog.Level        `json:"level"`
	Type        catalog.SentenceType `json:"type"`
	Tags        []tagRefAnswer       `json:"tags"`
	BatchID     *uuid.UUID           `json:"batch_id"`
	CreatedAt   time.Time            `json:"created_at"`
	UpdatedAt   time.Time            `json:"updated_at"`
}

type tagRefAnswer struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

func (a tagRefAnswer) ref() catalog.TagRef { return catalog.TagRef(a) }

// speech is the speech as it is stored: with the key of a recording of ours, or else with somebody else's address.
func (a speechAnswer) speech() catalog.Speech {
	audio := a.AudioURL
	if a.AudioKey != nil {
		audio = *a.AudioKey
	}
	return catalog.Speech{
		ID: a.ID, Audio: audio, AudioSHA256: a.AudioSHA256, Text: a.Text, Level: a.Level, Type: a.Type,
		Tags: each(a.Tags, tagRefAnswer.ref), CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, BatchID: a.BatchID,
	}
}

func speechPath(id uuid.UUID) string { return "/admin/speeches/" + id.String() }

func speechFilters(q catalog.SpeechQuery) []string {
	tag := ""
	if q.TagID != nil {
		tag = q.TagID.String()
	}
	return []string{"level", string(q.Level), "type", string(q.Type), "tag_id", tag, "search", q.Search}
}

// Speeches is catalog.Service.Speeches.
func (s *Catalog) Speeches(ctx context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error) {
	var answer struct {
		Speeches   []speechAnswer `json:"speeches"`
		Pagination pagination     `json:"pagination"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/speeches", query: parameters(p, append(speechFilters(q), "sort", string(q.Order))...)}, &answer)
	return each(answer.Speeches, speechAnswer.speech), answer.Pagination.Total, err
}

// Speech is catalog.Service.Speech.
func (s *Catalog) Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error) {
	answer, err := s.show(ctx, id)
	return answer.speech(), err
}

func (s *Catalog) show(ctx context.Context, id uuid.UUID) (answer speechAnswer, err error) {
	err = s.client.do(ctx, call{method: http.MethodGet, path: speechPath(id)}, &answer)
	return answer, err
}

// DeleteSpeech is catalog.Service.DeleteSpeech.
func (s *Catalog) DeleteSpeech(ctx context.Context, id uuid.UUID) error {
	return s.client.do(ctx, call{method: http.MethodDelete, path: speechPath(id)}, nil)
}

// Recordings is catalog.Service.Recordings.
func (s *Catalog) Recordings(ctx context.Context, id uuid.UUID) ([]catalog.Recording, error) {
	var answer struct {
		Recordings []recordingAnswer `json:"recordings"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: speechPath(id) + "/recordings"}, &answer)
	return each(answer.Recordings, recordingAnswer.recording), err
}

// RestoreRecording is catalog.Service.RestoreRecording.
func (s *Catalog) RestoreRecording(ctx context.Context, id uuid.UUID, version string) (catalog.Speech, error) {
	if err := (texts{"version", version}).check(); err != nil {
		return catalog.Speech{}, err
	}
	var answer speechAnswer
	err := s.client.do(ctx, call{
		method: http.MethodPost, path: speechPath(id) + "/recordings/restore", time: recordingTime,
		body: inJSON(struct {
			Version string `json:"version"`
		}{version}),
	}, &answer)
	return answer.speech(), err
}

type recordingAnswer struct {
	Version    string                 `json:"version"`
	State      catalog.RecordingState `json:"state"`
	AudioKey   string                 `json:"audio_key"`
	SHA256     string                 `json:"sha256"` // null is none
	Size       int64                  `json:"size_bytes"`
	StoredAt   time.Time              `json:"stored_at"` // null is none
	ReplacedAt *time.Time             `json:"replaced_at"`
}

func (a recordingAnswer) recording() catalog.Recording {
	return catalog.Recording{
		Version: a.Version, Key: a.AudioKey, State: a.State, SHA256: a.SHA256, Size: a.Size, StoredAt: a.StoredAt, ReplacedAt: a.ReplacedAt,
	}
}

const (
	// exportTime is what the daemon gives itself.
	exportTime = 10 * time.Minute
	// exportAnswer is a million speeches, at 700 bytes each, and some.
	exportAnswer = 1 << 30
)

// Export is catalog.Service.Export.
func (s *Catalog) Export(ctx context.Context, q catalog.SpeechQuery) (rows []catalog.Exported, elsewhere []catalog.Speech, err error) {
	var answer struct {
		Speeches []struct {
			speechAnswer
			FileName string `json:"file_name"`
		} `json:"speeches"`
		LeftOut []speechAnswer `json:"left_out"`
	}
	err = s.client.do(ctx, call{
		method: http.MethodGet, path: "/admin/speeches/export", query: filters(speechFilters(q)...), time: exportTime, most: exportAnswer,
	}, &answer)
	fresh := make(map[string]string, len(answer.Speeches))
	for _, row := range answer.Speeches {
		fresh[row.speech().Audio] = row.AudioURL
		if err := plainName(row.FileName); err != nil {
			return nil, nil, err
		}
		rows = append(rows, catalog.Exported{Speech: row.speech(), FileName: row.FileName})
	}
	s.links.keep(fresh)
	return rows, each(answer.LeftOut, speechAnswer.speech), err
}
