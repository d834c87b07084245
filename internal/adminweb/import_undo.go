package adminweb

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/importing"
)

func (p *Panel) askUndoImport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	batch, _, err := p.imports.Batch(r.Context(), id)
	if err != nil {
		return err
	}
	path := "/admin/imports/" + id.String()
	q := question{
		Title: "Undo this import?", Object: fileName(batch) + ", " + when(batch.StartedAt) + " UTC", Action: path + "/undo", Back: path,
		Verb: "Undo the import",
		Goes: []string{"The speeches that it created (" + count(batch.Created, "speech", "speeches") + "), as if each were deleted."},
		Stays: []string{
			"Speeches that somebody has changed since: that work is theirs.",
			"Speeches that stand in a learner's history.",
			"Tags, and what was there before.",
		},
	}
	if batch.State != importing.BatchDone {
		q.Impossible = "This import is " + string(batch.State) + "; only one that is done can be undone."
	}
	return p.ask(w, r, "imports", q)
}

type undonePage struct {
	File    string
	Removed string
	Columns []column
	Rows    [][]cell
	Back    string
}

// undoImport takes an import back and says what was kept, and why.
func (p *Panel) undoImport(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "batch_id", "import")
	if err != nil {
		return err
	}
	undone, err := p.imports.Undo(r.Context(), id)
	if err != nil {
		return err
	}
	view := undonePage{
		Removed: count(undone.Removed, "speech was", "speeches were"), Columns: titles("Sentence", "Why it stays"),
		Back: "/admin/imports/" + id.String(),
	}
	why := map[importing.KeptReason]string{importing.KeptEdited: "it was changed since", importing.KeptPlayed: "a learner has played it"}
	for _, kept := range undone.Kept {
		view.Rows = append(view.Rows, []cell{linked(kept.Text, "/admin/speeches/"+kept.SpeechID.String()), text(why[kept.Reason])})
	}
	return p.render(w, r, http.StatusOK, page{Name: "undone", Title: "Import undone", Section: "imports", Data: view})
}
