package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// endpoint is one that takes JSON, with a body that is fine.
type endpoint struct {
	name         string
	method, path string
	token        string
	body         string
	// optional may be missing, nullable may be null.
	optional, nullable []string
}

func jsonEndpoints() []endpoint {
	sessionNullable := []string{"avg_pronunciation_score", "results[0].pronunciation_score", "results[0].recognized_text"}
	under := func(prefix string, names []string) []string {
		return list(names, func(n string) string { return prefix + n })
	}
	all := []string{"audio_url", "text", "level", "type", "tag_ids"}
	return []endpoint{
		{"register", post, "/auth/register", "", `{"email": "a@example.com", "password": "SecurePass123", "name": "A"}`, nil, nil},
		{"login", post, "/auth/login", "", `{"email": "a@example.com", "password": "SecurePass123"}`, nil, nil},
		{
			"social", post, "/auth/social", "", `{"provider": "N", "token": "r", "name": "A", "nonce": "r"}`,
			[]string{"name", "nonce"}, []string{"name", "nonce"},
		},
		{"refresh", post, "/auth/refresh", "", `{"refresh_token": "r"}`, nil, nil},
		{"logout", post, "/auth/logout", "", `{"refresh_token": "r", "all": false}`, []string{"all"}, nil},
		{"forgot", post, "/auth/password/forgot", "", `{"email": "a@example.com"}`, nil, nil},
		{"reset", post, "/auth/password/reset", "", `{"token": "r", "password": "SecurePass123"}`, nil, nil},
		{"verify", post, "/auth/email/verify", "", `{"token": "r"}`, nil, nil},
		{"profile", put, "/users/me", learnerToken, `{"name": "A", "avatar_url": "https://a.example/a.jpg"}`, []string{"name", "avatar_url"}, []string{"avatar_url"}},
		{"draw", post, "/game/speeches/random", learnerToken, drawBody, []string{"limit", "exclude_recent"}, nil},
		{"save", post, "/game/sessions", learnerToken, sessionBody, sessionNullable, sessionNullable},
		{
			"batch", post, "/game/sessions/batch", learnerToken, `{"sessions": [` + sessionBody + `]}`,
			under("sessions[0].", sessionNullable), under("sessions[0].", sessionNullable),
		},
		{"new speech", post, "/admin/speeches", adminToken, newSpeechBody, []string{"type", "tag_ids"}, nil},
		{"speech", put, speechPath, adminToken, newSpeechBody, all, nil},
		{"restore", post, speechPath + "/recordings/restore", adminToken, `{"version": "N"}`, nil, nil},
		{"new tag", post, "/admin/tags", adminToken, `{"name": "N", "category": "c"}`, []string{"category"}, []string{"category"}},
		{"merge", post, tagPath + "/merge", adminToken, `{"into": "00000000-0000-7000-8000-000000000009"}`, nil, nil},
		{
			"tags", post, "/admin/tags/batch", adminToken, `{"tags": [{"name": "N", "category": "c"}]}`,
			[]string{"tags[0].category"}, []string{"tags[0].category"},
		},
		{
			"new user", post, "/admin/users", adminToken, `{"email": "a@example.com", "password": "SecurePass123", "name": "A", "role": "N"}`,
			[]string{"role"}, nil,
		},
		{"role", put, userPath + "/role", adminToken, `{"role": "N"}`, nil, nil},
		{"sessions", post, "/admin/import/sessions", adminToken, `{"file_sha256": "N"}`, nil, nil},
		{"password", put, userPath + "/password", adminToken, `{"password": "SecurePass123"}`, nil, nil},
		{"tag", put, tagPath, adminToken, `{"name": "N", "category": "c"}`, []string{"name", "category"}, []string{"category"}},
	}
}

// TestHostileBodies sends every endpoint what no client should send: 400 or 413, naming what is wrong, and no service
// hears of it.
func TestHostileBodies(t *testing.T) {
	for _, e := range jsonEndpoints() {
		w := newWorld(t)
		for name, tc := range hostileBodies(e) {
			t.Run(e.name+"/"+name, func(t *testing.T) { w.refuses(t, e, tc) })
		}
	}
}

type hostile struct {
	body   string
	header map[string]string
	status int
	field  string
}

// refuses wants an answer that names what is wrong, and no call of a service.
func (w *world) refuses(t *testing.T, e endpoint, tc hostile) {
	t.Helper()
	got := w.do(t, request{method: e.method, path: e.path, token: e.token, body: tc.body, header: tc.header})
	if got.status != tc.status {
		t.Fatalf("status = %d, want %d: %.300s", got.status, tc.status, got.body)
	}
	if p := got.problem(t); !slices.Contains(p.fields(), tc.field) {
		t.Errorf("the problem names %q, want %q among them: %.300s", p.fields(), tc.field, got.body)
	}
	if len(w.calls) > 0 {
		t.Errorf("a service was called: %v", w.calls[0].Name)
	}
}

