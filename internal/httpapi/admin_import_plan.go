package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// maxRecordings is the descriptions of 50,000 recordings, as many as a file may have rows, at 1 KiB each, and some.
	maxRecordings = 64 << 20
	maxPlanForm   = maxCSVForm + maxRecordings
)

type planResponse struct {
	Rows      int                   `json:"rows"`
	New       int                   `json:"new"`
	Unchanged int                   `json:"unchanged"`
	Completed int                   `json:"completed"` // unchanged rows that bring tags
	Rejected  int                   `json:"rejected"`
	Errors    []planErrorResponse   `json:"errors"`
	Warnings  []planWarningResponse `json:"warnings"`
	Missing   []string              `json:"missing_audio"`
	NewTags   []newTagResponse      `json:"new_tags"`
	// Upload are the recordings of new rows, Known those of unchanged ones.
	Upload []plannedFileResponse `json:"upload"`
	Known  []plannedFileResponse `json:"known"`
}

type planErrorResponse struct {
	rowProblem
	Value string `json:"value"`
}

type planWarningResponse struct {
	rowWarning
	Value string `json:"value"`
}

type newTagResponse struct {
	Name       string  `json:"name"`
	DidYouMean *string `json:"did_you_mean"` // null where no tag is spelled nearly alike
}

type plannedFileResponse struct {
	Name   string        `json:"name"`
	SHA256 string        `json:"sha256"`
	Level  catalog.Level `json:"level"`
}

func newPlan(p importing.Plan) planResponse {
	return planResponse{
		Rows: p.Rows, New: p.New, Unchanged: p.Unchanged, Completed: p.Completed, Rejected: p.Rejected,
		Errors: list(p.Errors, func(e importing.PlanError) planErrorResponse {
			return planErrorResponse{newRowProblem(e.RowError), e.Value}
		}),
		Warnings: list(p.Warnings, func(w importing.PlanWarning) planWarningResponse {
			return planWarningResponse{newRowWarning(w.RowWarning), w.Value}
		}),
		Missing: list(p.Missing, func(name string) string { return name }),
		NewTags: list(p.NewTags, func(t importing.NewTag) newTagResponse { return newTagResponse{t.Name, orNull(t.DidYouMean)} }),
		Upload:  list(p.Upload, newPlannedFile), Known: list(p.Known, newPlannedFile),
	}
}

func newPlannedFile(f importing.PlannedFile) plannedFileResponse {
	return plannedFileResponse{f.Name, f.SHA256, f.Level}
}

// planImport says what an import would do, with recordings that the caller has looked at and not sent.
func (a *API) planImport(w http.ResponseWriter, r *http.Request) error {
	f, err := newForm(w, r, maxPlanForm)
	if err != nil {
		return err
	}
	request, err := planRequest(f)
	if err != nil {
		return err
	}
	plan, err := a.imports.Plan(r.Context(), request)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newPlan(plan))
}

// planRequest reads the fields of a plan, in any order. Unknown ones are ignored.
func planRequest(f *form) (request importing.PlanRequest, err error) {
	for {
		p, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = readPlanPart(f, p, &request)
		}
		if err != nil {
			return request, err
		}
	}
	var c fault.Check
	c.Require(f.seen["file"], "file", "is required")
	return request, c.Err()
}

func readPlanPart(f *form, p *part, request *importing.PlanRequest) (err error) {
	switch p.name {
	case "file":
		_, request.Content, err = f.csv(p)
	case "recordings":
		request.Recordings, err = f.recordings(p)
	case "strict":
		request.Strict, err = f.yes(p)
	}
	return err
}

// yes returns what a field says that is true or false.
func (f *form) yes(p *part) (bool, error) {
	word, err := f.field(p)
	if err != nil {
		return false, err
	}
	if word != "true" && word != "false" {
		return false, fault.Invalid(p.name, "%s is neither true nor false", quoted(word))
	}
	return word == "true", nil
}

// recordings returns descriptions of recordings, a JSON list.
func (f *form) recordings(p *part) ([]importing.LocalFile, error) {
	if err := f.once(p.name); err != nil {
		return nil, err
	}
	text, err := p.text(maxRecordings)
	if err != nil {
		return nil, err
	}
	var described []recordingRequest
	if json.Unmarshal([]byte(text), &described) != nil {
		return nil, fault.Invalid(p.name, "is not a list of recordings in JSON: see POST /admin/import/plan")
	}
	var c fault.Check
	files := make([]importing.LocalFile, len(described))
	for i, d := range described {
		files[i] = d.file(&c, p.name, i)
	}
	return files, c.Err()
}
