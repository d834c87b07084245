package httpapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

const (
	signedInJSON = `{"user": {"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com", "name": "Nguyen Van A", "avatar_url": null},
		"access_token": "access", "refresh_token": "refresh", "token_type": "Bearer"}`
	speechJSON = `"id": "00000000-0000-7000-8000-000000000003",
		"audio_url": "https://cdn.example.com/audio/A1/s.mp3?expires=1&signature=s", "text": "What is your name?", "level": "A1", "type": "question",
		"tags": [{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense"}]`
	adminSpeechJSON = `{` + speechJSON + `, "created_at": "2025-12-10T10:00:00Z", "updated_at": "2025-12-10T10:00:00Z"}`
	adminTagJSON    = `{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense", "category": "tense", "speech_count": 45, "created_at": "2025-12-10T10:00:00Z"}`

	newSpeechBody = `{"audio_url": "https://storage.example.com/audio/new.mp3", "text": "How are you today?", "level": "A1", "type": "question",
		"tag_ids": ["00000000-0000-7000-8000-000000000004"]}`
	drawBody    = `{"level": "A1", "type": "question", "tags": ["00000000-0000-7000-8000-000000000004"], "limit": 7}`
	sessionBody = `{"mode": "listen_and_repeat", "level": "A1", "sentence_type": "question", "selected_tags": ["00000000-0000-7000-8000-000000000004"],
		"total_sentences": 1, "correct_count": 0, "max_streak": 0, "avg_pronunciation_score": 87.5, "duration_seconds": 300,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T17:05:00+07:00",
		"results": [{"speech_id": "00000000-0000-7000-8000-000000000003", "sequence_number": 1, "user_response": "incorrect",
			"pronunciation_score": 87.5, "recognized_text": "What is", "response_time_ms": 0}]}`

	speechPath  = "/admin/speeches/00000000-0000-7000-8000-000000000003"
	tagPath     = "/admin/tags/00000000-0000-7000-8000-000000000004"
	sessionPath = "/game/sessions/00000000-0000-7000-8000-000000000005"
)

func ptr[T any](v T) *T { return &v }

// draft is what sessionBody means.
func draft() practice.Draft {
	start := time.Date(2025, 12, 10, 10, 0, 0, 0, time.UTC)
	return practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Question, SelectedTags: []uuid.UUID{tagID},
		TotalSentences: 1, AvgPronunciationScore: ptr(87.5), DurationSeconds: 300,
		StartedAt: start, CompletedAt: start.Add(5 * time.Minute),
		Results: []practice.Result{{
			SpeechID: speechID, SequenceNumber: 1, UserResponse: practice.Incorrect,
			PronunciationScore: ptr(87.5), RecognizedText: ptr("What is"),
		}},
	}
}

