package httpapi

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

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
			{"a level that is none", get, "/admin/speeches?level=D1", admin, nil, 400, "level"},
			{"a level in small letters", get, "/admin/speeches?level=a1", admin, nil, 400, "level"},
			{"SQL for a level", get, "/admin/speeches?level=A1%27%20OR%201=1", admin, nil, 400, "level"},
			{"a type that is none", get, "/admin/speeches?level=D1&type=shout", admin, nil, 400, "type"},
			{"an order that is none", get, "/admin/speeches?sort=text", admin, nil, 400, "sort"},
			{"an empty order", get, "/admin/speeches?sort=", admin, nil, 400, "sort"},
			{"SQL for an order", get, "/admin/speeches?sort=level%20DESC%3B--", admin, nil, 400, "sort"},
			{"a provider that is none", get, "/admin/users?auth_provider=github", admin, nil, 400, "auth_provider"},
			{"level and limit at once", get, "/admin/speeches?level=D1&limit=0", admin, nil, 400, "limit"},
			{"an export of a level that is none", get, "/admin/speeches/export?level=D1", admin, nil, 400, "level"},
			{"an export of words that are none", get, "/admin/speeches/export?search=--", admin, nil, 400, "search"},

			{"page 0 of the users", get, "/admin/users?page=0", admin, nil, 400, "page"},
			{"limit 201 of the users", get, "/admin/users?limit=201", admin, nil, 400, "limit"},
			{"a role that is none", get, "/admin/users?role=king", admin, nil, 400, "role"},
			{"a part of an address", get, "/admin/users?email=user", admin, nil, 400, "email"},
			{"a user that is not there", get, "/admin/users/" + newUUID(), admin, nil, 404, "not_found"},
			{"a user with a weak password", post, "/admin/users", admin, body{"email": "a@example.com", "password": "abc", "name": "A", "role": "king"}, 400, "password"},
			{"a user with a role that is none", post, "/admin/users", admin, body{"email": "a@example.com", "password": "abc", "name": "A", "role": "king"}, 400, "role"},
			{"a user with a taken address", post, "/admin/users", admin, body{"email": "USER@example.com", "password": "SecurePass123", "name": "A"}, 409, "email_taken"},
			{"another role that is none", put, "/admin/users/" + newUUID() + "/role", admin, body{"role": "king"}, 400, "role"},
			{"a role for nobody", put, "/admin/users/" + newUUID() + "/role", admin, body{"role": "admin"}, 404, "not_found"},
			{"a weak password", put, "/admin/users/" + newUUID() + "/password", admin, body{"password": "abcdefgh"}, 400, "password"},
			{"a password for nobody", put, "/admin/users/" + newUUID() + "/password", admin, body{"password": "SecurePass123"}, 404, "not_found"},
			{"nobody is signed out", post, "/admin/users/" + newUUID() + "/revoke", admin, nil, 404, "not_found"},
			{"nobody is deleted", del, "/admin/users/" + newUUID(), admin, nil, 404, "not_found"},

			{"page 0 of the audit log", get, "/admin/audit?page=0", admin, nil, 400, "page"},
			{"limit 10^9 of the audit log", get, "/admin/audit?limit=1000000000", admin, nil, 400, "limit"},
			{"from after to in the audit log", get, "/admin/audit?from_date=2025-12-11&to_date=2025-12-10", admin, nil, 400, "from_date"},
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
			{"a tag and itself", post, "/admin/tags/" + tag + "/merge", admin, body{"into": tag}, 400, "into"},
			{"a tag and one that is not there", post, "/admin/tags/" + tag + "/merge", admin, body{"into": newUUID()}, 404, "not_found"},
			{"no tags at once", post, "/admin/tags/batch", admin, body{"tags": []body{}}, 400, "tags"},
			{"one bad tag of two", post, "/admin/tags/batch", admin, body{"tags": []body{{"name": "a"}, {"name": "a,b"}}}, 400, "row 2, name"},
			{"5001 tags at once", post, "/admin/tags/batch", admin, body{"tags": slices.Repeat([]body{{"name": "a"}}, 5001)}, 400, "tags"},
			{"an import of no file", post, "/admin/import/sessions", admin, body{"file_sha256": "x"}, 400, "file_sha256"},
			{"a session that is not there is free", post, "/admin/import/sessions/" + newUUID() + "/release", admin, nil, 204, ""},
			{"a session that is not there is gone", del, "/admin/import/sessions/" + newUUID(), admin, nil, 204, ""},
			{"a tag that is not there", put, "/admin/tags/" + newUUID(), admin, body{"name": "a"}, 404, "not_found"},
		} {
			t.Run(tc.name, func(t *testing.T) {
				h.tb = t
				problem := h.json(tc.status, tc.method, tc.path, tc.token, tc.body)
				if tc.status == 204 {
					problem = body{"code": ""}
				}
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
