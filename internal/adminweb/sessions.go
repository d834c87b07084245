package adminweb

import (
	"net/http"
	"strconv"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// listSessions shows what the spec's model view names: id, user, mode, level, completion; filtered by mode and level, sorted
// by completion. Games are made and changed by phones alone.
func (p *Panel) listSessions(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	wanted := practice.SessionFilter{
		Mode: practice.Mode(q.Get("mode")), Level: catalog.Level(q.Get("level")), OldestFirst: q.Get("sort") == "completed_at",
	}
	pageNumber := pageOf(r)
	sessions, total, err := p.games.AllSessions(r.Context(), wanted, pageNumber)
	if err != nil {
		return err
	}
	view := list{
		Caption: "Game sessions", Empty: "No game matches.",
		Filters: []filter{
			{Name: "mode", Label: "Mode", Options: choices("all", q.Get("mode"), practice.Modes)},
			{Name: "level", Label: "Level", Options: choices("all", q.Get("level"), catalog.Levels)},
		},
		Columns: []column{
			sortable(r, "Completed", "completed_at", "-completed_at"), {Title: "Mode"}, {Title: "Level"}, {Title: "Right"},
			{Title: "User"}, {Title: "Id"},
		},
		Pager: newPager(r, pageNumber, total, len(sessions)),
	}
	for _, s := range sessions {
		path := "/admin/sessions/" + s.ID.String()
		view.Rows = append(view.Rows, []cell{
			{At: s.CompletedAt, Href: path}, text(words(string(s.Mode))), text(string(s.Level)),
			text(strconv.Itoa(s.CorrectCount) + " of " + strconv.Itoa(s.TotalSentences)),
			idLink(s.UserID.String(), "/admin/users/"+s.UserID.String()), small(s.ID.String()),
		})
	}
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Game sessions", Section: "sessions", Data: view})
}

type sessionPage struct {
	practice.Detail
	Results [][]cell
	Columns []column
	Mode    string
}

func (p *Panel) showSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "session_id", "game session")
	if err != nil {
		return err
	}
	detail, err := p.games.AnyDetail(r.Context(), id)
	if err != nil {
		return err
	}
	view := sessionPage{Detail: detail, Mode: words(string(detail.Mode)), Columns: titles("No.", "Sentence", "Answer", "Score", "Heard", "Time")}
	for _, result := range detail.Results {
		view.Results = append(view.Results, []cell{
			number(result.SequenceNumber), speechCell(detail, result), text(string(result.UserResponse)),
			{Text: score(result.PronunciationScore), Class: "number"}, text(orDash(result.RecognizedText)),
			{Text: strconv.FormatFloat(float64(result.ResponseTimeMS)/1000, 'f', 1, 64) + " s", Class: "number"},
		})
	}
	return p.render(w, r, http.StatusOK, page{Name: "session", Title: "Game session", Section: "sessions", Data: view})
}

// speechCell names the sentence of a result, with a link where it is still there.
func speechCell(d practice.Detail, result practice.Result) cell {
	speech := d.Speeches[result.SpeechID]
	if speech.DeletedAt != nil {
		return text(speech.Text + " (deleted)")
	}
	return linked(speech.Text, "/admin/speeches/"+speech.ID.String())
}

func score(s *float64) string {
	if s == nil {
		return "–"
	}
	return strconv.FormatFloat(*s, 'f', 1, 64)
}

func orDash(s *string) string {
	if s == nil || *s == "" {
		return "–"
	}
	return *s
}

func (p *Panel) askDeleteSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "session_id", "game session")
	if err != nil {
		return err
	}
	detail, err := p.games.AnyDetail(r.Context(), id)
	if err != nil {
		return err
	}
	path := "/admin/sessions/" + id.String()
	return p.ask(w, r, "sessions", question{
		Title: "Delete this game session?", Action: path + "/delete", Back: path, Verb: "Delete the game session",
		Object: words(string(detail.Mode)) + ", " + string(detail.Level) + ", completed " + when(detail.CompletedAt) + " UTC",
		Goes:   []string{"The game with its " + count(len(detail.Results), "result", "results") + ", for good: also from the learner's history."},
		Stays:  []string{"The learner's account and other games.", "The sentences.", "The audit log says who deleted it, and not whose it was."},
	})
}

func (p *Panel) deleteSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "session_id", "game session")
	if err != nil {
		return err
	}
	if err := p.games.DeleteSession(r.Context(), id); err != nil {
		return err
	}
	return done(w, r, "/admin/sessions", "deleted")
}
