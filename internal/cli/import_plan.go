package cli

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
)

// namesShown is how many names of a list are said on stderr; -o json has all of them.
const namesShown = 10

// importItem is an import as -o json prints it (docs/import.md).
type importItem struct {
	File string   `json:"file"`
	Plan planItem `json:"plan"`
	// Result is null where nothing was imported.
	Result *resultItem `json:"result"`
}

type planItem struct {
	file         string
	Rows         int             `json:"rows"`
	New          int             `json:"new"`
	Unchanged    int             `json:"unchanged"`
	Completed    int             `json:"completed"`
	Rejected     int             `json:"rejected"`
	Errors       []planErrorItem `json:"errors"`
	Warnings     []warningItem   `json:"warnings"`
	MissingAudio []string        `json:"missing_audio"`
	UnusedAudio  []string        `json:"unused_audio"`
	NewTags      []newTagItem    `json:"new_tags"`
	UploadFiles  int             `json:"upload_files"`
	UploadBytes  int64           `json:"upload_bytes"`
	// Verified is null where recordings were not to be scored.
	Verified []verifiedItem `json:"verified"`
}

type planErrorItem struct {
	Row   int    `json:"row"`
	Line  int    `json:"line"`
	Field string `json:"field"`
	Value string `json:"value"`
	Error string `json:"error"`
}

type warningItem struct {
	Row     int    `json:"row"`
	Line    int    `json:"line"`
	Value   string `json:"value"`
	Code    string `json:"code"`
	Warning string `json:"warning"`
}

type newTagItem struct {
	Name string `json:"name"`
	// DidYouMean is null where no tag is spelled nearly alike.
	DidYouMean *string `json:"did_you_mean"`
}

// resultItem has the names of the API.
type resultItem struct {
	BatchID         *string       `json:"batch_id"` // null where there was nothing to do
	SuccessCount    int           `json:"success_count"`
	UnchangedCount  int           `json:"unchanged_count"`
	ErrorCount      int           `json:"error_count"`
	CreatedSpeeches []createdItem `json:"created_speeches"`
}

type createdItem struct {
	Row      int    `json:"row"`
	SpeechID string `json:"speech_id"`
	Text     string `json:"text"`
}

func newImportItem(path string, unused []string, p importing.Plan) importItem {
	item := planItem{
		file: filepath.Base(path), Rows: p.Rows, New: p.New, Unchanged: p.Unchanged, Completed: p.Completed, Rejected: p.Rejected,
		Errors: []planErrorItem{}, Warnings: []warningItem{}, MissingAudio: append([]string{}, p.Missing...), UnusedAudio: unused,
		NewTags: []newTagItem{}, UploadFiles: len(p.Upload),
	}
	for _, w := range p.Warnings {
		item.Warnings = append(item.Warnings, warningItem{w.Row, w.Line, w.Value, w.Code, w.Message})
	}
	for _, e := range p.Errors {
		item.Errors = append(item.Errors, planErrorItem{e.Row, e.Line, e.Field, e.Value, e.Message})
	}
	for _, tag := range p.NewTags {
		t := newTagItem{Name: tag.Name}
		if tag.DidYouMean != "" {
			t.DidYouMean = &tag.DidYouMean
		}
		item.NewTags = append(item.NewTags, t)
	}
	for _, f := range p.Upload {
		item.UploadBytes += f.Size
	}
	return importItem{File: item.file, Plan: item}
}

func newImportResult(r importing.Report) *resultItem {
	item := &resultItem{
		SuccessCount: r.SuccessCount, UnchangedCount: r.UnchangedCount, ErrorCount: r.ErrorCount,
		CreatedSpeeches: []createdItem{},
	}
	if r.BatchID != uuid.Nil {
		id := r.BatchID.String()
		item.BatchID = &id
	}
	for _, c := range r.Created {
		item.CreatedSpeeches = append(item.CreatedSpeeches, createdItem{c.Row, c.SpeechID.String(), c.Text})
	}
	return item
}

// talk says what is planned, for people.
func (p planItem) talk(w io.Writer) {
	fmt.Fprintf(w, "%s: %s: %d new, %d unchanged, %d rejected\n", catalog.Shown(p.file), counted(p.Rows, "row"), p.New, p.Unchanged, p.Rejected)
	if p.Verified != nil {
		fmt.Fprintf(w, "%s scored against their sentences\n", counted(len(p.Verified), "recording"))
	}
	if len(p.Warnings) > 0 {
		fmt.Fprintf(w, "%s about recordings; --strict rejects their rows\n", counted(len(p.Warnings), "warning"))
	}
	if p.Completed > 0 {
		fmt.Fprintf(w, "unchanged sentences that get more tags: %d\n", p.Completed)
	}
	talkNames(w, "recordings that are missing", p.MissingAudio)
	talkNames(w, "recordings that no row uses", p.UnusedAudio)
	var tags []string
	for _, tag := range p.NewTags {
		if tag.DidYouMean == nil {
			tags = append(tags, tag.Name)
			continue
		}
		fmt.Fprintf(w, "new tag %q: did you mean %q?\n", tag.Name, *tag.DidYouMean)
	}
	talkNames(w, "new tags", tags)
}

func talkNames(w io.Writer, what string, names []string) {
	if len(names) == 0 {
		return
	}
	shown := make([]string, min(len(names), namesShown))
	for i := range shown {
		shown[i] = catalog.Shown(names[i]) // a file's name may hold anything
	}
	line := what + ": " + strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	if width := terminalWidth(w); width > 0 {
		line = breakLines(line, width)
	}
	fmt.Fprintln(w, line)
}

// printFindings lists what is wrong with the rows, and what there are warnings about; a table only where anything is.
func printFindings(w io.Writer, p importing.Plan, format string) error {
	if len(p.Errors)+len(p.Warnings) == 0 && format == "table" {
		return nil
	}
	l := listing{ // in a table the sentence is enough: it names the value where that is short
		columns: []string{"kind", "row", "line", "column", "value", "message"}, inTable: []string{"kind", "row", "line", "column", "message"},
		numbers: []string{"row", "line"},
	}
	add := func(kind string, row, line int, column, value, message string) {
		l.rows = append(l.rows, []string{kind, strconv.Itoa(row), strconv.Itoa(line), column, value, message})
	}
	for _, e := range p.Errors {
		add("error", e.Row, e.Line, e.Field, e.Value, e.Message)
	}
	for _, e := range p.Warnings {
		add("warning", e.Row, e.Line, "audio_filename", e.Value, e.Message)
	}
	return l.print(w, format)
}

// writeRejects writes the rejected rows where --rejects says. The byte order mark tells spreadsheets that it is UTF-8.
func (r *importRun) writeRejects(p importing.Plan) error {
	if r.o.rejects == "" {
		return nil
	}
	lines, err := r.s.Imports.Rejects(r.src.content, p)
	if err != nil {
		return err
	}
	if lines == nil {
		r.e.sayf("no row is rejected: %s was not written\n", r.o.rejects)
		return nil
	}
	var content bytes.Buffer
	content.WriteString("\ufeff")
	if err := csv.NewWriter(&content).WriteAll(lines); err != nil { // WriteAll flushes
		return err
	}
	if err := os.WriteFile(r.o.rejects, content.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the rejected rows: %w", err)
	}
	r.e.sayf("wrote the %d rejected rows to %s\n", p.Rejected, r.o.rejects)
	return nil
}
