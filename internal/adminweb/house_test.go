package adminweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/net/html"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

const (
	operatorName     = "root"
	operatorPassword = "OperatorPass1"
	adminEmail       = "ed@example.com"
	adminPassword    = "SecurePass123"
)

// operatorHash is cheap to check; how dear a hash is, the operator decides.
var operatorHash = sync.OnceValue(func() string {
	hash, err := bcrypt.GenerateFromPassword([]byte(operatorPassword), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
})

// house is a daemon with an administrator, and a browser without script.
type house struct {
	*app.Daemon
	t       testing.TB
	address string
	dir     string // holds the data directory
	client  *http.Client
	admin   account.User
}

// newHouse starts a daemon on a fresh embedded database, with more settings.
func newHouse(t testing.TB, settings ...string) *house {
	t.Helper()
	dir := t.TempDir()
	cfg, _, err := config.Load(config.Options{Dir: dir, Environ: append(settings, // the first one counts
		"DATA_DIR="+filepath.Join(dir, "data"), "API_PORT=0", "API_HOST=127.0.0.1", "ADMIN_USERNAME="+operatorName,
		"ADMIN_PASSWORD_HASH="+operatorHash(), "RATE_LIMITS=login=1000000,guess=1000000,admin=1000000")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d, err := app.OpenDaemon(ctx, cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		stop()
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &house{Daemon: d, t: t, dir: dir, address: d.About().Address}
	h.client = h.browser()
	h.admin, err = d.Accounts.CreateUser(t.Context(), account.NewUser{
		Registration: account.Registration{Email: adminEmail, Password: adminPassword, Name: "Ed"}, Role: account.Admin,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// eachHouse runs a test on both databases.
func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newHouse(t)) })
	t.Run("postgres", func(t *testing.T) {
		test(t, newHouse(t, "DATABASE_URL="+sqltest.PostgresURL(t), "JWT_SECRET_KEY="+strings.Repeat("k", 32), "AUTO_MIGRATE=false"))
	})
}

// browser keeps cookies and follows no redirect.
func (h *house) browser() *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h.t.Cleanup(client.CloseIdleConnections)
	return client
}

// answer is a page.
type answer struct {
	status int
	header http.Header
	body   string
}

// sent is a request before it is sent.
type sent func(*http.Request)

func (h *house) do(method, path string, body io.Reader, changes ...sent) answer {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.address+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Origin", h.address)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, change := range changes {
		change(r)
	}
	res, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if strings.Contains(string(content), "%!") { // how fmt says that it cannot write a value
		h.t.Errorf("%s %s shows a value that is not formatted: %s", method, path, content)
	}
	return answer{res.StatusCode, res.Header, string(content)}
}

// get demands a page of a status and returns it.
func (h *house) get(status int, path string) answer {
	h.t.Helper()
	a := h.do(http.MethodGet, path, nil)
	if a.status != status {
		h.t.Fatalf("GET %s: status %d, want %d: %s", path, a.status, status, a.text())
	}
	return a
}

// post sends a form and demands a status.
func (h *house) post(status int, path string, form url.Values, changes ...sent) answer {
	h.t.Helper()
	a := h.do(http.MethodPost, path, strings.NewReader(form.Encode()), changes...)
	if a.status != status {
		h.t.Fatalf("POST %s: status %d, want %d: %s", path, a.status, status, a.text())
	}
	return a
}

// signIn signs the browser in as the operator.
func (h *house) signIn() *house {
	h.t.Helper()
	h.signInAs(operatorName, operatorPassword)
	return h
}

func (h *house) signInAs(name, password string) {
	h.t.Helper()
	h.post(303, "/admin/login", url.Values{"name": {name}, "password": {password}})
}

// text is what one reads on a page, with single spaces.
func (a answer) text() string {
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		return err.Error()
	}
	var words []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return strings.Join(words, " ")
}

// find returns the elements of a page for which all attributes ("name=value") hold.
func (a answer) find(tag string, attributes ...string) []*html.Node {
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		return nil
	}
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && hasAll(n, attributes) {
			found = append(found, n)
		}
	}
	return found
}

func hasAll(n *html.Node, attributes []string) bool {
	for _, want := range attributes {
		name, value, _ := strings.Cut(want, "=")
		if attr(n, name) != value {
			return false
		}
	}
	return true
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// column is what stands in the cells of a column of a page's table.
func (a answer) column(label string) []string {
	var cells []string
	for _, td := range a.find("td", "data-label="+label) {
		var text strings.Builder
		for n := range td.Descendants() {
			if n.Type == html.TextNode {
				text.WriteString(n.Data)
			}
		}
		cells = append(cells, strings.TrimSpace(text.String()))
	}
	return cells
}

// says demands that a page says something.
func (h *house) says(a answer, wanted ...string) {
	h.t.Helper()
	for _, w := range wanted {
		if !strings.Contains(a.text(), w) {
			h.t.Errorf("the page does not say %q: %s", w, a.text())
		}
	}
}

// lastAudit is what the audit log's newest line says: who did what.
func (h *house) lastAudit() (actor, action string) {
	h.t.Helper()
	entries, _, err := h.Audit.Entries(h.t.Context(), noQuery, firstPage)
	if err != nil || len(entries) == 0 {
		h.t.Fatalf("the audit log has %d entries: %v", len(entries), err)
	}
	return entries[0].Origin.Actor, entries[0].Action
}

// audited demands that the newest line of the audit log says who did what.
func (h *house) audited(actor, action string) {
	h.t.Helper()
	if gotActor, gotAction := h.lastAudit(); gotActor != actor || gotAction != action {
		h.t.Errorf("the last entry is %s by %s, want %s by %s", gotAction, gotActor, action, actor)
	}
}

// idIn is the id at the end of where a page leads to.
func (h *house) idIn(a answer) uuid.UUID {
	h.t.Helper()
	return lastID(h.t, a.header.Get("Location"))
}

func lastID(t testing.TB, address string) uuid.UUID {
	t.Helper()
	path, _, _ := strings.Cut(address, "?")
	id, err := uuid.Parse(path[strings.LastIndex(path, "/")+1:])
	if err != nil {
		t.Fatalf("the page leads to %q: %v", address, err)
	}
	return id
}

// imported imports what is planned, and returns where a browser goes when that is done.
func (h *house) imported(plan, onError string) string {
	h.t.Helper()
	return leadsTo(h.t, h.post(200, plan+"/apply", url.Values{"on_error": {onError}}))
}

// leadsTo is where a page that is done sends a browser on to.
func leadsTo(t testing.TB, a answer) string {
	t.Helper()
	for _, meta := range a.find("meta", "http-equiv=refresh") {
		if to, ok := strings.CutPrefix(attr(meta, "content"), "0;url="); ok {
			return to
		}
	}
	t.Fatalf("the page leads nowhere: %s", a.body)
	return ""
}

type node = html.Node
