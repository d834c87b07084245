package httpapi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestEditorStory: an editor brings a sentence with its recording, tidies tags up, and takes all of it away.
func TestEditorStory(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		applied := h.json(200, post, "/admin/tags/batch", admin, body{"tags": []body{{"name": "Food", "category": "topic"}, {"name": "Meals"}}})
		if diff := cmp.Diff(body{"created": 2.0, "updated": 0.0, "unchanged": 0.0}, applied); diff != "" {
			t.Errorf("the tags (-want +got):\n%s", diff)
		}
		tags := map[string]string{}
		for _, tag := range h.json(200, get, "/admin/tags", admin, nil)["tags"].([]any) {
			tags[tag.(body)["name"].(string)] = tag.(body)["id"].(string)
		}

		form := func(status int, method, path string, parts ...formPart) body {
			t.Helper()
			return decodeJSON(t, h.send(status, withForm(t, request{method: method, path: path, token: admin}, parts)).body).(body)
		}
		made := form(201, post, "/admin/speeches", formPart{"audio", "soup.wav", wav("soup")}, formPart{"text", "", "Is there any soup?"},
			formPart{"level", "", "A1"}, formPart{"type", "", "question"}, formPart{"tag_ids", "", tags["Food"]})
		key, _ := made["audio_key"].(string)
		if !strings.HasPrefix(key, "audio/A1/") || len(made["audio_sha256"].(string)) != 64 || made["batch_id"] != nil {
			t.Errorf("the speech is %v", made)
		}
		h.send(200, request{path: h.path(made["audio_url"])})
		h.json(201, post, "/admin/speeches", admin, body{"audio_url": "https://media.example.com/x.mp3", "text": "Elsewhere.", "level": "B1"})

		merged := h.json(200, post, "/admin/tags/"+tags["Food"]+"/merge", admin, body{"into": tags["Meals"]})
		if diff := cmp.Diff(body{"gained": 1.0}, merged); diff != "" {
			t.Errorf("the merge (-want +got):\n%s", diff)
		}
		exported := h.json(200, get, "/admin/speeches/export", admin, nil)
		row, left := exported["speeches"].([]any)[0].(body), exported["left_out"].([]any)
		if row["file_name"] != "a1-question-is-there-any-soup.wav" || row["id"] != made["id"] || len(left) != 1 || left[0].(body)["audio_key"] != nil {
			t.Errorf("the export is %v", exported)
		}

		path := "/admin/speeches/" + made["id"].(string)
		changed := form(200, put, path, formPart{"audio", "tea.wav", wav("tea")}, formPart{"tag_ids", "", ""})
		if changed["audio_key"] == key || len(changed["tags"].([]any)) != 0 || changed["text"] != made["text"] {
			t.Errorf("the changed speech is %v", changed)
		}
		recordings := h.json(200, get, path+"/recordings", admin, nil)["recordings"].([]any)
		if len(recordings) != 2 || recordings[1].(body)["state"] != "kept" || recordings[1].(body)["version"] != key {
			t.Errorf("the recordings are %v", recordings)
		}
		h.send(200, request{path: h.path(recordings[1].(body)["audio_url"])})
		for version, status := range map[string]int{"": 404, "none": 404, changed["audio_key"].(string): 409} {
			h.json(status, post, path+"/recordings/restore", admin, body{"version": version})
		}
		if again := h.json(200, post, path+"/recordings/restore", admin, body{"version": key}); again["audio_key"] != key || again["audio_sha256"] != made["audio_sha256"] {
			t.Errorf("after the first one was brought back the speech is %v", again)
		}
		h.json(404, get, "/admin/speeches/"+newUUID()+"/recordings", admin, nil)
		before := h.rows()
		for name, part := range map[string]formPart{
			"empty": {"audio", "a.wav", ""}, "a page": {"audio", "a.wav", "<!DOCTYPE html>"},
			"too large": {"audio", "a.wav", wav("x") + strings.Repeat("x", catalog.MaxRecordingBytes)},
		} {
			refused := form(400, put, path, part, formPart{"level", "", "D1"})
			fields := list(refused["errors"].([]any), func(f any) any { return f.(body)["field"] })
			if diff := cmp.Diff([]any{"level", "audio"}, fields); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(before, h.rows()); diff != "" {
			t.Errorf("rows have changed (-before +after):\n%s", diff)
		}
		stats := h.json(200, get, "/admin/stats", admin, nil)
		if diff := cmp.Diff([]any{2.0, 1.0, 1.0, 0.0}, []any{stats["speeches"], stats["tags"], stats["admins"], stats["sessions"]}); diff != "" {
			t.Errorf("the statistics (-want +got):\n%s", diff)
		}
	})
}

// TestOperatorStory: an account is made, promoted, signed out, given another password and deleted.
func TestOperatorStory(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		made := h.json(201, post, "/admin/users", admin, body{"email": "Bea@example.com", "password": "SecurePass123", "name": "Bea"})
		if made["role"] != "learner" || made["email"] != "bea@example.com" {
			t.Errorf("the user is %v", made)
		}
		path := "/admin/users/" + made["id"].(string)
		found := h.json(200, get, "/admin/users?email=BEA@example.com", admin, nil)["users"].([]any)
		if diff := cmp.Diff([]any{any(made)}, found); diff != "" {
			t.Errorf("by address (-want +got):\n%s", diff)
		}
		login := func(password string, status int) body {
			t.Helper()
			return h.json(status, post, "/auth/login", "", body{"email": "bea@example.com", "password": password})
		}
		bea := login("SecurePass123", 200)
		h.json(403, get, path, bea["access_token"].(string), nil)
		h.json(200, put, path+"/role", admin, body{"role": "admin"})
		if shown := h.json(200, get, path, bea["access_token"].(string), nil); shown["role"] != "admin" {
			t.Errorf("Bea sees %v", shown)
		}
		if revoked := h.json(200, post, path+"/revoke", admin, nil); revoked["revoked"] != 1.0 {
			t.Errorf("revoked %v", revoked)
		}
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": bea["refresh_token"]})
		h.json(204, put, path+"/password", admin, body{"password": "OtherPass123"})
		login("SecurePass123", 401)
		login("OtherPass123", 200)
		h.json(204, del, path, admin, nil)
		h.json(404, get, path, admin, nil)
		if none := h.json(200, get, "/admin/users?email=bea@example.com", admin, nil)["users"].([]any); len(none) != 0 {
			t.Errorf("the deleted account is still found: %v", none)
		}
		if actions := h.json(200, get, "/admin/audit?action=user&object_id="+h.opaque("user.delete"), admin, nil)["entries"].([]any); len(actions) != 5 {
			t.Errorf("under the opaque id the audit log has %d entries, want 5: %v", len(actions), actions)
		}
	})
}
