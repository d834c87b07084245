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
	Rejected     int             `json:"rejected"`
	Errors       []planErrorItem `json:"errors"`
	MissingAudio []string        `json:"missing_audio"`
	UnusedAudio  []string        `json:"unused_audio"`
	NewTags      []newTagItem    `json:"new_tags"`
	UploadFiles  int             `json:"upload_files"`
	UploadBytes  int64           `json:"upload_bytes"`
}

type planErrorItem struct {
	Row   int    `json:"row"`
	Field string `json:"field"`
	Value string `json:"value"`
	Error string `json:"error"`
}

type newTagItem struct {
	Name string `json:"name"`
	// DidYouMean is null where no tag is spelled nearly alike.
	DidYouMean *string `json:"did_you_mean"`
}

// resultItem has the names of the API.
type resultItem struct {
	BatchID         string        `json:"batch_id"`
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

func newImportItem(src source, p importing.Plan) importItem {
	item := planItem{
		file: filepath.Base(src.csvPath), Rows: p.Rows, New: p.New, Unchanged: p.Unchanged, Rejected: p.Rejected,
		Errors: []planErrorItem{}, MissingAudio: append([]string{}, p.Missing...), UnusedAudio: append([]string{}, src.unused...),
		NewTags: []newTagItem{}, UploadFiles: len(p.Upload),
	}
	for _, e := range p.Errors {
		item.Errors = append(item.Errors, planErrorItem{e.Row, e.Field, e.Value, e.Message})
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
		BatchID: r.BatchID.String(), SuccessCount: r.SuccessCount, UnchangedCount: r.UnchangedCount, ErrorCount: r.ErrorCount,
		CreatedSpeeches: []createdItem{},
	}
	for _, c := range r.Created {
		item.CreatedSpeeches = append(item.CreatedSpeeches, createdItem{c.Row, c.SpeechID.String(), c.Text})
	}
	return item
}

// talk says what is planned, for people.
func (p planItem) talk(w io.Writer) {
	fmt.Fprintf(w, "%s: %d rows: %d new, %d unchanged, %d rejected\n", p.file, p.Rows, p.New, p.Unchanged, p.Rejected)
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
	more := ""
	if len(names) > namesShown {
		more = fmt.Sprintf(" and %d more", len(names)-namesShown)
	}
	fmt.Fprintf(w, "%s: %s%s\n", what, strings.Join(names[:min(len(names), namesShown)], ", "), more)
}

// printPlanErrors lists what is wrong with the rows; a table only where anything is.
func printPlanErrors(w io.Writer, p importing.Plan, format string) error {
	if len(p.Errors) == 0 && format == "table" {
		return nil
	}
	l := listing{columns: []string{"row", "column", "value", "error"}, inTable: []string{"row", "column", "error"}}
	for _, e := range p.Errors { // the sentence repeats the value where it is short
		l.rows = append(l.rows, []string{strconv.Itoa(e.Row), e.Field, e.Value, e.Message})
	}
	return l.print(w, format)
}

// writeRejects writes the rejected rows where --rejects says. The byte order mark tells spreadsheets that it is UTF-8.
func (o importOptions) writeRejects(talk io.Writer, p importing.Plan) error {
	if o.rejects == "" {
		return nil
	}
	lines := p.Rejects()
	if lines == nil {
		fmt.Fprintf(talk, "no row is rejected: %s was not written\n", o.rejects)
		return nil
	}
	var content bytes.Buffer
	content.WriteString("\ufeff")
	if err := csv.NewWriter(&content).WriteAll(lines); err != nil { // WriteAll flushes
		return err
	}
	if err := os.WriteFile(o.rejects, content.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the rejected rows: %w", err)
	}
	fmt.Fprintf(talk, "wrote the %d rejected rows to %s\n", p.Rejected, o.rejects)
	return nil
}
