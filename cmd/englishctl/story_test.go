package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A daemon that is killed while learners save keeps every session that it has acknowledged, exactly once and whole.
func TestKilledDuringSaves(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		s.must(t, "", starterPack(t)...)
		d := s.serve(t)
		learner := d.learner()
		speeches := learner.drawAll("A1", "question", 10)

		var mu sync.Mutex
		acknowledged := map[string]bool{}
		var sent atomic.Int64
		enough := make(chan struct{})
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for {
					a, err := learner.try("POST", "/api/v1/game/sessions", session(speeches), "Idempotency-Key", uuid.NewString())
					if err != nil {
						return // the daemon is gone
					}
					if a.status != http.StatusCreated {
						t.Errorf("save: %s", a)
						return
					}
					mu.Lock()
					acknowledged[a.body["session_id"].(string)] = true
					mu.Unlock()
					if sent.Add(1) == 60 {
						close(enough)
					}
				}
			})
		}
		<-enough
		d.kill()
		workers.Wait()

		again := s.serve(t)
		learner.base = again.address
		found := map[string]int{}
		for page := 1; ; page++ {
			sessions := learner.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/game/sessions?limit=100&page=%d", page), nil)["sessions"].([]any)
			if len(sessions) == 0 {
				break
			}
			for _, each := range sessions {
				found[each.(map[string]any)["id"].(string)]++
			}
		}
		for id := range acknowledged {
			if found[id] != 1 {
				t.Errorf("the acknowledged session %s is in the history %d times", id, found[id])
			}
		}
		for id := range found {
			detail := learner.want(http.StatusOK, "GET", "/api/v1/game/sessions/"+id, nil)
			if got := len(detail["results"].([]any)); got != len(speeches) {
				t.Errorf("session %s has %d results, want %d", id, got, len(speeches))
			}
		}
	})
}

// total is the number of live speeches.
func total(admin client) int {
	admin.t.Helper()
	page := admin.want(http.StatusOK, "GET", "/api/v1/admin/speeches?limit=1", nil)
	return int(page["pagination"].(map[string]any)["total"].(float64))
}

// A stop lets the request in flight finish and refuses new ones.
func TestGracefulStop(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		d := s.serve(t)
		admin := d.admin(s)
		recording, err := os.ReadFile("../../examples/starter-pack/audio/a1-question-001.mp3")
		if err != nil {
			t.Fatal(err)
		}

		body, sender := io.Pipe()
		form := multipart.NewWriter(sender)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.address+"/api/v1/admin/import/audio", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", form.FormDataContentType())
		req.Header.Set("Authorization", "Bearer "+admin.token)
		req.Header.Set("Expect", "100-continue") // the body leaves once the handler asks for it
		patient := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
		type outcome struct {
			answer
			err error
		}
		done := make(chan outcome, 1)
		go func() {
			a, err := send(patient, req)
			done <- outcome{a, err}
		}()
		part, err := form.CreateFormFile("files", "slow.mp3")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(recording[:len(recording)/2]); err != nil { // returns once the body is on its way: the request is in flight
			t.Fatal(err)
		}

		if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		eventually(t, time.Minute, "new connections are refused", func() bool {
			res, err := fresh.Get(d.address + "/healthz") //nolint:noctx // bounded by eventually
			if err == nil {
				_ = res.Body.Close()
			}
			return err != nil
		})

		if _, err := part.Write(recording[len(recording)/2:]); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		_ = sender.Close()
		if o := <-done; o.err != nil || o.status != http.StatusOK {
			t.Errorf("the upload in flight: %v %v", o.answer, o.err)
		}
		<-d.exited
		if code := d.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("exit code %d, want 0\n%s", code, d.logged())
		}
	})
}

// One address, twenty registrations at once: one account.
func TestRegisterRace(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		c := client{t: t, base: s.serve(t).address}
		email := uuid.NewString() + "@example.com"
		statuses := atOnce(20, func(int) int {
			a, err := c.try("POST", "/api/v1/auth/register", map[string]any{"email": email, "password": "SecurePass123", "name": "A"})
			if err != nil {
				t.Error(err)
			}
			return a.status
		})
		if statuses[http.StatusCreated] != 1 || statuses[http.StatusConflict] != 19 {
			t.Errorf("statuses %v, want one 201 and nineteen 409", statuses)
		}
	})
}

// One idempotency key, twenty saves at once: one session, the same answer to all.
func TestIdempotencyRace(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		s.must(t, "", starterPack(t)...)
		learner := s.serve(t).learner()
		body := session(learner.drawAll("B1", "answer", 5))
		answers := atOnce(20, func(int) string {
			a, err := learner.try("POST", "/api/v1/game/sessions", body, "Idempotency-Key", "one-and-the-same")
			if err != nil || a.status != http.StatusCreated {
				t.Errorf("save: %v %v", a, err)
			}
			return a.raw
		})
		if len(answers) != 1 {
			t.Errorf("%d different answers, want one: %v", len(answers), answers)
		}
		history := learner.want(http.StatusOK, "GET", "/api/v1/game/sessions", nil)
		if got := history["pagination"].(map[string]any)["total"].(float64); got != 1 {
			t.Errorf("%v sessions in the history, want 1", got)
		}
		body["max_streak"] = 0
		learner.want(http.StatusConflict, "POST", "/api/v1/game/sessions", body, "Idempotency-Key", "one-and-the-same")
	})
}

