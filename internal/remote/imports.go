package remote

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
)

// importTime is what the daemon gives itself for an import and for taking one back, and some for the way.
const importTime = 11 * time.Minute

// Imports has the methods of importing.Service that editors use. Files are judged here, where they are.
type Imports struct {
	importing.Files
	client  *client
	arrived arrivals
}

type batchAnswer struct {
	BatchID        uuid.UUID            `json:"batch_id"`
	FileName       string               `json:"file_name"`
	Author         string               `json:"author"`
	State          importing.BatchState `json:"state"`
	OnError        importing.OnError    `json:"on_error"`
	SuccessCount   int                  `json:"success_count"`
	UnchangedCount int                  `json:"unchanged_count"`
	ErrorCount     int                  `json:"error_count"`
	StartedAt      time.Time            `json:"started_at"`
	FinishedAt     *time.Time           `json:"finished_at"`
}

func (a batchAnswer) batch() importing.Batch {
	return importing.Batch{
		ID: a.BatchID, FileName: a.FileName, Author: a.Author, State: a.State, OnError: a.OnError,
		Created: a.SuccessCount, Unchanged: a.UnchangedCount, Rejected: a.ErrorCount,
		StartedAt: a.StartedAt, FinishedAt: a.FinishedAt,
	}
}

type batchRowAnswer struct {
	Row      int               `json:"row"`
	SpeechID uuid.UUID         `json:"speech_id"`
	Outcome  importing.Outcome `json:"outcome"`
	Text     string            `json:"text"` // null is none
	Deleted  bool              `json:"deleted"`
}

func (a batchRowAnswer) row() importing.BatchRow { return importing.BatchRow(a) }

func batchPath(id uuid.UUID) string { return "/admin/imports/" + id.String() }

// Batches is importing.Service.Batches.
func (s *Imports) Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error) {
	var answer struct {
		Imports    []batchAnswer `json:"imports"`
		Pagination pagination    `json:"pagination"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/imports", query: parameters(p)}, &answer)
	return each(answer.Imports, batchAnswer.batch), answer.Pagination.Total, err
}

// batchDetail is far above an import of 50,000 rows with texts of 1000 characters.
const batchDetail = 256 << 20

// Batch is importing.Service.Batch.
func (s *Imports) Batch(ctx context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error) {
	var answer struct {
		batchAnswer
		Rows []batchRowAnswer `json:"rows"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: batchPath(id), most: batchDetail}, &answer)
	return answer.batch(), each(answer.Rows, batchRowAnswer.row), err
}

// Undo is importing.Service.Undo.
func (s *Imports) Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error) {
	var answer struct {
		Removed int `json:"removed"`
		Kept    []struct {
			SpeechID uuid.UUID            `json:"speech_id"`
			Text     string               `json:"text"`
			Reason   importing.KeptReason `json:"reason"`
		} `json:"kept"`
	}
	err := s.client.do(ctx, call{method: http.MethodPost, path: batchPath(id) + "/undo", time: importTime, most: batchDetail}, &answer)
	undone := importing.Undone{Removed: answer.Removed}
	for _, k := range answer.Kept {
		undone.Kept = append(undone.Kept, importing.Kept{SpeechID: k.SpeechID, Text: k.Text, Reason: k.Reason})
	}
	return undone, err
}
