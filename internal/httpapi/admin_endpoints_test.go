package httpapi

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

const (
	userPath      = "/admin/users/00000000-0000-7000-8000-000000000001"
	adminUserJSON = `{"id": "00000000-0000-7000-8000-000000000001", "email": "user@example.com", "email_verified": false, "name": "Nguyen Van A",
		"avatar_url": null, "auth_provider": "email", "role": "learner", "created_at": "2025-12-10T10:00:00Z", "updated_at": "2025-12-10T10:00:00Z"}`
	otherUserJSON = `{"id": "00000000-0000-7000-8000-000000000002", "email": "admin@example.com", "email_verified": false, "name": "Ada",
		"avatar_url": "https://storage.example.com/avatars/a.jpg", "auth_provider": "google", "role": "admin", "created_at": "2025-12-10T10:00:00Z",
		"updated_at": "2025-12-10T10:00:00Z"}`
)

// TestAdminEndpoints is TestEndpoints for what the specification does not have.
func TestAdminEndpoints(t *testing.T) {
	registration := account.Registration{Email: "a@example.com", Password: "SecurePass123", Name: "A"}
	checkEndpoints(t, []endpointCase{
		{
			"accounts come in pages, without hashes",
			request{path: "/admin/users?page=2&limit=10&role=admin&search=a%25&email=Ada@example.com&auth_provider=google", token: adminToken},
			200, `{"users": [` + otherUserJSON + `,` + adminUserJSON + `], "pagination": {"page": 2, "limit": 10, "total": 45, "total_pages": 5}}`,
			[]call{{"Users", []any{account.UserFilter{Role: account.Admin, Email: "Ada@example.com", Search: "a%", Provider: account.Google}, paging.Page{Number: 2, Limit: 10}}}},
		},
		{
			"which roles there are is the service's business",
			request{path: "/admin/users?role=king", token: adminToken},
			200, `{"users": [` + otherUserJSON + `,` + adminUserJSON + `], "pagination": {"page": 1, "limit": 50, "total": 45, "total_pages": 1}}`,
			[]call{{"Users", []any{account.UserFilter{Role: "king"}, paging.Page{Number: 1, Limit: 50}}}},
		},
		{
			"one account, with the accounts elsewhere that sign in as it",
			request{path: userPath, token: adminToken}, 200, strings.TrimSuffix(adminUserJSON, "}") + `, "identities": [
				{"auth_provider": "apple", "auth_provider_id": "001.ab", "linked_at": "2025-12-10T10:00:00Z"}]}`,
			[]call{{"User", []any{learnerID}}, {"Identities", []any{learnerID}}},
		},
		{
			"a new account answers 201",
			request{method: post, path: "/admin/users", token: adminToken, body: `{"email": "a@example.com", "password": "SecurePass123", "name": "A", "role": "admin"}`},
			201, adminUserJSON, []call{{"CreateUser", []any{account.NewUser{Registration: registration, Role: account.Admin}}}},
		},
		{
			"a new account needs no role",
			request{method: post, path: "/admin/users", token: adminToken, body: `{"email": "a@example.com", "password": "SecurePass123", "name": "A"}`},
			201, adminUserJSON, []call{{"CreateUser", []any{account.NewUser{Registration: registration}}}},
		},
		{
			"a role is given",
			request{method: put, path: userPath + "/role", token: adminToken, body: `{"role": "admin"}`},
			200, adminUserJSON, []call{{"SetRole", []any{learnerID, account.Admin}}},
		},
		{
			"a password is set without a body in the answer",
			request{method: put, path: userPath + "/password", token: adminToken, body: `{"password": "SecurePass123"}`},
			204, "", []call{{"SetPassword", []any{learnerID, "SecurePass123"}}},
		},
		{
			"an account is signed out everywhere, without a body",
			request{method: post, path: userPath + "/revoke", token: adminToken}, 200, `{"revoked": 3}`, []call{{"Revoke", []any{learnerID}}},
		},
		{"an account is deleted", request{method: del, path: userPath, token: adminToken}, 204, "", []call{{"DeleteUser", []any{learnerID}}}},
		{
			"two tags become one",
			request{method: post, path: tagPath + "/merge", token: adminToken, body: `{"into": "00000000-0000-7000-8000-000000000009"}`},
			200, `{"gained": 4}`, []call{{"MergeTags", []any{tagID, otherID}}},
		},
		{
			"many tags at once; a category may be missing or null",
			request{method: post, path: "/admin/tags/batch", token: adminToken, body: `{"tags": [{"name": "N", "category": "c"}, {"name": "M"}, {"name": "L", "category": null}]}`},
			200, `{"created": 1, "updated": 2, "unchanged": 3}`,
			[]call{{"ApplyTags", []any{[]catalog.NewTag{{Name: "N", Category: "c"}, {Name: "M"}, {Name: "L"}}}}},
		},
		{
			"what there is, counted",
			request{path: "/admin/stats", token: adminToken},
			200, `{"speeches": 7, "speeches_by_level_and_type": [{"level": "A1", "type": "question", "speeches": 7}], "tags": 2, "users": 60, "admins": 5,
				"sessions": 800, "sessions_last_7_days": 70}`,
			[]call{{"Count", nil}},
		},
		{
			"a week of the dashboard",
			request{path: "/admin/dashboard?days=7", token: adminToken},
			200, `{"period_days": 7, "from_date": "2025-12-09", "to_date": "2025-12-10", "refreshed_at": "2025-12-10T10:00:00Z", "days_pending": 1,
				"learners_today": 2, "learners_last_7_days": 3, "learners_last_30_days": 4, "new_users": 5, "sessions": 6, "average_duration_seconds": 95.5,
				"days": [{"date": "2025-12-09", "new_users": 0, "learners": 0, "sessions": 0, "average_duration_seconds": null},
					{"date": "2025-12-10", "new_users": 5, "learners": 2, "sessions": 6, "average_duration_seconds": 95.5}],
				"scores": [{"source": "azure", "results": 8, "average_score": 41.5, "results_by_ten": [0, 0, 0, 0, 8, 0, 0, 0, 0, 0]}],
				"speeches_by_level_and_type": [{"level": "A1", "type": "question", "speeches": 7}],
				"hardest": [{"source": "azure", "sentences": [{"speech_id": "00000000-0000-7000-8000-000000000003", "text": "What is your name?", "level": "A1",
					"type": "question", "attempts": 8, "incorrect": 3, "average_score": 41.5}]}],
				"most_incorrect": [{"speech_id": "00000000-0000-7000-8000-000000000003", "text": "What is your name?", "level": "A1", "type": "question",
					"attempts": 8, "incorrect": 3, "average_score": null}],
				"errors_by_endpoint": [{"method": "POST", "route": "/api/v1/speech/score", "requests": 9, "client_errors": 2, "server_errors": 1}]}`,
			[]call{{"Dashboard", []any{7}}},
		},
		{
			"the recordings that a speech has and had, with links to those that have one",
			request{path: speechPath + "/recordings", token: adminToken},
			200, `{"recordings": [
				{"version": "audio/A1/s.mp3", "state": "in_use", "audio_key": "audio/A1/s.mp3", "audio_url": "https://cdn.example.com/audio/A1/s.mp3?expires=1&signature=s",
					"sha256": "` + digest + `", "size_bytes": 25310, "stored_at": "2025-12-10T10:00:00Z", "replaced_at": null},
				{"version": "audio/A1/old.mp3", "state": "kept", "audio_key": "audio/A1/old.mp3", "audio_url": "https://cdn.example.com/audio/A1/old.mp3?expires=1&signature=s",
					"sha256": "` + digest + `", "size_bytes": 24011, "stored_at": "2025-12-10T09:00:00Z", "replaced_at": "2025-12-10T10:00:00Z"},
				{"version": "audio/A1/s.mp3@v1", "state": "removed", "audio_key": "audio/A1/s.mp3", "audio_url": null, "sha256": null, "size_bytes": 3,
					"stored_at": "2025-12-10T10:00:00Z", "replaced_at": null},
				{"version": "audio/A1/gone.mp3", "state": "missing", "audio_key": "audio/A1/gone.mp3", "audio_url": null, "sha256": null, "size_bytes": 0, "stored_at": null, "replaced_at": null}]}`,
			[]call{{"Recordings", []any{speechID}}},
		},
		{
			"an earlier recording comes back",
			request{method: post, path: speechPath + "/recordings/restore", token: adminToken, body: `{"version": "previous"}`},
			200, adminSpeechJSON, []call{{"RestoreRecording", []any{speechID, "previous"}}},
		},
		{
			"a recording is checked against its own text, and nobody is given a score to quote",
			request{method: post, path: speechPath + "/check?language=en-GB&detail=phoneme", token: adminToken},
			200, `{"recognized_text": "", "pronunciation_score": 0, "accuracy_score": null, "fluency_score": null, "completeness_score": null,
				"prosody_score": null, "confidence": null, "word_scores": [], "provider": "", "estimate": false, "score_id": ""}`,
			[]call{
				{"Speech", []any{speechID}}, {"ReadRecording", []any{speechID}},
				{"Score", []any{pronunciation.Recording{Content: []byte("RIFF"), Text: "What is your name?", Language: "en-GB", Phonemes: true}}},
			},
		},
		{
			"an export has file names, and what was left out",
			request{path: "/admin/speeches/export?level=A1&type=question&tag_id=" + tagID.String() + "&search=name", token: adminToken},
			200, `{"speeches": [{"file_name": "a1-question-what-is-your-name.mp3", ` + adminSpeechJSON[1:] + `],
				"left_out": [{"id": "00000000-0000-7000-8000-000000000009",
					"audio_url": "https://cdn.example.com/https://storage.example.com/audio/new.mp3?expires=1&signature=s", "text": "What is your name?",
					"level": "A1", "type": "question", "tags": [{"id": "00000000-0000-7000-8000-000000000004", "name": "Present Tense"}],
					"audio_key": null, "audio_sha256": null, "batch_id": null, "created_at": "2025-12-10T10:00:00Z", "updated_at": "2025-12-10T10:00:00Z"}]}`,
			[]call{{"Export", []any{catalog.SpeechQuery{Level: "A1", Type: catalog.Question, TagID: &tagID, Search: "name"}}}},
		},
	})
}