// atOnce calls fn n times at the same time and counts the different results.
func atOnce[T comparable](n int, fn func(i int) T) map[T]int {
	var mu sync.Mutex
	counts := map[T]int{}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			result := fn(i)
			mu.Lock()
			counts[result]++
			mu.Unlock()
		})
	}
	close(start)
	all.Wait()
	return counts
}

// Two imports at once that bring the same new tag end with one tag.
func TestImportRace(t *testing.T) {
	onEachStack(t, func(t *testing.T, s stack) {
		d := s.serve(t)
		admin := d.admin(s)
		codes := atOnce(4, func(i int) int {
			dir := t.TempDir()
			recording, err := os.ReadFile(fmt.Sprintf("../../examples/starter-pack/audio/a1-question-%03d.mp3", i+1))
			if err != nil {
				t.Error(err)
			}
			csv := fmt.Sprintf("audio_filename,text,level,type,tags\nx.mp3,Sentence number %d.,A1,answer,%s\n", i, []string{"Brand New", "brand new"}[i%2])
			if err := os.WriteFile(filepath.Join(dir, "x.mp3"), recording, 0o600); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "x.csv"), []byte(csv), 0o600); err != nil {
				t.Error(err)
			}
			_, stderr, code := s.run(t, "", "import", filepath.Join(dir, "x.csv"), "--audio", dir)
			if code != 0 {
				t.Errorf("import %d: exit code %d: %s", i, code, stderr)
			}
			return code
		})
		if codes[0] != 4 {
			t.Fatalf("exit codes %v, want four times 0", codes)
		}
		var tags []string
		for _, tag := range admin.want(http.StatusOK, "GET", "/api/v1/admin/tags", nil)["tags"].([]any) {
			tags = append(tags, tag.(map[string]any)["name"].(string))
		}
		if len(tags) != 1 || !strings.EqualFold(tags[0], "brand new") {
			t.Errorf("tags %q, want one", tags)
		}
		if got := total(admin); got != 4 {
			t.Errorf("%d speeches, want 4", got)
		}
	})
}

// A second daemon on one data directory is refused, with the first one's process.
func TestSecondDaemonIsRefused(t *testing.T) {
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	first := s.serve(t)
	_, stderr, code := s.run(t, "", "serve")
	if code != 1 || !strings.Contains(stderr, strconv.Itoa(first.cmd.Process.Pid)) {
		t.Errorf("exit code %d, stderr %q; want 1 and the first one's process %d", code, stderr, first.cmd.Process.Pid)
	}
	s.must(t, "", "users", "list") // other commands share it
	if code := first.stop(); code != 0 {
		t.Errorf("the first one's exit code is %d", code)
	}
	s.serve(t) // its lock went with it
}

// On PostgreSQL an old schema is refused with the command to run, and a missing key with its name.
func TestRefusesToStartOnPostgreSQL(t *testing.T) {
	url := freshDatabase(t)
	s := stack{env: []string{"DATA_DIR=" + t.TempDir(), "DATABASE_URL=" + url, "JWT_SECRET_KEY=" + strings.Repeat("k", 32)}}
	_, stderr, code := s.run(t, "", "serve")
	if code != 1 || !strings.Contains(stderr, "englishctl migrate up") {
		t.Errorf("old schema: exit code %d, stderr %q", code, stderr)
	}
	s.must(t, "", "migrate", "up")

	keyless := stack{env: []string{"DATA_DIR=" + t.TempDir(), "DATABASE_URL=" + url}}
	_, stderr, code = keyless.run(t, "", "serve")
	if code == 0 || !strings.Contains(stderr, "JWT_SECRET_KEY") {
		t.Errorf("no key: exit code %d, stderr %q", code, stderr)
	}
	s.serve(t)
}

// The readiness probe names what does not answer; the liveness probe does not care.
func TestReadinessNamesWhatFails(t *testing.T) {
	s := stack{env: []string{"DATA_DIR=" + t.TempDir()}}
	d := s.serve(t)
	c := client{t: t, base: d.address}
	c.want(http.StatusOK, "GET", "/readyz", nil)
	if err := os.RemoveAll(strings.TrimPrefix(s.env[0], "DATA_DIR=") + "/audio"); err != nil {
		t.Fatal(err)
	}
	a, err := c.try("GET", "/readyz", nil)
	if err != nil || a.status != http.StatusServiceUnavailable || !strings.Contains(a.raw, "audio") {
		t.Errorf("readyz without the audio folder: %v %v, want 503 that names audio", a, err)
	}
	c.want(http.StatusOK, "GET", "/healthz", nil)
}

// No secret of the settings is seen by others on the machine or in the log.
func TestSecretsStayInside(t *testing.T) {
	s := production(t)
	d := s.serve(t)
	learner := d.learner()
	learner.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
	d.stop()
	var secrets []string
	for _, setting := range s.env {
		name, value, _ := strings.Cut(setting, "=")
		if strings.HasSuffix(name, "_KEY") {
			secrets = append(secrets, value)
		}
	}
	secrets = append(secrets, "SecurePass123", learner.token)
	for _, secret := range secrets {
		if bytes.Contains([]byte(d.logged()), []byte(secret)) {
			t.Errorf("the log holds a secret")
		}
	}
}
