package importing

import (
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// OnError says what a bad row does to the others.
type OnError string

// What a bad row does.
const (
	// Abort creates nothing if one row is bad.
	Abort OnError = "abort"
	// Skip imports the good rows.
	Skip OnError = "skip"
)

// Batch is one import.
type Batch struct {
	ID     uuid.UUID
	Author string
	// SessionID is the upload session that the recordings come from.
	SessionID uuid.UUID
	// FileName and FileSHA256 (hex) say which CSV it was.
	FileName   string
	FileSHA256 string
	OnError    OnError
	State      BatchState
	// LeaseUntil is until when the process that runs the import is taken to be alive.
	LeaseUntil time.Time
	Created    int
	Unchanged  int
	Rejected   int
	StartedAt  time.Time
	// FinishedAt is nil while the batch runs.
	FinishedAt *time.Time
}

// BatchState says how far an import has come.
type BatchState string

// The states of a batch.
const (
	// BatchRunning copies recordings; nothing is in the catalogue yet.
	BatchRunning BatchState = "running"
	// BatchDone has changed the catalogue.
	BatchDone BatchState = "done"
	// BatchFailed has changed nothing: it broke off, or its process died.
	BatchFailed BatchState = "failed"
	// BatchUndone was done and then taken back.
	BatchUndone BatchState = "undone"
)

// Item is one row of a batch on its way into the catalogue.
type Item struct {
	// Row counts data rows from 1.
	Row int
	// SpeechID is the speech that the row creates; once it is found unchanged, the one that it equals.
	SpeechID uuid.UUID
	// Key is where the row's recording is copied to: "audio/<level>/<speech id><ext>".
	Key     string
	Outcome Outcome
}

// Outcome says what became of a row.
type Outcome string

// The outcomes of a row. A rejected row is no item.
const (
	Planned   Outcome = "planned"
	Created   Outcome = "created"
	Unchanged Outcome = "unchanged"
)

// Report is what an import has done.
type Report struct {
	BatchID uuid.UUID
	// SuccessCount is the number of rows that created a speech.
	SuccessCount int
	// UnchangedCount is the number of rows that equal a live speech; their tags were completed.
	UnchangedCount int
	// ErrorCount is the number of rejected rows; a row may have several Errors.
	ErrorCount int
	Created    []CreatedSpeech
	Errors     []RowError
	// Warnings are about recordings of new rows that somebody should listen to.
	Warnings []RowWarning
}

// CreatedSpeech is a row that created a speech.
type CreatedSpeech struct {
	Row      int
	SpeechID uuid.UUID
	Text     string
}

// RowError is one broken rule of one row.
type RowError struct {
	// Row counts data rows from 1; the header is not a row.
	Row int
	// Line is where the row stands in the file: the line of a CSV file on which it begins, the row of a sheet.
	Line int
	// Field is the column's name; empty where the row as a whole is broken.
	Field string
	// Message is a sentence that names the value and what is allowed.
	Message string
}

// RowWarning is something about the recording of a row that somebody should look at. It can be played.
type RowWarning struct {
	// Row and Line are as in RowError.
	Row, Line int
	// Code is a stable word for programs: not_checked, too_short, too_long, low_sample_rate, low_bit_rate, many_channels,
	// quiet, clipped, leading_silence, trailing_silence, too_fast, too_slow, same_recording, and of those who score recordings low_score,
	// not_verified.
	Code string
	// Message is a sentence that names the recording.
	Message string
}

// identity is what makes a row equal to a live speech (decisions.md, "Import").
type identity struct {
	text   string
	level  catalog.Level
	typ    catalog.SentenceType
	sha256 string
}
