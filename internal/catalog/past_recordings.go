package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// PastRecording is a recording of ours that a speech had.
type PastRecording struct {
	Speech uuid.UUID
	Key    string
	// SHA256 is its digest in hexadecimal; empty where it is not known.
	SHA256     string
	ReplacedAt time.Time
}

// ObjectVersion is one of the versions that a bucket with versioning keeps of an object.
type ObjectVersion struct {
	// ID is the store's own name for it.
	ID string
	// Size is in bytes.
	Size     int64
	StoredAt time.Time
	// Latest says that it is what the key stands for now.
	Latest bool
	// Marker says that it is no content, but the mark that the object was deleted.
	Marker bool
}

// Versions is what the catalogue needs of a store that keeps versions.
type Versions interface {
	// Versions returns what there is of an object, latest first; of a store without versions that is the object alone.
	Versions(ctx context.Context, key string) ([]ObjectVersion, error)
	// ReadVersion opens one, or returns fault.NotFound.
	ReadVersion(ctx context.Context, key, id string) (io.ReadCloser, error)
}

// WithVersions lets recordings be brought back that were deleted or overwritten in the store.
func WithVersions(v Versions) Option { return func(s *Service) { s.versions = v } }

// WithRecordingsKept says for how long replaced recordings are kept. Without it they go with the next sweep.
func WithRecordingsKept(d time.Duration) Option { return func(s *Service) { s.kept = d } }

// RecordingState says what can be done with a recording.
type RecordingState string

// The states of the recordings of a speech.
const (
	RecordingInUse   RecordingState = "in_use"  // learners hear it
	RecordingMissing RecordingState = "missing" // the speech has it, but the store does not
	RecordingKept    RecordingState = "kept"    // it was replaced and can be brought back
	RecordingRemoved RecordingState = "removed" // it was deleted or overwritten in the bucket, whose versioning still has it
)

// Recording is a recording that a speech has, or that it can have again.
type Recording struct {
	// Version names it to RestoreRecording: its key, or KEY@ID where it is an older version of the object.
	Version string
	Key     string
	State   RecordingState
	// SHA256 is empty where it is not known.
	SHA256 string
	// Size is in bytes; 0 where it is missing.
	Size int64
	// StoredAt is when its bytes came to the store; zero where it is missing.
	StoredAt time.Time
	// ReplacedAt is nil unless it was replaced.
	ReplacedAt *time.Time
}

// Playable reports whether a link leads to it: what its key stands for now, and no older version.
func (r Recording) Playable() bool { return r.State == RecordingInUse || r.State == RecordingKept }

// objectVersion is the store's name for an older version of the object.
func (r Recording) objectVersion() string { return strings.TrimPrefix(r.Version, r.Key+"@") }

// PreviousRecording names to RestoreRecording the one that was replaced last.
const PreviousRecording = "previous"

// errNoVersions says what a store without versions cannot do.
var errNoVersions = fault.NotFound("the audio store does not have it any longer; only a bucket with versioning keeps what was deleted or overwritten").
	WithCode("recording_gone")

// Recordings returns the recordings of ours that the speech has and had, as far as they can be heard again: the one in use
// first, and then the others, last replaced first. It returns fault.NotFound if no live speech has the id.
func (s *Service) Recordings(ctx context.Context, id uuid.UUID) ([]Recording, error) {
	speech, err := s.Speech(ctx, id)
	if err != nil {
		return nil, err
	}
	past, err := s.store.PastRecordings(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the earlier recordings of speech %s: %w", id, err)
	}
	var all, removed []Recording
	if speech.Stored() {
		found, err := s.recordingsUnder(ctx, Recording{Key: speech.Audio, SHA256: speech.AudioSHA256, State: RecordingInUse})
		if err != nil {
			return nil, err
		}
		all, removed = append(all, found[0]), found[1:]
	}
	for _, p := range past {
		found, err := s.recordingsUnder(ctx, Recording{Key: p.Key, SHA256: p.SHA256, State: RecordingKept, ReplacedAt: &p.ReplacedAt})
		if err != nil {
			return nil, err
		}
		if found[0].State == RecordingKept {
			all = append(all, found[0])
		}
		removed = append(removed, found[1:]...)
	}
	return append(all, removed...), nil
}

// recordingsUnder returns what the store has under the key of a recording: what the key stands for first, or that it is
// missing, and then the older versions.
func (s *Service) recordingsUnder(ctx context.Context, r Recording) ([]Recording, error) {
	r.Version = r.Key
	missing := r
	missing.State, missing.Size = RecordingMissing, 0
	found := []Recording{missing}
	versions, err := s.objectVersions(ctx, r.Key)
	if err != nil {
		return nil, fmt.Errorf("look for the recording %q: %w", r.Key, err)
	}
	for _, v := range versions {
		switch {
		case v.Marker:
		case v.Latest:
			found[0] = r
			found[0].Size, found[0].StoredAt = v.Size, v.StoredAt
		default:
			found = append(found, Recording{
				Version: r.Key + "@" + v.ID, Key: r.Key, State: RecordingRemoved, Size: v.Size, StoredAt: v.StoredAt,
				ReplacedAt: r.ReplacedAt,
			})
		}
	}
	return found, nil
}

