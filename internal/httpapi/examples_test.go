package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/ratelimit"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/statistics"
)

var update = flag.Bool("update", false, "write the examples of openapi.yaml anew")

// TestExamples: the examples of the description are what a learner and an administrator have sent and were answered, in the
// order of a story. `go test ./internal/httpapi -run TestExamples -update` writes them.
func TestExamples(t *testing.T) {
	s := newStoryteller(t)
	s.registers()
	s.fills()
	s.plays()
	s.edits()
	s.imports()
	s.administers()
	s.fails()
	file := exampleFile(t)
	if *update {
		file.write(t, s.told)
		return
	}
	for _, place := range file.places {
		told, ok := s.told[place.pointer]
		if !ok {
			t.Errorf("%s: the story does not tell it", place.pointer)
			continue
		}
		if diff := cmp.Diff(decodeJSON(t, told), place.value); diff != "" {
			t.Errorf("%s is not what was sent or answered (-story +openapi.yaml); -update mends it:\n%s", place.pointer, diff)
		}
	}
}

// storyteller plays, and keeps the first body of each kind.
type storyteller struct {
	*testing.T
	house          *house
	told           map[string]string // JSON by the pointer of its example
	admin, learner string            // tokens
	speeches       []string
	tag            string
	game           string
}

// newStoryteller is the API over real services whose clock stands still and whose ids count.
func newStoryteller(t *testing.T) *storyteller {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 26, 9, 12, 40, 118302000, time.UTC) }
	next := uint16(0)
	ids := func() uuid.UUID {
		next++
		return uuid.UUID{0x01, 0xa2, 0x08, 0x11, 0xa6, 0x3f, 0x70, 0, 0x80, 14: byte(next >> 8), 15: byte(next)}
	}
	s := &storyteller{T: t, told: map[string]string{}}
	s.house = newHouseAt(t, sqltest.SQLite(t), now, ids)
	s.house.deps.Limiter = &counted{Memory: ratelimit.NewMemory(1000, now)}
	s.house.handler = New(s.house.deps, Config{
		Log: newLogger(t), Now: now, NewRequestID: func() string { return "bd5ca548-de94-49fc-b4c0-08260a6c0e4e" },
	}).Handler()
	return s
}

// show sends a request, and keeps both bodies.
func (s *storyteller) show(status int, q request) body {
	s.Helper()
	return s.keep(q, s.house.send(status, q))
}

// showFaked is show over fakes, for what needs a company's server.
func (s *storyteller) showFaked(status int, w *world, q request) {
	s.Helper()
	got := w.do(s, q)
	if got.status != status {
		s.Fatalf("%s: status %d: %s", q.path, got.status, got.body)
	}
	s.keep(q, got)
}

func (s *storyteller) keep(q request, got answer) body {
	s.Helper()
	r := q.build(s)
	e := &exchange{manual: theManual(s), request: r}
	route, _ := e.route()
	at := "/paths/" + strings.ReplaceAll(route.Path, "/", "~1") + "/" + strings.ToLower(r.Method)
	if r.Header.Get("Content-Type") == "application/json" && q.body != "" {
		s.tell(at+"/requestBody/content/application~1json/example", q.body)
	}
	if got.body == "" {
		return nil
	}
	response := at + "/responses/" + fmt.Sprint(got.status)
	if ref := route.Operation.Responses.Status(got.status).Ref; ref != "" {
		response = strings.TrimPrefix(ref, "#")
	}
	s.tell(response+"/content/"+strings.ReplaceAll(got.header.Get("Content-Type"), "/", "~1")+"/example", got.body)
	value, _ := decodeJSON(s, got.body).(body)
	return value
}

// tell keeps what is told first.
func (s *storyteller) tell(pointer, value string) {
	s.Helper()
	if _, told := s.told[pointer]; !told {
		s.told[pointer] = shorten(value)
	}
}

// tokens are what nobody should take for a secret of somebody's, and what nobody wants to read.
var tokens = regexp.MustCompile(`("(?:access_token|refresh_token|token|score_id)": ?)"([^"]{0,20})[^"]*"`)

func shorten(value string) string {
	return tokens.ReplaceAllString(strings.TrimSpace(value), `$1"$2…"`)
}

