package remote

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// TestProblems: what the daemon's service refuses is the same fault here, word for word.
func TestProblems(t *testing.T) {
	many := `{"field": "a", "message": "1"}, {"field": "b", "message": "2"}, {"field": "c", "message": "3"}, {"field": "d", "message": "4"},
		{"field": "e", "message": "5"}, {"field": "f", "message": "6"}`
	fields := func(names ...string) (found []fault.Field) {
		for i, name := range names {
			found = append(found, fault.Field{Name: name, Message: fmt.Sprint(i + 1)})
		}
		return found
	}
	for name, tc := range map[string]struct {
		status  int
		members string
		want    fault.Error
	}{
		"a conflict keeps its code": {
			409, `"detail": "there is a tag \"Food\" already", "code": "tag_exists"`,
			fault.Error{Kind: fault.KindConflict, Code: "tag_exists", Message: `there is a tag "Food" already`},
		},
		"a code that is the kind's name is none": {404, `"detail": "no user", "code": "not_found"`, fault.Error{Kind: fault.KindNotFound, Message: "no user"}},
		"fields without a sentence of their own": {
			400, `"detail": "a: 1; b: 2", "code": "invalid", "errors": [{"field": "a", "message": "1"}, {"field": "b", "message": "2"}]`,
			fault.Error{Kind: fault.KindInvalid, Fields: fields("a", "b")},
		},
		"more fields than the sentence names": {
			400, `"detail": "a: 1; b: 2; c: 3; d: 4; e: 5; and more (see errors)", "code": "invalid", "errors": [` + many + `]`,
			fault.Error{Kind: fault.KindInvalid, Fields: fields("a", "b", "c", "d", "e", "f")},
		},
		"fields beside a sentence": {
			413, `"detail": "body is larger than 12 MiB", "code": "too_large", "errors": [{"field": "body", "message": "1"}]`,
			fault.Error{Kind: fault.KindTooLarge, Message: "body is larger than 12 MiB", Fields: fields("body")},
		},
		"rows are no fields": {
			422, `"detail": "1 of 2 rows are invalid; nothing was imported", "code": "import_rejected", "errors": [{"row": 2, "field": "", "error": "x"}]`,
			fault.Error{Kind: fault.KindUnsuitable, Code: "import_rejected", Message: "1 of 2 rows are invalid; nothing was imported"},
		},
		"not allowed":             {403, `"detail": "only an administrator may do this", "code": "admin_required"`, fault.Error{Kind: fault.KindForbidden, Code: "admin_required", Message: "only an administrator may do this"}},
		"gone":                    {401, `"detail": "the account is gone", "code": "account_gone"`, fault.Error{Kind: fault.KindUnauthorized, Code: "account_gone", Message: "the account is gone"}},
		"down":                    {503, `"detail": "the database is down", "code": "database_unavailable"`, fault.Error{Kind: fault.KindUnavailable, Code: "database_unavailable", Message: "the database is down"}},
		"too slow":                {408, `"detail": "too slow", "code": "request_timeout"`, fault.Error{Kind: fault.KindUnavailable, Code: "request_timeout", Message: "too slow"}},
		"nothing steers a screen": {409, `"detail": "a\u001b[2Jb", "code": "x"`, fault.Error{Kind: fault.KindConflict, Code: "x", Message: "a\ufffd[2Jb"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(tc.status)
				_, _ = fmt.Fprintf(w, `{"type": "about:blank", "status": %d, "request_id": "r", %s}`, tc.status, tc.members)
			})
			err := d.services().Catalog.DeleteTag(t.Context(), uuid.Nil)
			f, ok := fault.As(err)
			if !ok {
				t.Fatalf("no fault: %v", err)
			}
			if diff := cmp.Diff(tc.want, fault.Error{Kind: f.Kind, Code: f.Code, Message: f.Message, Fields: f.Fields}, cmp.AllowUnexported(fault.Error{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(d.requests()) != 1 {
				t.Errorf("the change was asked for %d times", len(d.requests()))
			}
		})
	}
}

// TestStrangeAnswers: whatever answers, the error says in one sentence what is the matter and where, and nothing else of
// it is shown.
func TestStrangeAnswers(t *testing.T) {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html><script>alert(1)</script></html>"))
		}
	}
	body := func(status int, contentType, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	const problem = "application/problem+json"
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   string
		times  int // how often it was asked
	}{
		"a proxy's page":             {page(200), "is no englishctl; is the address right?", 1},
		"a proxy's failure":          {page(500), "(500 Internal Server Error) is no englishctl", 1},
		"a proxy's own sign-in":      {page(401), "is no englishctl", 1},
		"a proxy without a daemon":   {page(503), "is no englishctl", 3},
		"no type":                    {body(200, "", "{}"), "is no englishctl", 1},
		"a type that is none":        {body(200, ";;", "{}"), "is no englishctl", 1},
		"a problem that is a page":   {body(400, problem, "<html>"), "is no englishctl", 1},
		"a problem without words":    {body(400, problem, "{}"), "is no englishctl", 1},
		"a problem that is cut off":  {body(400, problem, `{"detail": "`), "is no englishctl", 1},
		"a failure of the daemon's":  {body(500, problem, `{"detail": "something went wrong", "code": "internal"}`), "answers: something went wrong", 1},
		"a path that it has not":     {body(404, problem, `{"detail": "nothing here", "code": "unknown_path"}`), "is of an older version than this program", 1},
		"JSON that is cut off":       {body(200, "application/json", `{"tags": [{"id": "`), "broke off", 3},
		"an empty answer":            {body(200, "application/json", ""), "broke off", 3},
		"no JSON at all":             {body(200, "application/json", "tags"), "something else than expected", 1},
		"a text where a list should": {body(200, "application/json", `{"tags": "x"}`), "something else than expected", 1},
		"an id that is none":         {body(200, "application/json", `{"tags": [{"id": "x"}]}`), "something else than expected", 1},
		"more than can be read":      {body(200, "application/json", `{"tags": "`+strings.Repeat("x", usualAnswer)), "more than 16 MiB", 1},
		"to another place": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example.com/secret?token=x", http.StatusFound)
		}, "sends on to https://evil.example.com, which is not followed", 1},
		"to nowhere": {body(301, "text/html", ""), "sends on elsewhere", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, tc.answer)
			_, err := d.services().Catalog.AllTags(t.Context())
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), d.URL) {
				t.Errorf("err = %v, want %q and the server in it", err, tc.want)
			}
			if strings.Contains(fmt.Sprint(err), "<") || strings.Contains(fmt.Sprint(err), "token=x") || len(fmt.Sprint(err)) > 300 {
				t.Errorf("the error shows too much: %.500v", err)
			}
			if got := len(d.requests()); got != tc.times {
				t.Errorf("asked %d times, want %d", got, tc.times)
			}
			mustBeDiscreet(t, err)
		})
	}
}

