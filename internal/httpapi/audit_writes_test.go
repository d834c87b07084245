package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// notAudited are the writing routes of administrators that leave no line in the audit log, and why.
var notAudited = map[string]string{
	"POST /admin/speeches/{speech_id}/check":                  "it changes nothing",
	"POST /admin/import/plan":                                 "it changes nothing",
	"POST /admin/import/sessions":                             "an empty drawer of one's own; what goes in is recorded",
	"POST /admin/import/sessions/{upload_session_id}/release": "the end of a lease of 15 seconds; what is in the drawer stays",
}

// adminWrite is one change that an administrator makes.
type adminWrite struct {
	action string
	object string // its id; empty where the change makes it
	good   request
	wrong  request // one that is refused
}

// adminWrites make, for every writing route of administrators, something to change.
var adminWrites = map[string]func(h *house, admin string) adminWrite{
	"POST /admin/speeches": func(h *house, _ string) adminWrite {
		speech := body{"text": "Made by hand.", "level": "A1", "type": "answer", "audio_url": "https://cdn.example.com/a.mp3"}
		return h.write("speech.create", "", "/admin/speeches", speech, body{"text": ""})
	},
	"PUT /admin/speeches/{speech_id}": func(h *house, admin string) adminWrite {
		id := h.speech(admin)
		return h.write("speech.update", id, "/admin/speeches/"+id, body{"text": "Mended."}, body{"level": "D1"})
	},
	"DELETE /admin/speeches/{speech_id}": func(h *house, admin string) adminWrite {
		id := h.speech(admin)
		return h.write("speech.delete", id, "/admin/speeches/"+id, nil, nil)
	},
	"POST /admin/speeches/{speech_id}/recordings/restore": func(h *house, admin string) adminWrite {
		id := h.rerecorded(admin)
		return h.write("speech.update", id, "/admin/speeches/"+id+"/recordings/restore", body{"version": "previous"}, body{"version": "none"})
	},
	"POST /admin/tags": func(h *house, _ string) adminWrite {
		return h.write("tag.create", "", "/admin/tags", body{"name": "Made " + newUUID()}, body{"name": ""})
	},
	"PUT /admin/tags/{tag_id}": func(h *house, admin string) adminWrite {
		id := h.tag(admin)
		return h.write("tag.update", id, "/admin/tags/"+id, body{"category": "new"}, body{"name": ""})
	},
	"DELETE /admin/tags/{tag_id}": func(h *house, admin string) adminWrite {
		id := h.tag(admin)
		return h.write("tag.delete", id, "/admin/tags/"+id, nil, nil)
	},
	"POST /admin/tags/batch": func(h *house, _ string) adminWrite {
		return h.write("tag.create", "", "/admin/tags/batch", body{"tags": []body{{"name": "Batch " + newUUID()}}}, body{"tags": []body{{"name": ""}}})
	},
	"POST /admin/tags/{tag_id}/merge": func(h *house, admin string) adminWrite {
		id := h.tag(admin)
		return h.write("tag.merge", id, "/admin/tags/"+id+"/merge", body{"into": h.tag(admin)}, body{"into": newUUID()})
	},
	"POST /admin/users": func(h *house, _ string) adminWrite {
		user := body{"email": newUUID() + "@example.com", "password": "SecurePass123", "name": "New", "role": "admin"}
		return h.write("user.create", "", "/admin/users", user, body{"email": "none"})
	},
	"PUT /admin/users/{user_id}/role": func(h *house, _ string) adminWrite {
		id := h.somebody()
		return h.write("user.set_role", id, "/admin/users/"+id+"/role", body{"role": "admin"}, body{"role": "king"})
	},
	"PUT /admin/users/{user_id}/password": func(h *house, _ string) adminWrite {
		id := h.somebody()
		return h.write("user.set_password", id, "/admin/users/"+id+"/password", body{"password": "OtherPass123"}, body{"password": "short"})
	},
	"POST /admin/users/{user_id}/revoke": func(h *house, _ string) adminWrite {
		id := h.somebody()
		return h.write("user.revoke", id, "/admin/users/"+id+"/revoke", nil, nil)
	},
	"DELETE /admin/users/{user_id}": func(h *house, _ string) adminWrite {
		id := h.somebody()
		w := h.write("user.delete", id, "/admin/users/"+id, nil, nil)
		w.object = "" // an id that leads to nobody: who was deleted is to be forgotten
		return w
	},
	"POST /admin/import/audio": func(h *house, _ string) adminWrite {
		q := request{path: "/admin/import/audio"}
		return adminWrite{
			action: "import.upload", good: withForm(h.tb, q, []formPart{{"files", "a.wav", wav(newUUID())}}),
			wrong: withForm(h.tb, q, []formPart{{"files", "a.wav", "no sound"}}),
		}
	},
	"POST /admin/import/csv": func(h *house, admin string) adminWrite {
		form := func(level string) request {
			return withForm(h.tb, request{path: "/admin/import/csv"}, []formPart{
				{"file", "lessons.csv", "audio_filename,text,level,type,tags\na.wav," + newUUID() + "," + level + ",question,New\n"},
				{"upload_session_id", "", h.drawer(admin)},
			})
		}
		return adminWrite{action: "import.apply", good: form("A1"), wrong: form("D1")}
	},
	"DELETE /admin/import/sessions/{upload_session_id}": func(h *house, admin string) adminWrite {
		id := h.drawer(admin)
		return h.write("import.discard", id, "/admin/import/sessions/"+id, nil, nil)
	},
	"POST /admin/imports/{batch_id}/undo": func(h *house, admin string) adminWrite {
		id := h.uploadAndImport(admin, "a.wav,"+newUUID()+",A1,question,Undone")["batch_id"].(string)
		return h.write("import.undo", id, "/admin/imports/"+id+"/undo", nil, nil)
	},
}

