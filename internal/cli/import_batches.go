package cli

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/importing"
)

// batchItem is an import as -o json prints it; the names are those of the API.
type batchItem struct {
	BatchID        string     `json:"batch_id"`
	FileName       string     `json:"file_name"`
	Author         string     `json:"author"`
	State          string     `json:"state"`
	OnError        string     `json:"on_error"`
	SuccessCount   int        `json:"success_count"`
	UnchangedCount int        `json:"unchanged_count"`
	ErrorCount     int        `json:"error_count"`
	StartedAt      time.Time  `json:"started_at"`
	FinishedAt     *time.Time `json:"finished_at"`
}

func newBatchItem(b importing.Batch) batchItem {
	return batchItem{
		BatchID: b.ID.String(), FileName: b.FileName, Author: b.Author, State: string(b.State), OnError: string(b.OnError),
		SuccessCount: b.Created, UnchangedCount: b.Unchanged, ErrorCount: b.Rejected,
		StartedAt: b.StartedAt.UTC(), FinishedAt: b.FinishedAt,
	}
}

var batchColumns = []string{
	"batch_id", "file_name", "author", "state", "success_count", "unchanged_count", "error_count", "started_at",
}

// batchListing prints imports as rows.
func batchListing(batches []importing.Batch) listing {
	l := listing{
		columns: batchColumns,
		inTable: []string{"batch_id", "file_name", "state", "started_at"},
		numbers: []string{"success_count", "unchanged_count", "error_count"},
		rows:    [][]string{},
	}
	items := make([]batchItem, 0, len(batches))
	for _, b := range batches {
		item := newBatchItem(b)
		items = append(items, item)
		l.rows = append(l.rows, []string{
			item.BatchID, item.FileName, item.Author, item.State, strconv.Itoa(b.Created), strconv.Itoa(b.Unchanged),
			strconv.Itoa(b.Rejected), item.StartedAt.Format(time.DateTime),
		})
	}
	l.items = items
	return l
}

// parseBatch reads the argument that names an import.
func parseBatch(arg string) (uuid.UUID, error) {
	id, err := uuid.Parse(arg)
	if err != nil {
		return uuid.Nil, usagef("%q is no id of an import; \"englishctl import list\" shows them", arg)
	}
	return id, nil
}
