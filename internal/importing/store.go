package importing

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// Store is what importing needs of a database, beside the catalogue's own.
type Store interface {
	// InTx runs fn in one transaction, on a Store bound to it: all of fn's writes happen, or none.
	InTx(ctx context.Context, fn func(tx Store) error) error
	// Catalog returns the catalogue's store, bound to the same transaction.
	Catalog() catalog.Store

	// InsertUploadSession writes a new session.
	InsertUploadSession(ctx context.Context, s UploadSession) error
	// UploadSession returns fault.NotFound if there is no such session; expired and used ones are returned.
	UploadSession(ctx context.Context, id uuid.UUID) (UploadSession, error)
	// MoveUploadSession changes the state from one to the other and reports whether it was in the first.
	MoveUploadSession(ctx context.Context, id uuid.UUID, from, to SessionState) (bool, error)
	// LockUploads keeps other transactions from going on that call it for the same author and file, until this one ends.
	LockUploads(ctx context.Context, author, fileSHA256 string) error
	// UploadSessionsFor returns the author's sessions for a file that are being imported, or open and not expired by now;
	// newest first.
	UploadSessionsFor(ctx context.Context, author, fileSHA256 string, now time.Time) ([]UploadSession, error)
	// LeaseUploadSession sets the lease of an open session whose lease ended before the given time, and reports whether it
	// did.
	LeaseUploadSession(ctx context.Context, id uuid.UUID, until, ifBefore time.Time) (bool, error)
	// DeleteUploadSession removes the session and its files' records; a session that is not there is no error.
	DeleteUploadSession(ctx context.Context, id uuid.UUID) error
	// ExpiredUploadSessions returns at most limit sessions that are used, or open and expired before now.
	ExpiredUploadSessions(ctx context.Context, now time.Time, limit int) ([]UploadSession, error)

	// InsertUploadFiles writes file records. fault.Conflict if a name is taken within its session.
	InsertUploadFiles(ctx context.Context, files []UploadFile) error
	// UploadFiles returns the files of a session by name.
	UploadFiles(ctx context.Context, session uuid.UUID) ([]UploadFile, error)
	// DeleteUploadFiles removes file records and returns how many of them there were.
	DeleteUploadFiles(ctx context.Context, ids []uuid.UUID) (int, error)
	// UploadKeys returns those among keys that belong to an upload file.
	UploadKeys(ctx context.Context, keys []string) (map[string]bool, error)

	// PutUploadSheet keeps the file of an existing session, in the place of the one that it has.
	PutUploadSheet(ctx context.Context, session uuid.UUID, sheet Sheet) error
	// UploadSheet returns fault.NotFound if the session has none.
	UploadSheet(ctx context.Context, session uuid.UUID) (Sheet, error)

	// InsertBatch writes a new batch with its planned items.
	InsertBatch(ctx context.Context, b Batch, items []Item) error
	// Batch returns fault.NotFound if there is no such batch.
	Batch(ctx context.Context, id uuid.UUID) (Batch, error)
	// BatchItems returns the items of a batch by row.
	BatchItems(ctx context.Context, id uuid.UUID) ([]Item, error)
	// RenewLease extends the lease of a running batch and reports whether it was still running.
	RenewLease(ctx context.Context, id uuid.UUID, until time.Time) (bool, error)
	// FinishBatch moves a running batch to done or failed with its counts and the time, and reports whether it was still running.
	FinishBatch(ctx context.Context, b Batch) (bool, error)
	// SetOutcomes sets the outcome and the speech of a batch's items by row; their keys stay.
	SetOutcomes(ctx context.Context, batch uuid.UUID, items []Item) error
	// InsertRejects keeps the rows that an existing batch has skipped, as a file.
	InsertRejects(ctx context.Context, batch uuid.UUID, rejected Sheet) error
	// BatchRejects returns fault.NotFound if none are kept of the batch.
	BatchRejects(ctx context.Context, batch uuid.UUID) (Sheet, error)
	// DeadBatches returns the running batches whose lease ended before now.
	DeadBatches(ctx context.Context, now time.Time) ([]Batch, error)

	// Batches returns one page, newest first (started_at, then id, descending), and the number of all.
	Batches(ctx context.Context, p paging.Page) ([]Batch, int, error)
	// BatchSpeeches returns the live speeches that a batch created, in the order of their rows, without their tags.
	BatchSpeeches(ctx context.Context, batch uuid.UUID) ([]catalog.Speech, error)
	// PlayedSpeeches returns those among the speeches that a batch created that stand in somebody's history.
	PlayedSpeeches(ctx context.Context, batch uuid.UUID) (map[uuid.UUID]bool, error)
	// RemoveSpeeches marks speeches deleted and drops their tag links, however many; those that are not live stay as they are.
	RemoveSpeeches(ctx context.Context, ids []uuid.UUID, at time.Time) error
	// MarkUndone moves a batch that is done to undone.
	MarkUndone(ctx context.Context, batch uuid.UUID) error

	// LiveSpeechesLike returns, with their tags, the live speeches whose recording has one of the digests and whose text is one
	// of the texts, and for each digest the oldest that has it, whatever its text. A recording may be that of very many
	// speeches (a seed makes a million of a few hundred), which are not read.
	LiveSpeechesLike(ctx context.Context, digests, texts []string) ([]catalog.Speech, error)
	// AddTags links tags to speeches; links that exist are no error. It returns how many were new.
	AddTags(ctx context.Context, links []TagLink) (int, error)
	// ReferencedKeys returns those among keys that a speech (deleted ones included) uses or can be given back, or that an
	// item of a running batch or an uploaded file uses.
	ReferencedKeys(ctx context.Context, keys []string) (map[string]bool, error)
}

// TagLink ties a tag to a speech.
type TagLink struct{ SpeechID, TagID uuid.UUID }

// Object is a stored recording as a listing shows it.
type Object struct {
	Key     string
	Size    int64
	ModTime time.Time
}

// objects is what importing needs of the audio store.
type objects interface {
	// Put stores what r gives, all or nothing, and returns its size in bytes.
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
	// Copy copies an object within the store; fault.NotFound if there is no such object.
	Copy(ctx context.Context, from, to string) error
	// Delete removes objects; one that is not there is no error.
	Delete(ctx context.Context, keys ...string) error
	// List walks over the objects whose key begins with prefix, in no particular order.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
}