// write is a change with a body of JSON. Where there is none, the same for an object that does not exist is what is refused.
func (h *house) write(action, object, path string, good, wrong body) adminWrite {
	w := adminWrite{action: action, object: object, good: request{path: path}, wrong: request{path: path}}
	if good != nil {
		w.good.body = encodeJSON(h.tb, good)
	}
	if wrong != nil {
		w.wrong.body = encodeJSON(h.tb, wrong)
	} else {
		w.wrong.path = strings.Replace(path, object, "none", 1)
	}
	return w
}

func (h *house) speech(admin string) string {
	speech := body{"text": "Is it " + newUUID() + "?", "level": "A1", "type": "question", "audio_url": "https://cdn.example.com/a.mp3"}
	return h.json(201, post, "/admin/speeches", admin, speech)["id"].(string)
}

// rerecorded makes a speech whose recording was replaced.
func (h *house) rerecorded(admin string) (id string) {
	h.tb.Helper()
	form := func(status int, method, path string, parts ...formPart) string {
		return h.send(status, withForm(h.tb, request{method: method, path: path, token: admin}, parts)).body
	}
	first := formPart{"audio", "a.wav", wav(newUUID())}
	made := form(201, post, "/admin/speeches", first, formPart{"text", "", "Is it " + newUUID() + "?"}, formPart{"level", "", "A1"})
	id = decodeJSON(h.tb, made).(body)["id"].(string)
	form(200, put, "/admin/speeches/"+id, formPart{"audio", "b.wav", wav(newUUID())})
	return id
}

func (h *house) tag(admin string) string {
	return h.json(201, post, "/admin/tags", admin, body{"name": "Tag " + newUUID()})["id"].(string)
}

// somebody registers and returns their id.
func (h *house) somebody() string {
	access, _ := h.learner(newUUID() + "@example.com")
	return h.json(200, get, "/users/me", access, nil)["id"].(string)
}

// drawer is an upload session with a recording.
func (h *house) drawer(admin string) string {
	q := withForm(h.tb, request{method: post, path: "/admin/import/audio", token: admin}, []formPart{{"files", "a.wav", wav(newUUID())}})
	return decodeJSON(h.tb, h.send(200, q).body).(body)["upload_session_id"].(string)
}

// adminRoutes are the routes of administrators that are no questions.
func adminRoutes(t *testing.T) []string {
	t.Helper()
	a := New(Deps{}, Config{})
	admit := func(rt *route) string { return runtime.FuncForPC(reflect.ValueOf(rt.admit).Pointer()).Name() }
	var found []string
	err := a.router().Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		rt, ok := r.GetHandler().(*route)
		methods, _ := r.GetMethods()
		if !ok || admit(rt) != admit(a.admin(nil)) || methods[0] == get {
			return nil
		}
		path, err := r.GetPathTemplate()
		found = append(found, methods[0]+" "+strings.TrimPrefix(path, basePath))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(found))
}

