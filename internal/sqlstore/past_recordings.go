package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

const (
	insertPastRecording  = `INSERT INTO past_recordings (speech_id, audio_url, audio_sha256, replaced_at) VALUES (?, ?, ?, ?)`
	unlessKept           = ` ON CONFLICT (speech_id, audio_url) DO UPDATE SET audio_sha256 = excluded.audio_sha256, replaced_at = excluded.replaced_at`
	selectPastRecordings = `
	SELECT speech_id, audio_url, audio_sha256, replaced_at
	  FROM past_recordings
	 WHERE speech_id = ?
	 ORDER BY replaced_at DESC, audio_url`
	deletePastRecording  = `DELETE FROM past_recordings WHERE speech_id = ? AND audio_url = ?`
	deletePastRecordings = `DELETE FROM past_recordings WHERE replaced_at < ?`
)

type pastRecordingRow struct {
	SpeechID    uuid.UUID `db:"speech_id"`
	AudioURL    string    `db:"audio_url"`
	AudioSHA256 *string   `db:"audio_sha256"`
	ReplacedAt  timestamp `db:"replaced_at"`
}

func (r pastRecordingRow) pastRecording() catalog.PastRecording {
	return catalog.PastRecording{Speech: r.SpeechID, Key: r.AudioURL, SHA256: orEmpty(r.AudioSHA256), ReplacedAt: r.ReplacedAt.time()}
}

// KeepRecording implements catalog.Store.
func (s *Catalog) KeepRecording(ctx context.Context, p catalog.PastRecording) error {
	_, err := s.c.exec(ctx, insertPastRecording+unlessKept, p.Speech, p.Key, orNull(p.SHA256), timestamp(p.ReplacedAt))
	if err != nil {
		return fmt.Errorf("insert an earlier recording of speech %s: %w", p.Speech, err)
	}
	return nil
}

// PastRecordings implements catalog.Store.
func (s *Catalog) PastRecordings(ctx context.Context, speech uuid.UUID) ([]catalog.PastRecording, error) {
	var rows []pastRecordingRow
	if err := s.c.all(ctx, &rows, selectPastRecordings, speech); err != nil {
		return nil, fmt.Errorf("select the earlier recordings of speech %s: %w", speech, err)
	}
	return convert(rows, pastRecordingRow.pastRecording), nil
}

// DropPastRecording implements catalog.Store.
func (s *Catalog) DropPastRecording(ctx context.Context, speech uuid.UUID, key string) error {
	if _, err := s.c.exec(ctx, deletePastRecording, speech, key); err != nil {
		return fmt.Errorf("delete an earlier recording of speech %s: %w", speech, err)
	}
	return nil
}

// DropPastRecordings implements catalog.Store.
func (s *Catalog) DropPastRecordings(ctx context.Context, before time.Time) (int, error) {
	n, err := s.c.exec(ctx, deletePastRecordings, timestamp(before))
	if err != nil {
		return 0, fmt.Errorf("delete earlier recordings: %w", err)
	}
	return n, nil
}
