package httpapi

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// body is a JSON object to send.
type body = map[string]any

// play is a game of the speeches, all answered rightly.
func play(mode string, speeches ...string) body {
	results := make([]body, len(speeches))
	for i, id := range speeches {
		results[i] = body{
			"speech_id": id, "sequence_number": i + 1, "user_response": "correct",
			"pronunciation_score": nil, "recognized_text": nil, "response_time_ms": 1500,
		}
	}
	return body{
		"mode": mode, "level": "A1", "sentence_type": "question", "selected_tags": []string{},
		"total_sentences": len(speeches), "correct_count": len(speeches), "max_streak": len(speeches),
		"avg_pronunciation_score": nil, "duration_seconds": 60,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:01:00Z", "results": results,
	}
}

// with is b with one member changed.
func (h *house) with(b body, name string, value any) body {
	changed := maps.Clone(b)
	changed[name] = value
	return changed
}

// lesson imports two questions and an answer and returns the ids of the speeches in that order, and of the tag.
func (h *house) lesson(admin string) (speeches []string, tag string) {
	h.tb.Helper()
	report := h.uploadAndImport(admin,
		`a.wav,What is your name?,A1,question,"Basics"`, `b.wav,Where do you live?,A1,question,"Basics,Home"`, `c.wav,I live here.,A1,answer,Basics`)
	for _, created := range report["created_speeches"].([]any) {
		speeches = append(speeches, created.(body)["speech_id"].(string))
	}
	for _, t := range h.json(200, get, "/tags", "", nil)["tags"].([]any) {
		if t.(body)["name"] == "Basics" {
			tag = t.(body)["id"].(string)
		}
	}
	return speeches, tag
}

// TestGame is what the product is for: an editor brings content, a learner plays it, and looks back.
func TestGame(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		learner, _ := h.learner("user@example.com")
		speeches, tag := h.lesson(admin)

		drawn := h.json(200, post, "/game/speeches/random", learner, body{"level": "A1", "type": "question", "tags": []string{tag}})["speeches"].([]any)
		if len(drawn) != 2 {
			t.Fatalf("drew %d questions, want 2", len(drawn))
		}
		first := drawn[0].(body)
		recording := h.send(200, request{path: h.path(first["audio_url"])})
		part := h.send(206, request{path: h.path(first["audio_url"]), header: map[string]string{"Range": "bytes=0-3"}})
		if part.body != "RIFF" || recording.header.Get("Content-Type") != "audio/wav" {
			t.Errorf("the recording begins with %q and has the type %q", part.body, recording.header.Get("Content-Type"))
		}
		h.send(403, request{path: h.path(first["audio_url"]) + "x"})

		game := h.with(play("listen_only", speeches[0], speeches[1]), "selected_tags", []string{tag})
		id := h.json(201, post, "/game/sessions", learner, game)["session_id"].(string)
		history := h.json(200, get, "/game/sessions?mode=listen_only&level=A1&from_date=2025-12-10&to_date=2025-12-10", learner, nil)
		if got := history["sessions"].([]any); len(got) != 1 || got[0].(body)["id"] != id {
			t.Errorf("history: %v", history)
		}

		h.json(204, del, "/admin/speeches/"+speeches[0], admin, nil)
		h.json(404, get, "/admin/speeches/"+speeches[0], admin, nil)
		detail := h.json(200, get, "/game/sessions/"+id, learner, nil)
		results := detail["results"].([]any)
		played := results[0].(body)["speech"].(body)
		if played["id"] != speeches[0] || played["text"] != "What is your name?" {
			t.Errorf("a deleted speech is gone from the detail: %v", played)
		}
		h.send(200, request{path: h.path(played["audio_url"])})
		if diff := cmp.Diff([]any{"Basics"}, detail["selected_tags"]); diff != "" {
			t.Errorf("selected_tags (-want +got):\n%s", diff)
		}

		stranger, _ := h.learner("other@example.com")
		h.json(403, get, "/game/sessions/"+id, stranger, nil)
		h.json(404, get, "/game/sessions/"+newUUID(), learner, nil)
		if got := h.json(200, get, "/game/sessions", stranger, nil)["sessions"]; len(got.([]any)) != 0 {
			t.Errorf("a stranger sees %v", got)
		}
	})
}