func (s *storyteller) registers() {
	s.Helper()
	ada := request{method: post, path: "/auth/register", body: `{"email": "ada@example.com", "password": "SecurePass123", "name": "Ada"}`}
	s.learner = s.show(201, ada)["access_token"].(string)
	s.show(409, ada)
	s.show(400, request{method: post, path: "/auth/register", body: `{"email": "ada", "password": "short", "name": "Ada"}`})
	again := s.show(200, request{method: post, path: "/auth/login", body: `{"email": "ada@example.com", "password": "SecurePass123"}`})["refresh_token"].(string)
	s.show(401, request{method: post, path: "/auth/login", body: `{"email": "ada@example.com", "password": "AnotherPass456"}`})
	s.show(200, request{method: post, path: "/auth/refresh", body: `{"refresh_token": "` + again + `"}`})
	s.show(204, request{method: post, path: "/auth/logout", body: `{"refresh_token": "` + again + `"}`})
	s.show(401, request{path: "/users/me"})
	s.show(200, request{path: "/users/me", token: s.learner})
	s.show(200, request{method: put, path: "/users/me", token: s.learner, body: `{"name": "Ada L.", "avatar_url": "https://storage.example.com/avatars/new.jpg"}`})
	s.admin = s.house.admin()
	s.show(403, request{path: "/admin/stats", token: s.learner})

	s.showFaked(200, newWorld(s), request{method: post, path: "/auth/social", body: `{"provider": "google", "token": "eyJhbGciOiJSUzI1NiIsImtpZCI6", "name": "Ada"}`})
	s.showFaked(202, newWorld(s), request{method: post, path: "/auth/password/forgot", body: `{"email": "ada@example.com"}`})
	s.showFaked(204, newWorld(s), request{method: post, path: "/auth/password/reset", body: `{"token": "Vt7l3Sg0M1m0f9nQ6u8s", "password": "AnotherPass456"}`})
	s.showFaked(204, newWorld(s), request{method: post, path: "/auth/email/verify", body: `{"token": "9aYc1Qk2Rr0s8xWb5eTz"}`})
}

// fills brings two questions and an answer into the catalogue.
func (s *storyteller) fills() {
	s.Helper()
	s.speeches, s.tag = s.house.lesson(s.admin)
	s.show(200, request{path: "/tags"})
}

func (s *storyteller) plays() {
	s.Helper()
	draw := func(level string) request {
		return request{method: post, path: "/game/speeches/random", token: s.learner, body: `{"level": "` + level + `", "type": "answer", "tags": ["` + s.tag + `"], "limit": 10}`}
	}
	s.show(200, draw("A1"))
	s.show(404, draw("C1"))
	game := func(results string, n, right int) string {
		return fmt.Sprintf(`{"mode": "listen_and_repeat", "level": "A1", "sentence_type": "question", "selected_tags": ["%s"],
			"total_sentences": %d, "correct_count": %d, "max_streak": %[3]d, "avg_pronunciation_score": 87.5, "duration_seconds": 42,
			"started_at": "2026-11-26T09:00:00Z", "completed_at": "2026-11-26T09:00:42Z", "results": [%s]}`, s.tag, n, right, results)
	}
	right := `{"speech_id": "` + s.speeches[0] + `", "sequence_number": 1, "user_response": "correct",
		"pronunciation_score": 87.5, "recognized_text": "What is your name", "response_time_ms": 5000}`
	skipped := `{"speech_id": "` + s.speeches[1] + `", "sequence_number": 2, "user_response": "skipped",
		"pronunciation_score": null, "recognized_text": null, "response_time_ms": 4500}`
	key := map[string]string{"Idempotency-Key": "6f1d2c9e-game-1"}
	s.game = s.show(201, request{method: post, path: "/game/sessions", token: s.learner, header: key, body: game(right+", "+skipped, 2, 1)})["session_id"].(string)
	s.show(201, request{method: post, path: "/game/sessions/batch", token: s.learner, body: `{"sessions": [` + game(right, 1, 1) + `]}`})
	s.show(200, request{path: "/game/sessions?limit=1", token: s.learner})
	s.show(200, request{path: "/game/sessions/" + s.game, token: s.learner})
	s.show(403, request{path: "/game/sessions/" + s.game, token: s.admin})
	s.show(404, request{path: "/game/sessions/" + s.speeches[0], token: s.learner})
	s.show(200, request{path: "/users/me/export", token: s.learner})

	w := newWorld(s)
	w.assessment = pronunciation.Assessment{
		Recognized: "I really like apples.", Pronunciation: 81.7, Accuracy: ptr(80.7), Fluency: ptr(90.0), Completeness: ptr(75.0), Prosody: ptr(88.0),
		Confidence: ptr(0.93), Provider: "azure", ScoreID: "eyJpIjoiMDFhMjA4MTEtYTYzZi03MDAw",
		Words: []pronunciation.Word{
			{Text: "I", Score: 95}, {Text: "really", Error: "insertion"}, {Text: "like", Score: 95}, {Text: "green", Error: "omission"},
			{Text: "apples", Score: 52, Error: "mispronunciation"},
		},
	}
	s.showFaked(200, w, scoreRequest(s, "RIFF"))
	w.assessment.ScoreID = ""
	s.showFaked(200, w, request{method: post, path: speechPath + "/check", token: adminToken})
	s.showFaked(200, w, request{path: speechPath + "/recordings", token: adminToken})
	s.showFaked(200, w, request{method: post, path: speechPath + "/recordings/restore", token: adminToken, body: `{"version": "previous"}`})
	w.err = pronunciation.ErrSilent
	s.showFaked(422, w, scoreRequest(s, "RIFF"))
}

