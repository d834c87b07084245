package httpapi

import (
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/signature"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// critical are the routes that must be signed.
var critical = []string{
	"DELETE /users/me",
	"DELETE /admin/speeches/{speech_id}",
	"DELETE /admin/tags/{tag_id}",
	"POST /admin/tags/batch",
	"POST /admin/tags/{tag_id}/merge",
	"POST /admin/users",
	"PUT /admin/users/{user_id}/role",
	"PUT /admin/users/{user_id}/password",
	"DELETE /admin/users/{user_id}",
	"POST /admin/import/audio",
	"POST /admin/import/csv",
	"DELETE /admin/import/sessions/{upload_session_id}",
	"POST /admin/imports/{batch_id}/undo",
}

// TestCriticalRoutes: the router, this table and the documentation name the same routes.
func TestCriticalRoutes(t *testing.T) {
	var routed []string
	err := New(Deps{}, Config{}).router().Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		if rt, ok := r.GetHandler().(*route); ok && rt.proof != unsigned {
			path, err := r.GetPathTemplate()
			methods, _ := r.GetMethods()
			routed = append(routed, methods[0]+" "+strings.TrimPrefix(path, basePath))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(critical, routed); diff != "" {
		t.Errorf("the router (+) differs from the table (-):\n%s", diff)
	}
	text, err := os.ReadFile("../../docs/request-signing.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, found := range regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, found[1])
	}
	if diff := cmp.Diff(critical, documented); diff != "" {
		t.Errorf("docs/request-signing.md (+) differs from the table (-):\n%s", diff)
	}
}

const signingSecret = "the-signing-secret-of-this-test"

// verifier checks signatures by the usual clock, since signers have no other.
func verifier() *signature.Verifier {
	return signature.NewVerifier(signingSecret, "", signature.NewMemory(1000, nil), nil)
}

// signedWorld is a world that asks for signatures.
func signedWorld(tb testing.TB, cfg Config) *world {
	tb.Helper()
	w := newWorld(tb)
	cfg.Log, cfg.NewRequestID = newLogger(tb), func() string { return "request-1" }
	w.handler = New(Deps{
		Accounts: w, Catalog: w, Practice: w, Imports: w, Audit: w, Stats: w, Recordings: w, Signatures: verifier(),
		Media: shelf{key: "audio/A1/a b.mp3", content: "0123456789"},
	}, cfg).Handler()
	return w
}

// sign signs a request as it is sent to host.test, or to another address.
func sign(tb testing.TB, q request, address string) request {
	tb.Helper()
	r := q.build(tb)
	to, err := url.Parse(address + r.URL.RequestURI())
	if err != nil {
		tb.Fatal(err)
	}
	r.URL = to
	if err := signature.NewSigner(signingSecret).Sign(r, []byte(q.body)); err != nil {
		tb.Fatal(err)
	}
	header := map[string]string{}
	for name := range r.Header {
		header[name] = r.Header.Get(name)
	}
	q.header = header
	return q
}

// here is where a test's requests go, as httptest has it.
const here = "http://example.com"

// criticalRequest is a good request to a critical route, but for the signature.
func criticalRequest(tb testing.TB, name string) request {
	tb.Helper()
	method, path, _ := strings.Cut(name, " ")
	q := request{method: method, path: concrete(path), token: adminToken}
	switch path {
	case "/admin/import/audio":
		return withForm(tb, q, []formPart{{"files", "a.mp3", "A"}})
	case "/admin/import/csv":
		return withForm(tb, q, csvForm())
	case "/admin/tags/batch":
		q.body = `{"tags": [{"name": "New"}]}`
	case "/admin/tags/{tag_id}/merge":
		q.body = `{"into": "` + otherID.String() + `"}`
	case "/admin/users":
		q.body = `{"email": "new@example.com", "password": "SecurePass123", "name": "New", "role": "admin"}`
	case "/admin/users/{user_id}/role":
		q.body = `{"role": "admin"}`
	case "/admin/users/{user_id}/password":
		q.body = `{"password": "SecurePass123"}`
	}
	return q
}

func TestCriticalRequests(t *testing.T) {
	for _, name := range critical {
		t.Run(name, func(t *testing.T) {
			q := criticalRequest(t, name)
			signed := sign(t, q, here)
			changed := signed
			changed.body = strings.Replace(q.body, "A", "B", 1) + " "
			w := signedWorld(t, Config{})
			for _, step := range []struct {
				name    string
				request request
				code    string
			}{
				{"nobody", request{method: q.method, path: q.path}, "missing_token"},
				{"without a signature", q, "signature_missing"},
				{"for another address", sign(t, q, "https://example.org"), "signature_invalid"},
				{"with another body", changed, "signature_digest_mismatch"},
			} {
				got := w.do(t, step.request)
				if p := got.problem(t); got.status != 401 || p.Code != step.code {
					t.Fatalf("%s: %d %s, want 401 %s", step.name, got.status, p.Code, step.code)
				}
				if strings.HasPrefix(step.code, "signature") {
					if got.header.Get("WWW-Authenticate") != `Bearer realm="englishctl"` || !strings.HasPrefix(got.header.Get("Accept-Signature"), `sig1=("@method" `) {
						t.Errorf("%s: header %v", step.name, got.header)
					}
				}
				if undone := len(w.calls) > 0 && w.calls[0].Name != "Upload"; undone { // which takes files while they come
					t.Fatalf("%s: %v was done", step.name, w.calls)
				}
			}
			again := sign(t, q, here)
			if got := w.do(t, again); got.status >= 400 {
				t.Fatalf("signed: %d %s", got.status, got.body)
			}
			if p := w.do(t, again).problem(t); p.Status != 401 || p.Code != "signature_replayed" {
				t.Errorf("again: %d %s", p.Status, p.Code)
			}
		})
	}
}

// TestOrderOfChecks: who somebody is, and how often they ask, comes before what they have signed.
func TestOrderOfChecks(t *testing.T) {
	w := signedWorld(t, Config{})
	q := criticalRequest(t, "DELETE /admin/tags/{tag_id}")
	q.token = learnerToken
	if p := w.do(t, q).problem(t); p.Code != "admin_required" {
		t.Errorf("a learner is told %s", p.Code)
	}
	l := newLimitedWorldWith(t, Config{RateLimits: map[string]int{limitAdmin: 1}})
	l.handler = New(Deps{Accounts: l, Catalog: l, Limiter: l.limiter, Signatures: verifier()}, Config{
		Log: newLogger(t), RateLimits: map[string]int{limitAdmin: 1}, Now: func() time.Time { return l.now },
	}).Handler()
	q.token = adminToken
	for i, want := range []string{"signature_missing", "rate_limited"} {
		if p := l.do(t, q).problem(t); p.Code != want {
			t.Errorf("request %d is told %s, want %s", i+1, p.Code, want)
		}
	}
}

// TestOtherRoutesNeedNoSignature, whether the daemon asks for signatures or not.
func TestOtherRoutesNeedNoSignature(t *testing.T) {
	for _, g := range golden {
		for method := range strings.FieldsSeq(g.methods) {
			name := method + " " + strings.TrimPrefix(g.path, basePath)
			isCritical := strings.Contains(strings.Join(critical, "\n")+"\n", name+"\n")
			got := signedWorld(t, Config{}).do(t, request{method: method, path: "/" + concrete(g.path), token: adminToken})
			if lacks := got.header.Get("Accept-Signature") != ""; lacks != isCritical {
				t.Errorf("%s: asks for a signature: %v, want %v", name, lacks, isCritical)
			}
		}
	}
}

// TestSignedTooLarge: a body that is not a form is kept, and so has its limit.
func TestSignedTooLarge(t *testing.T) {
	q := criticalRequest(t, "DELETE /admin/tags/{tag_id}")
	q.body = strings.Repeat("x", maxBody+1)
	if p := signedWorld(t, Config{}).do(t, sign(t, q, here)).problem(t); p.Status != 413 {
		t.Errorf("%d %s", p.Status, p.Code)
	}
}

// TestSignedAddresses: clients sign the address that they use; what proxies make of it must not matter.
func TestSignedAddresses(t *testing.T) {
	public := &url.URL{Scheme: "https", Host: "api.example.com", Path: "/english"}
	proxy := []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} // where httptest's requests come from
	for name, tt := range map[string]struct {
		cfg   Config
		proto string
		sent  string
		good  bool
	}{
		"as it came":                          {Config{}, "", "http://example.com", true},
		"in capitals, with the scheme's port": {Config{}, "", "http://EXAMPLE.com:80", true},
		"over https, and nobody says so":      {Config{}, "", "https://example.com", false},
		"a stranger says so":                  {Config{}, "https", "https://example.com", false},
		"a proxy of ours says so":             {Config{TrustedProxies: proxy}, "https", "https://example.com", true},
		"the public address":                  {Config{PublicURL: public}, "", "https://api.example.com/english", true},
		"the inner one beside it":             {Config{PublicURL: public}, "", "http://example.com", true},
		"another one":                         {Config{PublicURL: public}, "", "https://api.example.org", false},
	} {
		t.Run(name, func(t *testing.T) {
			q := sign(t, criticalRequest(t, "DELETE /users/me"), tt.sent)
			if tt.proto != "" {
				q.header["X-Forwarded-Proto"] = tt.proto
			}
			got := signedWorld(t, tt.cfg).do(t, q)
			if good := got.status == 204; good != tt.good {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
}

// TestNoncesOut: while nobody knows whether a signature was used, nothing critical is done, and the rest goes on.
func TestNoncesOut(t *testing.T) {
	out := cache.Guard(mustRedis(t, "redis://127.0.0.1:1/0"), newLogger(t), nil)
	w := newWorld(t)
	w.handler = New(Deps{
		Accounts: w, Catalog: w, Signatures: signature.NewVerifier(signingSecret, "", signature.NewShared(out), nil),
	}, Config{Log: newLogger(t)}).Handler()
	got := w.do(t, sign(t, criticalRequest(t, "DELETE /users/me"), here))
	if p := got.problem(t); p.Status != 503 || p.Code != "replay_check_unavailable" || got.header.Get("Retry-After") == "" || len(w.calls) > 0 {
		t.Errorf("%d %s, %v, calls %v", p.Status, p.Code, got.header, w.calls)
	}
	if got := w.do(t, request{path: "/users/me", token: learnerToken}); got.status != 200 {
		t.Errorf("a profile: %d %s", got.status, got.body)
	}
}

func mustRedis(tb testing.TB, address string) *cache.Redis {
	tb.Helper()
	r, err := cache.NewRedis(address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// TestSignedImport: an import whose bytes were changed on the way leaves nothing behind, on both databases.
func TestSignedImport(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		h.deps.Signatures = verifier()
		h.handler = New(h.deps, Config{Log: newLogger(t)}).Handler()
		upload := withForm(t, request{method: post, path: "/admin/import/audio", token: admin}, []formPart{{"files", "a.wav", wav("hello")}})
		before := h.rows()

		changed := sign(t, upload, here)
		changed.body = strings.Replace(changed.body, "hello", "jello", 1)
		if p := h.send(401, changed).problem(t); p.Code != "signature_digest_mismatch" {
			t.Errorf("a changed upload: %s", p.Code)
		}
		longer := sign(t, upload, here)
		longer.body += "epilogue"
		if p := h.send(401, longer).problem(t); p.Code != "signature_digest_mismatch" {
			t.Errorf("an upload with something behind it: %s", p.Code)
		}
		if diff := cmp.Diff(before, h.rows()); diff != "" {
			t.Errorf("they left something behind (-before +after):\n%s", diff)
		}

		uploaded := decodeJSON(t, h.send(200, sign(t, upload, here)).body).(body)
		table := withForm(t, request{method: post, path: "/admin/import/csv", token: admin}, []formPart{
			{"file", "lessons.csv", "audio_filename,text,level,type,tags\na.wav,What is your name?,A1,question,\n"},
			{"upload_session_id", "", uploaded["upload_session_id"].(string)},
		})
		before = h.rows()
		changed = sign(t, table, here)
		changed.body = strings.Replace(changed.body, "your name", "your game", 1)
		if p := h.send(401, changed).problem(t); p.Code != "signature_digest_mismatch" {
			t.Errorf("a changed table: %s", p.Code)
		}
		if diff := cmp.Diff(before, h.rows()); diff != "" {
			t.Errorf("it left something behind (-before +after):\n%s", diff)
		}
		h.send(200, sign(t, table, here))
	})
}