// TestNoTokenElsewhere: a redirect takes neither the token nor the password with it.
func TestNoTokenElsewhere(t *testing.T) {
	other := newDaemon(t, func(http.ResponseWriter, *http.Request) {})
	d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect) // which keeps method and body
	})
	s := d.services()
	for name, ask := range map[string]func() error{
		"a GET":    func() error { _, err := s.Catalog.AllTags(t.Context()); return err },
		"a DELETE": func() error { return s.Catalog.DeleteTag(t.Context(), uuid.Nil) },
		"a sign-in": func() error {
			_, err := SignInAs(t.Context(), Config{Server: d.URL, Agent: "englishctl/1.2.3"}, "a@example.com", password)
			return err
		},
	} {
		if err := ask(); err == nil {
			t.Errorf("%s is followed", name)
		}
	}
	if asked := other.requests(); len(asked) > 0 {
		t.Errorf("the other server was asked: %v", asked)
	}
}

// TestSlowAnswers end in time, and say what is not known.
func TestSlowAnswers(t *testing.T) {
	d := newDaemon(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := d.services()
	s.client.usual = time.Second // a busy machine has its moments, and both have to arrive
	_, err := s.Catalog.AllTags(t.Context())
	if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), d.URL+" did not answer within 1s") || strings.Contains(err.Error(), "or not") {
		t.Errorf("a question: %v", err)
	}
	err = s.Catalog.DeleteTag(t.Context(), uuid.Nil)
	if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "may have been done or not: look before you repeat it") {
		t.Errorf("a change: %v", err)
	}
	if got := len(d.requests()); got != 2 {
		t.Errorf("asked %d times, want 2", got)
	}
}

// TestTextsThatAreNone are refused here: the daemon would get something else than what was typed.
func TestTextsThatAreNone(t *testing.T) {
	d := newDaemon(t, func(http.ResponseWriter, *http.Request) {})
	s := d.services()
	const bad = "a\xff"
	for field, ask := range map[string]func() error{
		"email": func() error {
			_, err := s.Accounts.CreateUser(t.Context(), account.NewUser{Registration: account.Registration{Email: bad}})
			return err
		},
		"password": func() error { return s.Accounts.SetPassword(t.Context(), uuid.Nil, bad) },
		"role":     func() error { _, err := s.Accounts.SetRole(t.Context(), uuid.Nil, bad); return err },
		"name":     func() error { _, err := s.Catalog.CreateTag(t.Context(), catalogTag(bad)); return err },
		"row 1, name": func() error {
			_, err := s.Catalog.ApplyTags(t.Context(), catalogTags(bad))
			return err
		},
	} {
		f, ok := fault.As(ask())
		if !ok || f.Kind != fault.KindInvalid || f.Fields[0].Name != field {
			t.Errorf("%s: %v", field, f)
		}
	}
	if asked := d.requests(); len(asked) > 0 {
		t.Errorf("the daemon was asked: %v", asked)
	}
}

var errAny = errors.New("any")
