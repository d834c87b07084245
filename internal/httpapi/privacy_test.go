package httpapi

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/mail/mailtest"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/statistics"
)

// person is somebody who leaves traces everywhere: a learner who became an admin.
type person struct {
	id, access string
	// traces are what must be nowhere once the account is gone.
	traces map[string]string
}

// richLife lives one: every table that can name a user does so afterwards.
func richLife(t *testing.T, h *house, p providers, letters *mailtest.Server) person {
	t.Helper()
	const email, name, address = "zoe.unmistakable@example.com", "Zoë Unmistakable", "203.0.113.77"
	in := h.json(201, post, "/auth/register", "", body{"email": email, "password": "SecurePass123", "name": name})
	id := in["user"].(body)["id"].(string)
	letters.Next(t) // its link stays unused
	h.json(200, post, "/auth/login", "", body{"email": email, "password": "SecurePass123"})
	// Linked, which drops the password and leaves a line in the audit log.
	linked := h.json(200, post, "/auth/social", "", body{
		"provider": "google", "token": p.token(body{"sub": "zoes-google-id", "email": email, "hd": "example.com"}),
	})
	access := linked["access_token"].(string)
	h.json(200, put, "/users/me", access, body{"name": name, "avatar_url": "https://avatars.example/zoes.jpg"})

	// An operator makes her an admin, who works from an address of hers.
	h.json(200, put, "/admin/users/"+id+"/role", h.admin(), body{"role": "admin"})
	// She gets a password again, and uses the panel, which leaves a session open there.
	h.send(204, request{method: put, path: "/admin/users/" + id + "/password", token: h.operator(), body: `{"password": "SecurePass456"}`})
	h.json(200, post, "/auth/login", "", body{"email": email, "password": "SecurePass456"})
	if _, _, err := h.accounts.SignInToPanel(t.Context(), email, "SecurePass456"); err != nil {
		t.Fatal(err)
	}
	from := func(status int, q request) body {
		t.Helper()
		q.token = access
		r := q.build(t)
		r.RemoteAddr = address + ":4711"
		got := serve(t, h.handler, r)
		if got.status != status {
			t.Fatalf("%s %s: %d %s", q.method, q.path, got.status, got.body)
		}
		if got.body == "" {
			return nil
		}
		return decodeJSON(t, got.body).(map[string]any)
	}
	from(201, request{method: post, path: "/admin/tags", body: `{"name": "Food"}`})
	// A row is skipped, and kept.
	second := from(200, withForm(t, request{method: post, path: "/admin/import/audio"}, []formPart{{"files", "two.wav", wav("two")}}))
	from(200, withForm(t, request{method: post, path: "/admin/import/csv"}, []formPart{
		{"file", "more.csv", "audio_filename,text,level\ntwo.wav,Who is it?,A1\nnone.wav,Where is it?,A1\n"},
		{"upload_session_id", "", second["upload_session_id"].(string)}, {"on_error", "", "skip"},
	}))
	h.uploadAndImport(access, "one.wav,What is it?,A1,question,Food")
	left := from(200, withForm(t, request{method: post, path: "/admin/import/audio"}, []formPart{{"files", "left.wav", wav("left open")}}))
	h.keepSheet(id, left["upload_session_id"].(string))

	speechID := h.json(200, get, "/admin/speeches", access, nil)["speeches"].([]any)[0].(body)["id"].(string)
	from(200, withForm(t, request{method: put, path: "/admin/speeches/" + speechID}, []formPart{{"audio", "again.wav", wav("said again")}}))
	game := strings.NewReplacer("00000000-0000-7000-8000-000000000003", speechID, "What is", "zoe said something unmistakable").Replace(sessionBody)
	from(201, request{method: post, path: "/game/sessions", body: game, header: map[string]string{"Idempotency-Key": "zoes-key"}})
	from(201, request{method: post, path: "/game/sessions/batch", body: `{"sessions": [` + game + `]}`})

	h.send(202, request{method: post, path: "/auth/password/forgot", body: `{"email": "` + email + `"}`})
	letters.Next(t) // so does this one's
	return person{id, access, map[string]string{
		"id": id, "e-mail": email, "name": "Unmistakable", "Google's id": "zoes-google-id", "avatar": "zoes.jpg",
		"network address": address, "what she said": "something unmistakable", "idempotency key": "zoes-key",
	}}
}

