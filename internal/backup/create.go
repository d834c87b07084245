package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// maxProblems is how many recordings a report names; the rest is counted.
const maxProblems = 20

// Report says what a backup, or the check of one, has found.
type Report struct {
	Name     string
	Manifest Manifest
	// Copied is how many recordings were new in the place; the others were there.
	Copied int
	// Problems are the first 20 recordings that are missing or differ, as sentences.
	Problems []string
}

// Create makes a snapshot of the rows and copies the recordings that are not in the place yet. What it leaves when it is
// broken off is no snapshot, and the next one finds the recordings that were copied.
//
// Recordings that are missing, or differ from what their row says, do not keep the rest from being saved: the report
// counts them.
func (s *Service) Create(ctx context.Context, db Database, recordings Recordings) (Report, error) {
	version, err := db.SchemaVersion(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read the schema's version: %w", err)
	}
	name, started, err := s.newName(ctx)
	if err != nil {
		return Report{}, err
	}
	m := Manifest{Format: formatVersion, Program: s.cfg.Program, SchemaVersion: version, CreatedAt: started, Source: db.Name()}
	wanted, err := newSpool()
	if err != nil {
		return Report{}, err
	}
	defer wanted.close()
	dir := snapshotDir(name)
	err = db.Read(ctx, func(r Reader) error {
		if m.Tables, err = s.saveTables(ctx, dir, r); err != nil {
			return err
		}
		return r.Recordings(ctx, wanted.add)
	})
	if err != nil {
		return Report{}, fmt.Errorf("save the rows: %w", err)
	}
	report := Report{Name: name}
	if m.Recordings, err = s.saveRecordings(ctx, dir, recordings, wanted, &report); err != nil {
		return Report{}, fmt.Errorf("save the recordings: %w", err)
	}
	m.FinishedAt = s.cfg.Now().UTC().Truncate(time.Second)
	report.Manifest = m
	return report, s.finish(ctx, dir, m)
}

// finish writes the manifest, which makes the snapshot one.
func (s *Service) finish(ctx context.Context, dir string, m Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	if err := s.place.Put(ctx, dir+manifestFile, readerOf(text)); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}

// newName returns a name that no snapshot has. Two backups that begin within one second get different ones as long as the
// second one sees the first one's files; where it does not, the manifests still tell whose files are whole.
func (s *Service) newName(ctx context.Context) (string, time.Time, error) {
	started := s.cfg.Now().UTC().Truncate(time.Second)
	base := started.Format(nameLayout)
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken := false
		for _, err := range s.place.List(ctx, snapshotDir(name)) {
			if err != nil {
				return "", time.Time{}, fmt.Errorf("look for other snapshots: %w", err)
			}
			taken = true
			break
		}
		if !taken {
			return name, started, s.claim(ctx, name)
		}
	}
}

// claim makes the snapshot's folder visible before its first table is complete.
func (s *Service) claim(ctx context.Context, name string) error {
	const text = "A backup is being written here, or was broken off. It is whole once there is a manifest.json.\n"
	if err := s.place.Put(ctx, snapshotDir(name)+"README.txt", readerOf([]byte(text))); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	return nil
}

func (s *Service) saveTables(ctx context.Context, dir string, r Reader) ([]SavedTable, error) {
	var saved []SavedTable
	for _, t := range r.Tables() {
		contents, err := s.writeLines(ctx, dir, "tables/"+t.Name+".ndjson.gz", func(l *lines) error {
			var line []byte
			return r.Rows(ctx, t, func(row Row) (err error) {
				if line, err = appendRow(line[:0], t, row); err != nil {
					return fmt.Errorf("row %d of table %s: %w", l.rows+1, t.Name, err)
				}
				return l.add(line)
			})
		})
		if err != nil {
			return nil, err
		}
		saved = append(saved, SavedTable{t, contents})
	}
	return saved, nil
}

// spool keeps the references of a snapshot in a file without a name while the database is let go: a million of them do
// not belong in memory.
type spool struct {
	file  *os.File
	lines *lineWriter
	count int
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "englishctl-backup-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil { // it lives as long as it is open, however the process ends
		return nil, errors.Join(err, file.Close())
	}
	return &spool{file: file, lines: newLineWriter(file)}, nil
}

func (s *spool) add(r Reference) error {
	s.count++
	return s.lines.encode(r)
}

// each hands all references to fn.
func (s *spool) each(fn func(Reference) error) error {
	if err := s.lines.flush(); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read a temporary file: %w", err)
	}
	decoder := newLineReader(s.file)
	for {
		var r Reference
		err := decoder.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a temporary file: %w", err)
		}
		if err := fn(r); err != nil {
			return err
		}
	}
}

func (s *spool) close() { _ = s.file.Close() } // it has no name: nothing is left

// problem notes a recording that is not as it should be.
func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Whole returns nil if the snapshot has every recording that its rows refer to, as the rows describe it; otherwise
// fault.Unavailable, which names the first ones.
func (r Report) Whole() error {
	saved := r.Manifest.Recordings
	if saved.Missing+saved.Differing == 0 {
		return nil
	}
	return fault.Unavailable("%d recordings that rows refer to are missing, and %d are not what their rows say", saved.Missing, saved.Differing).
		WithCode("recordings_missing")
}
