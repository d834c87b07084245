package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func TestCursorComesBack(t *testing.T) {
	for _, want := range []cursor{
		{2, practice.Position{CompletedAt: time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC), ID: uuid.MustParse("01a20811-ae78-72e2-93de-4232893541f0")}},
		{math.MaxInt32, practice.Position{CompletedAt: time.Unix(0, 0).UTC(), ID: uuid.Nil}},
	} {
		if got, ok := parseCursor(want.String()); !ok || got != want {
			t.Errorf("%v comes back as %v, %v", want, got, ok)
		}
	}
}

func TestCursorThatIsNone(t *testing.T) {
	good := cursor{2, practice.Position{CompletedAt: at, ID: uuid.New()}}.String()
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	with := func(i int, b byte) string {
		changed := append([]byte{}, raw...)
		changed[i] = b
		return base64.RawURLEncoding.EncodeToString(changed)
	}
	for name, text := range map[string]string{
		"empty": "", "a word": "next", "too short": good[:len(good)-2], "too long": good + "AA", "another form": with(0, 2), "page 1": with(4, 1), "page 0": with(4, 0),
		"before 1970": with(5, 0xff), "after 9999": with(5, 0x7f), "padded": good + "=", "a page that is none": with(1, 0xff), "with spaces": " " + good,
	} {
		if c, ok := parseCursor(text); ok {
			t.Errorf("%s: %q is read as %v", name, text, c)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{2, practice.Position{CompletedAt: at, ID: uuid.Nil}}.String())
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := parseCursor(text); ok && c.String() != text {
			t.Errorf("%q is read as %v, which is written %q", text, c, c)
		}
	})
}

// historyPage reads one page of a history.
func (h *house) historyPage(learner, query string) (ids []string, pagination historyPagination) {
	h.tb.Helper()
	var page historyResponse
	got := h.send(200, request{path: "/game/sessions?" + query, token: learner})
	if err := json.Unmarshal([]byte(got.body), &page); err != nil {
		h.tb.Fatal(err)
	}
	return list(page.Sessions, func(s sessionSummary) string { return s.ID.String() }), page.Pagination
}

// TestHistoryByCursor walks through a history by cursor while games come, with the real services and databases.
func TestHistoryByCursor(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		learner, _ := h.learner("ada@example.com")
		speeches, _ := h.lesson(admin)
		day := 0
		play := func() string {
			day++
			game := body{
				"mode": "listen_only", "level": "A1", "sentence_type": "question", "selected_tags": []string{}, "total_sentences": 1, "correct_count": 1, "max_streak": 1,
				"avg_pronunciation_score": nil, "duration_seconds": 60,
				"started_at":   time.Date(2025, 12, day, 10, 0, 0, 0, time.UTC).Format(time.RFC3339),
				"completed_at": time.Date(2025, 12, day, 10, 1, 0, 0, time.UTC).Format(time.RFC3339),
				"results":      []body{{"speech_id": speeches[0], "sequence_number": 1, "user_response": "correct", "pronunciation_score": nil, "recognized_text": nil, "response_time_ms": 900}},
			}
			return h.json(201, post, "/game/sessions", learner, game)["session_id"].(string)
		}
		var saved []string
		for range 7 {
			saved = append([]string{play()}, saved...) // the latest comes first
		}
		var walked []string
		query := "limit=2"
		for page := 1; ; page++ {
			ids, at := h.historyPage(learner, query)
			walked = append(walked, ids...)
			if at.Page != page {
				t.Errorf("%s is page %d, want %d", query, at.Page, page)
			}
			if page == 2 {
				play() // moves pages by number, and none by cursor
			}
			if at.NextCursor == nil {
				break
			}
			query = "limit=2&cursor=" + *at.NextCursor
		}
		if diff := cmp.Diff(saved, walked); diff != "" {
			t.Errorf("walked through (-want +got):\n%s", diff)
		}
		ids, at := h.historyPage(learner, "limit=4&page=2")
		if at.NextCursor != nil || len(ids) != 4 || at.Total != 8 || at.TotalPages != 2 {
			t.Errorf("the last page by number: %d of %+v", len(ids), at)
		}
		for wrong, field := range map[string]string{"cursor=x": "cursor", "cursor=": "cursor", "page=2&" + query[len("limit=2&"):]: "page"} {
			p := h.send(400, request{path: "/game/sessions?" + wrong, token: learner}).problem(t)
			if diff := cmp.Diff([]string{field}, p.fields()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", wrong, diff)
			}
		}
	})
}
