package adminweb

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// listImports shows all imports, whoever made them, newest first.
func (p *Panel) listImports(w http.ResponseWriter, r *http.Request) error {
	pageNumber := pageOf(r)
	batches, total, err := p.imports.Batches(r.Context(), pageNumber)
	if err != nil {
		return err
	}
	view := list{
		Caption: "Imports", Empty: "Nothing has been imported yet.",
		Actions: []link{{Text: "New import", Href: "/admin/imports/new", Main: true}},
		Columns: titles("File", "State", "Created", "Unchanged", "Rejected", "Started", "Who"),
		Pager:   newPager(r, pageNumber, total, len(batches)),
	}
	for _, b := range batches {
		view.Rows = append(view.Rows, []cell{
			linked(fileName(b), "/admin/imports/"+b.ID.String()), text(string(b.State)), number(b.Created), number(b.Unchanged),
			number(b.Rejected), at(b.StartedAt), actorCell(b.Author),
		})
	}
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Imports", Section: "imports", Data: view})
}

func fileName(b importing.Batch) string {
	if b.FileName == "" {
		return "(without a name)"
	}
	return b.FileName
}

type importPage struct {
	importing.Batch
	File    string
	Who     cell
	Columns []column
	Rows    [][]cell
	Pager   pager
	// Undoable is the address where the import is taken back; empty where it cannot be.
	Undoable string
	// Skipped is the address where the rejected rows are downloaded; empty where none are kept.
	Skipped string
	// Left is the address where rejected rows wait to be mended; empty where there are none, or they are another's.
	Left string
}

func (p *Panel) showImport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	batch, rows, err := p.imports.Batch(r.Context(), id)
	if err != nil {
		return err
	}
	pageNumber := pageOf(r)
	shown := slice(rows, pageNumber)
	view := importPage{
		Batch: batch, File: fileName(batch), Who: actorCell(batch.Author), Columns: titles("Row", "Sentence", "Outcome"),
		Pager: newPager(r, pageNumber, len(rows), len(shown)),
	}
	if batch.State == importing.BatchDone {
		view.Undoable = r.URL.Path + "/undo"
	}
	if batch.Rejected > 0 {
		switch _, err := p.imports.BatchRejects(r.Context(), id); {
		case err == nil:
			view.Skipped = r.URL.Path + "/rejected.csv"
		case !fault.Is(err, fault.KindNotFound):
			return err
		}
		if _, err := p.imports.Prepare(r.Context(), batch.SessionID); err == nil {
			view.Left = planPath(batch.SessionID)
		}
	}
	for _, row := range shown {
		view.Rows = append(view.Rows, []cell{number(row.Row), batchSpeech(row), text(string(row.Outcome))})
	}
	return p.render(w, r, http.StatusOK, page{Name: "import", Title: "Import", Section: "imports", Data: view})
}

func batchSpeech(row importing.BatchRow) cell {
	if row.Deleted || row.Text == "" {
		return text(row.Text + " (deleted)")
	}
	return linked(row.Text, "/admin/speeches/"+row.SpeechID.String())
}
