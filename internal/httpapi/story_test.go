package httpapi

import (
	"fmt"
	"maps"
	"slices"
	"sync"
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

// TestRules sends what is well-formed and still wrong, to the real services: the status, the field, and no row changed.
func TestRules(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		learner, _ := h.learner("user@example.com")
		speeches, tag := h.lesson(admin)
		game := play("listen_and_repeat", speeches[0])
		result := func(name string, value any) body {
			changed := h.with(game, "results", []body{h.with(game["results"].([]body)[0], name, value)})
			return changed
		}
		draw := body{"level": "A1", "type": "question", "tags": []string{tag}}
		before := h.rows()
		for _, tc := range []struct {
			name         string
			method, path string
			token        string
			body         body
			status       int
			want         string // a field, or a code where there are none
		}{
			{"password without a digit", post, "/auth/register", "", body{"email": "a@example.com", "password": "SecurePass", "name": "A"}, 400, "password"},
			{"short password", post, "/auth/register", "", body{"email": "a@example.com", "password": "a1", "name": "A"}, 400, "password"},
			{"no address", post, "/auth/register", "", body{"email": "a", "password": "SecurePass123", "name": "A"}, 400, "email"},
			{"NUL in the address", post, "/auth/register", "", body{"email": "a\x00@example.com", "password": "SecurePass123", "name": "A"}, 400, "email"},
			{"NUL in the name", post, "/auth/register", "", body{"email": "a@example.com", "password": "SecurePass123", "name": "A\x00"}, 400, "name"},
			{"empty name", post, "/auth/register", "", body{"email": "a@example.com", "password": "SecurePass123", "name": " "}, 400, "name"},
			{"taken address", post, "/auth/register", "", body{"email": "USER@example.com", "password": "SecurePass123", "name": "A"}, 409, "email_taken"},
			{"NUL in the login", post, "/auth/login", "", body{"email": "a\x00", "password": "\x00"}, 400, "password"},
			{"empty login", post, "/auth/login", "", body{"email": "", "password": ""}, 400, "email"},
			{"SQL in the login", post, "/auth/login", "", body{"email": "' OR 1=1--", "password": "' OR 1=1--"}, 401, "invalid_credentials"},
			{"a token that is none", post, "/auth/refresh", "", body{"refresh_token": "'; DROP TABLE users"}, 401, "invalid_token"},
			{"empty name in the profile", put, "/users/me", learner, body{"name": ""}, 400, "name"},
			{"NUL in the profile", put, "/users/me", learner, body{"name": "a\x00b"}, 400, "name"},
			{"avatar that is a script", put, "/users/me", learner, body{"avatar_url": "javascript:alert(1)"}, 400, "avatar_url"},

			{"no tags", post, "/game/speeches/random", learner, h.with(draw, "tags", []string{}), 400, "tags"},
			{"limit 0", post, "/game/speeches/random", learner, h.with(draw, "limit", 0), 400, "limit"},
			{"limit 51", post, "/game/speeches/random", learner, h.with(draw, "limit", 51), 400, "limit"},
			{"limit 10^9", post, "/game/speeches/random", learner, h.with(draw, "limit", 1_000_000_000), 400, "limit"},
			{"nothing matches", post, "/game/speeches/random", learner, h.with(draw, "level", "C1"), 404, "no_speeches_match"},
			{"an unknown tag", post, "/game/speeches/random", learner, h.with(draw, "tags", []string{newUUID()}), 404, "no_speeches_match"},

			{"more results than sentences", post, "/game/sessions", learner, h.with(game, "total_sentences", 2), 400, "results"},
			{"more right than sentences", post, "/game/sessions", learner, h.with(game, "correct_count", 2), 400, "correct_count"},
			{"streak over right ones", post, "/game/sessions", learner, h.with(game, "correct_count", 0), 400, "max_streak"},
			{"negative count", post, "/game/sessions", learner, h.with(game, "correct_count", -1), 400, "correct_count"},
			{"negative duration", post, "/game/sessions", learner, h.with(game, "duration_seconds", -1), 400, "duration_seconds"},
			{"largest integer", post, "/game/sessions", learner, h.with(game, "duration_seconds", 1<<31-1), 400, "duration_seconds"},
			{"dates reversed", post, "/game/sessions", learner, h.with(game, "completed_at", "2025-12-10T09:00:00Z"), 400, "completed_at"},
			{"year 0", post, "/game/sessions", learner, h.with(game, "started_at", "0000-01-01T00:00:00Z"), 400, "started_at"},
			{"score over 100", post, "/game/sessions", learner, h.with(game, "avg_pronunciation_score", 100.1), 400, "avg_pronunciation_score"},
			{"score in listen_only", post, "/game/sessions", learner, h.with(play("listen_only", speeches[0]), "avg_pronunciation_score", 1), 400, "avg_pronunciation_score"},
			{"sequence from 0", post, "/game/sessions", learner, result("sequence_number", 0), 400, "results[0].sequence_number"},
			{"negative response time", post, "/game/sessions", learner, result("response_time_ms", -1), 400, "results[0].response_time_ms"},
			{"NUL in recognised text", post, "/game/sessions", learner, result("recognized_text", "a\x00b"), 400, "results[0].recognized_text"},
			{"score below 0", post, "/game/sessions", learner, result("pronunciation_score", -1), 400, "results[0].pronunciation_score"},
			{"no sentences", post, "/game/sessions", learner, play("listen_only"), 400, "total_sentences"},
			{"an unknown speech", post, "/game/sessions", learner, play("listen_only", newUUID()), 404, "speech_not_found"},
			{"no sessions", post, "/game/sessions/batch", learner, body{"sessions": []body{}}, 400, "sessions"},
			{"51 sessions", post, "/game/sessions/batch", learner, body{"sessions": slices.Repeat([]body{game}, 51)}, 400, "sessions"},
			{"one bad session of two", post, "/game/sessions/batch", learner, body{"sessions": []body{game, h.with(game, "max_streak", 5)}}, 400, "sessions[1].max_streak"},
			{"one unknown speech of two", post, "/game/sessions/batch", learner, body{"sessions": []body{game, play("listen_only", newUUID())}}, 404, "speech_not_found"},

			{"page 0", get, "/game/sessions?page=0", learner, nil, 400, "page"},
			{"limit 0 of the history", get, "/game/sessions?limit=0", learner, nil, 400, "limit"},
			{"limit 101 of the history", get, "/game/sessions?limit=101", learner, nil, 400, "limit"},
			{"limit 10^9 of the history", get, "/game/sessions?limit=1000000000", learner, nil, 400, "limit"},
			{"from after to", get, "/game/sessions?from_date=2025-12-11&to_date=2025-12-10", learner, nil, 400, "from_date"},
			{"page -1 of the speeches", get, "/admin/speeches?page=-1", admin, nil, 400, "page"},
			{"limit 201 of the speeches", get, "/admin/speeches?limit=201", admin, nil, 400, "limit"},
			{"a search without a word", get, "/admin/speeches?search=%27%25--", admin, nil, 400, "search"},

			{"empty text", post, "/admin/speeches", admin, body{"audio_url": "https://a.example/a.mp3", "text": " ", "level": "A1"}, 400, "text"},
			{"NUL in the text", post, "/admin/speeches", admin, body{"audio_url": "https://a.example/a.mp3", "text": "a\x00b", "level": "A1"}, 400, "text"},
			{"an unknown tag for a speech", post, "/admin/speeches", admin, body{"audio_url": "https://a.example/a.mp3", "text": "T", "level": "A1", "tag_ids": []string{newUUID()}}, 400, "tag_ids"},
			{"a key of nothing", post, "/admin/speeches", admin, body{"audio_url": "../../etc/passwd", "text": "T", "level": "A1"}, 400, "audio_url"},
			{"a speech that is not there", put, "/admin/speeches/" + newUUID(), admin, body{"text": "T"}, 404, "not_found"},
			{"delete what is not there", del, "/admin/speeches/" + newUUID(), admin, nil, 404, "not_found"},
			{"empty text for a speech", put, "/admin/speeches/" + speeches[0], admin, body{"text": ""}, 400, "text"},
			{"NUL in a tag", post, "/admin/tags", admin, body{"name": "a\x00"}, 400, "name"},
			{"a comma in a tag", post, "/admin/tags", admin, body{"name": "a,b"}, 400, "name"},
			{"NUL in a category", post, "/admin/tags", admin, body{"name": "a", "category": "\x00"}, 400, "category"},
			{"a taken tag, in another case", post, "/admin/tags", admin, body{"name": "BASICS"}, 409, "tag_exists"},
			{"a tag in use", del, "/admin/tags/" + tag, admin, nil, 409, "tag_in_use"},
			{"a tag that is not there", put, "/admin/tags/" + newUUID(), admin, body{"name": "a"}, 404, "not_found"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				h.tb = t
				problem := h.json(tc.status, tc.method, tc.path, tc.token, tc.body)
				said := []any{problem["code"]}
				if fields, ok := problem["errors"].([]any); ok {
					said = list(fields, func(f any) any { return f.(body)["field"] })
				}
				if !slices.Contains(said, any(tc.want)) {
					t.Errorf("the problem names %v, want %q: %v", said, tc.want, problem["detail"])
				}
				if diff := cmp.Diff(before, h.rows()); diff != "" {
					t.Errorf("rows have changed (-before +after):\n%s", diff)
				}
			})
		}
	})
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