func hostileBodies(e endpoint) map[string]hostile {
	bad := func(body string) hostile { return hostile{body: body, status: 400, field: "body"} }
	cases := map[string]hostile{
		"empty body":             bad(""),
		"blank body":             bad(" \n"),
		"null":                   bad("null"),
		"a list":                 bad("[]"),
		"a list of objects":      bad("[" + e.body + "]"),
		"a text":                 bad(`"body"`),
		"a number":               bad("1e400"),
		"not JSON":               bad("email=a&password=b"),
		"cut off":                bad(e.body[:len(e.body)-1]),
		"trailing garbage":       bad(e.body + "x"),
		"two objects":            bad(e.body + e.body),
		"a byte order mark":      bad("\ufeff" + e.body),
		"UTF-16":                 bad("\xff\xfe{\x00}\x00"),
		"invalid UTF-8":          bad(`{"name": "` + "\xc3\x28" + `"}`),
		"a raw NUL":              bad(`{"name": "` + "\x00" + `"}`),
		"deeper than any use":    bad(strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)),
		"two MiB":                {body: `{"name": "` + strings.Repeat("a", 2<<20) + `"}`, status: 413, field: "body"},
		"a form":                 {body: e.body, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 400, field: "Content-Type"},
		"a type that is no type": {body: e.body, header: map[string]string{"Content-Type": ";;"}, status: 400, field: "Content-Type"},
	}
	maps.Copy(cases, hostileFields(e))
	return cases
}

// TestElementsAreNamed: a list that is one, but of the wrong things, names the element.
func TestElementsAreNamed(t *testing.T) {
	for path, want := range map[string][]string{
		`{"level": "A1", "type": "question", "tags": ["x", null, 1, "00000000-0000-7000-8000-000000000004"]}`: {"tags[0]", "tags[1]", "tags[2]"},
		`{"level": 1, "type": null, "limit": 0.5}`:                                                            {"level", "type", "tags", "limit"},
		`{"level": "A1", "type": "question", "tags": [` + strings.Repeat("0,", 5000) + `0]}`:                  {"tags"},
	} {
		w := newWorld(t)
		got := w.do(t, request{method: post, path: "/game/speeches/random", token: learnerToken, body: path})
		if diff := cmp.Diff(want, got.problem(t).fields()); diff != "" {
			t.Errorf("%.60s (-want +got):\n%s", path, diff)
		}
	}
}

// TestLastMemberCounts: of two members of one name nothing of the first is left.
func TestLastMemberCounts(t *testing.T) {
	twice := strings.TrimSuffix(sessionBody, "}") + `, "results": [{}]}`
	w := newWorld(t)
	w.refuses(t, endpoint{method: post, path: "/game/sessions", token: learnerToken}, hostile{body: twice, status: 400, field: "results[0].speech_id"})
}

// TestManyMistakes: half a million mistakes are not all worth sending.
func TestManyMistakes(t *testing.T) {
	w := newWorld(t)
	body := `{"sessions": [` + strings.TrimSuffix(strings.Repeat(`{},`, 900), ",") + `]}`
	got := w.do(t, request{method: post, path: "/game/sessions/batch", token: learnerToken, body: body})
	if n := len(got.problem(t).Errors); got.status != 400 || n != maxProblemFields || len(got.body) > 20_000 {
		t.Errorf("status %d with %d errors in %d bytes", got.status, n, len(got.body))
	}
}

