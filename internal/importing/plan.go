package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// Plan is what an import of a file and of recordings would do.
type Plan struct {
	// Rows is the number of data rows; New, Unchanged and Rejected are its parts.
	Rows, New, Unchanged, Rejected int
	// Completed is how many of the unchanged rows have tags that the sentence lacks, which an import would add.
	Completed int
	// Errors are all broken rules of the rejected rows.
	Errors []PlanError
	// Warnings are about recordings of new rows that somebody should listen to. With PlanRequest.Strict they are Errors.
	Warnings []PlanWarning
	// Missing are the recordings that rows ask for and that are not there, in the order first met.
	Missing []string
	// NewTags are the tags that would be created, in the order first met.
	NewTags []NewTag
	// Upload are the recordings of new rows. Known are those of unchanged rows: they need not be uploaded.
	Upload, Known []PlannedFile
}

// PlanError is one broken rule of one row, with what stands there.
type PlanError struct {
	RowError
	// Value is the cell as it is in the file; empty where the row as a whole is broken.
	Value string
}

// PlanWarning is something about the recording of one row.
type PlanWarning struct {
	RowWarning
	// Value is the name of the recording as it is in the file.
	Value string
}

// PlannedFile is a recording that a row uses.
type PlannedFile struct {
	LocalFile
	// Level is the row's.
	Level catalog.Level
}

// PlanRequest asks for a plan.
type PlanRequest struct {
	// Content is the CSV file or workbook.
	Content []byte
	// Recordings are those that rows may use.
	Recordings []LocalFile
	// Strict rejects rows with warnings.
	Strict bool
}

// Plan says what importing the file with the recordings would do. It judges rows by the very rules of ImportCSV,
// changes nothing and uploads nothing. It returns fault.Invalid and fault.TooLarge if the file is none of ours.
func (s *Service) Plan(ctx context.Context, r PlanRequest) (Plan, error) {
	records, err := s.parse(r.Content)
	if err != nil {
		return Plan{}, err
	}
	local := localShelf(r.Recordings)
	judged, err := s.judge(ctx, records, local, r.Strict)
	if err != nil {
		return Plan{}, err
	}
	tags, err := s.store.Catalog().Tags(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("read the tags: %w", err)
	}
	p := Plan{
		Rows: len(records), Rejected: len(records) - len(judged.rows), Completed: completed(judged.fates, judged.live), Errors: withValues(judged.errs, records),
		Warnings: withNames(judged.warned, records), Missing: missing(records, local), NewTags: newTags(judged.rows, tags),
	}
	for _, f := range judged.fates {
		file := PlannedFile{LocalFile: f.file.local(), Level: f.level}
		if f.outcome == Created {
			p.Upload = append(p.Upload, file)
		} else {
			p.Known = append(p.Known, file)
		}
	}
	p.New, p.Unchanged = len(p.Upload), len(p.Known) // each row has a recording of its own
	return p, nil
}

// judgement is what is to be said of all rows before anything is done.
type judgement struct {
	rows   []row
	fates  []fate
	errs   []RowError
	warned []RowWarning
	// live are the speeches that have one of the recordings already.
	live []catalog.Speech
}

// judge finds the rows that may be imported and what would become of each.
func (s *Service) judge(ctx context.Context, records []record, recordings shelf, strict bool) (judgement, error) {
	rows, errs := checkRows(records, recordings)
	live, err := liveLike(ctx, s.store, rows)
	if err != nil {
		return judgement{}, fmt.Errorf("look for speeches that are there already: %w", err)
	}
	fates := settle(rows, live)
	warned := warnings(fates, live)
	if strict && len(warned) > 0 {
		good, refused := refuse(rows, warned)
		errs = append(errs, refused...)
		slices.SortStableFunc(errs, func(a, b RowError) int { return a.Row - b.Row })
		return judgement{rows: good, fates: settle(good, live), errs: errs, live: live}, nil
	}
	return judgement{rows, fates, errs, warned, live}, nil
}

