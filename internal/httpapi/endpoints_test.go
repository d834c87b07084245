package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

const (
	signedInJSON = `{"user": {"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com", "name": "Nguyen Van A", "avatar_url": null},
		"access_token": "access", "refresh_token": "refresh", "token_type": "Bearer"}`
	speechJSON = `"id": "00000000-0000-7000-8000-000000000003",
		"audio_url": "https://cdn.example.com/audio/A1/s.mp3?expires=1&signature=s", "text": "What is your name?", "level": "A1", "type": "question",
		"tags": [{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense"}]`
	adminSpeechJSON = `{` + speechJSON + `, "audio_key": "audio/A1/s.mp3", "audio_sha256": null, "batch_id": null,
		"created_at": "2025-12-10T10:00:00Z", "updated_at": "2025-12-10T10:00:00Z"}`
	adminTagJSON = `{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense", "category": "tense", "speech_count": 45, "created_at": "2025-12-10T10:00:00Z"}`

	newSpeechBody = `{"audio_url": "https://storage.example.com/audio/new.mp3", "text": "How are you today?", "level": "A1", "type": "question",
		"tag_ids": ["00000000-0000-7000-8000-000000000004"]}`
	batchJSON = `"batch_id": "00000000-0000-7000-8000-000000000006", "file_name": "lessons.csv", "author": "cli:ada", "on_error": "skip",
		"success_count": 2, "unchanged_count": 1, "error_count": 3, "started_at": "2025-12-10T10:00:00Z"`
	drawBody    = `{"level": "A1", "type": "question", "tags": ["00000000-0000-7000-8000-000000000004"], "limit": 7, "exclude_recent": false}`
	sessionBody = `{"mode": "listen_and_repeat", "level": "A1", "sentence_type": "question", "selected_tags": ["00000000-0000-7000-8000-000000000004"],
		"total_sentences": 1, "correct_count": 0, "max_streak": 0, "avg_pronunciation_score": 87.5, "duration_seconds": 300,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T17:05:00+07:00",
		"results": [{"speech_id": "00000000-0000-7000-8000-000000000003", "sequence_number": 1, "user_response": "incorrect",
			"pronunciation_score": 87.5, "recognized_text": "What is", "response_time_ms": 0}]}`

	speechPath  = "/admin/speeches/00000000-0000-7000-8000-000000000003"
	tagPath     = "/admin/tags/00000000-0000-7000-8000-000000000004"
	batchPath   = "/admin/imports/00000000-0000-7000-8000-000000000006"
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

// quotingBody is sessionBody with a score_id.
var quotingBody = strings.Replace(sessionBody, `"response_time_ms": 0`, `"response_time_ms": 0, "score_id": "i.s"`, 1)

func quotingDraft() practice.Draft {
	d := draft()
	d.Results[0].QuotedScore = "i.s"
	return d
}

// TestEndpoints sends what the spec's samples send and expects what they show: names, presence, nulls, zones.
func TestEndpoints(t *testing.T) {
	checkEndpoints(t, []endpointCase{
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
			"social answers 200 with the same",
			request{method: post, path: "/auth/social", body: `{"provider": "google", "token": "oauth_token_from_provider", "name": "Nguyen Van A"}`},
			200, signedInJSON, []call{{"SocialLogin", []any{account.SocialLogin{Provider: "google", Token: "oauth_token_from_provider", Name: "Nguyen Van A"}}}},
		},
		{
			"social takes a nonce, and null for no name",
			request{method: post, path: "/auth/social", body: `{"provider": "apple", "token": "t", "name": null, "nonce": "n-1"}`},
			200, signedInJSON, []call{{"SocialLogin", []any{account.SocialLogin{Provider: "apple", Token: "t", Nonce: "n-1"}}}},
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
			"a forgotten password is 202 without a body",
			request{method: post, path: "/auth/password/forgot", body: `{"email": "user@example.com"}`},
			202, "", []call{{"ForgotPassword", []any{"user@example.com"}}},
		},
		{
			"a new password is 204",
			request{method: post, path: "/auth/password/reset", body: `{"token": "t", "password": "SecurePass123"}`},
			204, "", []call{{"ResetPassword", []any{"t", "SecurePass123"}}},
		},
		{
			"a proven address is 204",
			request{method: post, path: "/auth/email/verify", body: `{"token": "t"}`},
			204, "", []call{{"VerifyEmail", []any{"t"}}},
		},
		{
			"another mail to prove it takes no body",
			request{method: post, path: "/auth/email/verification", token: learnerToken},
			202, "", []call{{"RequestVerification", []any{learnerID}}},
		},
		{
			"the profile has what the spec's has, and whether the address is proven",
			request{path: "/users/me", token: adminToken},
			200, `{"id": "00000000-0000-7000-8000-000000000002", "email": "admin@example.com", "name": "Ada",
				"avatar_url": "https://storage.example.com/avatars/a.jpg", "email_verified": false, "auth_provider": "google", "created_at": "2025-12-10T10:00:00Z"}`,
			[]call{{"Profile", []any{adminID}}},
		},
		{
			"a changed profile has updated_at instead of created_at",
			request{method: put, path: "/users/me", token: learnerToken, body: `{"name": "B", "avatar_url": "https://a.example/b.jpg"}`},
			200, `{"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com", "name": "Nguyen Van A", "avatar_url": null, "updated_at": "2025-12-10T10:00:00Z"}`,
			[]call{{"UpdateProfile", []any{learnerID, account.ProfileChange{Name: ptr("B"), AvatarURL: ptr("https://a.example/b.jpg")}}}},
		},
		{
			"the export has the profile, the identities and no sessions where there are none",
			request{path: "/users/me/export", token: learnerToken},
			200, `{"exported_at": "2025-12-10T10:00:00Z", "profile": {"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com",
				"email_verified": false, "name": "Nguyen Van A", "avatar_url": null, "auth_provider": "email", "role": "learner",
				"created_at": "2025-12-10T10:00:00Z", "updated_at": "2025-12-10T10:00:00Z"},
				"identities": [{"auth_provider": "apple", "auth_provider_id": "001.ab", "linked_at": "2025-12-10T10:00:00Z"}], "sessions": []}`,
			[]call{{"Profile", []any{learnerID}}, {"Identities", []any{learnerID}}, {"ExportSessions", []any{learnerID}}},
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
			[]call{{"RandomSpeeches", []any{catalog.Draw{Level: "A1", Type: catalog.Question, Tags: []uuid.UUID{tagID}, Limit: 7, Learner: learnerID}}}},
		},
		{
			"ten speeches are drawn where the caller does not say, none of them lately got",
			request{method: post, path: "/game/speeches/random", token: adminToken, body: `{"level": "C1", "type": "answer", "tags": [], "exclude_recent": true}`},
			200, `{"speeches": [{` + speechJSON + `}]}`,
			[]call{{"RandomSpeeches", []any{catalog.Draw{Level: "C1", Type: catalog.Answer, Tags: []uuid.UUID{}, Limit: 10, Learner: adminID, ExcludeRecent: true}}}},
		},
		{
			"a session is saved under its key",
			request{method: post, path: "/game/sessions", token: learnerToken, body: sessionBody, header: map[string]string{"Idempotency-Key": "k1"}},
			201, `{"session_id": "00000000-0000-7000-8000-000000000005", "message": "Session saved successfully"}`,
			[]call{{"Save", []any{learnerID, draft(), "k1"}}},
		},
		{
			"a session may quote a score",
			request{method: post, path: "/game/sessions", token: learnerToken, body: quotingBody},
			201, `{"session_id": "00000000-0000-7000-8000-000000000005", "message": "Session saved successfully"}`,
			[]call{{"Save", []any{learnerID, quotingDraft(), ""}}},
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
				"pagination": {"page": 1, "limit": 20, "total": 45, "total_pages": 3, "next_cursor": null}}`,
			[]call{{"History", []any{learnerID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 20}}}},
		},
		{
			"the detail has tag names, links, and nulls where nothing was scored",
			request{path: sessionPath, token: learnerToken},
			200, `{"id": "00000000-0000-7000-8000-000000000005", "mode": "listen_and_repeat", "level": "A1", "sentence_type": "question",
				"selected_tags": ["Present Tense", "Food"], "total_sentences": 1, "correct_count": 1, "max_streak": 1, "avg_pronunciation_score": 87.5,
				"duration_seconds": 300, "started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:05:00Z",
				"results": [{"sequence_number": 1, "speech": {` + speechJSON + `}, "user_response": "correct",
					"pronunciation_score": null, "recognized_text": null, "response_time_ms": 5000, "score_source": null}]}`,
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
		{
			"the audit log comes in pages; the command line has no request",
			request{path: "/admin/audit?page=2&limit=10&actor=user:1&action=tag&object_id=7&from_date=2025-12-10&to_date=2025-12-10", token: adminToken},
			200, `{"entries": [
				{"id": "00000000-0000-7000-8000-000000000009", "at": "2025-12-10T10:00:00Z", "actor": "user:1", "action": "tag.update",
					"object_id": "00000000-0000-7000-8000-000000000004", "changes": {"name": {"before": "Food", "after": "<Meals>"}},
					"request_id": "r-1", "address": "::1"},
				{"id": "00000000-0000-7000-8000-000000000009", "at": "2025-12-10T10:00:00Z", "actor": "cli:ada", "action": "user.revoke",
					"object_id": "1", "changes": {}, "request_id": null, "address": null}],
				"pagination": {"page": 2, "limit": 10, "total": 45, "total_pages": 5}}`,
			[]call{{"Entries", []any{
				audit.Query{
					Actor: "user:1", Action: "tag", ObjectID: "7", From: time.Date(2025, 12, 10, 0, 0, 0, 0, time.UTC),
					To: time.Date(2025, 12, 10, 23, 59, 59, 999999000, time.UTC),
				},
				paging.Page{Number: 2, Limit: 10},
			}}},
		},
		{
			"imports come in pages; one that runs has no end",
			request{path: "/admin/imports?page=2&limit=10", token: adminToken},
			200, `{"imports": [{` + batchJSON + `, "state": "running", "finished_at": null}],
				"pagination": {"page": 2, "limit": 10, "total": 45, "total_pages": 5}}`,
			[]call{{"Batches", []any{paging.Page{Number: 2, Limit: 10}}}},
		},
		{
			"an import shows its rows; one that made no speech has no text",
			request{path: batchPath, token: adminToken},
			200, `{` + batchJSON + `, "state": "done", "finished_at": "2025-12-10T10:00:01Z", "rows": [
				{"row": 1, "speech_id": "00000000-0000-7000-8000-000000000003", "outcome": "created", "text": "Hi & bye", "deleted": true},
				{"row": 3, "speech_id": "00000000-0000-7000-8000-000000000009", "outcome": "planned", "text": null, "deleted": false}]}`,
			[]call{{"Batch", []any{batchID}}},
		},
		{
			"an import is undone without a body; nothing kept is an empty list",
			request{method: post, path: batchPath + "/undo", token: adminToken}, 200, `{"removed": 2, "kept": []}`, []call{{"Undo", []any{batchID}}},
		},
	})
}

type endpointCase struct {
	name   string
	in     request
	status int
	want   string // JSON; empty for no body
	calls  []call
}

func checkEndpoints(t *testing.T, cases []endpointCase) {
	t.Helper()
	for _, tc := range cases {
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