// TestDeletionLeavesNoTrace: after a life that has left a row in every table, nothing of the person is in any column of any
// table of either database, and what they did is still in the audit log, under an id that leads to nobody.
func TestDeletionLeavesNoTrace(t *testing.T) {
	for name, remove := range map[string]func(h *house, p person){
		"by oneself": func(h *house, p person) { h.send(204, request{method: del, path: "/users/me", token: p.access}) },
		"by an operator": func(h *house, p person) {
			h.send(204, request{method: del, path: "/admin/users/" + p.id, token: h.operator()})
		},
		"by oneself as an operator": func(h *house, p person) {
			h.send(204, request{method: del, path: "/admin/users/" + p.id, token: p.access})
		},
	} {
		t.Run(name, func(t *testing.T) {
			sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
				providers, option := newProviders(t, time.Minute)
				h, server := newMailHouse(t, db, option)
				zoe := richLife(t, h, providers, server)
				h.countGames(uuid.MustParse(zoe.id))
				before, whole := map[string][]string{}, sqltest.Read(t, db)
				for what, trace := range zoe.traces {
					if before[what] = whole.Search(trace); len(before[what]) == 0 {
						t.Errorf("%s is nowhere before the deletion: the test would not notice what is left", what)
					}
				}
				wantID := []string{
					"audit_log.actor", "audit_log.object_id", "email_tokens.user_id", "game_session_counts.user_id",
					"game_sessions.user_id", "idempotency_keys.user_id",
					"import_batches.author", "panel_sessions.user_id", "refresh_tokens.user_id", "upload_sessions.author", "user_identities.user_id", "users.id",
				}
				if diff := cmp.Diff(wantID, before["id"]); diff != "" {
					t.Errorf("columns with the id (-want +got): a new one must be emptied, and stand here\n%s", diff)
				}
				for _, table := range sqltest.Tables(t, db) {
					if sqltest.Count(t, db, table) == 0 {
						t.Errorf("the life of this test leaves the table %s empty: let it leave a row there", table)
					}
				}
				acts := h.acts("user:" + zoe.id)

				remove(h, zoe)
				whole = sqltest.Read(t, db)
				for what, trace := range zoe.traces {
					if left := whole.Search(trace); len(left) > 0 {
						t.Errorf("%s is left in %q", what, left)
					}
				}
				opaque := h.opaque("user.delete")
				if got := h.acts("deleted:" + opaque); len(acts) == 0 || !slices.Contains(got, "import.apply") || len(got) < len(acts) {
					t.Errorf("the audit log has %q of the deleted person, before %q", got, acts)
				}
				h.send(401, request{path: "/users/me", token: zoe.access})
			})
		})
	}
}

// countGames lets a learner play, counts that, and takes a game away: all roll-ups of the statistics have rows afterwards.
func (h *house) countGames(player uuid.UUID) {
	h.tb.Helper()
	ctx, played, stats := h.tb.Context(), h.deps.Practice.(*practice.Service), h.deps.Stats.(*statistics.Service)
	speeches, _, err := h.deps.Catalog.Speeches(ctx, catalog.SpeechQuery{}, paging.Page{Number: 1, Limit: 1})
	if err != nil {
		h.tb.Fatal(err)
	}
	game := draft()
	game.CompletedAt, game.Results[0].SpeechID = time.Now(), speeches[0].ID
	var last uuid.UUID
	for range statistics.MinAttempts {
		if last, err = played.Save(ctx, player, game, ""); err != nil {
			h.tb.Fatal(err)
		}
	}
	var counted statistics.Requests
	counted.Add(get, "/api/v1/tags", 500)
	if _, err := stats.Refresh(ctx, 0); err != nil {
		h.tb.Fatal(err)
	}
	for _, err := range []error{stats.AddRequests(ctx, &counted), played.DeleteSession(ctx, last)} {
		if err != nil {
			h.tb.Fatal(err)
		}
	}
}

// keepSheet leaves a file of sentences in an upload session of the user's, as the panel does.
func (h *house) keepSheet(user, session string) {
	h.tb.Helper()
	ctx := audit.WithOrigin(h.tb.Context(), audit.Origin{Actor: audit.UserActor + user})
	err := h.deps.Imports.(*importing.Service).KeepSheet(ctx, uuid.MustParse(session), importing.Sheet{FileName: "left.csv", Content: []byte("text")})
	if err != nil {
		h.tb.Fatal(err)
	}
}

// operator signs in the administrator whom the rich life has needed.
func (h *house) operator() (token string) {
	h.tb.Helper()
	return h.json(200, post, "/auth/login", "", body{"email": "admin@example.com", "password": "SecurePass123"})["access_token"].(string)
}

// acts lists what an actor has done.
func (h *house) acts(actor string) []string {
	h.tb.Helper()
	var actions []string
	for _, e := range h.json(200, get, "/admin/audit?limit=200&actor="+actor, h.operator(), nil)["entries"].([]any) {
		actions = append(actions, e.(body)["action"].(string))
	}
	return actions
}

// opaque is the id of the object of the last such action.
func (h *house) opaque(action string) string {
	h.tb.Helper()
	entries := h.json(200, get, "/admin/audit?action="+action, h.operator(), nil)["entries"].([]any)
	return entries[0].(body)["object_id"].(string)
}