func TestHostileQueries(t *testing.T) {
	w := newWorld(t)
	for _, list := range []struct{ path, token string }{{"/game/sessions", learnerToken}, {"/admin/speeches", adminToken}} {
		for query, field := range map[string]string{
			"page=x":                            "page",
			"page=":                             "page",
			"page=1.5":                          "page",
			"page=99999999999999999999":         "page",
			"limit=1e3":                         "limit",
			"limit=0x10":                        "limit",
			"limit=-99999999999":                "limit",
			"limit=1&limit=2":                   "limit",
			"level=":                            "level",
			"page=%00":                          "page",
			"level=%ff":                         "level",
			"page=%zz":                          "query",
			"page=1;limit=2":                    "query",
			"page=" + strings.Repeat("9", 5000): "page",
		} {
			t.Run(list.path+"?"+query[:min(40, len(query))], func(t *testing.T) {
				w.refuses(t, endpoint{method: get, path: list.path + "?" + query, token: list.token}, hostile{status: 400, field: field})
			})
		}
	}
	for query, field := range map[string]string{
		"/game/sessions?level=D1":                                              "level",
		"/game/sessions?level=a1":                                              "level",
		"/game/sessions?level=A1%27%20OR%201=1":                                "level",
		"/game/sessions?mode=dance":                                            "mode",
		"/game/sessions?from_date=yesterday":                                   "from_date",
		"/game/sessions?from_date=2025-13-01":                                  "from_date",
		"/game/sessions?to_date=2025-12-10T10:00":                              "to_date",
		"/game/sessions?to_date=1765360800":                                    "to_date",
		"/game/sessions?to_date=":                                              "to_date",
		"/admin/speeches?type=":                                                "type",
		"/admin/speeches/export?level=":                                        "level",
		"/admin/speeches/export?tag_id=x":                                      "tag_id",
		"/admin/speeches/export?search=%ff":                                    "search",
		"/admin/users?page=x":                                                  "page",
		"/admin/users?limit=1e3":                                               "limit",
		"/admin/users?role=":                                                   "role",
		"/admin/users?role=%00":                                                "role",
		"/admin/users?email=":                                                  "email",
		"/admin/users?email=a&email=b":                                         "email",
		"/admin/users?search=%ff":                                              "search",
		"/admin/speeches?tag_id=x":                                             "tag_id",
		"/admin/speeches?tag_id=urn:uuid:00000000-0000-7000-8000-000000000004": "tag_id",
		"/admin/speeches?search=%00":                                           "search",
		"/admin/speeches?search=%c3%28":                                        "search",
		"/admin/audit?page=x":                                                  "page",
		"/admin/audit?limit=1e3":                                               "limit",
		"/admin/audit?actor=%00":                                               "actor",
		"/admin/audit?action=%ff":                                              "action",
		"/admin/audit?object_id=1&object_id=2":                                 "object_id",
		"/admin/audit?from_date=yesterday":                                     "from_date",
		"/admin/audit?to_date=1765360800":                                      "to_date",
	} {
		t.Run(query, func(t *testing.T) {
			w.refuses(t, endpoint{method: get, path: query, token: adminToken}, hostile{status: 400, field: field})
		})
	}
}

// TestHostilePaths: an id that is none is 404, before the body is looked at.
func TestHostilePaths(t *testing.T) {
	for _, prefix := range []struct {
		path    string
		methods []string
	}{
		{"/game/sessions/", []string{get, head}},
		{"/admin/speeches/", []string{get, head, put, del}},
		{"/admin/tags/", []string{put, del}},
		{"/admin/imports/", []string{get, head}},
		{"/admin/users/", []string{get, head, del}},
		{"/admin/import/sessions/", []string{del}},
	} {
		for _, method := range prefix.methods {
			for _, id := range []string{"x", "1", "%00", "%ff", "..", "00000000-0000-7000-8000-00000000000", "%27%20OR%201=1--", "00000000000070008000000000000003", "<script>", strings.Repeat("a", 3000)} {
				w := newWorld(t)
				got := w.do(t, request{method: method, path: prefix.path + id, token: adminToken})
				if got.status != 404 || len(w.calls) > 0 {
					t.Errorf("%s %s%.40s: status %d, %d calls", method, prefix.path, id, got.status, len(w.calls))
				}
				if method != head && got.problem(t).Code != "not_found" {
					t.Errorf("%s %s%.40s: %s", method, prefix.path, id, got.body)
				}
			}
		}
	}
}

// TestTextsAreTexts: SQL and HTML go in and come out as they are.
func TestTextsAreTexts(t *testing.T) {
	for _, text := range []string{`Robert'); DROP TABLE users;--`, `<img src=x onerror=alert(1)>`, `" \ / & <b>`, "Đặng Thị 😀", "$1 ? %s %d {{.}}"} {
		w := newWorld(t)
		w.tags[0].Name = text
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		got := w.do(t, request{method: post, path: "/admin/tags", token: adminToken, body: `{"name": ` + string(encoded) + `}`})
		if name := decodeJSON(t, got.body).(map[string]any)["name"]; name != text {
			t.Errorf("came out as %q, want %q", name, text)
		}
		if diff := cmp.Diff(fmt.Sprintf("%v", []any{struct{ Name, Category string }{text, ""}}), fmt.Sprintf("%v", w.calls[0].Args)); diff != "" {
			t.Errorf("went in differently (-want +got):\n%s", diff)
		}
	}
}