func (s *storyteller) edits() {
	s.Helper()
	s.show(200, request{path: "/admin/speeches?limit=1", token: s.admin})
	created := s.show(201, request{method: post, path: "/admin/speeches", token: s.admin, body: `{"audio_url": "https://storage.example.com/audio/new.mp3",
		"text": "How are you today?", "level": "A1", "type": "question", "tag_ids": ["` + s.tag + `"]}`})["id"].(string)
	s.show(200, request{path: "/admin/speeches/" + created, token: s.admin})
	s.show(200, request{path: "/admin/speeches/export?type=question&search=you", token: s.admin})
	s.show(200, request{method: put, path: "/admin/speeches/" + created, token: s.admin, body: `{"text": "How are you doing today?"}`})

	food := request{method: post, path: "/admin/tags", token: s.admin, body: `{"name": "Food", "category": "topic"}`}
	tag := s.show(201, food)["id"].(string)
	s.show(409, food)
	s.show(200, request{path: "/admin/tags", token: s.admin})
	s.show(200, request{method: put, path: "/admin/tags/" + tag, token: s.admin, body: `{"name": "Meals"}`})
	s.show(409, request{method: del, path: "/admin/tags/" + s.tag, token: s.admin})
	s.show(200, request{method: post, path: "/admin/tags/batch", token: s.admin, body: `{"tags": [{"name": "Meals", "category": "topic"}, {"name": "Past Tense", "category": "tense"}]}`})
	s.show(200, request{method: post, path: "/admin/tags/" + tag + "/merge", token: s.admin, body: `{"into": "` + s.tag + `"}`})
}

func (s *storyteller) imports() {
	s.Helper()
	form := func(path string, parts ...formPart) request {
		return withForm(s, request{method: post, path: path, token: s.admin}, parts)
	}
	const rows = "audio_filename,text,level,type,tags\none.wav,\"Where is the gate, please?\",A1,question,Travel\nmissing.wav,When does it leave?,D1,question,Travel\n"
	file, digest := formPart{"file", "speeches.csv", rows}, strings.Repeat("9b74c989", 8)
	recordings := `[{"name": "one.wav", "size_bytes": 7680, "sha256": "` + digest + `", "ext": ".wav"}]`
	s.show(200, form("/admin/import/plan", file, formPart{"recordings", "", recordings}))
	session := s.show(200, form("/admin/import/audio", formPart{"files", "one.wav", wav("one")}))["upload_session_id"].(string)
	s.show(422, form("/admin/import/csv", file, formPart{"upload_session_id", "", session}))
	report := s.show(200, form("/admin/import/csv", file, formPart{"upload_session_id", "", session}, formPart{"on_error", "", "skip"}))
	batch := "/admin/imports/" + report["batch_id"].(string)
	s.show(200, request{path: "/admin/imports?limit=1", token: s.admin})
	s.show(200, request{path: batch, token: s.admin})
	s.show(200, request{method: post, path: batch + "/undo", token: s.admin})
	s.show(200, request{method: post, path: "/admin/import/sessions", token: s.admin, body: `{"file_sha256": "` + digest + `"}`})
}

func (s *storyteller) administers() {
	s.Helper()
	s.show(200, request{path: "/admin/users?email=ada@example.com", token: s.admin})
	grace := s.show(201, request{method: post, path: "/admin/users", token: s.admin, body: `{"email": "grace@example.com", "password": "SecurePass123", "name": "Grace", "role": "learner"}`})["id"].(string)
	at := "/admin/users/" + grace
	s.show(200, request{path: at, token: s.admin})
	s.show(200, request{method: put, path: at + "/role", token: s.admin, body: `{"role": "admin"}`})
	s.show(204, request{method: put, path: at + "/password", token: s.admin, body: `{"password": "AnotherPass456"}`})
	s.show(200, request{method: post, path: at + "/revoke", token: s.admin})
	s.show(200, request{path: "/admin/stats", token: s.admin})
	s.show(200, request{path: "/admin/audit?action=tag.update&limit=10", token: s.admin})
	s.show(200, request{path: "//healthz"})
	s.show(200, request{path: "//readyz"})
	s.vantage()
	s.lookBack()
}

func (s *storyteller) vantage() {
	s.Helper()
	deps := s.house.deps
	deps.Insider = knows("proof")
	q := request{path: "//vantage", header: map[string]string{"Authorization": "Doctor proof"}}
	s.keep(q, send(s, New(deps, Config{Log: newLogger(s), Now: func() time.Time { return at }}).Handler(), q))
}

