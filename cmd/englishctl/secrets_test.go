package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// mark stands in everything that is secret in this story, and said in everything else that a request says.
const (
	mark = "SECRETMARK"
	said = "saidbysomebody"
)

// secretSettings give every secret setting a value that can be found again, where the embedded stack works with it. What they
// name does not answer, so that failures are logged, too.
var secretSettings = []string{
	"JWT_SECRET_KEY=" + mark + "-jwt-" + "0123456789abcdef0123456789abcdef",
	"JWT_SECRET_KEY_PREVIOUS=" + mark + "-before-" + "0123456789abcdef0123456789abcdef",
	"FACEBOOK_APP_ID=1", "FACEBOOK_APP_SECRET=" + mark + "-facebook", "FACEBOOK_GRAPH_URL=http://127.0.0.1:1",
	"GOOGLE_CLIENT_ID=g", "GOOGLE_ISSUER_URL=http://127.0.0.1:1",
	"REDIS_URL=redis://user:" + mark + "@127.0.0.1:1/0",
	"SMTP_URL=smtp://user:" + mark + "@127.0.0.1:1", "MAIL_FROM=app@example.com", "APP_URL=https://app.example.com",
	"AZURE_SPEECH_KEY=" + mark + "-azure", "AZURE_SPEECH_REGION=westeurope",
}

// secretBodies say secrets in every field that is meant for one, well and badly.
func secretBodies() map[string]string {
	fields := `"password": %[1]s, "token": %[1]s, "refresh_token": %[1]s, "nonce": %[1]s, "new_password": %[1]s`
	rest := `, "email": "` + said + `@example.com", "name": "` + said + `", "provider": "facebook", "role": "learner", "text": "` + said + `", "level": "A1",
		"type": "question", "tags": [], "selected_tags": [], "mode": "listen_only", "all": false}`
	return map[string]string{
		"texts":        "{" + fmt.Sprintf(fields, `"`+mark+`-pass1"`) + rest,
		"short texts":  "{" + fmt.Sprintf(fields, `"`+mark+`"`) + rest,
		"long texts":   "{" + fmt.Sprintf(fields, `"`+strings.Repeat(mark+"1", 20)+`"`) + rest,
		"other types":  "{" + fmt.Sprintf(fields, `{"`+mark+`": ["`+mark+`"]}`) + rest,
		"not JSON":     `{"password": "` + mark + `", "password": ` + mark,
		"Google":       strings.Replace("{"+fmt.Sprintf(fields, `"`+mark+`.`+mark+`.`+mark+`"`)+rest, "facebook", "google", 1),
		"no object":    `"` + mark + `"`,
		"not UTF-8":    "{\"password\": \"" + mark + "\xff\"}",
		"a deep value": strings.Repeat(`{"password":`, 200) + `"` + mark + `"` + strings.Repeat("}", 200),
	}
}

// Whatever is asked of every endpoint, at the log level that says most: no secret of a request or of a setting stands in the
// log, in an error, or among the metrics, and nothing that somebody has said stands in the log.
func TestNothingSecretIsTold(t *testing.T) {
	for name, more := range map[string][]string{"as usual": nil, "with signatures": {
		"REQUEST_SIGNING_SECRET=" + mark + "-signing-secret", "REQUEST_SIGNING_SECRET_PREVIOUS=" + mark + "-signing-secret-before",
	}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stack{env: slices.Concat([]string{"DATA_DIR=" + t.TempDir(), "LOG_LEVEL=debug"}, secretSettings, more)}
			d := s.serve(t)
			learner, admin := d.learner(), d.admin(s)
			strangers := []client{{t: t, base: d.address}, {t: t, base: d.address, token: mark + "-token"}, {t: t, base: d.address, token: learner.token + "x"}}
			listener := &ear{t: t, tokens: []string{learner.token, admin.token}}
			called := 0
			for _, route := range deletesLast(endpoints(t)) {
				for _, c := range append(strangers, learner, admin) {
					for _, body := range secretBodies() {
						listener.hears(c.secretly(route, body))
						called++
					}
				}
			}
			for _, c := range strangers {
				listener.hears(c.secretly("GET /metrics for", ""))
			}
			if called < 2000 {
				t.Errorf("only %d requests were sent", called)
			}
			d.stop()
			listener.reads("the log", d.logged())
			if at := strings.Index(d.logged(), said); at >= 0 {
				t.Errorf("the log has what somebody said: %s", d.logged()[max(0, at-200):at+50])
			}
			if !strings.Contains(d.logged(), `"level":"DEBUG"`) && !strings.Contains(d.logged(), "/auth/login") {
				t.Error("the log is not the one that says most")
			}
		})
	}
}

