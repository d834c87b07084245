package adminweb

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// listAudit shows who changed what, newest first.
func (p *Panel) listAudit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	wanted := audit.Query{Actor: q.Get("actor"), Action: q.Get("action"), ObjectID: q.Get("object_id")}
	var err error
	if wanted.From, err = day("from_date", q.Get("from_date"), 0); err != nil {
		return err
	}
	if wanted.To, err = day("to_date", q.Get("to_date"), 24*time.Hour-time.Microsecond); err != nil {
		return err
	}
	pageNumber := pageOf(r)
	entries, total, err := p.audit.Entries(r.Context(), wanted, pageNumber)
	if err != nil {
		return err
	}
	view := list{
		Caption: "Audit log", Empty: "No entry matches.",
		Intro: "Who changed what, newest first. Nobody can change or remove an entry. Times are UTC.",
		Filters: []filter{
			{Name: "actor", Label: "Who", Value: wanted.Actor, Hint: "user:…, cli:…, panel:…"},
			{Name: "action", Label: "Action", Value: wanted.Action, Hint: "speech, or speech.update"},
			{Name: "object_id", Label: "Object", Value: wanted.ObjectID, Hint: "its id"},
			{Name: "from_date", Label: "From", Value: q.Get("from_date"), Type: "date"},
			{Name: "to_date", Label: "To", Value: q.Get("to_date"), Type: "date"},
		},
		Columns: titles("Time", "Who", "Action", "Object", "Change"),
		Pager:   newPager(r, pageNumber, total, len(entries)),
	}
	for _, e := range entries {
		view.Rows = append(view.Rows, []cell{
			at(e.At), actorCell(e.Origin.Actor), {Text: e.Action, Class: "name"}, objectCell(e), {Lines: changeLines(e.Changes)},
		})
	}
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Audit log", Section: "audit", Data: view})
}

// day reads a plain date in UTC, plus so much.
func day(field, value string, plus time.Duration) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return time.Time{}, fault.Invalid(field, "this is not a date like 2025-12-10")
	}
	return t.Add(plus), nil
}

func actorCell(actor string) cell {
	if id, ok := strings.CutPrefix(actor, audit.UserActor); ok && uuid.Validate(id) == nil {
		return idLink(actor, "/admin/users/"+id)
	}
	return small(actor)
}

// objectCell leads to what was changed, where there is a page of it.
func objectCell(e audit.Entry) cell {
	object, verb, _ := strings.Cut(e.Action, ".")
	pages := map[string]string{"speech": "speeches", "tag": "tags", "user": "users", "import": "imports"}
	section, known := pages[object]
	gone := verb == "delete" || verb == "merge" || verb == "upload"
	if !known || gone || uuid.Validate(e.ObjectID) != nil {
		return small(e.ObjectID)
	}
	return idLink(e.ObjectID, "/admin/"+section+"/"+e.ObjectID)
}

// changeLines are the changes in words, in the order of the fields' names.
func changeLines(changes map[string]audit.Change) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		c := changes[name]
		switch {
		case c.Before == nil:
			lines = append(lines, words(name)+": "+plain(c.After))
		case c.After == nil:
			lines = append(lines, words(name)+": "+plain(c.Before)+" (gone)")
		default:
			lines = append(lines, words(name)+": "+plain(c.Before)+" → "+plain(c.After))
		}
	}
	return lines
}

// maxValueRunes keeps one long sentence from filling the page.
const maxValueRunes = 160

func plain(v any) string {
	s, isText := v.(string)
	if !isText {
		b, err := json.Marshal(v)
		if err != nil {
			return "?"
		}
		s = string(b)
	}
	if runes := []rune(s); len(runes) > maxValueRunes {
		return string(runes[:maxValueRunes]) + "…"
	}
	return s
}