// TestAudioMembers: administrators see what is stored of a recording.
func TestAudioMembers(t *testing.T) {
	w := newWorld(t)
	w.speeches[0].AudioSHA256, w.speeches[0].BatchID = "abc", &batchID
	got := decodeJSON(t, w.do(t, request{path: speechPath, token: adminToken}).body).(map[string]any)
	want := []any{"audio/A1/s.mp3", "abc", batchID.String()}
	if diff := cmp.Diff(want, []any{got["audio_key"], got["audio_sha256"], got["batch_id"]}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEmptyExport has lists, not null, as have the recordings of a speech that are somebody else's.
func TestEmptyExport(t *testing.T) {
	w := newWorld(t)
	w.speeches = nil
	sameJSON(t, w.do(t, request{path: speechPath + "/recordings", token: adminToken}).body, `{"recordings": []}`)
	sameJSON(t, w.do(t, request{path: "/admin/speeches/export", token: adminToken}).body, `{"speeches": [], "left_out": []}`)
}

// TestPasswordsAreNotLogged, whatever becomes of the request.
func TestPasswordsAreNotLogged(t *testing.T) {
	for _, status := range []int{204, 500} {
		w := newWorld(t)
		if status == 500 {
			w.err = errors.New("the database is down")
		}
		for _, in := range []request{
			{method: put, path: userPath + "/password", body: `{"password": "SecurePass123"}`},
			{method: post, path: "/admin/users", body: `{"email": "a@example.com", "password": "SecurePass123", "name": "A"}`},
			{path: "/admin/users?email=a@example.com"},
		} {
			in.token = adminToken
			w.do(t, in)
		}
		for _, secret := range []string{"SecurePass123", "a@example.com", "a%40example.com", adminToken} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log shows %q:\n%s", secret, w.log)
			}
		}
	}
}