// completed counts the rows that equal a speech and have a tag that it lacks.
func completed(fates []fate, live []catalog.Speech) int {
	has := map[uuid.UUID]map[string]bool{}
	note := func(speech uuid.UUID, tag string) (isNew bool) {
		if has[speech] == nil {
			has[speech] = map[string]bool{}
		}
		key := catalog.FoldName(tag)
		isNew = !has[speech][key]
		has[speech][key] = true
		return isNew
	}
	for _, s := range live {
		for _, tag := range s.Tags {
			note(s.ID, tag.Name)
		}
	}
	n := 0
	for _, f := range fates {
		gained := false
		for _, tag := range f.tags {
			gained = note(f.speech, tag) || gained
		}
		if gained && f.outcome == Unchanged {
			n++
		}
	}
	return n
}

// Refusal returns *Rejected, as ImportCSV does, if rows are invalid and onError is Abort, or if no row is valid.
func (p Plan) Refusal(onError OnError) error {
	errs := make([]RowError, len(p.Errors))
	for i, e := range p.Errors {
		errs[i] = e.RowError
	}
	return refusal(p.Rows, p.Rejected, errs, onError)
}

// Rejects returns the rows of the file that the plan rejects, with the file's own columns and a last one, "error", that
// says what is wrong with the row. The header comes first. An import ignores that column, so that the rows can be mended
// and imported. A row of the wrong length is filled up, or has its surplus after the error. It is nil where no row is
// rejected. It returns the errors of Plan.
func (f Files) Rejects(content []byte, p Plan) ([][]string, error) {
	if p.Rejected == 0 {
		return nil, nil
	}
	records, err := f.parse(content)
	if err != nil {
		return nil, err
	}
	errs := make([]RowError, len(p.Errors))
	for i, e := range p.Errors {
		errs[i] = e.RowError
	}
	return rejectedLines(records, errs), nil
}

// rejectedLines are the rows that have errors, below the header.
func rejectedLines(records []record, errs []RowError) [][]string {
	why := map[int][]string{}
	for _, e := range errs {
		why[e.Row] = append(why[e.Row], e.Message)
	}
	header := withoutErrors(records[0].header, records[0].header)
	lines := [][]string{append(header, columnError)}
	for _, rec := range records {
		if reasons, bad := why[rec.number]; bad {
			lines = append(lines, rec.rejected(strings.Join(reasons, "; ")))
		}
	}
	return lines
}

// rejected is the row with the reason behind its columns, and its surplus behind that.
func (rec record) rejected(reason string) []string {
	fields := padded(slices.Clone(rec.fields), len(rec.header))
	line := append(withoutErrors(rec.header, fields[:len(rec.header)]), reason)
	return append(line, fields[len(rec.header):]...)
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
		out[i] = PlanError{e, records[e.Row-1].cell(e.Field)}
	}
	return out
}

func withNames(warned []RowWarning, records []record) []PlanWarning {
	out := make([]PlanWarning, len(warned))
	for i, w := range warned {
		out[i] = PlanWarning{w, records[w.Row-1].cell(columnAudio)}
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
	return UploadFile{OriginalName: f.Name, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Ext: f.Ext, Sound: f.Sound}
}

// local is the file as a plan names it.
func (f UploadFile) local() LocalFile {
	return LocalFile{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Ext: f.Ext, Sound: f.Sound}
}

// uploaded reports whether the row's recording can be copied.
func (r row) uploaded() bool { return r.file.Key != "" }

// changedSincePlan says that a row has to create a speech although its recording was not uploaded.
func (r row) changedSincePlan() error {
	return fault.Conflict("Row %d: the speech that it equalled has been changed or deleted meanwhile; import the file again", r.number).
		WithCode("catalogue_busy").WithCause(errNotUploaded)
}

// liveLike returns the speeches that rows may be equal to, or share a recording with.
func liveLike(ctx context.Context, store Store, rows []row) ([]catalog.Speech, error) {
	digests, texts := make([]string, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		digests[i], texts[i] = r.file.SHA256, r.text
	}
	return store.LiveSpeechesLike(ctx, digests, texts)
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
