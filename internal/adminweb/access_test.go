package adminweb_test

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/adminweb"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/paging"
)

var (
	noQuery   = audit.Query{}
	firstPage = paging.Page{Number: 1, Limit: 50}
)

func with(header, value string) sent { return func(r *http.Request) { r.Header.Set(header, value) } }

func without(header string) sent { return func(r *http.Request) { r.Header.Del(header) } }

func credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}}
}

func TestSigningIn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		asked := h.get(303, "/admin/tags?search=food")
		login := asked.header.Get("Location")
		if login != "/admin/login?next=%2Fadmin%2Ftags%3Fsearch%3Dfood" {
			t.Fatalf("a stranger is led to %q", login)
		}
		page := h.get(200, login)
		next := page.find("input", "name=next")
		if len(next) != 1 || attr(next[0], "value") != "/admin/tags?search=food" {
			t.Fatalf("the login does not know where to go on: %s", page.body)
		}
		wrong := h.post(401, "/admin/login", credentials(operatorName, "OtherPass123"))
		h.says(wrong, "User name or password is wrong")
		if got := wrong.find("input", "name=name"); attr(got[0], "value") != operatorName {
			t.Error("the name has to be entered again")
		}
		h.says(h.post(400, "/admin/login", credentials("", "")), "A user name or e-mail address is required.", "A password is required.")

		form := credentials(operatorName, operatorPassword)
		form.Set("next", "/admin/tags?search=food")
		in := h.post(303, "/admin/login", form)
		if got := in.header.Get("Location"); got != "/admin/tags?search=food" {
			t.Errorf("signing in leads to %q", got)
		}
		cookie := in.header.Get("Set-Cookie")
		for _, part := range []string{"englishctl-panel=", "Path=/admin", "HttpOnly", "SameSite=Lax"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("the cookie %q lacks %s", cookie, part)
			}
		}
		if strings.Contains(cookie, "Secure") || strings.Contains(cookie, "Max-Age") {
			t.Errorf("over http, and for as long as the browser is open: %q", cookie)
		}
		h.audited("panel:root", "panel.sign_in")
		h.says(h.get(200, "/admin/tags"), "root", "Sign out")

		token := h.client.Jar.Cookies(must(url.Parse(h.address + "/admin")))[0]
		out := h.post(303, "/admin/logout", nil)
		h.says(h.get(200, out.header.Get("Location")), "You are signed out.")
		h.get(303, "/admin/tags")
		h.client.Jar.SetCookies(must(url.Parse(h.address)), []*http.Cookie{token})
		h.get(303, "/admin/tags") // a cookie that somebody has kept is worth nothing

		h.signInAs(adminEmail, adminPassword)
		h.audited("user:"+h.admin.ID.String(), "panel.sign_in")
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestLearnersStayOutside(t *testing.T) {
	h := newHouse(t)
	must(h.Accounts.Register(t.Context(), account.Registration{Email: "an@example.com", Password: adminPassword, Name: "An"}))
	h.says(h.post(401, "/admin/login", credentials("an@example.com", adminPassword)), "Only an administrator may use the panel")
	h.get(303, "/admin/speeches")
}

// TestEndsEverywhere: what takes an administrator's rights away ends the panel's sessions in all browsers, with the next click.
func TestEndsEverywhere(t *testing.T) {
	for name, end := range map[string]func(*house) error{
		"a new password": func(h *house) error {
			return h.Accounts.SetPassword(h.t.Context(), h.admin.ID, "OtherPass123")
		},
		"a demotion": func(h *house) error {
			_, err := h.Accounts.SetRole(h.t.Context(), h.admin.ID, account.Learner)
			return err
		},
		"a deletion": func(h *house) error { return h.Accounts.DeleteUser(h.t.Context(), h.admin.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			first := h.client
			h.signInAs(adminEmail, adminPassword)
			h.client = h.browser()
			h.signInAs(adminEmail, adminPassword)
			if err := end(h); err != nil {
				t.Fatal(err)
			}
			h.get(303, "/admin/speeches")
			h.client = first
			h.get(303, "/admin/speeches")
		})
	}
}

