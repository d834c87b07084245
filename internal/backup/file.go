package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/fault"
)

// codeDamaged tells a backup that is not what was written.
const codeDamaged = "backup_damaged"

// maxLine is the longest line that is read, in bytes. Rows have a few hundred.
const maxLine = 64 << 20

// Contents says what a file of lines must be.
type Contents struct {
	// File is its name below the snapshot.
	File string `json:"file"`
	// Rows is how many lines it has.
	Rows int `json:"rows"`
	// Size is in bytes, as the file lies there.
	Size int64 `json:"bytes"`
	// SHA256 is of the file as it lies there.
	SHA256 string `json:"sha256"`
	// RowsSHA256 is of the lines. It depends on nothing but the rows.
	RowsSHA256 string `json:"rows_sha256"`
}

// lines is a file of lines that is being written.
type lines struct {
	zip  *gzip.Writer
	sum  hash.Hash
	rows int
}

// add writes one line.
func (l *lines) add(line []byte) error {
	l.rows++
	l.sum.Write(line)
	_, err := l.zip.Write(line)
	return err
}

// tally counts and digests what goes through.
type tally struct {
	w    io.Writer
	sum  hash.Hash
	size int64
}

func newTally(w io.Writer) *tally { return &tally{w: w, sum: sha256.New()} }

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.sum.Write(p[:n])
	t.size += int64(n)
	return n, err
}

// writeLines stores what fn writes as a file in the snapshot dir. Nothing of it is kept in memory.
func (s *Service) writeLines(ctx context.Context, dir, name string, fn func(*lines) error) (Contents, error) {
	reader, writer := io.Pipe()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := s.place.Put(ctx, dir+name, reader)
		reader.CloseWithError(err)
		return err
	})
	out := newTally(writer)
	buffered := bufio.NewWriterSize(out, 64<<10)
	l := &lines{zip: gzip.NewWriter(buffered), sum: sha256.New()}
	err := fn(l)
	if err == nil {
		err = errors.Join(l.zip.Close(), buffered.Flush())
	}
	writer.CloseWithError(err) // of nil: the end of the file
	if putErr := group.Wait(); err == nil || errors.Is(err, io.ErrClosedPipe) {
		err = putErr
	}
	if err != nil {
		return Contents{}, fmt.Errorf("write %s: %w", name, err)
	}
	return Contents{
		File: name, Rows: l.rows, Size: out.size,
		SHA256: hexSum(out.sum), RowsSHA256: hexSum(l.sum),
	}, nil
}

// readLines hands every line of a file of the snapshot dir to fn, with its number from 1. It is fault.Unsuitable, naming
// the file, if that is missing or not what the manifest says; this is known for sure only after the last line.
func (s *Service) readLines(ctx context.Context, dir string, c Contents, fn func(number int, line []byte) error) error {
	file, err := s.openFile(ctx, dir, c)
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	got := newTally(io.Discard)
	source := io.TeeReader(file, got)
	rows, err := unzip(source, fn)
	if _, drained := io.Copy(io.Discard, source); drained != nil {
		return fmt.Errorf("read %s: %w", dir+c.File, drained)
	}
	// What the bytes are says more than what became of reading them.
	if wrong := got.compare(dir, c); wrong != nil {
		return wrong
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", dir+c.File, err)
	}
	if rows != c.Rows {
		return damaged(dir+c.File, fmt.Sprintf("it has %d rows; the manifest says %d", rows, c.Rows))
	}
	return nil
}

func unzip(source io.Reader, fn func(number int, line []byte) error) (rows int, err error) {
	zip, err := gzip.NewReader(bufio.NewReaderSize(source, 64<<10))
	if err != nil {
		return 0, err
	}
	scanner := bufio.NewScanner(zip)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		rows++
		if err := fn(rows, scanner.Bytes()); err != nil {
			return rows, err
		}
	}
	return rows, scanner.Err()
}

// checkFiles reads the files of a snapshot whole and compares them with the manifest. It is fault.Unsuitable, naming all of
// them, if some are missing or not what was written. Whoever acts on their lines while reading them asks first.
func (s *Service) checkFiles(ctx context.Context, name string, m Manifest) error {
	var wrong []string
	contents := []Contents{m.Recordings.Contents}
	for _, t := range m.Tables {
		contents = append(contents, t.Contents)
	}
	for _, c := range contents {
		err := s.checkFile(ctx, snapshotDir(name), c)
		if f, ok := fault.As(err); ok && f.Code == codeDamaged {
			wrong = append(wrong, f.Message)
		} else if err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		return fault.Unsuitable("%s", strings.Join(wrong, "; ")).WithCode(codeDamaged)
	}
	return nil
}

func (s *Service) checkFile(ctx context.Context, dir string, c Contents) error {
	file, err := s.openFile(ctx, dir, c)
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	got := newTally(io.Discard)
	if _, err := io.Copy(got, file); err != nil {
		return fmt.Errorf("read %s: %w", dir+c.File, err)
	}
	return got.compare(dir, c)
}

func (s *Service) openFile(ctx context.Context, dir string, c Contents) (io.ReadCloser, error) {
	file, _, err := s.place.Open(ctx, dir+c.File)
	if fault.Is(err, fault.KindNotFound) {
		return nil, damaged(dir+c.File, "it is missing").WithCause(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir+c.File, err)
	}
	return file, nil
}

// compare returns what is wrong with a file that has gone through.
func (t *tally) compare(dir string, c Contents) error {
	sum := hexSum(t.sum)
	if t.size == c.Size && sum == c.SHA256 {
		return nil
	}
	return damaged(dir+c.File, fmt.Sprintf("it has %d bytes and the SHA-256 %s; the manifest says %d and %s", t.size, sum, c.Size, c.SHA256))
}

// damaged says what is wrong with which file.
func damaged(file, why string) *fault.Error {
	return fault.Unsuitable("the backup is damaged: %s: %s", file, why).WithCode(codeDamaged)
}

func hexSum(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// readAll reads a small file whole.
func (s *Service) readAll(ctx context.Context, name string, limit int64) ([]byte, error) {
	file, size, err := s.place.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close() // only read from
	if size > limit {
		return nil, damaged(name, fmt.Sprintf("it has %d bytes, at most %d are expected", size, limit))
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(file); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b.Bytes(), nil
}
