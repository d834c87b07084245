package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	audioDir       = "audio/"
	recordingsFile = "recordings.ndjson.gz"
	// atOnce is how many recordings are copied at a time; batch how many are held, as names, until they are written down.
	atOnce = 8
	batch  = 256
	// maxRecording bounds what is read of one object into memory, in bytes. Recordings have 10 MiB at most.
	maxRecording = 64 << 20
)

// entry is a line of the file of recordings: which key has which recording.
type entry struct {
	Key     string `json:"key"`
	SHA256  string `json:"sha256,omitempty"`
	Size    int64  `json:"bytes"`
	Missing bool   `json:"missing,omitempty"`
}

// audioFile is where a recording is.
func audioFile(sha256 string) string { return audioDir + sha256[:2] + "/" + sha256 }

// saveRecordings copies what is wanted and not there yet, and writes down which key has what.
func (s *Service) saveRecordings(
	ctx context.Context, dir string, from Recordings, wanted *spool, report *Report,
) (saved SavedRecordings, err error) {
	done := 0
	var pending []Reference
	saved.Contents, err = s.writeLines(ctx, dir, recordingsFile, func(l *lines) error {
		flush := func() error {
			entries, copied, err := s.saveBatch(ctx, from, pending)
			if err != nil {
				return err
			}
			report.Copied += copied
			for i, e := range entries {
				saved.count(e, pending[i], report)
				line, err := json.Marshal(e)
				if err != nil {
					return err
				}
				if err := l.add(append(line, '\n')); err != nil {
					return err
				}
			}
			done += len(pending)
			pending = pending[:0]
			s.cfg.Watch(Progress{"recording", done, wanted.count})
			return nil
		}
		err := wanted.each(func(r Reference) error {
			pending = append(pending, r)
			if len(pending) < batch {
				return nil
			}
			return flush()
		})
		if err != nil {
			return err
		}
		return flush()
	})
	return saved, err
}

// count adds an entry to the sums and notes what is wrong with it.
func (s *SavedRecordings) count(e entry, wanted Reference, report *Report) {
	s.AudioSize += e.Size
	switch {
	case e.Missing:
		s.Missing++
		report.problem("%s is missing in the audio store", e.Key)
	case wanted.SHA256 != "" && wanted.SHA256 != e.SHA256:
		s.Differing++
		report.problem("%s has the SHA-256 %s, but its row says %s", e.Key, e.SHA256, wanted.SHA256)
	}
}

// saveBatch copies some recordings side by side and returns their entries in the same order.
func (s *Service) saveBatch(ctx context.Context, from Recordings, wanted []Reference) (entries []entry, copied int, err error) {
	entries = make([]entry, len(wanted))
	isNew := make([]bool, len(wanted))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, r := range wanted {
		group.Go(func() (err error) {
			entries[i], isNew[i], err = s.saveRecording(ctx, from, r)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, 0, err
	}
	for _, n := range isNew {
		if n {
			copied++
		}
	}
	return entries, copied, nil
}

// saveRecording makes sure that a recording is in the place. One that its row describes, and that is there, is not read.
func (s *Service) saveRecording(ctx context.Context, from Recordings, wanted Reference) (e entry, isNew bool, err error) {
	e = entry{Key: wanted.Key, SHA256: wanted.SHA256}
	if isDigest(wanted.SHA256) {
		if size, there, err := s.has(ctx, audioFile(wanted.SHA256)); err != nil || there {
			e.Size = size
			return e, false, err
		}
	}
	content, err := readRecording(ctx, from, wanted.Key)
	if fault.Is(err, fault.KindNotFound) {
		return entry{Key: wanted.Key, Missing: true}, false, nil
	}
	if err != nil {
		return entry{}, false, fmt.Errorf("read %s: %w", wanted.Key, err)
	}
	e.SHA256, e.Size = digest(content), int64(len(content))
	if e.SHA256 != wanted.SHA256 {
		if _, there, err := s.has(ctx, audioFile(e.SHA256)); err != nil || there {
			return e, false, err
		}
	}
	if err := s.place.Put(ctx, audioFile(e.SHA256), readerOf(content)); err != nil {
		return entry{}, false, fmt.Errorf("copy %s: %w", wanted.Key, err)
	}
	return e, true, nil
}

// has reports whether a file is in the place, and its size.
func (s *Service) has(ctx context.Context, name string) (size int64, there bool, err error) {
	file, size, err := s.place.Open(ctx, name)
	if fault.Is(err, fault.KindNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return size, true, file.Close()
}

func readRecording(ctx context.Context, from Recordings, key string) ([]byte, error) {
	object, err := from.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer object.Close() // only read from
	return readBounded(object)
}

func readBounded(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxRecording+1))
	if err == nil && len(content) > maxRecording {
		return nil, fmt.Errorf("it has more than %d MiB, and is no recording", maxRecording>>20)
	}
	return content, err
}

// eachRecording hands the entries of a snapshot to fn, in the order of their keys.
func (s *Service) eachRecording(ctx context.Context, name string, m Manifest, fn func(entry) error) error {
	file := snapshotDir(name) + recordingsFile
	return s.readLines(ctx, snapshotDir(name), m.Recordings.Contents, func(number int, line []byte) error {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if !e.Missing && !isDigest(e.SHA256) {
			return damaged(file, fmt.Sprintf("line %d: %q is no SHA-256", number, e.SHA256))
		}
		return fn(e)
	})
}

// savedRecording reads a recording of the place and checks it.
func (s *Service) savedRecording(ctx context.Context, e entry) ([]byte, error) {
	name := audioFile(e.SHA256)
	file, _, err := s.place.Open(ctx, name)
	if fault.Is(err, fault.KindNotFound) {
		return nil, damaged(name, "the recording of "+e.Key+" is missing").WithCause(err)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() // only read from
	content, err := readBounded(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if sum := digest(content); sum != e.SHA256 {
		return nil, damaged(name, "the recording of "+e.Key+" has the SHA-256 "+sum)
	}
	return content, nil
}

func isDigest(s string) bool {
	sum, err := hex.DecodeString(s)
	return err == nil && len(sum) == sha256.Size && s == hex.EncodeToString(sum)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func readerOf(content []byte) io.Reader { return bytes.NewReader(content) }

// lineWriter writes values as lines of JSON.
type lineWriter struct {
	buffered *bufio.Writer
	encoder  *json.Encoder
}

func newLineWriter(w io.Writer) *lineWriter {
	buffered := bufio.NewWriterSize(w, 64<<10)
	return &lineWriter{buffered, json.NewEncoder(buffered)}
}

func (w *lineWriter) encode(v any) error { return w.encoder.Encode(v) }

func (w *lineWriter) flush() error { return w.buffered.Flush() }

func newLineReader(r io.Reader) *json.Decoder { return json.NewDecoder(bufio.NewReaderSize(r, 64<<10)) }

// sideBySide runs fn for what each gives, at most atOnce at a time, and reports how far it is.
func (s *Service) sideBySide(ctx context.Context, total int, each func(func(entry) error) error, fn func(context.Context, entry) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	begun := 0
	err := each(func(e entry) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		group.Go(func() error { return fn(ctx, e) })
		begun++
		s.cfg.Watch(Progress{"recording", begun, total})
		return nil
	})
	failed := group.Wait()
	if failed != nil && (err == nil || errors.Is(err, failed) || errors.Is(err, context.Canceled)) {
		return failed // without the file that was being read meanwhile
	}
	return err
}
