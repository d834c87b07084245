package backup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/englishapp/englishctl/internal/fault"
)

// RestoreOptions say what a restore may do.
type RestoreOptions struct {
	// Snapshot is its name; empty is the latest one.
	Snapshot string
	// Replace removes what the database has. Without it a database that has anything is refused.
	Replace bool
	// KeepSignedIn also restores the proofs that somebody is signed in.
	KeepSignedIn bool
}

// Restored says what a restore has done.
type Restored struct {
	Name     string
	Manifest Manifest
	// Rows is how many rows were written, Left how many proofs of being signed in were left out.
	Rows, Left int
	// Recordings is how many there are, Copied how many of them were not in the audio store yet.
	Recordings, Copied int
	// Missing is how many recordings the backup does not have.
	Missing int
}

// Restore writes a snapshot into the database, whose schema is this program's, and its recordings into the store.
//
// Recordings come first, and then the rows in one transaction. Until that is committed the database is as it was; the
// same call again goes on with the recordings where it stopped. A snapshot of an older schema is first written into a
// scratch database of that version, which is then migrated.
func (s *Service) Restore(ctx context.Context, db Database, to Recordings, o RestoreOptions) (Restored, error) {
	name, m, err := s.open(ctx, o.Snapshot)
	if err != nil {
		return Restored{}, err
	}
	if err := s.checkEmpty(ctx, db, o); err != nil { // before hours are spent on the recordings
		return Restored{}, err
	}
	done := Restored{Name: name, Manifest: m, Missing: m.Recordings.Missing}
	if err := s.restoreRecordings(ctx, name, m, to, unlessEqual, &done); err != nil {
		return Restored{}, fmt.Errorf("restore the recordings: %w", err)
	}
	rows, closeRows, err := s.rowsOf(ctx, name, m)
	if err != nil {
		return Restored{}, err
	}
	err = db.Write(ctx, func(w Writer) error {
		if err := prepare(ctx, w, o); err != nil {
			return err
		}
		if err := s.writeRows(ctx, w, rows, o.KeepSignedIn, m.Rows(), &done); err != nil {
			return err
		}
		// A sweep may have removed some of them, since nothing referred to them yet. From here on it waits.
		return s.restoreRecordings(ctx, name, m, to, unlessThere, &done)
	})
	if err := errors.Join(err, closeRows()); err != nil {
		return Restored{}, fmt.Errorf("restore the rows: %w", err)
	}
	return done, nil
}

// open returns a snapshot that this program can read and whose files are what was written.
func (s *Service) open(ctx context.Context, snapshot string) (string, Manifest, error) {
	name, m, err := s.find(ctx, snapshot)
	if err == nil {
		err = s.checkVersion(m)
	}
	if err == nil {
		err = s.checkFiles(ctx, name, m)
	}
	return name, m, err
}

// checkVersion refuses a snapshot that a newer program has made.
func (s *Service) checkVersion(m Manifest) error {
	if m.SchemaVersion > s.cfg.Known {
		return fault.Unsuitable("the backup has version %d of the schema, and this program knows %d: use the program that made it (%s), or a newer one",
			m.SchemaVersion, s.cfg.Known, m.Program).WithCode("schema_newer")
	}
	return nil
}

func (s *Service) checkEmpty(ctx context.Context, db Database, o RestoreOptions) error {
	if o.Replace {
		return nil
	}
	return db.Write(ctx, func(w Writer) error { return prepare(ctx, w, o) })
}

// prepare makes sure that the database is empty.
func prepare(ctx context.Context, w Writer, o RestoreOptions) error {
	if o.Replace {
		return w.Clear(ctx)
	}
	filled, err := w.Filled(ctx)
	if err != nil {
		return err
	}
	if filled != "" {
		return fault.Conflict("the database is not empty: its table %s has rows; restore into an empty one, or with --replace, which removes what is there", filled).
			WithCode("database_not_empty")
	}
	return nil
}

// tableRows are the tables of a snapshot, as this program knows them, with their rows.
type tableRows func(yield func(t Table, rows iter.Seq2[Row, error]) error) error