// TestSpeechForms: a form brings the recording itself, with the fields of the JSON form in any order.
func TestSpeechForms(t *testing.T) {
	tags := []uuid.UUID{tagID, otherID}
	level, typ := catalog.Level("D1"), catalog.SentenceType("shout")
	for name, tc := range map[string]struct {
		method, path string
		parts        []formPart
		status       int
		want         call
		heard        []string
	}{
		"a new speech": {
			post, "/admin/speeches",
			[]formPart{
				{"tag_ids", "", tagID.String()}, {"audio", "one.mp3", "AUDIO"}, {"text", "", "Grüße\r\nyou"}, {"level", "", "A1"},
				{"type", "", "question"}, {"tag_ids", "", otherID.String()}, {"x", "", "unknown"},
			},
			201, call{"CreateSpeech", []any{catalog.NewSpeech{Text: "Grüße\r\nyou", Level: "A1", Type: catalog.Question, TagIDs: tags}}}, []string{"AUDIO"},
		},
		"what is missing or wrong is the service's business": {
			post, "/admin/speeches", []formPart{{"audio", "one.mp3", ""}, {"level", "", "D1"}},
			201, call{"CreateSpeech", []any{catalog.NewSpeech{Level: "D1"}}}, []string{""},
		},
		"an address in place of the recording": {
			post, "/admin/speeches", []formPart{{"audio_url", "", "audio/A1/s.mp3"}},
			201, call{"CreateSpeech", []any{catalog.NewSpeech{AudioURL: "audio/A1/s.mp3"}}}, nil,
		},
		"a change of everything": {
			put, speechPath, []formPart{{"audio", "x", "AUDIO"}, {"text", "", ""}, {"level", "", "D1"}, {"type", "", "shout"}, {"tag_ids", "", tagID.String()}},
			200, call{"UpdateSpeech", []any{speechID, catalog.SpeechChange{Text: ptr(""), Level: &level, Type: &typ, TagIDs: &[]uuid.UUID{tagID}}}}, []string{"AUDIO"},
		},
		"an empty tag takes all tags away": {
			put, speechPath, []formPart{{"tag_ids", "", ""}, {"audio_url", "", "audio/A1/s.mp3"}},
			200, call{"UpdateSpeech", []any{speechID, catalog.SpeechChange{AudioURL: ptr("audio/A1/s.mp3"), TagIDs: &[]uuid.UUID{}}}}, nil,
		},
		"a form without a part changes nothing": {put, speechPath, nil, 200, call{"UpdateSpeech", []any{speechID, catalog.SpeechChange{}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, withForm(t, request{method: tc.method, path: tc.path, token: adminToken}, tc.parts))
			if got.status != tc.status {
				t.Fatalf("status = %d, want %d: %s", got.status, tc.status, got.body)
			}
			sameJSON(t, got.body, adminSpeechJSON)
			if diff := cmp.Diff([]call{tc.want}, w.calls); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.heard, w.received); diff != "" {
				t.Errorf("the recordings differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHostileSpeechForms: what no client should send names what is wrong, and no service hears of it.
func TestHostileSpeechForms(t *testing.T) {
	cut := withForm(t, request{}, []formPart{{"audio", "one.mp3", strings.Repeat("A", 5000)}})
	cut.body = cut.body[:2000]
	noParts := withForm(t, request{}, nil)
	noParts.body = `{"text": "T"}`
	form := func(parts ...formPart) request { return withForm(t, request{}, parts) }
	w := newWorld(t)
	for name, tc := range map[string]struct {
		in     request
		status int
		field  string
	}{
		"no boundary":                    {request{header: map[string]string{"Content-Type": "multipart/form-data"}, body: "x"}, 400, "Content-Type"},
		"not what the type promises":     {noParts, 400, "body"},
		"cut off":                        {cut, 400, "audio"},
		"a recording that is no file":    {form(formPart{"audio", "", "A"}), 400, "audio"},
		"two recordings":                 {form(formPart{"audio", "a", "A"}, formPart{"audio", "b", "B"}), 400, "audio"},
		"a recording and an address":     {form(formPart{"audio", "a", "A"}, formPart{"audio_url", "", "https://a.example/a.mp3"}), 400, "audio_url"},
		"a text twice":                   {form(formPart{"text", "", "A"}, formPart{"text", "", "B"}), 400, "text"},
		"a text that is no UTF-8":        {form(formPart{"text", "", "\xff"}), 400, "text"},
		"a level without an end":         {form(formPart{"level", "", strings.Repeat("A", maxSpeechField+1)}), 400, "level"},
		"a tag that is no id":            {form(formPart{"tag_ids", "", "x"}), 400, "tag_ids"},
		"a tag that is far too long":     {form(formPart{"tag_ids", "", strings.Repeat("0", 2000)}), 400, "tag_ids"},
		"more than the recording may be": {form(formPart{"audio", "a", strings.Repeat("A", maxSpeechForm)}), 413, "body"},
	} {
		for _, to := range []request{{method: post, path: "/admin/speeches"}, {method: put, path: speechPath}} {
			t.Run(to.method+" "+name, func(t *testing.T) {
				w.refuses(t, endpoint{method: to.method, path: to.path, token: adminToken}, hostile{tc.in.body, tc.in.header, tc.status, tc.field})
			})
		}
	}
}
