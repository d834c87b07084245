package httpapi

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"
)

// who may call a route.
const (
	everybody = "everybody"
	learners  = "learners"
	admins    = "admins"
)

// golden is every endpoint of the spec, the additions of decisions.md, and who may call it.
var golden = []struct{ methods, path, who string }{
	{"POST", "/api/v1/auth/register", everybody},
	{"POST", "/api/v1/auth/login", everybody},
	{"POST", "/api/v1/auth/social", everybody},
	{"POST", "/api/v1/auth/refresh", everybody},
	{"POST", "/api/v1/auth/logout", everybody},
	{"POST", "/api/v1/auth/password/forgot", everybody},
	{"POST", "/api/v1/auth/password/reset", everybody},
	{"POST", "/api/v1/auth/email/verify", everybody},
	{"POST", "/api/v1/auth/email/verification", learners},
	{"GET HEAD", "/api/v1/users/me", learners},
	{"PUT", "/api/v1/users/me", learners},
	{"GET HEAD", "/api/v1/users/me/export", learners},
	{"DELETE", "/api/v1/users/me", learners},
	{"GET HEAD", "/api/v1/tags", everybody},
	{"POST", "/api/v1/game/speeches/random", learners},
	{"POST", "/api/v1/game/sessions", learners},
	{"POST", "/api/v1/game/sessions/batch", learners},
	{"GET HEAD", "/api/v1/game/sessions", learners},
	{"GET HEAD", "/api/v1/game/sessions/{session_id}", learners},
	{"POST", "/api/v1/speech/score", learners},
	{"GET HEAD", "/api/v1/admin/speeches", admins},
	{"GET HEAD", "/api/v1/admin/speeches/export", admins},
	{"GET HEAD", "/api/v1/admin/speeches/{speech_id}", admins},
	{"POST", "/api/v1/admin/speeches", admins},
	{"PUT", "/api/v1/admin/speeches/{speech_id}", admins},
	{"DELETE", "/api/v1/admin/speeches/{speech_id}", admins},
	{"GET HEAD", "/api/v1/admin/speeches/{speech_id}/recordings", admins},
	{"POST", "/api/v1/admin/speeches/{speech_id}/recordings/restore", admins},
	{"POST", "/api/v1/admin/speeches/{speech_id}/check", admins},
	{"GET HEAD", "/api/v1/admin/tags", admins},
	{"POST", "/api/v1/admin/tags", admins},
	{"PUT", "/api/v1/admin/tags/{tag_id}", admins},
	{"DELETE", "/api/v1/admin/tags/{tag_id}", admins},
	{"POST", "/api/v1/admin/tags/batch", admins},
	{"POST", "/api/v1/admin/tags/{tag_id}/merge", admins},
	{"GET HEAD", "/api/v1/admin/users", admins},
	{"GET HEAD", "/api/v1/admin/users/{user_id}", admins},
	{"POST", "/api/v1/admin/users", admins},
	{"PUT", "/api/v1/admin/users/{user_id}/role", admins},
	{"PUT", "/api/v1/admin/users/{user_id}/password", admins},
	{"POST", "/api/v1/admin/users/{user_id}/revoke", admins},
	{"DELETE", "/api/v1/admin/users/{user_id}", admins},
	{"GET HEAD", "/api/v1/admin/stats", admins},
	{"GET HEAD", "/api/v1/admin/dashboard", admins},
	{"POST", "/api/v1/admin/import/audio", admins},
	{"POST", "/api/v1/admin/import/csv", admins},
	{"POST", "/api/v1/admin/import/plan", admins},
	{"POST", "/api/v1/admin/import/sessions", admins},
	{"POST", "/api/v1/admin/import/sessions/{upload_session_id}/release", admins},
	{"DELETE", "/api/v1/admin/import/sessions/{upload_session_id}", admins},
	{"GET HEAD", "/api/v1/admin/audit", admins},
	{"GET HEAD", "/api/v1/admin/imports", admins},
	{"GET HEAD", "/api/v1/admin/imports/{batch_id}", admins},
	{"POST", "/api/v1/admin/imports/{batch_id}/undo", admins},
	{"GET HEAD", "/api/v1/openapi.json", everybody},
	{"GET HEAD", "/docs", everybody},
	{"GET HEAD", "/docs/{asset}", everybody},
	{"GET HEAD", "/healthz", everybody},
	{"GET HEAD", "/readyz", everybody},
	{"GET HEAD", "/metrics", everybody},
	{"GET HEAD", "/vantage", everybody},
	{"GET HEAD", "/media/{key:.+}", everybody},
}