// TestNextStaysInThePanel: the address of the login makes nobody land elsewhere.
func TestNextStaysInThePanel(t *testing.T) {
	h := newHouse(t)
	for _, next := range []string{
		"https://evil.example/admin", "//evil.example/admin", "/\\evil.example", "javascript:alert(1)", "/api/v1/tags", "/administrator",
		"/admin/..//evil.example", "http:/admin", "/admin\r\nX: y", "",
	} {
		form := credentials(operatorName, operatorPassword)
		form.Set("next", next)
		if got := h.post(303, "/admin/login", form).header.Get("Location"); got != "/admin" {
			t.Errorf("%q leads to %q, want /admin", next, got)
		}
	}
}

// TestForgedForms: what another site makes a browser send changes nothing, also where the browser says little.
func TestForgedForms(t *testing.T) {
	h := newHouse(t).signIn()
	form := url.Values{"name": {"Forged"}}
	for name, changes := range map[string][]sent{
		"another origin":                   {with("Origin", "https://evil.example")},
		"another port":                     {with("Origin", "http://127.0.0.1:1")},
		"an opaque origin":                 {with("Origin", "null")},
		"a browser that says cross-site":   {with("Sec-Fetch-Site", "cross-site")},
		"a neighbour in the same domain":   {with("Sec-Fetch-Site", "same-site")},
		"another site over plain http":     {with("Sec-Fetch-Site", "cross-site"), without("Origin")},
		"one that does not say where from": {without("Origin")},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			h.says(h.post(403, "/admin/tags", form, changes...), "This form was not sent from a page of the panel")
			h.says(h.post(403, "/admin/login", credentials(operatorName, operatorPassword), changes...), "not sent from a page")
		})
	}
	h.t = t
	if tags := must(h.Catalog.AllTags(t.Context())); len(tags) != 0 {
		t.Fatalf("a forged form has created %v", tags)
	}
	h.post(303, "/admin/tags", form, with("Sec-Fetch-Site", "same-origin"), without("Origin"))
}

// TestBehindAProxy: over https the cookie is for this host and https alone, and forms may come from PUBLIC_URL whatever
// name the proxy uses.
func TestBehindAProxy(t *testing.T) {
	port := freePort(t)
	h := newHouse(t, "PUBLIC_URL=https://api.example.com", "TRUSTED_PROXIES=127.0.0.1/32", "API_PORT="+port)
	h.address = "http://127.0.0.1:" + port
	in := h.post(303, "/admin/login", credentials(operatorName, operatorPassword),
		with("X-Forwarded-Proto", "https"), with("Origin", "https://api.example.com"))
	cookie := in.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-englishctl-panel=", "Path=/;", "Secure", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	value, _, _ := strings.Cut(strings.TrimPrefix(cookie, "__Host-englishctl-panel="), ";")
	h.client = h.browser()
	planted := func(r *http.Request) { r.Header.Set("Cookie", "englishctl-panel="+value) }
	if a := h.do(http.MethodGet, "/admin/tags", nil, with("X-Forwarded-Proto", "https"), planted); a.status != 303 {
		t.Errorf("a cookie of the plain name counts over https: %d", a.status)
	}
	h.post(403, "/admin/login", credentials(operatorName, operatorPassword), with("X-Forwarded-Proto", "https"), with("Origin", "https://evil.example"))
}