// TestEndpoints sends what the spec's samples send and expects what they show: names, presence, nulls, zones.
func TestEndpoints(t *testing.T) {
	for _, tc := range []struct {
		name   string
		in     request
		status int
		want   string // JSON; empty for no body
		calls  []call
	}{
		{
			"register answers 201 with the user and the tokens",
			request{method: post, path: "/auth/register", body: `{"email": "user@example.com", "password": "SecurePass123", "name": "Nguyen Van A"}`},
			201, signedInJSON, []call{{"Register", []any{account.Registration{Email: "user@example.com", Password: "SecurePass123", Name: "Nguyen Van A"}}}},
		},
		{
			"login answers 200 with the same",
			request{method: post, path: "/auth/login", body: `{"email": "user@example.com", "password": "SecurePass123"}`},
			200, signedInJSON, []call{{"Login", []any{"user@example.com", "SecurePass123"}}},
		},
		{
			"refresh answers the access token alone",
			request{method: post, path: "/auth/refresh", body: `{"refresh_token": "r"}`},
			200, `{"access_token": "access2", "token_type": "Bearer"}`, []call{{"Refresh", []any{"r"}}},
		},
		{
			"logout ends one token",
			request{method: post, path: "/auth/logout", body: `{"refresh_token": "r"}`},
			204, "", []call{{"Logout", []any{"r"}}},
		},
		{
			"logout with all false is logout of one token",
			request{method: post, path: "/auth/logout", body: `{"all": false, "refresh_token": "r"}`},
			204, "", []call{{"Logout", []any{"r"}}},
		},
		{
			"logout with all ends every token of the caller",
			request{method: post, path: "/auth/logout", token: learnerToken, body: `{"all": true}`},
			204, "", []call{{"LogoutAll", []any{learnerID}}},
		},
		{
			"the profile has what the spec's has",
			request{path: "/users/me", token: adminToken},
			200, `{"id": "00000000-0000-7000-8000-000000000002", "email": "admin@example.com", "name": "Ada",
				"avatar_url": "https://storage.example.com/avatars/a.jpg", "auth_provider": "google", "created_at": "2025-12-10T10:00:00Z"}`,
			[]call{{"Profile", []any{adminID}}},
		},
		{
			"a changed profile has updated_at instead of created_at",
			request{method: put, path: "/users/me", token: learnerToken, body: `{"name": "B", "avatar_url": "https://a.example/b.jpg"}`},
			200, `{"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com", "name": "Nguyen Van A", "avatar_url": null, "updated_at": "2025-12-10T10:00:00Z"}`,
			[]call{{"UpdateProfile", []any{learnerID, account.ProfileChange{Name: ptr("B"), AvatarURL: ptr("https://a.example/b.jpg")}}}},
		},
		{
			"the account is deleted without a body",
			request{method: del, path: "/users/me", token: learnerToken}, 204, "", []call{{"DeleteSelf", []any{learnerID}}},
		},
		{
			"the tags are public, and a tag without a category has null",
			request{path: "/tags"},
			200, `{"tags": [{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense", "category": "tense"},
				{"id": "00000000-0000-7000-8000-000000000009", "name": "Odds & Ends", "category": null}]}`,
			[]call{{"Tags", nil}},
		},
		{
			"drawn speeches come with signed links",
			request{method: post, path: "/game/speeches/random", token: learnerToken, body: drawBody},
			200, `{"speeches": [{` + speechJSON + `}]}`,
			[]call{{"RandomSpeeches", []any{catalog.Draw{Level: "A1", Type: catalog.Question, Tags: []uuid.UUID{tagID}, Limit: 7}}}},
		},
		{
			"ten speeches are drawn where the caller does not say",
			request{method: post, path: "/game/speeches/random", token: adminToken, body: `{"level": "C1", "type": "answer", "tags": []}`},
			200, `{"speeches": [{` + speechJSON + `}]}`,
			[]call{{"RandomSpeeches", []any{catalog.Draw{Level: "C1", Type: catalog.Answer, Tags: []uuid.UUID{}, Limit: 10}}}},
		},
		{
			"a session is saved under its key",
			request{method: post, path: "/game/sessions", token: learnerToken, body: sessionBody, header: map[string]string{"Idempotency-Key": "k1"}},
			201, `{"session_id": "00000000-0000-7000-8000-000000000005", "message": "Session saved successfully"}`,
			[]call{{"Save", []any{learnerID, draft(), "k1"}}},
		},
		{
			"several sessions are saved at once",
			request{method: post, path: "/game/sessions/batch", token: learnerToken, body: `{"sessions": [` + sessionBody + `,` + sessionBody + `]}`},
			201, `{"sessions": [{"session_id": "00000000-0000-7000-8000-000000000005", "message": "Session saved successfully"},
				{"session_id": "00000000-0000-7000-8000-000000000009", "message": "Session saved successfully"}]}`,
			[]call{{"SaveBatch", []any{learnerID, []practice.Draft{draft(), draft()}, ""}}},
		},
		{
			"the history has the spec's fields and a pagination",
			request{path: "/game/sessions", token: learnerToken},
			200, `{"sessions": [{"id": "00000000-0000-7000-8000-000000000005", "mode": "listen_and_repeat", "level": "A1", "sentence_type": "question",
				"total_sentences": 1, "correct_count": 1, "max_streak": 1, "duration_seconds": 300, "completed_at": "2025-12-10T10:05:00Z"}],
				"pagination": {"page": 1, "limit": 20, "total": 45, "total_pages": 3}}`,
			[]call{{"History", []any{learnerID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 20}}}},
		},
		{
			"the detail has tag names, links, and nulls where nothing was scored",
			request{path: sessionPath, token: learnerToken},
			200, `{"id": "00000000-0000-7000-8000-000000000005", "mode": "listen_and_repeat", "level": "A1", "sentence_type": "question",
				"selected_tags": ["Present Tense", "Food"], "total_sentences": 1, "correct_count": 1, "max_streak": 1, "avg_pronunciation_score": 87.5,
				"duration_seconds": 300, "started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:05:00Z",
				"results": [{"sequence_number": 1, "speech": {` + speechJSON + `}, "user_response": "correct",
					"pronunciation_score": null, "recognized_text": null, "response_time_ms": 5000}]}`,
			[]call{{"Detail", []any{learnerID, sessionID}}},
		},
		{
			"administrators see when a speech was made",
			request{path: "/admin/speeches", token: adminToken},
			200, `{"speeches": [` + adminSpeechJSON + `], "pagination": {"page": 1, "limit": 50, "total": 45, "total_pages": 1}}`,
			[]call{{"Speeches", []any{catalog.SpeechQuery{}, paging.Page{Number: 1, Limit: 50}}}},
		},
		{
			"one speech", request{path: speechPath, token: adminToken}, 200, adminSpeechJSON, []call{{"Speech", []any{speechID}}},
		},
		{
			"a new speech answers 201",
			request{method: post, path: "/admin/speeches", token: adminToken, body: newSpeechBody}, 201, adminSpeechJSON,
			[]call{{"CreateSpeech", []any{catalog.NewSpeech{
				AudioURL: "https://storage.example.com/audio/new.mp3", Text: "How are you today?", Level: "A1", Type: catalog.Question, TagIDs: []uuid.UUID{tagID},
			}}}},
		},
		{
			"a new speech needs neither type nor tags",
			request{method: post, path: "/admin/speeches", token: adminToken, body: `{"audio_url": "a.mp3", "text": "T", "level": "B2"}`}, 201, adminSpeechJSON,
			[]call{{"CreateSpeech", []any{catalog.NewSpeech{AudioURL: "a.mp3", Text: "T", Level: "B2"}}}},
		},
		{
			"a changed speech keeps what is not named",
			request{method: put, path: speechPath, token: adminToken, body: `{"text": "T", "tag_ids": []}`}, 200, adminSpeechJSON,
			[]call{{"UpdateSpeech", []any{speechID, catalog.SpeechChange{Text: ptr("T"), TagIDs: &[]uuid.UUID{}}}}},
		},
		{
			"an empty change is no mistake",
			request{method: put, path: speechPath, token: adminToken, body: `{}`}, 200, adminSpeechJSON,
			[]call{{"UpdateSpeech", []any{speechID, catalog.SpeechChange{}}}},
		},
		{
			"a speech is deleted without a body",
			request{method: del, path: speechPath, token: adminToken}, 204, "", []call{{"DeleteSpeech", []any{speechID}}},
		},
		{
			"administrators see how many speeches a tag has",
			request{path: "/admin/tags", token: adminToken},
			200, `{"tags": [` + adminTagJSON + `, {"id": "00000000-0000-7000-8000-000000000009", "name": "Odds & Ends", "category": null, "speech_count": 0, "created_at": "2025-12-10T10:00:00Z"}]}`,
			[]call{{"AllTags", nil}},
		},
		{
			"a new tag answers 201",
			request{method: post, path: "/admin/tags", token: adminToken, body: `{"name": "Past Tense", "category": "tense"}`}, 201, adminTagJSON,
			[]call{{"CreateTag", []any{catalog.NewTag{Name: "Past Tense", Category: "tense"}}}},
		},
		{
			"a new tag's category may be null",
			request{method: post, path: "/admin/tags", token: adminToken, body: `{"name": "Past Tense", "category": null}`}, 201, adminTagJSON,
			[]call{{"CreateTag", []any{catalog.NewTag{Name: "Past Tense"}}}},
		},
		{
			"a tag's category is cleared by null",
			request{method: put, path: tagPath, token: adminToken, body: `{"category": null}`}, 200, adminTagJSON,
			[]call{{"UpdateTag", []any{tagID, catalog.TagChange{Category: ptr("")}}}},
		},
		{
			"a tag is deleted without a body",
			request{method: del, path: tagPath, token: adminToken}, 204, "", []call{{"DeleteTag", []any{tagID}}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, tc.in)
			if got.status != tc.status {
				t.Fatalf("status = %d, want %d: %s", got.status, tc.status, got.body)
			}
			if tc.want == "" && got.body != "" {
				t.Errorf("the answer has a body: %s", got.body)
			}
			if tc.want != "" {
				sameJSON(t, got.body, tc.want)
			}
			if diff := cmp.Diff(tc.calls, w.calls, cmp.Comparer(time.Time.Equal)); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

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
			`{"sessions": [], "pagination": {"page": 9, "limit": 20, "total": 0, "total_pages": 0}}`,
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
			request{path: "/admin/speeches?page=3&limit=200&level=C1&type=answer&tag_id=" + tagID.String() + "&search=name%20%27%3B--%3Cb%3E", token: adminToken},
			call{"Speeches", []any{catalog.SpeechQuery{Level: "C1", Type: catalog.Answer, TagID: &tagID, Search: "name ';--<b>"}, paging.Page{Number: 3, Limit: 200}}},
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
		Created: []importing.CreatedSpeech{{Row: 1, SpeechID: speechID, Text: "What is your name?"}},
		Errors:  []importing.RowError{{Row: 15, Field: "level", Message: "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}},
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
			"errors": [{"row": 15, "field": "level", "error": "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}]}`)
	})
	t.Run("nothing in it", func(t *testing.T) {
		w := newWorld(t)
		w.report = importing.Report{BatchID: batchID}
		sameJSON(t, w.do(t, withForm(t, csv, csvForm())).body, `{"batch_id": "00000000-0000-7000-8000-000000000006", "success_count": 0,
			"unchanged_count": 0, "error_count": 0, "created_speeches": [], "errors": []}`)
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
			"errors": [{"row": 15, "field": "level", "error": "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}]}`)
	})
}