func TestRoutes(t *testing.T) {
	var got []string
	err := New(Deps{}, Config{}).router().Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		if r.GetHandler() == nil {
			return nil // the subrouter itself
		}
		path, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		got = append(got, strings.Join(methods, " ")+" "+path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]string, len(golden))
	for i, g := range golden {
		want[i] = g.methods + " " + g.path
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the routes differ (-want +got):\n%s", diff)
	}
}

// concrete fills in a path template.
func concrete(template string) string {
	return strings.NewReplacer("{session_id}", sessionID.String(), "{speech_id}", speechID.String(), "{tag_id}", tagID.String(),
		"{batch_id}", batchID.String(), "{user_id}", learnerID.String(), "{upload_session_id}", uploadID.String(), "{key:.+}", "audio/A1/s.mp3", "{asset}", "start.js").Replace(template)
}

// TestWhoMayNot: strangers get 401 from all that is not public, learners 403 from all that is the administrators'.
// Bodies are empty on purpose: who somebody is comes before what they say.
func TestWhoMayNot(t *testing.T) {
	refusedAs := func(t *testing.T, in request, status int, code string) {
		t.Helper()
		w := newWorld(t)
		got := w.do(t, in)
		if got.status != status || len(w.calls) > 0 {
			t.Errorf("status = %d with %d calls, want %d without", got.status, len(w.calls), status)
		}
		if in.method != head && got.problem(t).Code != code {
			t.Errorf("code = %q, want %q", got.problem(t).Code, code)
		}
		want := map[string]string{
			"missing_token": `Bearer realm="englishctl"`,
			"invalid_token": `Bearer realm="englishctl", error="invalid_token"`,
		}[code]
		if challenge := got.header.Get("WWW-Authenticate"); challenge != want {
			t.Errorf("WWW-Authenticate = %q, want %q", challenge, want)
		}
	}
	for _, g := range golden {
		for method := range strings.FieldsSeq(g.methods) {
			in := request{method: method, path: "/" + concrete(g.path)}
			t.Run(method+" "+g.path, func(t *testing.T) {
				if g.who == everybody {
					if got := newWorld(t).do(t, in); got.status == 401 {
						t.Errorf("a public route answers 401")
					}
					return
				}
				refusedAs(t, in, 401, "missing_token")
				in.token = "forged"
				refusedAs(t, in, 401, "invalid_token")
				if g.who == admins {
					in.token = learnerToken
					refusedAs(t, in, 403, "admin_required")
				}
			})
		}
	}
	t.Run("logout of all", func(t *testing.T) {
		refusedAs(t, request{method: post, path: "/auth/logout", body: `{"all": true, "refresh_token": "r"}`}, 401, "missing_token")
	})
}

