package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// MaxRecordingBytes is the size of the largest recording (decisions.md, "Import").
	MaxRecordingBytes = 10 << 20
	// headBytes is how much of a recording is shown to the sniffer.
	headBytes = 8 << 10
	// takeBackTimeout bounds how long a failed write is tidied up after.
	takeBackTimeout = 10 * time.Second
)

// recording is a new recording in memory: at most 10 MiB, recognised by its content.
type recording struct {
	content          []byte
	ext, contentType string
	sha256           string
}

// readRecording reads a recording to its end and notes in c if it breaks a rule. A nil r is no recording.
func (s *Service) readRecording(c *fault.Check, field string, r io.Reader) (*recording, error) {
	if r == nil {
		return nil, nil
	}
	content, err := io.ReadAll(io.LimitReader(r, MaxRecordingBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the recording: %w", err)
	case len(content) == 0:
		c.Addf(field, "The recording is empty")
		return nil, nil
	case len(content) > MaxRecordingBytes:
		c.Addf(field, "The recording is larger than %d MiB, the limit", MaxRecordingBytes>>20)
		return nil, nil
	}
	ext, contentType, err := s.sniff(content[:min(len(content), headBytes)])
	if err != nil {
		c.Addf(field, "The recording is %s; only MP3, WAV and M4A are allowed", err)
		return nil, nil
	}
	digest := sha256.Sum256(content)
	return &recording{content, ext, contentType, hex.EncodeToString(digest[:])}, nil
}

// key is where a recording has its place (spec, "Processing Logic": "/audio/{level}/"). id is unique.
func (r *recording) key(level Level, id uuid.UUID) string {
	return keyPrefix + string(level) + "/" + id.String() + r.ext
}

// storing puts the recording, if there is one, under the key and runs write, which makes the speech use it. The object
// comes first: a process that dies in between leaves an object without a speech, which the sweep removes, and never a
// speech without its object.
func (s *Service) storing(ctx context.Context, r *recording, key string, speech uuid.UUID, write func() error) error {
	if r == nil {
		return write()
	}
	_, err := s.recordings.Put(ctx, key, bytes.NewReader(r.content), r.contentType)
	if err != nil {
		err = fmt.Errorf("store the recording: %w", err)
	} else {
		err = write()
	}
	if err != nil {
		return errors.Join(err, s.takeBack(ctx, key, speech))
	}
	return nil
}

// takeBack deletes the recording of a write that failed. It looks under the lock that every writer of content takes,
// since a commit whose answer was lost may have made the speech use it. What cannot be taken back is left to the sweep.
func (s *Service) takeBack(ctx context.Context, key string, speech uuid.UUID) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackTimeout)
	defer cancel()
	err := s.store.InTx(ctx, func(tx Store) error {
		if err := tx.BumpVersion(ctx); err != nil {
			return err
		}
		users, err := tx.SpeechesEver(ctx, []uuid.UUID{speech})
		if err != nil || len(users) > 0 && users[0].Audio == key {
			return err
		}
		return s.recordings.Delete(ctx, key)
	})
	if err != nil {
		return fmt.Errorf("take the recording back: %w", err)
	}
	return nil
}

// OpenRecording opens the recording of a speech for reading, where it is one of ours. It returns fault.NotFound if it
// is somebody else's, or gone.
func (s *Service) OpenRecording(ctx context.Context, speech Speech) (io.ReadCloser, error) {
	if !isKey(speech.Audio) {
		return nil, NotKeptHere(speech)
	}
	content, err := s.recordings.Read(ctx, speech.Audio)
	if err != nil {
		return nil, fmt.Errorf("open the recording of speech %s: %w", speech.ID, err)
	}
	return content, nil
}

// ReadRecording returns the bytes of the recording of a speech, as OpenRecording does; of one that is larger than
// MaxRecordingBytes a byte more than is allowed.
func (s *Service) ReadRecording(ctx context.Context, speech Speech) ([]byte, error) {
	content, err := s.OpenRecording(ctx, speech)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	read, err := io.ReadAll(io.LimitReader(content, MaxRecordingBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the recording of speech %s: %w", speech.ID, err)
	}
	return read, nil
}

// NotKeptHere is fault.NotFound for the recording of a speech that is somebody else's.
func NotKeptHere(s Speech) error {
	return fault.NotFound("The recording of speech %s is not kept here but at %s", s.ID, Shown(s.Audio))
}

// Stored reports whether the recording is kept in our own store.
func (s Speech) Stored() bool { return isKey(s.Audio) }
