package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestUndoStory: an import is taken back while learners play and an editor has mended a sentence.
func TestUndoStory(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		learner, _ := h.learner("user@example.com")
		speeches, _ := h.lesson(admin)
		played, edited, removed := speeches[0], speeches[1], speeches[2]
		h.json(201, post, "/game/sessions", learner, play("listen_only", played))
		h.json(200, put, "/admin/speeches/"+edited, admin, body{"text": "Where do you live now?"})

		batch := h.json(200, get, "/admin/imports", admin, nil)["imports"].([]any)[0].(body)["batch_id"].(string)
		undone := h.json(200, post, "/admin/imports/"+batch+"/undo", admin, nil)
		want := body{"removed": 1.0, "kept": []any{
			body{"speech_id": played, "text": "What is your name?", "reason": "played"},
			body{"speech_id": edited, "text": "Where do you live now?", "reason": "edited"},
		}}
		if diff := cmp.Diff(want, undone); diff != "" {
			t.Errorf("the undo differs (-want +got):\n%s", diff)
		}
		h.json(404, get, "/admin/speeches/"+removed, admin, nil)
		h.json(200, get, "/admin/speeches/"+edited, admin, nil)
		if again := h.json(409, post, "/admin/imports/"+batch+"/undo", admin, nil); again["code"] != "import_undone" {
			t.Errorf("a second time: %v", again)
		}
		shown := h.json(200, get, "/admin/imports/"+batch, admin, nil)
		if rows := shown["rows"].([]any); shown["state"] != "undone" || len(rows) != 3 || rows[2].(body)["deleted"] != true {
			t.Errorf("afterwards the import shows %v", shown)
		}

		// The phone that had drawn the removed sentence finishes its game, with its recording in the history.
		id := h.json(201, post, "/game/sessions", learner, h.with(play("listen_only", removed), "sentence_type", "answer"))["session_id"].(string)
		result := h.json(200, get, "/game/sessions/"+id, learner, nil)["results"].([]any)[0].(body)
		h.send(200, request{path: h.path(result["speech"].(body)["audio_url"])})
	})
}