// freePort is a port that nobody listens on right now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// TestHeaders: every page forbids what it does not need.
func TestHeaders(t *testing.T) {
	h := newHouse(t)
	pages := []answer{h.get(200, "/admin/login"), h.get(303, "/admin/tags"), h.post(403, "/admin/tags", nil, without("Origin"))}
	h.signIn()
	for _, path := range []string{"/admin/speeches", "/admin/speeches/new", "/admin/tags", "/admin/users", "/admin/sessions", "/admin/audit", "/admin/imports"} {
		pages = append(pages, h.get(200, path))
	}
	pages = append(pages, h.get(404, "/admin/nothing"), h.get(404, "/admin/speeches/no-id"))
	for _, a := range pages {
		csp := a.header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, rule) {
				t.Errorf("the policy %q lacks %s", csp, rule)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") || strings.Contains(csp, "*") {
			t.Errorf("the policy %q is loose", csp)
		}
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "same-origin" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the headers are %v", a.header)
		}
		if strings.Contains(a.body, "<style") || strings.Contains(a.body, " style=") || strings.Contains(a.body, "onclick") {
			t.Errorf("the page has style or script in it: %s", a.body)
		}
	}
}

func TestAssets(t *testing.T) {
	h := newHouse(t)
	page := h.get(200, "/admin/login")
	for _, asset := range []string{attr(page.find("link", "rel=stylesheet")[0], "href"), attr(page.find("script")[0], "src"), attr(page.find("link", "rel=icon")[0], "href")} {
		a := h.get(200, asset)
		if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.Contains(asset, "?v=") || a.body == "" {
			t.Errorf("%s: %v", asset, a.header)
		}
	}
	h.get(404, "/admin/static/panel.go")
}

// TestLoginIsLimited: the panel is no second door beside the API's login, and says so in a page.
func TestLoginIsLimited(t *testing.T) {
	h := newHouse(t, "RATE_LIMITS=login=3")
	var last answer
	for range 3 {
		h.post(401, "/admin/login", credentials(operatorName, "OtherPass123"))
	}
	last = h.post(429, "/admin/login", credentials(operatorName, operatorPassword))
	h.says(last, "Too many requests", "the next one in")
	if last.header.Get("Retry-After") == "" || !strings.HasPrefix(last.header.Get("Content-Type"), "text/html") {
		t.Errorf("the answer has the headers %v", last.header)
	}
	if a := h.do(http.MethodPost, "/api/v1/auth/login", strings.NewReader(`{"email": "a@example.com", "password": "x"}`),
		with("Content-Type", "application/json")); a.status != 429 {
		t.Errorf("the API's login has a budget of its own: %d", a.status)
	}
}

// TestGuessesAreCountedByAccount: from many addresses one account is tried no more often than the API allows.
func TestGuessesAreCountedByAccount(t *testing.T) {
	h := newHouse(t, "RATE_LIMITS=guess=1", "TRUSTED_PROXIES=127.0.0.1/32")
	from := func(address string) sent { return with("X-Forwarded-For", address) }
	for range 2 {
		h.post(401, "/admin/login", credentials(adminEmail, "OtherPass123"), from("192.0.2.1"))
	}
	h.post(401, "/admin/login", credentials("ED@example.com", "OtherPass123"), from("192.0.2.1"))
	h.says(h.post(429, "/admin/login", credentials(adminEmail, "OtherPass123"), from("192.0.2.1")), "Too many tries at this account")
	h.post(303, "/admin/login", credentials(adminEmail, adminPassword), from("192.0.2.2")) // its owner is elsewhere
}

// TestEveryPageIsForEditors: nothing but the login answers a stranger.
func TestEveryPageIsForEditors(t *testing.T) {
	h := newHouse(t)
	open := map[string]bool{"/admin/login": true, "/admin/static/{file}": true}
	const id = "00000000-0000-7000-8000-000000000001"
	fill := strings.NewReplacer("{speech_id}", id, "{tag_id}", id, "{user_id}", id, "{session_id}", id, "{batch_id}", id,
		"{upload_session_id}", id, "{rest:.*}", "anything")
	for _, page := range adminweb.New(adminweb.Deps{}, adminweb.Config{}).Pages() {
		if open[page.Path] {
			continue
		}
		a := h.do(page.Method, fill.Replace(page.Path), nil)
		if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/admin/login") {
			t.Errorf("%s %s: %d to %q", page.Method, page.Path, a.status, a.header.Get("Location"))
		}
	}
}
