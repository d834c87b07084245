package main

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/signature"
)

const signingSecret = "the-signing-secret-of-this-story"

// signed sends a critical request to a daemon with a signature, and returns the request for another time.
func (c client) signed(method, path string) (answer, *http.Request) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if err := signature.NewSigner(signingSecret).Sign(r, nil); err != nil {
		c.t.Fatal(err)
	}
	return c.sent(r), r
}

func (c client) sent(r *http.Request) answer {
	c.t.Helper()
	a, err := send(http.DefaultClient, r)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// A daemon that asks for signatures: editors set the secret once, apps sign, and a request that somebody has recorded is of
// no use at any daemon.
func TestSignedRequests(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		s.env = append(s.env, "REQUEST_SIGNING_SECRET="+signingSecret)
		daemons := []*daemon{s.serve(t)}
		if slices.ContainsFunc(s.env, func(line string) bool { return strings.HasPrefix(line, "REDIS_URL=") }) {
			daemons = append(daemons, s.serve(t))
		}

		l, _ := daemons[0].laptop(s)
		lessons := firstLessons(t, 20)
		if _, talk, code := l.run(t, "", lessons...); code == 0 || !strings.Contains(talk, "set REQUEST_SIGNING_SECRET") {
			t.Errorf("an import without the secret: exit code %d\n%s", code, talk)
		}
		wrong := stack{env: append(l.env, "REQUEST_SIGNING_SECRET=another-secret-of-somebody")}
		if _, talk, code := wrong.run(t, "", "tags", "import", filepath.Join(filepath.Dir(starterPack(t)[1]), "tags.csv")); code == 0 || !strings.Contains(talk, "is REQUEST_SIGNING_SECRET the server's own?") {
			t.Errorf("with another secret: exit code %d\n%s", code, talk)
		}
		knowing := stack{env: append(l.env, "REQUEST_SIGNING_SECRET="+signingSecret)}
		knowing.must(t, "SecurePass123\n", "login", "--server", daemons[0].address, "--email", "staff@example.com", "--password-stdin")
		if _, talk, code := l.run(t, "", lessons...); code != 0 || !strings.Contains(talk, "20 created") {
			t.Errorf("an import with the secret that login has kept: exit code %d\n%s", code, talk)
		}

		learner := daemons[0].learner()
		if got := learner.want(http.StatusUnauthorized, "DELETE", "/api/v1/users/me", nil); got["code"] != "signature_missing" {
			t.Errorf("without a signature: %v", got)
		}
		admin := daemons[0].admin(s)
		a, recorded := admin.signed("DELETE", "/api/v1/admin/tags/019ac3e8-6aa8-7000-8000-000000000000")
		if a.status != http.StatusNotFound {
			t.Fatalf("signed, but there is no such tag: %d %s", a.status, a.raw)
		}
		for i, d := range daemons {
			again := recorded.Clone(t.Context())
			again.URL.Host = strings.TrimPrefix(d.address, "http://")
			again.Host = strings.TrimPrefix(daemons[0].address, "http://") // whoever replays it says what was signed
			if a := admin.sent(again); a.status != http.StatusUnauthorized || a.body["code"] != "signature_replayed" {
				t.Errorf("again, at daemon %d: %d %s", i, a.status, a.raw)
			}
		}
		if a, _ := learner.signed("DELETE", "/api/v1/users/me"); a.status != http.StatusNoContent {
			t.Errorf("signed: %d %s", a.status, a.raw)
		}
		for _, d := range daemons {
			if strings.Contains(d.logged(), signingSecret) {
				t.Error("the log shows the secret")
			}
		}
	})
}

// While Redis is out, nobody can tell what was used at the other daemons: what is critical waits, the rest goes on.
func TestRedisDiesUnderSignatures(t *testing.T) {
	s := production(t)
	s.env = append(s.env, "REQUEST_SIGNING_SECRET="+signingSecret)
	redis := s.behindWire(t, "REDIS_URL")
	d := s.serve(t)
	learner := d.learner()
	redis.cut()
	if a, _ := learner.signed("DELETE", "/api/v1/users/me"); a.status != http.StatusServiceUnavailable || a.body["code"] != "replay_check_unavailable" {
		t.Errorf("without Redis: %d %s", a.status, a.raw)
	}
	learner.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
	redis.mend()
	eventually(t, time.Minute, "Redis is back", func() bool {
		a, _ := learner.signed("DELETE", "/api/v1/users/me")
		return a.status == http.StatusNoContent
	})
}
