package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/importing"
)

// defaultImportPage is that of the other lists of administrators.
const defaultImportPage = 50

type batchesResponse struct {
	Imports    []batchResponse    `json:"imports"`
	Pagination paginationResponse `json:"pagination"`
}

type batchResponse struct {
	BatchID        uuid.UUID  `json:"batch_id"`
	FileName       string     `json:"file_name"`
	Author         string     `json:"author"`
	State          string     `json:"state"`
	OnError        string     `json:"on_error"`
	SuccessCount   int        `json:"success_count"`
	UnchangedCount int        `json:"unchanged_count"`
	ErrorCount     int        `json:"error_count"`
	StartedAt      time.Time  `json:"started_at"`
	FinishedAt     *time.Time `json:"finished_at"` // null while it runs
}

func newBatch(b importing.Batch) batchResponse {
	answer := batchResponse{
		BatchID: b.ID, FileName: b.FileName, Author: b.Author, State: string(b.State), OnError: string(b.OnError),
		SuccessCount: b.Created, UnchangedCount: b.Unchanged, ErrorCount: b.Rejected, StartedAt: b.StartedAt.UTC(),
	}
	if b.FinishedAt != nil {
		finished := b.FinishedAt.UTC()
		answer.FinishedAt = &finished
	}
	return answer
}

func (a *API) listImports(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	page := q.page(defaultImportPage)
	if err := q.err(); err != nil {
		return err
	}
	batches, total, err := a.imports.Batches(r.Context(), page)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, batchesResponse{list(batches, newBatch), newPagination(page, total)})
}

type batchDetailResponse struct {
	batchResponse
	Rows []batchRowResponse `json:"rows"`
}

type batchRowResponse struct {
	Row      int       `json:"row"`
	SpeechID uuid.UUID `json:"speech_id"`
	Outcome  string    `json:"outcome"`
	Text     *string   `json:"text"` // null where the speech was never made
	Deleted  bool      `json:"deleted"`
}

func newBatchRow(r importing.BatchRow) batchRowResponse {
	return batchRowResponse{r.Row, r.SpeechID, string(r.Outcome), orNull(r.Text), r.Deleted}
}

func (a *API) showImport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	batch, rows, err := a.imports.Batch(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, batchDetailResponse{newBatch(batch), list(rows, newBatchRow)})
}

type undoneResponse struct {
	Removed int            `json:"removed"`
	Kept    []keptResponse `json:"kept"`
}

type keptResponse struct {
	SpeechID uuid.UUID `json:"speech_id"`
	Text     string    `json:"text"`
	Reason   string    `json:"reason"`
}

func newKept(k importing.Kept) keptResponse {
	return keptResponse{k.SpeechID, k.Text, string(k.Reason)}
}

func (a *API) undoImport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	undone, err := a.imports.Undo(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, undoneResponse{undone.Removed, list(undone.Kept, newKept)})
}
