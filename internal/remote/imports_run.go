package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/importing"
)

// arrivals are the recordings that sessions have, by name, as far as the daemon has said.
type arrivals struct {
	mu      sync.Mutex
	digests map[uuid.UUID]map[string]string
}

func (a *arrivals) note(session uuid.UUID, digests map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.digests == nil {
		a.digests = make(map[uuid.UUID]map[string]string)
	}
	a.digests[session] = digests
}

// has reports whether the session has the file, byte for byte.
func (a *arrivals) has(session uuid.UUID, f importing.LocalFile) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.digests[session][f.Name] == f.SHA256
}

type arrivedAnswer struct {
	Filename  string `json:"filename"`
	SizeBytes int64  `json:"size_bytes"`
	SHA256    string `json:"sha256"`
}

func (a arrivedAnswer) file() importing.UploadFile {
	return importing.UploadFile{Name: a.Filename, Size: a.SizeBytes, SHA256: a.SHA256}
}

// Continue is importing.Service.Continue.
func (s *Imports) Continue(ctx context.Context, fileSHA256 string) (importing.UploadSession, []importing.UploadFile, error) {
	wanted := struct {
		FileSHA256 string `json:"file_sha256"`
	}{fileSHA256}
	var answer struct {
		UploadSessionID uuid.UUID       `json:"upload_session_id"`
		ExpiresAt       time.Time       `json:"expires_at"`
		UploadedFiles   []arrivedAnswer `json:"uploaded_files"`
	}
	err := s.client.do(ctx, call{method: http.MethodPost, path: "/admin/import/sessions", body: inJSON(wanted), most: planSize}, &answer)
	if err != nil {
		return importing.UploadSession{}, nil, err
	}
	digests := make(map[string]string, len(answer.UploadedFiles))
	for _, f := range answer.UploadedFiles {
		digests[f.Filename] = f.SHA256
	}
	s.arrived.note(answer.UploadSessionID, digests)
	session := importing.UploadSession{
		ID: answer.UploadSessionID, State: importing.SessionOpen, ExpiresAt: answer.ExpiresAt, FileSHA256: fileSHA256,
	}
	return session, each(answer.UploadedFiles, arrivedAnswer.file), nil
}

// ImportCSV is importing.Service.ImportCSV.
func (s *Imports) ImportCSV(ctx context.Context, r importing.Request) (importing.Report, error) {
	content, err := io.ReadAll(io.LimitReader(r.Content, importing.MaxCSVBytes+1)) // what is too large, the daemon refuses
	if err != nil {
		return importing.Report{}, fmt.Errorf("read the CSV file: %w", err)
	}
	form := importForm{file: content, fileName: r.FileName}
	form.add("upload_session_id", r.SessionID.String())
	form.add("on_error", string(r.OnError))
	form.add("strict", strconv.FormatBool(r.Strict))
	if err := form.addRecordings("known", r.Known); err != nil {
		return importing.Report{}, err
	}
	body, err := form.body()
	if err != nil {
		return importing.Report{}, err
	}
	var answer reportAnswer
	err = s.client.do(ctx, call{method: http.MethodPost, path: "/admin/import/csv", body: body, time: importTime, most: planSize}, &answer)
	return answer.report(), err
}

type reportAnswer struct {
	BatchID         uuid.UUID          `json:"batch_id"`
	SuccessCount    int                `json:"success_count"`
	UnchangedCount  int                `json:"unchanged_count"`
	ErrorCount      int                `json:"error_count"`
	CreatedSpeeches []createdAnswer    `json:"created_speeches"`
	Errors          []rowErrorAnswer   `json:"errors"`
	Warnings        []rowWarningAnswer `json:"warnings"`
}

type createdAnswer struct {
	Row      int       `json:"row"`
	SpeechID uuid.UUID `json:"speech_id"`
	Text     string    `json:"text"`
}

func (a createdAnswer) created() importing.CreatedSpeech { return importing.CreatedSpeech(a) }

func (a reportAnswer) report() importing.Report {
	return importing.Report{
		BatchID: a.BatchID, SuccessCount: a.SuccessCount, UnchangedCount: a.UnchangedCount, ErrorCount: a.ErrorCount,
		Created: each(a.CreatedSpeeches, createdAnswer.created), Errors: each(a.Errors, rowErrorAnswer.rowError),
		Warnings: each(a.Warnings, rowWarningAnswer.rowWarning),
	}
}

func sessionPath(id uuid.UUID) string { return "/admin/import/sessions/" + id.String() }

// aftermath bounds what is still told to the daemon after a command has been interrupted.
const aftermath = 10 * time.Second

// afterwards is a context for what is to be done also where ctx has ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), aftermath)
}

// Release is importing.Service.Release.
func (s *Imports) Release(ctx context.Context, session uuid.UUID) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.client.do(ctx, call{method: http.MethodPost, path: sessionPath(session) + "/release", harmless: true}, nil)
}

// Discard is importing.Service.Discard.
func (s *Imports) Discard(ctx context.Context, session uuid.UUID) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.client.do(ctx, call{method: http.MethodDelete, path: sessionPath(session), harmless: true}, nil)
}