// TestAtOnce: twenty callers want the same thing.
func TestAtOnce(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		speeches, _ := h.lesson(h.admin())
		count := func(q func(i int) request) map[string]int {
			var mu sync.Mutex
			outcomes := make(map[string]int)
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					got := send(t, h.handler, q(i))
					what := fmt.Sprint(got.status)
					if got.status == 201 {
						if id, ok := decodeJSON(t, got.body).(body)["session_id"].(string); ok {
							what += " " + id
						}
					}
					mu.Lock()
					defer mu.Unlock()
					outcomes[what]++
				})
			}
			wg.Wait()
			return outcomes
		}
		registered := count(func(int) request {
			return request{method: post, path: "/auth/register", body: `{"email": "same@example.com", "password": "SecurePass123", "name": "A"}`}
		})
		if diff := cmp.Diff(map[string]int{"201": 1, "409": 19}, registered); diff != "" {
			t.Errorf("registrations (-want +got):\n%s", diff)
		}

		learner, _ := h.learner("user@example.com")
		game := request{method: post, path: "/game/sessions", token: learner, header: map[string]string{"Idempotency-Key": "k1"}, body: encodeJSON(t, play("listen_only", speeches[0]))}
		if saved := count(func(int) request { return game }); len(saved) != 1 {
			t.Errorf("one key has several answers: %v", saved)
		}
		if n := h.rows()["game_sessions"]; n != 1 {
			t.Errorf("%d sessions are stored, want 1", n)
		}
		game.body = encodeJSON(t, play("listen_only", speeches[1]))
		if got := h.send(409, game).problem(t); got.Code != "idempotency_key_reused" {
			t.Errorf("code = %q", got.Code)
		}
	})
}
