package catalog

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

// Store is what the catalogue needs of a database. Only live speeches and tags exist for it, except where it says so.
type Store interface {
	// InTx runs fn in one transaction, on a Store bound to it: all of fn's writes happen, or none.
	InTx(ctx context.Context, fn func(tx Store) error) error

	// Version returns the catalogue's version, which every committed content write has raised.
	Version(ctx context.Context) (Version, error)
	// BumpVersion raises the version. As the first statement of a transaction it keeps other content writers
	// waiting until the transaction ends, so that what is read after it stays true. Which speeches a transaction has
	// changed is noted with the version that it has raised: a change without that is told by Snapshot only.
	BumpVersion(ctx context.Context) error
	// Snapshot tells into what the selection index is built from, all of one version. After an error it was not all.
	Snapshot(ctx context.Context, into Collector) error
	// Changes tells into what a snapshot of a version needs to become one of now, which is all of one version, too. known is
	// false, and nothing was told, where the store does not know all that has changed since, where more than most speeches
	// have, or where since is no version of this database's past. After an error what was told was not all.
	Changes(ctx context.Context, since Version, most int, into Collector) (known bool, err error)

	// Speech returns fault.NotFound if no live speech has the id.
	Speech(ctx context.Context, id uuid.UUID) (Speech, error)
	// SpeechesByID returns the live speeches among ids, in no particular order, with their tags.
	SpeechesByID(ctx context.Context, ids []uuid.UUID) ([]Speech, error)
	// SpeechesEver is SpeechesByID that includes deleted speeches.
	SpeechesEver(ctx context.Context, ids []uuid.UUID) ([]Speech, error)
	// Speeches returns one page in the filter's order, newest first (created_at, then id, descending) where that says no more, and
	// the number of all matches.
	Speeches(ctx context.Context, f SpeechFilter, p paging.Page) ([]Speech, int, error)
	// CountSpeeches returns how many live speeches there are of each level and type; those of which there are none are
	// left out.
	CountSpeeches(ctx context.Context) ([]SpeechCount, error)
	// InsertSpeeches writes the speeches and their tag links, however many.
	InsertSpeeches(ctx context.Context, speeches []Speech) error
	// UpdateSpeech overwrites audio, text, level, type, updated_at and the tag links. fault.NotFound as for Speech.
	UpdateSpeech(ctx context.Context, s Speech) error
	// DeleteSpeech marks the speech deleted and drops its tag links. fault.NotFound as for Speech.
	DeleteSpeech(ctx context.Context, id uuid.UUID, at time.Time) error

	// KeepRecording remembers a recording that a speech had; one that is remembered already is as if replaced again.
	KeepRecording(ctx context.Context, p PastRecording) error
	// PastRecordings returns those that a speech had, last replaced first.
	PastRecordings(ctx context.Context, speech uuid.UUID) ([]PastRecording, error)
	// DropPastRecording forgets one, if it is remembered.
	DropPastRecording(ctx context.Context, speech uuid.UUID, key string) error
	// DropPastRecordings forgets those that were replaced before a time, and returns how many.
	DropPastRecordings(ctx context.Context, before time.Time) (int, error)

	// Tag returns fault.NotFound if no live tag has the id.
	Tag(ctx context.Context, id uuid.UUID) (Tag, error)
	// Tags returns all live tags by category (none last), then name, with their speech counts.
	Tags(ctx context.Context) ([]Tag, error)
	// TagsByID returns the live tags among ids.
	TagsByID(ctx context.Context, ids []uuid.UUID) ([]Tag, error)
	// TagNamesEver returns the names of the tags among ids, deleted ones included.
	TagNamesEver(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// InsertTag returns fault.Conflict (code tag_exists), naming the tag in the way, if the name is taken ignoring case.
	InsertTag(ctx context.Context, t Tag) error
	// EnsureTags returns the tags with the given names, ignoring case, creating with the given id, name and time those
	// that are missing. The result maps FoldName(name) to the tag; two callers at once get the same tag.
	EnsureTags(ctx context.Context, wanted []Tag) (map[string]Tag, error)
	// UpdateTag overwrites name and category. fault.Conflict as for InsertTag, fault.NotFound as for Tag.
	UpdateTag(ctx context.Context, t Tag) error
	// DeleteTag marks the tag deleted. It returns fault.Conflict (code tag_in_use), with the count, while a live speech has
	// it, and fault.NotFound as for Tag.
	DeleteTag(ctx context.Context, id uuid.UUID, at time.Time) error

	// MoveTagLinks gives the live speeches of one tag the other one instead. It returns how many of them did not have that
	// one before.
	MoveTagLinks(ctx context.Context, from, into uuid.UUID) (gained int, err error)

	// InsertAudit writes one line of the audit log.
	InsertAudit(ctx context.Context, e audit.Entry) error
}

// Version names a state of the catalogue.
type Version struct {
	// Number grows with every content write. A writer holds the number's lock until it has committed, so that whoever sees a
	// number sees all that lower numbers have written.
	Number int64
	// Mark tells apart equal numbers of a database that has lost its latest commits and got others since, as a replica that
	// lagged behind when it took over. It is uuid.Nil where a version was raised without a note of what it has changed.
	Mark uuid.UUID
}

// Collector takes in the part of the catalogue that selection needs, row by row: a million speeches need not lie in memory twice.
// Its methods are called by one goroutine.
type Collector interface {
	// Begin comes first. The tags are all that live, in no particular order, without their counts.
	Begin(version Version, tags []Tag)
	// Changed comes next where only changes are told: what was told of these speeches before no longer holds. Each id comes once.
	Changed(speeches []uuid.UUID)
	// Speech comes once for each live speech, or each live one of those that have changed, in no particular order. Its bytes are
	// the caller's again afterwards.
	Speech(SpeechRow)
	// Tagged comes after the last Speech, once for each tag of each of these speeches, in no particular order.
	Tagged(speech, tag uuid.UUID)
}

// SpeechRow is what a draw tells of a speech, but for its tags.
type SpeechRow struct {
	ID          uuid.UUID
	Level       Level
	Type        SentenceType
	Audio, Text []byte
}
