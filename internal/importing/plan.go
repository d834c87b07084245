package importing

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// LocalFile is a recording that has not been uploaded, as Inspect describes it.
type LocalFile struct {
	// Name is in Unicode NFC.
	Name string
	// Size is in bytes.
	Size int64
	// SHA256 is the hex digest of the bytes.
	SHA256 string
	// Ext is the ending that fits the content.
	Ext string
	// Wrong is a sentence that says why the file cannot be imported. It is empty where it can; where it is not, only
	// Name is set beside it.
	Wrong string
}

// Plan is what an import of a CSV file and of recordings would do.
type Plan struct {
	// Rows is the number of data rows; New, Unchanged and Rejected are its parts.
	Rows, New, Unchanged, Rejected int
	// Errors are all broken rules of the rejected rows.
	Errors []PlanError
	// Missing are the recordings that rows ask for and that are not there, in the order first met.
	Missing []string
	// NewTags are the tags that would be created, in the order first met.
	NewTags []NewTag
	// Upload are the recordings of new rows. Known are those of unchanged rows: they need not be uploaded.
	Upload, Known []LocalFile

	records []record
}

// PlanError is one broken rule of one row, with what stands there.
type PlanError struct {
	RowError
	// Value is the cell as it is in the file; empty where the row as a whole is broken.
	Value string
}

// Inspect reads a recording and judges it as Upload does, but stores nothing. What is wrong with the file is told in
// the result; the error is that of reading it.
func (s *Service) Inspect(ctx context.Context, in IncomingFile) (LocalFile, error) {
	file, err := s.inspect(ctx, in)
	refused, ok := fault.As(err)
	switch {
	case err == nil:
		return file, nil
	case !ok:
		return LocalFile{}, err
	case len(refused.Fields) > 0:
		return LocalFile{Name: norm.NFC.String(in.Name), Wrong: refused.Fields[0].Message}, nil
	}
	return LocalFile{Name: norm.NFC.String(in.Name), Wrong: refused.Message}, nil
}

func (s *Service) inspect(ctx context.Context, in IncomingFile) (LocalFile, error) {
	name, err := cleanFileName(in.Name)
	if err != nil {
		return LocalFile{}, err
	}
	peeked := bufio.NewReaderSize(in.Content, headBytes)
	ext, _, err := s.recognise(name, peeked)
	if err != nil {
		return LocalFile{}, err
	}
	content, err := s.verify(ctx, name, ext, peeked)
	if err != nil {
		return LocalFile{}, err
	}
	body := &recording{r: content, name: name, hash: sha256.New()}
	size, err := io.Copy(io.Discard, body)
	if err != nil {
		return LocalFile{}, err
	}
	return LocalFile{Name: name, Size: size, SHA256: hex.EncodeToString(body.hash.Sum(nil)), Ext: ext}, nil
}

// Plan says what importing the CSV file with the recordings would do. It judges rows by the very rules of ImportCSV,
// changes nothing and uploads nothing. It returns fault.Invalid and fault.TooLarge if the file is no CSV file of ours.
func (s *Service) Plan(ctx context.Context, content []byte, recordings []LocalFile) (Plan, error) {
	records, err := parseCSV(content)
	if err != nil {
		return Plan{}, err
	}
	local := localShelf(recordings)
	rows, errs := checkRows(records, local)
	live, err := s.store.LiveSpeechesBySHA256(ctx, digests(rows))
	if err != nil {
		return Plan{}, fmt.Errorf("look for speeches that are there already: %w", err)
	}
	tags, err := s.store.Catalog().Tags(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("read the tags: %w", err)
	}
	p := Plan{
		Rows: len(records), Rejected: len(records) - len(rows), Errors: withValues(errs, records),
		Missing: missing(records, local), NewTags: newTags(rows, tags), records: records,
	}
	for _, f := range settle(rows, live) {
		file := LocalFile{Name: f.file.Name, Size: f.file.Size, SHA256: f.file.SHA256, Ext: f.file.Ext}
		if f.outcome == Created {
			p.Upload = append(p.Upload, file)
		} else {
			p.Known = append(p.Known, file)
		}
	}
	p.New, p.Unchanged = len(p.Upload), len(p.Known) // each row has a recording of its own
	return p, nil
}

