package catalog

import (
	"time"

	"github.com/google/uuid"
)

// Tag is a label that sorts speeches, such as "Present Tense" or "Food".
type Tag struct {
	ID   uuid.UUID
	Name string
	// Category groups tags ("tense", "topic"); empty means none.
	Category string
	// SpeechCount is the number of live speeches with this tag.
	SpeechCount int
	CreatedAt   time.Time
}

// NewTag is what an administrator enters to create a tag.
type NewTag struct {
	Name string
	// Category may be empty.
	Category string
}

// TagChange changes some fields of a tag; nil fields are kept.
type TagChange struct {
	Name *string
	// Category is removed by an empty string.
	Category *string
}
