package practice

import (
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// Mode is a way to play.
type Mode string

// The game modes (spec, "GameSession").
const (
	ListenOnly      Mode = "listen_only"
	ListenAndRepeat Mode = "listen_and_repeat"
)

// Modes are the modes that the product knows.
var Modes = []Mode{ListenOnly, ListenAndRepeat}

// Response is how a learner did on one sentence, by their own judgement.
type Response string

// The responses (spec, "GameResult").
const (
	Correct   Response = "correct"
	Incorrect Response = "incorrect"
	Skipped   Response = "skipped"
)

// Responses are the responses that the product knows.
var Responses = []Response{Correct, Incorrect, Skipped}

// Draft is a played game session as a phone reports it.
type Draft struct {
	Mode           Mode
	Level          catalog.Level
	SentenceType   catalog.SentenceType
	SelectedTags   []uuid.UUID
	TotalSentences int
	CorrectCount   int
	MaxStreak      int
	// AvgPronunciationScore is 0 to 100, or nil.
	AvgPronunciationScore *float64
	DurationSeconds       int
	StartedAt             time.Time
	CompletedAt           time.Time
	Results               []Result
}

// Result is what a learner did with one sentence of a session.
type Result struct {
	// ID is given by the service; a draft has none.
	ID       uuid.UUID
	SpeechID uuid.UUID
	// SequenceNumber is the sentence's place in the session, from 1.
	SequenceNumber int
	UserResponse   Response
	// PronunciationScore is 0 to 100, or nil.
	PronunciationScore *float64
	RecognizedText     *string
	ResponseTimeMS     int
	// QuotedScore is the score_id that the app quotes, or empty; a stored result has none. The tags keep the digest of a request as
	// it was before there was such a thing.
	QuotedScore string `json:",omitempty"`
	// ScoreID is that of the score, where the server itself has given it; zero where the app reports it, and in a draft. No two
	// results have the same one.
	ScoreID uuid.UUID `json:"-"`
	// ScoreProvider is who scored for the server, such as "azure", as far as it is known; scores of different ones do not compare
	// (docs/pronunciation.md). Empty where the app reports the score, and in a draft.
	ScoreProvider string `json:"-"`
}

// ScoreSource is whose word a score is.
type ScoreSource string

// The sources.
const (
	FromServer ScoreSource = "server" // this server has given it
	FromClient ScoreSource = "client" // the learner's app reports it
)

// ScoreSource returns whose word the result's score and recognised text are; empty where there is no score.
func (r Result) ScoreSource() ScoreSource {
	switch {
	case r.ScoreID != uuid.Nil:
		return FromServer
	case r.PronunciationScore != nil:
		return FromClient
	default:
		return ""
	}
}

// Session is a stored game session.
type Session struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Draft
	// SavedAt is when the server stored it.
	SavedAt time.Time
}

// HistoryFilter chooses sessions of one learner; zero fields do not filter.
type HistoryFilter struct {
	Mode  Mode
	Level catalog.Level
	// From and To bound completed_at, both inclusive; zero times are no bound.
	From, To time.Time
	// After is where a page begins, in place of its number: behind this session in the order of the history. nil: the number counts.
	After *Position
}

// Position is where a session stands in a history, whether it is still there or not.
type Position struct {
	CompletedAt time.Time
	ID          uuid.UUID
}

// SessionFilter chooses sessions of all learners; zero fields do not filter.
type SessionFilter struct {
	Mode  Mode
	Level catalog.Level
	// OldestFirst sorts by completed_at the other way round.
	OldestFirst bool
}

// Detail is a session with everything that a phone shows of it.
type Detail struct {
	Session
	// TagNames are the names of the selected tags that exist or once existed, in the order they were selected.
	TagNames []string
	// Speeches holds the speech of every result, deleted ones included.
	Speeches map[uuid.UUID]catalog.Speech
}