func TestAuthorizationHeader(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer " + learnerToken:            "",
		"bearer " + learnerToken:            "",
		"BEARER   " + learnerToken + " ":    "",
		"Bearer":                            "invalid_token",
		"Bearer ":                           "invalid_token",
		"Basic dXNlcjpwYXNz":                "invalid_token",
		learnerToken:                        "invalid_token",
		"Bearer a b":                        "invalid_token",
		"Bearer " + learnerToken + ",other": "invalid_token",
		"Bearer\t" + learnerToken:           "invalid_token",
	} {
		t.Run(header, func(t *testing.T) {
			got := newWorld(t).do(t, request{path: "/users/me", header: map[string]string{"Authorization": header}})
			if want == "" {
				if got.status != 200 {
					t.Errorf("status = %d: %s", got.status, got.body)
				}
				return
			}
			if p := got.problem(t); got.status != 401 || p.Code != want {
				t.Errorf("status = %d, code %q", got.status, p.Code)
			}
			if got, want := got.header.Get("WWW-Authenticate"), `Bearer realm="englishctl", error="invalid_token"`; got != want {
				t.Errorf("WWW-Authenticate = %q, want %q", got, want)
			}
		})
	}
	t.Run("two headers", func(t *testing.T) {
		w := newWorld(t)
		r := request{path: "/users/me", token: learnerToken}.build(t)
		r.Header.Add("Authorization", "Bearer "+adminToken)
		if got := serve(t, w.handler, r); got.status != 401 {
			t.Errorf("status = %d", got.status)
		}
	})
}

// TestUnknownPaths: no redirects, which would drop a body, and the same shape as any other problem.
func TestUnknownPaths(t *testing.T) {
	for _, path := range []string{
		"///", "//nothing", "//api/v1", "//api/v1/", "//api/v1/tags/", "//api/v2/tags", "//api/v1//tags", "//api/v1/../v1/tags", "//api//v1/tags",
		"//api/v1/TAGS", "//api/v1/game/sessions/x/y", "//api/v1/auth", "//healthz/", "//media", "//media/", "//%00", "//.git/config",
	} {
		for _, method := range []string{get, post, "OPTIONS", "BREW"} {
			got := newWorld(t).do(t, request{method: method, path: path})
			if p := got.problem(t); got.status != 404 || p.Code != "unknown_path" {
				t.Errorf("%s %s: status %d, code %q", method, path, got.status, p.Code)
			}
			if got.header.Get("Location") != "" {
				t.Errorf("%s %s redirects", method, path)
			}
		}
	}
}

// TestWrongMethods: 405 names every method that the path does take.
func TestWrongMethods(t *testing.T) {
	allowed := make(map[string][]string)
	for _, g := range golden {
		allowed[g.path] = append(allowed[g.path], strings.Fields(g.methods)...)
	}
	for path, methods := range allowed {
		for _, method := range []string{get, head, post, put, del, "PATCH", "OPTIONS", "TRACE", "BREW"} {
			also := methods
			if template, fits := fitsToo[path]; fits {
				also = slices.Concat(methods, allowed[template])
			}
			if slices.Contains(also, method) {
				continue // of another route; see below
			}
			got := newWorld(t).do(t, request{method: method, path: "/" + concrete(path)})
			said := strings.Split(got.header.Get("Allow"), ", ")
			slices.Sort(said)
			if want := slices.Compact(slices.Sorted(slices.Values(also))); got.status != 405 || !slices.Equal(said, want) {
				t.Errorf("%s %s: status %d, Allow %q, want %q", method, path, got.status, said, want)
			}
		}
	}
	for _, in := range []request{{path: "/game/sessions/batch"}, {method: del, path: "/admin/speeches/export"}, {method: put, path: "/admin/tags/batch"}} {
		in.token = adminToken
		if got := newWorld(t).do(t, in); got.status != 404 {
			t.Errorf("%s is no id: status = %d", in.path, got.status)
		}
	}
}

// fitsToo are paths whose last word would do for an id, and the template that takes it for one.
var fitsToo = map[string]string{
	"/api/v1/game/sessions/batch":   "/api/v1/game/sessions/{session_id}",
	"/api/v1/admin/speeches/export": "/api/v1/admin/speeches/{speech_id}",
	"/api/v1/admin/tags/batch":      "/api/v1/admin/tags/{tag_id}",
}