func (s *Service) objectVersions(ctx context.Context, key string) ([]ObjectVersion, error) {
	if s.versions != nil {
		return s.versions.Versions(ctx, key)
	}
	exists, err := s.recordings.Exists(ctx, key)
	if err != nil || !exists {
		return nil, err
	}
	return []ObjectVersion{{Latest: true}}, nil
}

// RecordingURL returns a signed link by which a recording can be heard, or "" where none leads to it.
func (s *Service) RecordingURL(ctx context.Context, r Recording) (string, error) {
	if !r.Playable() {
		return "", nil
	}
	link, err := s.recordings.SignedURL(ctx, r.Key)
	if err != nil {
		return "", fmt.Errorf("sign a link to the recording %q: %w", r.Key, err)
	}
	return link, nil
}

// RestoreRecording gives a speech one of its earlier recordings again: one that Recordings names, or PreviousRecording.
// What is in use then becomes an earlier one. It returns fault.NotFound if there is no such speech or recording, and
// fault.Conflict if it is in use.
func (s *Service) RestoreRecording(ctx context.Context, id uuid.UUID, version string) (Speech, error) {
	all, err := s.Recordings(ctx, id)
	if err != nil {
		return Speech{}, err
	}
	chosen, err := choose(all, version)
	if err != nil {
		return Speech{}, err
	}
	var speech Speech
	if chosen.State == RecordingKept {
		speech, err = s.changeSpeech(ctx, id, SpeechChange{AudioURL: &chosen.Key}, chosen.SHA256)
	} else {
		speech, err = s.copyVersion(ctx, id, chosen)
	}
	if err != nil {
		return Speech{}, fmt.Errorf("bring back a recording of speech %s: %w", id, err)
	}
	return speech, nil
}

// choose finds the recording that can be brought back.
func choose(all []Recording, version string) (Recording, error) {
	for _, r := range all {
		if version == PreviousRecording && r.State == RecordingKept {
			return r, nil
		}
		if r.Version != version {
			continue
		}
		switch r.State {
		case RecordingInUse:
			return Recording{}, fault.Conflict("%s is in use", Shown(version)).WithCode("recording_in_use")
		case RecordingMissing:
			return Recording{}, errNoVersions
		}
		return r, nil
	}
	if version == PreviousRecording {
		return Recording{}, fault.NotFound("the speech has no earlier recording that is kept")
	}
	return Recording{}, fault.NotFound("the speech has no recording '%s' that could be brought back; take a version from the list of its recordings", Shown(version))
}

// copyVersion stores an older version of an object under a key of its own and makes the speech use it.
func (s *Service) copyVersion(ctx context.Context, id uuid.UUID, r Recording) (Speech, error) {
	content, err := s.versions.ReadVersion(ctx, r.Key, r.objectVersion())
	if err != nil {
		return Speech{}, err
	}
	var c fault.Check
	file, err := s.readRecording(&c, "version", content)
	if err := errors.Join(err, content.Close(), c.Err()); err != nil {
		return Speech{}, err
	}
	before, err := s.Speech(ctx, id)
	if err != nil {
		return Speech{}, err
	}
	key := file.key(before.Level, s.newID())
	var speech Speech
	err = s.storing(ctx, file, key, id, func() error {
		speech, err = s.changeSpeech(ctx, id, SpeechChange{AudioURL: &key}, file.sha256)
		return err
	})
	return speech, err
}

// keepPast remembers, in the transaction that gives a speech another recording, the one that it had.
func (s *Service) keepPast(ctx context.Context, tx Store, before, after Speech) error {
	if before.Audio == after.Audio {
		return nil
	}
	if err := tx.DropPastRecording(ctx, after.ID, after.Audio); err != nil { // it is in use again
		return err
	}
	if !before.Stored() || s.kept <= 0 {
		return nil
	}
	return tx.KeepRecording(ctx, PastRecording{
		Speech: before.ID, Key: before.Audio, SHA256: before.AudioSHA256, ReplacedAt: after.UpdatedAt,
	})
}

// Sweep forgets recordings that were replaced too long ago and returns how many. The sweep of imports then removes them
// from the store.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	n, err := s.store.DropPastRecordings(ctx, s.moment().Add(-s.kept))
	if err != nil {
		return 0, fmt.Errorf("forget replaced recordings: %w", err)
	}
	return n, nil
}