// lookBack shows the dashboard of a week, once a sentence was scored as often as its average needs, and requests have failed.
func (s *storyteller) lookBack() {
	s.Helper()
	game := fmt.Sprintf(`{"mode": "listen_and_repeat", "level": "A1", "sentence_type": "question", "selected_tags": [], "total_sentences": 1, "correct_count": 0,
		"max_streak": 0, "avg_pronunciation_score": 41.5, "duration_seconds": 12, "started_at": "2026-11-25T18:00:00Z", "completed_at": "2026-11-25T18:00:12Z",
		"results": [{"speech_id": "%s", "sequence_number": 1, "user_response": "incorrect", "pronunciation_score": 41.5, "recognized_text": "What", "response_time_ms": 900}]}`, s.speeches[1])
	games := strings.Repeat(game+", ", statistics.MinAttempts-1) + game
	s.house.send(201, request{method: post, path: "/game/sessions/batch", token: s.learner, body: `{"sessions": [` + games + `]}`})
	var counted statistics.Requests
	for _, status := range []int{200, 200, 200, 422, 503} {
		counted.Add(post, "/api/v1/speech/score", status)
	}
	stats := s.house.deps.Stats.(*statistics.Service)
	if err := stats.AddRequests(s.Context(), &counted); err != nil {
		s.Fatal(err)
	}
	if done, err := stats.Refresh(s.Context(), 0); err != nil || !done {
		s.Fatal(done, err)
	}
	s.show(200, request{path: "/admin/dashboard?days=7", token: s.admin})
}

func (s *storyteller) fails() {
	s.Helper()
	deps := s.house.deps
	deps.Checks = []Check{{Name: "database", Probe: func(context.Context) error { return errors.New("gone") }}}
	unready := New(deps, Config{Log: newLogger(s)}).Handler()
	q := request{path: "//readyz"}
	s.keep(q, send(s, unready, q))

	forgot := request{method: post, path: "/auth/password/forgot", body: `{"email": "ada@example.com"}`}
	for range usualLimits[limitForgot].Requests {
		s.house.send(503, forgot) // this house sends no mails
	}
	s.show(429, forgot)
}

// place is an example in openapi.yaml.
type place struct {
	pointer string
	value   any
	line    int // from 1, on which "example:" stands
}

// examples are all those of bodies in openapi.yaml.
type examples struct {
	lines  []string
	places []place
}

const descriptionFile = "openapi.yaml"

func exampleFile(t *testing.T) *examples {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(descriptionYAML, &doc); err != nil {
		t.Fatal(err)
	}
	e := &examples{lines: strings.Split(string(descriptionYAML), "\n")}
	e.find(t, doc.Content[0], "")
	return e
}

// find collects the examples of bodies: those of parameters and fields are single words.
func (e *examples) find(t *testing.T, n *yaml.Node, pointer string) {
	t.Helper()
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := pointer + "/" + strings.ReplaceAll(key.Value, "/", "~1")
		if key.Value != "example" || !strings.Contains(pointer, "/content/") {
			e.find(t, value, at)
			continue
		}
		var text bytes.Buffer
		if err := writeNode(&text, value); err != nil {
			t.Fatal(err)
		}
		e.places = append(e.places, place{at, decodeJSON(t, text.String()), key.Line})
	}
}

// write puts in what was told, from the end of the file to its beginning, so that lines keep their numbers.
func (e *examples) write(t *testing.T, told map[string]string) {
	t.Helper()
	for _, place := range slices.Backward(e.places) {
		begin := place.line - 1
		indent := e.lines[begin][:strings.Index(e.lines[begin], "example:")]
		end := begin + 1
		for strings.HasPrefix(e.lines[end], indent+" ") || strings.HasPrefix(e.lines[end], indent+"}") || strings.HasPrefix(e.lines[end], indent+"]") {
			end++
		}
		value := told[place.pointer]
		if value == "" {
			t.Errorf("%s: the story does not tell it", place.pointer)
			continue
		}
		e.lines = slices.Replace(e.lines, begin, end, indent+"example: "+pretty(t, value, indent))
	}
	if err := os.WriteFile(descriptionFile, []byte(strings.Join(e.lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pretty is JSON, which YAML is a superset of, on one line where it fits.
func pretty(t *testing.T, value, indent string) string {
	t.Helper()
	var short, long bytes.Buffer
	if err := json.Compact(&short, []byte(value)); err != nil {
		t.Fatalf("%v: %s", err, value)
	}
	spaced := strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(short.String())
	if len(spaced) < 120 {
		return spaced
	}
	if err := json.Indent(&long, short.Bytes(), indent, "  "); err != nil {
		t.Fatal(err)
	}
	return long.String()
}