// TestAccountStory: every way in and out.
func TestAccountStory(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		access, refresh := h.learner("User@Example.com")
		me := h.json(200, get, "/users/me", access, nil)
		if me["email"] != "user@example.com" || me["auth_provider"] != "email" || me["avatar_url"] != nil {
			t.Errorf("profile: %v", me)
		}
		h.json(409, post, "/auth/register", "", body{"email": "USER@example.com", "password": "SecurePass123", "name": "B"})
		wrong := h.json(401, post, "/auth/login", "", body{"email": "user@example.com", "password": "WrongPass123"})
		unknown := h.json(401, post, "/auth/login", "", body{"email": "nobody@example.com", "password": "WrongPass123"})
		delete(wrong, "request_id")
		delete(unknown, "request_id")
		if diff := cmp.Diff(wrong, unknown); diff != "" {
			t.Errorf("an unknown address shows (-wrong password +unknown address):\n%s", diff)
		}

		h.json(200, put, "/users/me", access, body{"name": "<b>'; DROP TABLE users;--", "avatar_url": "https://a.example/a.png"})
		changed := h.json(200, put, "/users/me", access, body{"avatar_url": nil})
		if changed["name"] != "<b>'; DROP TABLE users;--" || changed["avatar_url"] != nil {
			t.Errorf("changed profile: %v", changed)
		}

		renewed := h.json(200, post, "/auth/refresh", "", body{"refresh_token": refresh})["access_token"].(string)
		h.json(200, get, "/users/me", renewed, nil)
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": access})
		h.json(401, get, "/users/me", refresh, nil)
		h.json(204, post, "/auth/logout", "", body{"refresh_token": refresh})
		h.json(204, post, "/auth/logout", "", body{"refresh_token": refresh})
		h.json(401, post, "/auth/logout", "", body{"refresh_token": "garbage"})
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": refresh})

		second := h.json(200, post, "/auth/login", "", body{"email": "user@example.com", "password": "SecurePass123"})["refresh_token"]
		h.json(204, post, "/auth/logout", access, body{"all": true})
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": second})

		h.json(204, del, "/users/me", access, nil)
		gone := h.json(401, get, "/users/me", access, nil)
		if gone["code"] != "account_gone" {
			t.Errorf("after deletion: %v", gone)
		}
	})
}

// TestRoles: an administrator who is demoted is none, with the same token.
func TestRoles(t *testing.T) {
	h := newHouse(t, sqltest.SQLite(t))
	admin := h.admin()
	h.json(200, get, "/admin/tags", admin, nil)
	user, err := h.accounts.FindUser(t.Context(), "admin@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.accounts.SetRole(t.Context(), user.ID, account.Learner); err != nil {
		t.Fatal(err)
	}
	if got := h.json(403, get, "/admin/tags", admin, nil)["code"]; got != "admin_required" {
		t.Errorf("code = %v", got)
	}
}

// TestEditor: what an administrator writes is what comes back, as text, and what is not named stays.
func TestEditor(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		const text = `<img src=x onerror=alert(1)> Robert'); DROP TABLE speeches;-- "%s" Đặng 😀`
		tag := h.json(201, post, "/admin/tags", admin, body{"name": `<b>'; DROP--</b>`, "category": `"topic"`})
		created := h.json(201, post, "/admin/speeches", admin, body{
			"audio_url": "https://elsewhere.example/a.mp3?x=1&y=<2>", "text": text, "level": "B1", "tag_ids": []any{tag["id"]},
		})
		shown := h.json(200, get, "/admin/speeches/"+created["id"].(string), admin, nil)
		if diff := cmp.Diff(created, shown); diff != "" {
			t.Errorf("what was answered is not what is there (-answered +shown):\n%s", diff)
		}
		if shown["text"] != text || shown["type"] != "answer" || shown["audio_url"] != "https://elsewhere.example/a.mp3?x=1&y=<2>" {
			t.Errorf("came back differently: %v", shown)
		}
		found := h.json(200, get, "/admin/speeches?search=robert%20drop&level=B1&type=answer&tag_id="+tag["id"].(string), admin, nil)
		if n := found["pagination"].(body)["total"]; n != 1.0 {
			t.Errorf("found %v speeches, want 1", n)
		}
		updated := h.json(200, put, "/admin/speeches/"+created["id"].(string), admin, body{"tag_ids": []string{}})
		if updated["text"] != text || len(updated["tags"].([]any)) != 0 {
			t.Errorf("updated: %v", updated)
		}
		renamed := h.json(200, put, "/admin/tags/"+tag["id"].(string), admin, body{"category": nil})
		if renamed["name"] != `<b>'; DROP--</b>` || renamed["category"] != nil || renamed["speech_count"] != 0.0 {
			t.Errorf("renamed: %v", renamed)
		}
		h.json(204, del, "/admin/tags/"+tag["id"].(string), admin, nil)
		if got := h.json(200, get, "/tags", "", nil)["tags"]; len(got.([]any)) != 0 {
			t.Errorf("the deleted tag is still listed: %v", got)
		}
		if got := h.rows()["audit_log"]; got < 6 {
			t.Errorf("%d lines in the audit log, want one for each change", got)
		}
	})
}