// rowsOf returns the rows of a snapshot in the form of this program's schema.
func (s *Service) rowsOf(ctx context.Context, name string, m Manifest) (tableRows, func() error, error) {
	if m.SchemaVersion == s.cfg.Known {
		return s.savedRows(ctx, name, m), func() error { return nil }, nil
	}
	scratch, err := s.rebuild(ctx, name, m)
	if err != nil {
		return nil, nil, err
	}
	if err := scratch.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("migrate the rows of an older version: %w", err), scratch.Close())
	}
	rows := func(yield func(Table, iter.Seq2[Row, error]) error) error {
		return scratch.Read(ctx, func(r Reader) error {
			for _, t := range r.Tables() {
				if err := yield(t, pulled(func(fn func(Row) error) error { return r.Rows(ctx, t, fn) })); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return rows, scratch.Close, nil
}

// savedRows are the rows as they lie in the place.
func (s *Service) savedRows(ctx context.Context, name string, m Manifest) tableRows {
	return func(yield func(Table, iter.Seq2[Row, error]) error) error {
		for _, saved := range m.Tables {
			t := saved.Table
			rows := pulled(func(fn func(Row) error) error {
				return s.readLines(ctx, snapshotDir(name), saved.Contents, func(number int, line []byte) error {
					row, err := parseRow(line, t)
					if err != nil {
						return fmt.Errorf("row %d: %w", number, err)
					}
					return fn(row)
				})
			})
			if err := yield(t, rows); err != nil {
				return err
			}
		}
		return nil
	}
}

// errEnough ends a walk over rows whose reader wants no more.
var errEnough = errors.New("enough")

// pulled makes a sequence of a walk; the walk's error is its last element.
func pulled(walk func(fn func(Row) error) error) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		err := walk(func(row Row) error {
			if !yield(row, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// rebuild writes the rows of a snapshot into a scratch database of their schema's version.
func (s *Service) rebuild(ctx context.Context, name string, m Manifest) (_ Scratch, err error) {
	scratch, err := s.cfg.Scratch(ctx, m.SchemaVersion)
	if err != nil {
		return nil, fmt.Errorf("make a scratch database: %w", err)
	}
	err = scratch.Write(ctx, func(w Writer) error {
		return s.writeRows(ctx, w, s.savedRows(ctx, name, m), true, m.Rows(), &Restored{})
	})
	if err != nil {
		return nil, errors.Join(err, scratch.Close())
	}
	return scratch, nil
}

func (s *Service) writeRows(ctx context.Context, w Writer, rows tableRows, keepSignedIn bool, total int, done *Restored) error {
	perishable := map[string]bool{}
	for _, t := range w.Tables() {
		perishable[t.Name] = t.Perishable
	}
	seen := 0
	defer func() { s.cfg.Watch(Progress{"row", total, total}) }()
	return rows(func(t Table, rows iter.Seq2[Row, error]) error {
		counted := func(yield func(Row, error) bool) {
			for row, err := range rows {
				if seen++; seen%1000 == 0 {
					s.cfg.Watch(Progress{"row", seen, max(seen, total)})
				}
				if !yield(row, err) {
					return
				}
			}
		}
		if perishable[t.Name] && !keepSignedIn {
			for _, err := range counted {
				if err != nil {
					return err
				}
				done.Left++
			}
			return nil
		}
		n, err := w.Insert(ctx, t, counted)
		done.Rows += n
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		return nil
	})
}

// spares reports whether what a store has under the key of an entry may stay.
type spares func(ctx context.Context, e entry, to Recordings) (bool, error)

// unlessEqual spares what has the right content.
func unlessEqual(ctx context.Context, e entry, to Recordings) (bool, error) {
	there, err := readRecording(ctx, to, e.Key)
	return err == nil && digest(there) == e.SHA256, err
}

// unlessThere spares whatever is there.
func unlessThere(ctx context.Context, e entry, to Recordings) (bool, error) {
	there, err := to.Open(ctx, e.Key)
	if err != nil {
		return false, err
	}
	return true, there.Close()
}

// restoreRecordings puts the recordings of a snapshot where their keys say.
func (s *Service) restoreRecordings(ctx context.Context, name string, m Manifest, to Recordings, spare spares, done *Restored) error {
	var copied atomic.Int64
	done.Recordings = m.Recordings.Rows - m.Recordings.Missing
	each := func(fn func(entry) error) error { return s.eachRecording(ctx, name, m, fn) }
	err := s.sideBySide(ctx, m.Recordings.Rows, each, func(ctx context.Context, e entry) error {
		if e.Missing {
			return nil
		}
		stays, err := spare(ctx, e, to)
		if err != nil && !fault.Is(err, fault.KindNotFound) {
			return fmt.Errorf("look for %s: %w", e.Key, err)
		}
		if stays {
			return nil
		}
		copied.Add(1)
		return s.restoreRecording(ctx, e, to)
	})
	done.Copied += int(copied.Load())
	return err
}

func (s *Service) restoreRecording(ctx context.Context, e entry, to Recordings) error {
	content, err := s.savedRecording(ctx, e)
	if err != nil {
		return err
	}
	if err := to.Put(ctx, e.Key, readerOf(content)); err != nil {
		return fmt.Errorf("store %s: %w", e.Key, err)
	}
	return nil
}
