package backup

import (
	"context"
	"io"
	"iter"
	"time"
)

// Database is one whose rows are saved or restored.
type Database interface {
	// Name says which kind it is: "postgres" or "sqlite".
	Name() string
	// SchemaVersion is the number of the latest step of the schema that it has.
	SchemaVersion(ctx context.Context) (int64, error)
	// Read runs fn while everything that fn reads is of one state of the database.
	Read(ctx context.Context, fn func(Reader) error) error
	// Write runs fn in one transaction. Whoever else writes content, or deletes recordings that nothing refers to, waits.
	Write(ctx context.Context, fn func(Writer) error) error
}

// Reader reads one state of a database.
type Reader interface {
	// Tables are the tables that belong into a backup, each after those that it refers to.
	Tables() []Table
	// Rows hands every row of a table to fn, in the order of the primary key. The row is fn's until fn returns.
	Rows(ctx context.Context, t Table, fn func(Row) error) error
	// Recordings hands every recording of ours that a row refers to to fn, in the order of the keys' bytes.
	Recordings(ctx context.Context, fn func(Reference) error) error
}

// Writer writes rows in one transaction.
type Writer interface {
	Reader
	// Filled names a table that has rows, of whatever kind; empty if none has.
	Filled(ctx context.Context) (table string, err error)
	// Clear removes all rows of all tables.
	Clear(ctx context.Context) error
	// Insert writes rows and returns how many. An error of the rows is returned as it is. It is fault.Invalid if there is
	// no such table or column, and fault.Conflict if a row refers to one that is not there.
	Insert(ctx context.Context, t Table, rows iter.Seq2[Row, error]) (int, error)
}

// Scratch is an empty database of this process alone, which is gone when it is closed.
type Scratch interface {
	Database
	// Migrate brings the schema up to this program's version.
	Migrate(ctx context.Context) error
	Close() error
}

// Reference is a recording that rows refer to.
type Reference struct {
	Key string
	// SHA256 is the digest that the rows have, in hexadecimal; empty where none has one.
	SHA256 string
}

// Recordings are the objects of a database's rows.
type Recordings interface {
	// Open returns fault.NotFound if there is no such object.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// Put stores an object, all or nothing, replacing what was there.
	Put(ctx context.Context, key string, r io.Reader) error
}

// Place is where backups are.
type Place interface {
	// Put stores a file, all or nothing, so that it survives the loss of power.
	Put(ctx context.Context, name string, r io.Reader) error
	// Open returns fault.NotFound if there is no such file. size is in bytes.
	Open(ctx context.Context, name string) (content io.ReadCloser, size int64, err error)
	Delete(ctx context.Context, names ...string) error
	List(ctx context.Context, prefix string) iter.Seq2[File, error]
}

// File is a file in a place.
type File struct {
	Name string
	// Size is in bytes.
	Size    int64
	ModTime time.Time
}

// Config is what a Service needs to know.
type Config struct {
	// Program is the version of this program, for the manifest.
	Program string
	// Scratch makes an empty database with the schema of the version.
	Scratch func(ctx context.Context, version int64) (Scratch, error)
	// Known is the schema's version of this program.
	Known int64
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Watch is told how far things are; nil is nobody. It is called by one goroutine at a time.
	Watch func(Progress)
}

// Progress says how far a piece of work is.
type Progress struct {
	// Of is what is counted: "row" or "recording".
	Of string
	// Done of Total are done.
	Done, Total int
}

// Service makes backups in one place, and works with those that are there.
type Service struct {
	place Place
	cfg   Config
}

// New returns the service of a place.
func New(place Place, cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Watch == nil {
		cfg.Watch = func(Progress) {}
	}
	return &Service{place: place, cfg: cfg}
}
