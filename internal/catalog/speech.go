package catalog

import (
	"io"
	"time"

	"github.com/google/uuid"
)

// Speech is one English sentence with its recording.
type Speech struct {
	ID uuid.UUID
	// Audio is an object key of ours ("audio/A1/<id>.mp3") or an absolute http(s) URL of somebody else's.
	Audio string
	// AudioSHA256 is the hex digest of the recording's bytes; empty where the bytes were never ours.
	AudioSHA256 string
	Text        string
	Level       Level
	Type        SentenceType
	// Tags are in the order of their names.
	Tags      []TagRef
	CreatedAt time.Time
	UpdatedAt time.Time
	// DeletedAt is nil for a live speech. A deleted one shows in the history only.
	DeletedAt *time.Time
	// BatchID is the import that created the speech, or nil.
	BatchID *uuid.UUID
}

// TagRef is a tag as a speech names it.
type TagRef struct {
	ID   uuid.UUID
	Name string
}

// NewSpeech is what an administrator enters to create a speech.
type NewSpeech struct {
	// AudioURL is an object key, or an absolute http(s) URL; one that points into our own store becomes its key.
	AudioURL string
	// Recording is the recording itself, in place of AudioURL: MP3, WAV or M4A, at most 10 MiB. It is read to its end.
	Recording io.Reader
	Text      string
	Level     Level
	// Type is Answer where it is empty.
	Type   SentenceType
	TagIDs []uuid.UUID
}

// SpeechChange changes some fields of a speech; nil fields are kept.
type SpeechChange struct {
	AudioURL *string
	// Recording is a new recording, in place of AudioURL. The same recording again changes nothing.
	Recording io.Reader
	Text      *string
	Level     *Level
	Type      *SentenceType
	// TagIDs replaces all tags; an empty list removes them.
	TagIDs *[]uuid.UUID
}

// SpeechFilter chooses speeches for a list; zero fields do not filter.
type SpeechFilter struct {
	Level Level
	Type  SentenceType
	TagID *uuid.UUID
	// Words are lower-case words; a speech matches if each of them begins a word of its text.
	Words []string
	// Order is how the list is sorted.
	Order SpeechOrder
}

// SpeechOrder is how a list of speeches is sorted.
type SpeechOrder string

// The orders. Within a level the newest comes first where the easiest does, otherwise the oldest.
const (
	NewestFirst  SpeechOrder = ""
	OldestFirst  SpeechOrder = "created_at"
	EasiestFirst SpeechOrder = "level"
	HardestFirst SpeechOrder = "-level"
)

// SpeechOrders are the orders that there are.
var SpeechOrders = []SpeechOrder{NewestFirst, OldestFirst, EasiestFirst, HardestFirst}