// TestEveryAdminWriteIsAudited: each writing route of administrators leaves a line with who, what, when, from where and by
// which request; none where it is refused; and where the line cannot be written, nothing is changed.
func TestEveryAdminWriteIsAudited(t *testing.T) {
	known := slices.Sorted(maps.Keys(notAudited))
	known = slices.Sorted(slices.Values(append(known, slices.Collect(maps.Keys(adminWrites))...)))
	if diff := cmp.Diff(known, adminRoutes(t)); diff != "" {
		t.Fatalf("the router (+) has other routes than this test (-):\n%s", diff)
	}
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		me := h.json(200, get, "/users/me", admin, nil)["id"].(string)
		for name, prepare := range adminWrites {
			t.Run(name, func(t *testing.T) {
				h.tb = t
				w := prepare(h, admin)
				for _, q := range []*request{&w.good, &w.wrong} {
					q.method, _, _ = strings.Cut(name, " ")
					q.token = admin
					if q.header == nil {
						q.header = map[string]string{}
					}
					q.header["X-Request-ID"] = "request-42"
				}
				before, lines := h.contents(), h.auditLines()

				h.exec("ALTER TABLE audit_log RENAME TO audit_log_gone")
				failed := send(t, h.handler, w.good)
				h.exec("ALTER TABLE audit_log_gone RENAME TO audit_log")
				if failed.status < 500 {
					t.Errorf("without an audit log: status %d", failed.status)
				}
				if refused := send(t, h.handler, w.wrong); (refused.status < 400 || refused.status >= 500) && w.action != "import.discard" { // of none: 204
					t.Errorf("what is wrong: status %d", refused.status)
				}
				if diff := cmp.Diff(before, h.contents()); diff != "" {
					t.Errorf("something was changed (-before +after):\n%s", diff)
				}
				if now := h.auditLines(); len(now) != len(lines) {
					t.Errorf("the audit log has %d lines more for what was not done: %v", len(now)-len(lines), now[0])
				}

				if done := send(t, h.handler, w.good); done.status >= 300 {
					t.Fatalf("status %d: %s", done.status, done.body)
				}
				now := h.auditLines()
				if len(now) == len(lines) {
					t.Fatal("there is no line about it")
				}
				fits := false
				for _, e := range now[:len(now)-len(lines)] {
					fits = fits || e.Action == w.action && (w.object == "" || e.ObjectID == w.object)
					if e.Origin != (audit.Origin{Actor: "user:" + me, RequestID: "request-42", Address: "192.0.2.1"}) || time.Since(e.At).Abs() > time.Minute || e.ObjectID == "" {
						t.Errorf("an incomplete line: %+v", e)
					}
					if said := fmt.Sprint(e.Changes); strings.Contains(said, "Pass123") || strings.Contains(said, "argon2") || strings.Contains(said, "@example.com") {
						t.Errorf("the line tells a secret: %s", said)
					}
				}
				if !fits {
					t.Errorf("no line is %s of %s: %+v", w.action, w.object, now[:len(now)-len(lines)])
				}
			})
		}
		h.tb = t
	})
}

func (h *house) exec(statement string) {
	h.tb.Helper()
	if _, err := h.db.Raw().ExecContext(h.tb.Context(), statement); err != nil {
		h.tb.Fatal(err)
	}
}

// auditLines is the whole audit log, the newest line first.
func (h *house) auditLines() []audit.Entry {
	h.tb.Helper()
	var all []audit.Entry
	for number := 1; ; number++ {
		page, total, err := h.db.Audit().AuditEntries(h.tb.Context(), audit.Query{}, paging.Page{Number: number, Limit: 200})
		if err != nil {
			h.tb.Fatal(err)
		}
		if all = append(all, page...); len(all) == total {
			return all
		}
	}
}

// contents are the rows of what administrators change, as texts.
func (h *house) contents() []string {
	h.tb.Helper()
	var all []string
	for _, table := range []string{"users", "refresh_tokens", "tags", "speeches", "speech_tags", "upload_files"} {
		rows, err := h.db.Raw().QueryxContext(h.tb.Context(), "SELECT * FROM "+table)
		if err != nil {
			h.tb.Fatal(err)
		}
		for rows.Next() {
			row := map[string]any{}
			if err := rows.MapScan(row); err != nil {
				h.tb.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s %s", table, row))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			h.tb.Fatal(err)
		}
	}
	return slices.Sorted(slices.Values(all))
}
