package main

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// The key of tokens is changed, from the one that was generated: nobody is signed out and no recording falls silent, until
// the operator forgets the key before.
func TestKeyRotation(t *testing.T) {
	data := t.TempDir()
	s := stack{env: []string{"DATA_DIR=" + data}}
	s.must(t, "", starterPack(t)...)
	d := s.serve(t)
	learner := d.learner()
	recording := recordingPath(t, learner.draw("A1", "question", 1)[0])
	again := func(d *daemon, token, link int) {
		t.Helper()
		c := client{t: t, base: d.address, token: learner.token}
		c.want(token, "GET", "/api/v1/users/me", nil)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.address+recording, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := c.sent(r); a.status != link {
			t.Errorf("the recording: status %d, want %d", a.status, link)
		}
	}
	again(d, http.StatusOK, http.StatusOK)
	d.stop()

	s.env = append(s.env, "JWT_SECRET_KEY="+strings.Repeat("n", 32))
	rotated := stack{env: append(s.env, "JWT_SECRET_KEY_PREVIOUS_FILE="+filepath.Join(data, "jwt.key"))}
	d = rotated.serve(t)
	again(d, http.StatusOK, http.StatusOK)
	d.stop()
	again(s.serve(t), http.StatusUnauthorized, http.StatusForbidden)
}

// recordingPath is the path and query of the link to a speech's recording: the daemon has another port after a restart.
func recordingPath(t *testing.T, speech any) string {
	t.Helper()
	u, err := url.Parse(speech.(map[string]any)["audio_url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

// The secret of signed requests is changed: an app with the one before goes on, and the operator sees that it does.
func TestSigningSecretRotation(t *testing.T) {
	before := signingSecret
	s := stack{env: []string{
		"DATA_DIR=" + t.TempDir(), "REQUEST_SIGNING_SECRET=the-next-signing-secret-of-this-story", "REQUEST_SIGNING_SECRET_PREVIOUS=" + before,
	}}
	d := s.serve(t)
	learner := d.learner()
	if a, _ := learner.signed("DELETE", "/api/v1/users/me"); a.status != http.StatusNoContent {
		t.Errorf("signed with the secret before: %d %s", a.status, a.raw)
	}
	if counted := learner.metric("englishctl_signatures_previous_total"); counted != 1 {
		t.Errorf("%v signatures with the secret before were counted, want 1", counted)
	}
	if strings.Contains(d.logged(), before) {
		t.Error("the log shows the secret")
	}
}