// TestImportStory: rows that are wrong change nothing, and are all named.
func TestImportStory(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		learner, _ := h.learner("user@example.com")
		audioPost, csvPost := request{method: post, path: "/admin/import/audio", token: admin}, request{method: post, path: "/admin/import/csv", token: admin}
		h.send(403, withForm(t, request{method: post, path: "/admin/import/audio", token: learner}, []formPart{{"files", "a.wav", wav("a")}}))

		before := h.rows()
		h.send(400, withForm(t, audioPost, []formPart{{"files", "a.wav", wav("a")}, {"files", "b.mp3", "no audio at all"}}))
		h.send(413, withForm(t, audioPost, []formPart{{"files", "a.wav", wav("a")}, {"files", "b.wav", wav(string(make([]byte, 1<<20+1)))}}))
		cutOff := withForm(t, audioPost, []formPart{{"files", "a.wav", wav("a")}, {"files", "b.wav", wav("b")}})
		cutOff.body = cutOff.body[:len(cutOff.body)-60]
		h.send(400, cutOff)
		if diff := cmp.Diff(before, h.rows()); diff != "" {
			t.Errorf("a failed upload has left something (-before +after):\n%s", diff)
		}

		uploaded := decodeJSON(t, h.send(200, withForm(t, audioPost, []formPart{{"files", "a.wav", wav("a")}, {"files", "a.wav", wav("b")}})).body).(body)
		files := uploaded["uploaded_files"].([]any)
		if names := []any{files[0].(body)["original_filename"], files[1].(body)["original_filename"]}; !slices.Equal(names, []any{"a.wav", "a.wav"}) {
			t.Errorf("original names: %v", names)
		}
		if names := []any{files[0].(body)["filename"], files[1].(body)["filename"]}; !slices.Equal(names, []any{"a.wav", "a_1.wav"}) {
			t.Errorf("names for the CSV: %v", names)
		}
		h.send(200, request{path: h.path(files[1].(body)["storage_url"])})

		session := uploaded["upload_session_id"].(string)
		form := func(csv string, more ...formPart) []formPart {
			return append([]formPart{{"file", "l.csv", csv}, {"upload_session_id", "", session}}, more...)
		}
		const header = "audio_filename,text,level,type,tags\n"
		before = h.rows()
		h.send(400, withForm(t, csvPost, form("nonsense")))
		h.send(400, withForm(t, csvPost, form(header+"a.wav,T,A1,question,\n", formPart{"on_error", "", "dance"})))
		h.send(404, withForm(t, csvPost, []formPart{{"file", "l.csv", header + "a.wav,T,A1,,\n"}, {"upload_session_id", "", newUUID()}}))
		bad := decodeJSON(t, h.send(422, withForm(t, csvPost, form(header+"a.wav,T,A1,question,\nmissing.wav,,D1,shout,\n"))).body).(body)
		if bad["success_count"] != 0.0 || bad["error_count"] != 1.0 || len(bad["errors"].([]any)) != 4 || bad["code"] != "import_rejected" {
			t.Errorf("rejected: %v", bad)
		}
		if diff := cmp.Diff(before, h.rows()); diff != "" {
			t.Errorf("a rejected import has changed something (-before +after):\n%s", diff)
		}
		done := decodeJSON(t, h.send(200, withForm(t, csvPost, form(header+"a.wav,T,A1,question,New\nmissing.wav,,D1,shout,\n", formPart{"on_error", "", "skip"}))).body).(body)
		if done["success_count"] != 1.0 || done["error_count"] != 1.0 || uuid.Validate(done["batch_id"].(string)) != nil {
			t.Errorf("skipping import: %v", done)
		}
	})
}