// deletesLast puts what deletes the caller's account behind the rest.
func deletesLast(routes []string) []string {
	slices.SortStableFunc(routes, func(a, b string) int {
		last := func(s string) int { return strings.Count(s, "DELETE /users/me") }
		return last(a) - last(b)
	})
	return routes
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

// secretly sends a request with secrets wherever they may stand: body, query, header.
func (c client) secretly(route, body string) answer {
	c.t.Helper()
	method, path, _ := strings.Cut(strings.Fields(route)[0]+" "+strings.Fields(route)[1], " ")
	path = pathParameter.ReplaceAllString(path, uuid.NewString())
	if !slices.Contains([]string{"/healthz", "/readyz", "/metrics"}, path) && !strings.HasPrefix(path, "/media/") {
		path = "/api/v1" + path
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path+"?token="+mark+"&signature="+mark+"&expires=9&password="+mark, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Cookie": "session=" + mark, "X-Api-Key": mark, "Proxy-Authorization": "Basic " + mark,
		"Signature": "sig1=:" + mark + "x:", "Signature-Input": `sig1=("` + mark + `");keyid="` + mark + `"`, "Referer": "https://x/?token=" + mark,
	} {
		r.Header.Set(name, value)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.sent(r)
}

// ear finds secrets in what is told.
type ear struct {
	t      *testing.T
	tokens []string
}

// hears looks at an answer. One that is no error may hold tokens that were asked for, but nothing that is marked.
func (e *ear) hears(a answer) {
	e.t.Helper()
	e.reads(fmt.Sprintf("an answer %d", a.status), a.raw)
}

func (e *ear) reads(what, text string) {
	e.t.Helper()
	for _, secret := range append(e.tokens, mark, "argon2id") {
		if at := strings.Index(text, secret); at >= 0 {
			e.t.Fatalf("%s tells a secret: …%s", what, text[max(0, at-200):min(len(text), at+60)])
		}
	}
}

// What other users of the machine can see of a command: no flag takes a secret, and what a secret's file says does not become an
// argument of the process.
func TestNoSecretOnTheCommandLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(mark+"-0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := stack{env: []string{"DATA_DIR=" + t.TempDir(), "REQUEST_SIGNING_SECRET=" + mark + "-signing"}}
	cmd := s.command(t, "serve", "--jwt-secret-key-file", file)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_, _ = io.Copy(io.Discard, stderr)
		_ = cmd.Wait()
	}()
	if _, err := stderr.Read(make([]byte, 1)); err != nil { // it says something: the settings are read
		t.Fatal(err)
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid)) // what ps shows
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(line), "--jwt-secret-key-file") || strings.Contains(string(line), mark) {
		t.Errorf("ps shows %q", line)
	}
	for _, flag := range []string{"--jwt-secret-key", "--jwt-secret-key-previous", "--request-signing-secret", "--database-url", "--redis-url", "--smtp-url", "--password", "--s3-secret-key"} {
		if _, talk, code := s.run(t, "", "users", "list", flag, "x"); code != 2 || !strings.Contains(talk, "unknown flag: "+flag) {
			t.Errorf("%s is a flag: exit code %d, %s", flag, code, talk)
		}
	}
}
