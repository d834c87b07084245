package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// maxCSV bounds what is kept in memory, since the fields may come after the file.
	maxCSV = importing.MaxCSVBytes
	// maxCSVForm leaves room for what multipart puts around the file, and the fields beside it.
	maxCSVForm    = maxCSV + 1<<20
	maxImportForm = maxCSVForm + maxRecordings
)

type importResponse struct {
	BatchID        uuid.UUID `json:"batch_id"`
	UnchangedCount int       `json:"unchanged_count"`
	importCounts
	Errors   []rowProblem `json:"errors"`
	Warnings []rowWarning `json:"warnings"` // an addition
}

// importCounts are the members that a successful import and a rejected one share.
type importCounts struct {
	SuccessCount    int                     `json:"success_count"`
	ErrorCount      int                     `json:"error_count"` // rows, of which each may have several errors
	CreatedSpeeches []createdSpeechResponse `json:"created_speeches"`
}

type createdSpeechResponse struct {
	Row      int       `json:"row"` // data rows count from 1
	SpeechID uuid.UUID `json:"speech_id"`
	Text     string    `json:"text"`
}

// rowProblem is one broken rule of one row.
type rowProblem struct {
	Row   int    `json:"row"`
	Line  int    `json:"line"` // where the row stands in the file, an addition
	Field string `json:"field"`
	Error string `json:"error"`
}

// rowWarning is something about the recording of one row.
type rowWarning struct {
	Row     int    `json:"row"`
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Warning string `json:"warning"`
}

func newImportCounts(r importing.Report) importCounts {
	return importCounts{r.SuccessCount, r.ErrorCount, list(r.Created, newCreatedSpeech)}
}

func newCreatedSpeech(c importing.CreatedSpeech) createdSpeechResponse {
	return createdSpeechResponse(c)
}

func newRowProblem(e importing.RowError) rowProblem {
	return rowProblem{e.Row, e.Line, e.Field, e.Message}
}

func newRowWarning(w importing.RowWarning) rowWarning {
	return rowWarning{w.Row, w.Line, w.Code, w.Message}
}

// addReport puts the members of a rejected import beside those of the problem (decisions.md, "Small decisions").
func (p *problem) addReport(r importing.Report) {
	counts := newImportCounts(r)
	p.importCounts = &counts
	p.Errors = list(r.Errors, newRowProblem)
}

func (a *API) importCSV(w http.ResponseWriter, r *http.Request) error {
	f, err := newForm(w, r, maxImportForm)
	if err != nil {
		return err
	}
	request, err := csvRequest(f)
	if err != nil {
		return err
	}
	report, err := a.imports.ImportCSV(r.Context(), request)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, importResponse{
		BatchID: report.BatchID, UnchangedCount: report.UnchangedCount,
		importCounts: newImportCounts(report), Errors: list(report.Errors, newRowProblem), Warnings: list(report.Warnings, newRowWarning),
	})
}

// csvRequest reads the fields of an import, in any order. Unknown ones are ignored.
func csvRequest(f *form) (importing.Request, error) {
	var request importing.Request
	for {
		p, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = readCSVPart(f, p, &request)
		}
		if err != nil {
			return request, err
		}
	}
	var c fault.Check
	c.Require(f.seen["file"], "file", "is required")
	c.Require(f.seen["upload_session_id"], "upload_session_id", "is required")
	return request, c.Err()
}

func readCSVPart(f *form, p *part, request *importing.Request) (err error) {
	switch p.name {
	case "file":
		var content []byte
		request.FileName, content, err = f.csv(p)
		request.Content = bytes.NewReader(content)
	case "upload_session_id":
		request.SessionID, err = f.id(p)
	case "on_error":
		var word string
		word, err = f.field(p)
		request.OnError = importing.OnError(word)
	case "strict":
		request.Strict, err = f.yes(p)
	case "known":
		request.Known, err = f.recordings(p)
	}
	return err
}

func (f *form) csv(p *part) (name string, content []byte, err error) {
	if err := f.once(p.name); err != nil {
		return "", nil, err
	}
	if name, err = p.baseName(); err != nil {
		return "", nil, err
	}
	body, err := io.ReadAll(io.LimitReader(p, maxCSV+1))
	if err != nil {
		return "", nil, err
	}
	if len(body) > maxCSV {
		return "", nil, tooMany(p.name, maxCSV)
	}
	return name, body, nil
}

func (f *form) id(p *part) (uuid.UUID, error) {
	text, err := f.field(p)
	if err != nil {
		return uuid.Nil, err
	}
	id, ok := parseID(text)
	if !ok {
		return uuid.Nil, fault.Invalid(p.name, "%s is not a UUID", quoted(text))
	}
	return id, nil
}

// field returns the text of a field that may be given once.
func (f *form) field(p *part) (string, error) {
	if err := f.once(p.name); err != nil {
		return "", err
	}
	return p.text(maxFieldBytes)
}
