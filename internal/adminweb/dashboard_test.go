package adminweb_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/statistics"
)

// TestEmptyDashboard: where there is nothing, each chart says so in words.
func TestEmptyDashboard(t *testing.T) {
	h := newHouse(t).signIn()
	h.lookBack()
	page := h.get(200, "/admin")
	h.says(page, "Dashboard", "There are no sentences yet.", "No game was completed in these days.", "Nothing was scored in these days.", "No answer was wrong in these days.")
	if charts := page.find("svg"); len(charts) != 1 { // of the administrator, who is a new user
		t.Errorf("there are %d charts", len(charts))
	}
	h.says(h.get(400, "/admin?days=8"), "8 is not allowed: 7, 30 or 90")
	h.says(h.get(400, "/admin?days=all"), "is not allowed: 7, 30 or 90")
	h.says(h.get(400, "/admin?format=pdf"), "csv, or none")
	h.says(h.get(400, "/admin?format=csv&chart=who"), "learners, sessions, duration, new-users, speeches, scores")
	if got := h.get(200, "/admin?format=csv&chart=scores").body; got != "from,to,results\n" {
		t.Errorf("the CSV of no scores is %q", got)
	}
}

// TestDashboard: what was played shows in charts, tables and CSV, on both databases; no learner is named.
func TestDashboard(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		ctx := t.Context()
		formula := must(h.Catalog.CreateSpeech(ctx, catalog.NewSpeech{Text: "=1+1 is <b>two</b>.", Level: "A1", Type: catalog.Answer, AudioURL: "https://cdn.example/a.mp3"}))
		learner := must(h.Accounts.Register(ctx, account.Registration{Email: "unmistakable@example.com", Password: adminPassword, Name: "Unmistakable"})).User
		end := time.Now()
		for range statistics.MinAttempts {
			playOnce(t, h, learner.ID, formula.ID, end)
		}
		h.lookBack()

		page := h.get(200, "/admin?days=7")
		h.says(page, "Learners today 1", "Games 5 in 7 days", "Length of a game 1:35 min", "5 scores reported by apps, 41.5 on average", "=1+1 is <b>two</b>.")
		for _, secret := range []string{"nmistakable", learner.ID.String()} {
			if strings.Contains(page.body, secret) {
				t.Errorf("the page names a learner: %s", secret)
			}
		}
		if strings.Contains(page.body, "style=") || strings.Contains(page.body, "<b>two") {
			t.Error("the page has what its policy forbids")
		}
		links := slices.DeleteFunc(page.find("a"), func(n *node) bool { return !strings.Contains(attr(n, "href"), "format=csv") })
		if len(links) != 8 { // four by day, sentences, scores, two of hard sentences; no errors yet, and so no link to them
			t.Errorf("there are %d links to CSV", len(links))
		}
		got := map[string][][]string{}
		for _, link := range links {
			a := h.get(200, attr(link, "href"))
			if kind := a.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=englishctl-") {
				t.Errorf("%s comes as %s, %s", attr(link, "href"), kind, a.header.Get("Content-Disposition"))
			}
			name, _, _ := strings.Cut(strings.TrimPrefix(attr(link, "href"), "/admin?chart="), "&")
			got[name] = must(csv.NewReader(strings.NewReader(a.body)).ReadAll())
		}
		today := end.UTC().Format(time.DateOnly)
		for name, want := range map[string][]string{
			"sessions": {today, "5"}, "learners": {today, "1"}, "duration": {today, "95"}, "new-users": {today, "2"},
			"scores-client":  {"client", "90", "100", "0"},
			"hardest-client": {"client", formula.ID.String(), "'=1+1 is <b>two</b>.", "A1", "answer", "41.5", "5", "5"},
			"incorrect":      {formula.ID.String(), "'=1+1 is <b>two</b>.", "A1", "answer", "5", "5"},
			"speeches":       {"C1", "answer", "0"},
		} {
			records := got[name]
			if len(records) < 2 {
				t.Errorf("the CSV of %s has %d lines", name, len(records))
				continue
			}
			if diff := cmp.Diff(want, records[len(records)-1]); diff != "" {
				t.Errorf("the last line of %s (-want +got):\n%s", name, diff)
			}
		}
		if len(got["sessions"]) != 8 {
			t.Errorf("a week has %d lines with the header", len(got["sessions"]))
		}
	})
}

// lookBack brings the dashboard up to date, once the daemon has let it: it is at it when it starts.
func (h *house) lookBack() {
	h.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !must(h.Stats.Refresh(h.t.Context(), 0)) {
		<-again.C
	}
}

// playOnce stores a game with one wrong answer.
func playOnce(t *testing.T, h *house, learner, speech uuid.UUID, end time.Time) {
	t.Helper()
	score := 41.5
	must(h.Practice.Save(t.Context(), learner, practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Answer, TotalSentences: 1, DurationSeconds: 95, StartedAt: end.Add(-time.Minute), CompletedAt: end,
		Results: []practice.Result{{SpeechID: speech, SequenceNumber: 1, UserResponse: practice.Incorrect, PronunciationScore: &score, ResponseTimeMS: 100}},
	}, ""))
}