// Refusal returns *Rejected, as ImportCSV does, if rows are invalid and onError is Abort, or if no row is valid.
func (p Plan) Refusal(onError OnError) error {
	errs := make([]RowError, len(p.Errors))
	for i, e := range p.Errors {
		errs[i] = e.RowError
	}
	return refusal(p.Rows, p.Rejected, errs, onError)
}

// Rejects returns the rejected rows with the file's own columns and a last one, "error", that says what is wrong with
// the row. The header comes first. An import ignores that column, so that the rows can be mended and imported. A row of
// the wrong length is filled up, or has its surplus after the error. It is nil where no row is rejected.
func (p Plan) Rejects() [][]string {
	if p.Rejected == 0 {
		return nil
	}
	why := map[int][]string{}
	for _, e := range p.Errors {
		why[e.Row] = append(why[e.Row], e.Message)
	}
	header := withoutErrors(p.records[0].header, p.records[0].header)
	lines := [][]string{append(header, columnError)}
	for _, rec := range p.records {
		reasons, bad := why[rec.number]
		if !bad {
			continue
		}
		fields := append([]string{}, rec.fields...)
		for len(fields) < len(rec.header) {
			fields = append(fields, "")
		}
		line := append(withoutErrors(rec.header, fields[:len(rec.header)]), strings.Join(reasons, "; "))
		lines = append(lines, append(line, fields[len(rec.header):]...))
	}
	return lines
}

// withoutErrors returns the values of all columns but "error": of a file that was mended, the old reasons.
func withoutErrors(header, values []string) []string {
	kept := make([]string, 0, len(values)+1)
	for i, v := range values {
		if header[i] != columnError {
			kept = append(kept, v)
		}
	}
	return kept
}

func withValues(errs []RowError, records []record) []PlanError {
	out := make([]PlanError, len(errs))
	for i, e := range errs {
		out[i] = PlanError{e, records[e.Row-1].cells[e.Field]}
	}
	return out
}

// missing returns the names that rows ask for and that the shelf knows nothing of.
func missing(records []record, s shelf) []string {
	var names []string
	for _, name := range audioNames(records) {
		_, there := s.files[name]
		if !there && s.wrong[name] == "" {
			names = append(names, name)
		}
	}
	return names
}

// errNotUploaded stands for a row that was planned as unchanged and has nothing to copy.
var errNotUploaded = errors.New("the recording was not uploaded")

// localShelf is where the rows of a plan look for their recordings.
func localShelf(recordings []LocalFile) shelf {
	s := shelf{files: map[string]UploadFile{}, wrong: map[string]string{}, place: "among the recordings"}
	for _, f := range recordings {
		if f.Wrong != "" {
			s.wrong[f.Name] = f.Wrong
			continue
		}
		s.files[f.Name] = f.unplaced()
	}
	return s
}

// unplaced is the file as a row knows it: without a key, since its bytes are not with us.
func (f LocalFile) unplaced() UploadFile {
	return UploadFile{OriginalName: f.Name, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Ext: f.Ext}
}

// uploaded reports whether the row's recording can be copied.
func (r row) uploaded() bool { return r.file.Key != "" }

// changedSincePlan says that a row has to create a speech although its recording was not uploaded.
func (r row) changedSincePlan() error {
	return fault.Conflict("Row %d: the speech that it equalled has been changed or deleted meanwhile; import the file again", r.number).
		WithCode("catalogue_busy").WithCause(errNotUploaded)
}

func digests(rows []row) []string {
	list := make([]string, len(rows))
	for i, r := range rows {
		list[i] = r.file.SHA256
	}
	return list
}

// NewTag is a tag that an import would create.
type NewTag struct {
	Name string
	// DidYouMean is the name of a tag that there is and that is spelled nearly alike; empty where there is none.
	DidYouMean string
}

// newTags returns the rows' tags that are not there.
func newTags(rows []row, tags []catalog.Tag) []NewTag {
	seen := make(map[string]bool, len(tags))
	for _, tag := range tags {
		seen[catalog.FoldName(tag.Name)] = true
	}
	var found []NewTag
	for _, r := range rows {
		for _, name := range r.tags {
			if folded := catalog.FoldName(name); !seen[folded] {
				seen[folded] = true
				found = append(found, NewTag{name, nearest(name, tags)})
			}
		}
	}
	return found
}
