package httpapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// TestProfileChange: a missing field is kept, a null avatar is cleared.
func TestProfileChange(t *testing.T) {
	for body, want := range map[string]account.ProfileChange{
		`{}`:                                    {},
		`{"name": "B"}`:                         {Name: ptr("B")},
		`{"avatar_url": null}`:                  {AvatarURL: ptr("")},
		`{"name": "A", "name": "B"}`:            {Name: ptr("B")},
		`{"name": "B", "role": "admin"}`:        {Name: ptr("B")},
		`{"name": "'; DROP TABLE users;--"}`:    {Name: ptr("'; DROP TABLE users;--")},
		`{"name": "<script>alert(1)</script>"}`: {Name: ptr("<script>alert(1)</script>")},
		"{\"name\": \"as it is: \ufffd\"}":      {Name: ptr("as it is: \ufffd")},
		`{"name": "\ud83d\ude00 \ufffd"}`:       {Name: ptr("😀 \ufffd")},
	} {
		t.Run(body, func(t *testing.T) {
			w := newWorld(t)
			if got := w.do(t, request{method: put, path: "/users/me", token: learnerToken, body: body}); got.status != 200 {
				t.Fatalf("status = %d: %s", got.status, got.body)
			}
			if diff := cmp.Diff([]call{{"UpdateProfile", []any{learnerID, want}}}, w.calls); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestContentType: JSON by any of its names, or no name.
func TestContentType(t *testing.T) {
	for _, name := range []string{"", "application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"} {
		w := newWorld(t)
		r := request{method: post, path: "/auth/refresh", body: `{"refresh_token": "r"}`}.build(t)
		r.Header.Set("Content-Type", name)
		if got := serve(t, w.handler, r); got.status != 200 {
			t.Errorf("%q: status %d: %s", name, got.status, got.body)
		}
	}
}

// TestEmptyLists are [] in JSON, never null.
func TestEmptyLists(t *testing.T) {
	for name, tc := range map[string]struct {
		in   request
		want string
	}{
		"tags":       {request{path: "/tags"}, `{"tags": []}`},
		"admin tags": {request{path: "/admin/tags", token: adminToken}, `{"tags": []}`},
		"speeches": {
			request{path: "/admin/speeches", token: adminToken},
			`{"speeches": [], "pagination": {"page": 1, "limit": 50, "total": 0, "total_pages": 0}}`,
		},
		"draw": {request{method: post, path: "/game/speeches/random", token: learnerToken, body: drawBody}, `{"speeches": []}`},
		"history past the end": {
			request{path: "/game/sessions?page=9", token: learnerToken},
			`{"sessions": [], "pagination": {"page": 9, "limit": 20, "total": 0, "total_pages": 0, "next_cursor": null}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tags, w.speeches, w.sessions, w.total = nil, nil, nil, 0
			sameJSON(t, w.do(t, tc.in).body, tc.want)
		})
	}
	t.Run("a speech without tags and a session without results", func(t *testing.T) {
		w := newWorld(t)
		w.speeches[0].Tags = nil
		w.detail.Results, w.detail.TagNames = nil, nil
		speech := decodeJSON(t, w.do(t, request{path: speechPath, token: adminToken}).body).(map[string]any)
		session := decodeJSON(t, w.do(t, request{path: sessionPath, token: learnerToken}).body).(map[string]any)
		for what, v := range map[string]any{"tags": speech["tags"], "selected_tags": session["selected_tags"], "results": session["results"]} {
			if diff := cmp.Diff([]any{}, v); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
	})
}

// TestLinksAreReadable in the raw answer, for whoever copies one out of a terminal.
func TestLinksAreReadable(t *testing.T) {
	got := newWorld(t).do(t, request{path: speechPath, token: adminToken})
	if !strings.Contains(got.body, "?expires=1&signature=s") {
		t.Errorf("the link is escaped: %s", got.body)
	}
}

// TestQueries: what stands behind the "?" reaches the service.
func TestQueries(t *testing.T) {
	utc := func(day, hour, minute int) time.Time { return time.Date(2025, 12, day, hour, minute, 0, 0, time.UTC) }
	history := func(f practice.HistoryFilter, p paging.Page) call { return call{"History", []any{learnerID, f, p}} }
	first := paging.Page{Number: 1, Limit: 20}
	for name, tc := range map[string]struct {
		in   request
		want call
	}{
		"history by mode and level": {
			request{path: "/game/sessions?page=2&limit=5&mode=listen_only&level=B1&unknown=1", token: learnerToken},
			history(practice.HistoryFilter{Mode: practice.ListenOnly, Level: "B1"}, paging.Page{Number: 2, Limit: 5}),
		},
		"plain dates mean whole days in UTC": {
			request{path: "/game/sessions?from_date=2025-12-09&to_date=2025-12-10", token: learnerToken},
			history(practice.HistoryFilter{From: utc(9, 0, 0), To: utc(11, 0, 0).Add(-time.Microsecond)}, first),
		},
		"times have zones": {
			request{path: "/game/sessions?from_date=2025-12-09T07:00:00%2B07:00&to_date=2025-12-10T01:02:00Z", token: learnerToken},
			history(practice.HistoryFilter{From: utc(9, 0, 0), To: utc(10, 1, 2)}, first),
		},
		"a plus that was not escaped is understood": {
			request{path: "/game/sessions?from_date=2025-12-09T07:00:00+07:00", token: learnerToken},
			history(practice.HistoryFilter{From: utc(9, 0, 0)}, first),
		},
		"bounds are the service's business": {
			request{path: "/game/sessions?page=0&limit=1000000000", token: learnerToken},
			history(practice.HistoryFilter{}, paging.Page{Number: 0, Limit: 1_000_000_000}),
		},
		"speeches by everything": {
			request{path: "/admin/speeches?page=3&limit=200&level=C1&type=answer&tag_id=" + tagID.String() + "&search=name%20%27%3B--%3Cb%3E&sort=-level", token: adminToken},
			call{"Speeches", []any{catalog.SpeechQuery{Level: "C1", Type: catalog.Answer, TagID: &tagID, Search: "name ';--<b>", Order: catalog.HardestFirst}, paging.Page{Number: 3, Limit: 200}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sessions, w.speeches, w.total = nil, nil, 0
			if got := w.do(t, tc.in); got.status != 200 {
				t.Fatalf("status = %d: %s", got.status, got.body)
			}
			if diff := cmp.Diff([]call{tc.want}, w.calls, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHead answers like GET, without the body.
func TestHead(t *testing.T) {
	server := newTestServer(t, newWorld(t).handler)
	for _, path := range []string{"/api/v1/tags", "/healthz", "/readyz"} {
		req, err := http.NewRequestWithContext(t.Context(), head, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 200 || res.ContentLength <= 0 || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("HEAD %s: status %d, length %d, type %q", path, res.StatusCode, res.ContentLength, res.Header.Get("Content-Type"))
		}
	}
}

// TestOrigin: the audit log learns who asks, from where, and under which id.
func TestOrigin(t *testing.T) {
	w := newWorld(t)
	w.do(t, request{method: del, path: tagPath, token: adminToken, header: map[string]string{"X-Request-ID": "mine-1"}})
	w.do(t, request{method: post, path: "/auth/refresh", body: `{"refresh_token": "r"}`})
	got := []string{
		w.origins[0].Actor, w.origins[0].RequestID, w.origins[0].Address,
		w.origins[1].Actor, w.origins[1].RequestID, w.origins[1].Address,
	}
	want := []string{"user:" + adminID.String(), "mine-1", "192.0.2.1", "anonymous", "request-1", "192.0.2.1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

func TestImportAnswers(t *testing.T) {
	csv := request{method: post, path: "/admin/import/csv", token: adminToken}
	report := importing.Report{
		BatchID: batchID, SuccessCount: 98, UnchangedCount: 3, ErrorCount: 1,
		Created:  []importing.CreatedSpeech{{Row: 1, SpeechID: speechID, Text: "What is your name?"}},
		Warnings: []importing.RowWarning{{Row: 1, Line: 2, Code: "quiet", Message: "It is quiet"}},
		Errors:   []importing.RowError{{Row: 15, Line: 17, Field: "level", Message: "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}},
	}
	t.Run("what was imported", func(t *testing.T) {
		w := newWorld(t)
		w.report = report
		got := w.do(t, withForm(t, csv, csvForm()))
		if got.status != 200 {
			t.Fatalf("status = %d: %s", got.status, got.body)
		}
		sameJSON(t, got.body, `{"batch_id": "00000000-0000-7000-8000-000000000006", "success_count": 98, "unchanged_count": 3, "error_count": 1,
			"created_speeches": [{"row": 1, "speech_id": "00000000-0000-7000-8000-000000000003", "text": "What is your name?"}],
			"errors": [{"row": 15, "line": 17, "field": "level", "error": "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}],
			"warnings": [{"row": 1, "line": 2, "code": "quiet", "warning": "It is quiet"}]}`)
	})
	t.Run("nothing in it", func(t *testing.T) {
		w := newWorld(t)
		w.report = importing.Report{BatchID: batchID}
		sameJSON(t, w.do(t, withForm(t, csv, csvForm())).body, `{"batch_id": "00000000-0000-7000-8000-000000000006", "success_count": 0,
			"unchanged_count": 0, "error_count": 0, "created_speeches": [], "errors": [], "warnings": []}`)
	})
	t.Run("a rejected import is a problem with the rows beside it", func(t *testing.T) {
		w := newWorld(t)
		w.err = rejected(importing.Report{ErrorCount: 1, Errors: report.Errors})
		got := w.do(t, withForm(t, csv, csvForm()))
		if got.status != 422 {
			t.Fatalf("status = %d: %s", got.status, got.body)
		}
		sameJSON(t, got.body, `{"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "import_rejected", "request_id": "request-1",
			"detail": "1 of 2 rows are invalid; nothing was imported", "success_count": 0, "error_count": 1, "created_speeches": [],
			"errors": [{"row": 15, "line": 17, "field": "level", "error": "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}]}`)
	})
}
