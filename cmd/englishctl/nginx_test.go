package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestBehindNginx runs two daemons behind a real nginx with the sample site, as docs/deployment.md describes it.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	n := behindNginx(t)
	for _, story := range []struct {
		name string
		test func(*site, *testing.T)
	}{
		{"a game", (*site).game},
		{"http", (*site).plain},
		{"addresses", (*site).addresses},
		{"uploads", (*site).uploads},
		{"daemons come and go", (*site).comeAndGo},
		{"no daemon answers", (*site).nobodyAnswers},
	} {
		t.Run(story.name, func(t *testing.T) { story.test(n, t) })
	}
}

// game plays one: draws, fetches the recordings, saves, and finds it in the history.
func (n *site) game(t *testing.T) {
	learner := n.client(t).register()
	speeches := learner.draw("A1", "question", 3)
	var ids []string
	for i, s := range speeches {
		speech := s.(map[string]any)
		ids = append(ids, speech["id"].(string))
		link := speech["audio_url"].(string)
		if !strings.HasPrefix(link, "https://"+audioName+"/") {
			t.Fatalf("recording %d is at %s", i, link)
		}
		for _, cached := range []string{"MISS", "HIT"} {
			got := learner.fetch(link)
			if got.status != http.StatusOK || len(got.content) < 1000 || got.header.Get("X-Cache") != cached {
				t.Errorf("GET %s: %d, %d bytes, X-Cache %q, want %s", link, got.status, len(got.content), got.header.Get("X-Cache"), cached)
			}
		}
		if got := learner.fetch(strings.Replace(link, "X-Amz-Signature=", "X-Amz-Signature=0", 1)); got.status != http.StatusForbidden {
			t.Errorf("a link with another signature: %d, want 403", got.status)
		}
	}
	saved := learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", session(ids))
	if got := learner.history(); len(got) != 1 || got[0] != saved["session_id"] {
		t.Errorf("the history is %v, want %v", got, saved["session_id"])
	}
	for _, path := range []string{"/metrics", "/readyz"} {
		learner.want(http.StatusNotFound, "GET", path, nil)
	}
}

// fetched is an answer that has been read, and the request, perhaps by another one's order, that it is an answer to.
type fetched struct {
	status, protocol int
	header           http.Header
	content          []byte
	address          string
	redirected       int // the status that led there; 0 where nothing has
}

// fetch gets a link, or where that leads to.
func (c client) fetch(link string) fetched {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := c.over.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	f := fetched{status: res.StatusCode, protocol: res.ProtoMajor, header: res.Header, content: content, address: res.Request.URL.String()}
	if before := res.Request.Response; before != nil {
		f.redirected = before.StatusCode
	}
	return f
}

// plain asks by http: what reads is led to https, which says that it shall be used from now on; what writes is refused.
func (n *site) plain(t *testing.T) {
	phone := n.client(t)
	got := phone.fetch("http://" + apiName + "/healthz?a=b")
	if got.address != "https://"+apiName+"/healthz?a=b" || got.status != http.StatusOK || got.redirected != http.StatusMovedPermanently {
		t.Errorf("http leads by %d to %s: %d", got.redirected, got.address, got.status)
	}
	if header := got.header["Strict-Transport-Security"]; len(header) != 1 || header[0] != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security is %q", header)
	}
	if got.protocol != 2 {
		t.Errorf("HTTP/%d, want HTTP/2", got.protocol)
	}
	refused := phone.at("http://"+apiName).want(http.StatusForbidden, "POST", "/api/v1/auth/login", map[string]any{"email": "a@example.com", "password": "SecurePass123"})
	if refused["code"] != "https_required" {
		t.Errorf("a login by http is refused with %v", refused)
	}
}

// addresses: logins are limited by the address of whoever calls, not by nginx', nor by what is written in a header.
func (n *site) addresses(t *testing.T) {
	guesser, learner := n.client(t), n.client(t)
	start, statuses := time.Now(), map[int]int{}
	for range 30 {
		statuses[guesser.guess(newAddress())]++
	}
	back := int(time.Since(start) / (6 * time.Second)) // one every six seconds, on a slow machine
	if statuses[401] < 10 || statuses[401] > 10+back+1 || statuses[401]+statuses[429] != 30 {
		t.Errorf("statuses %v, want 10 or, after %s, up to %d 401 and then 429", statuses, time.Since(start), 10+back+1)
	}
	if status := learner.guess(""); status != http.StatusUnauthorized {
		t.Errorf("a login from elsewhere: %d, want 401", status)
	}
}

// guess tries to sign in, pretends to come from an address, and returns the status.
func (c client) guess(forged string) int {
	c.t.Helper()
	wrong := map[string]any{"email": uuid.NewString() + "@example.com", "password": "WrongPass1"}
	var header []string
	if forged != "" {
		header = []string{"X-Forwarded-For", forged, "X-Real-IP", forged, "Forwarded", "for=" + forged}
	}
	a, err := c.try("POST", "/api/v1/auth/login", wrong, header...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a.status
}

// uploads: the largest recording that the daemons allow passes; what is larger is refused in words that apps can read.
func (n *site) uploads(t *testing.T) {
	admin := n.client(t).administrator(n.stack)
	recording, err := os.ReadFile("../../examples/starter-pack/audio/a1-question-001.mp3")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"text": "How large is this?", "level": "A1", "type": "question"}
	for _, phone := range []client{admin, {t: t, base: admin.base, token: admin.token, over: &http.Client{Transport: n.transport(t, false)}}} {
		a, err := phone.form("/api/v1/admin/speeches", fields, part{"audio", "large.mp3", padded(recording, 10<<20)})
		if err != nil || a.status != http.StatusCreated {
			t.Errorf("10 MiB: %v %v, want 201", a, err)
		}
		for _, path := range []string{"/api/v1/admin/speeches", "/api/v1/speech/score"} {
			a, err := phone.form(path, fields, part{"audio", "huge.mp3", padded(recording, 20<<20)})
			if err != nil || a.status != http.StatusRequestEntityTooLarge || a.body["code"] != "too_large" || a.body["status"] != 413.0 ||
				a.body["request_id"] == "" || !strings.Contains(fmt.Sprint(a.body["detail"]), "12 MiB") {
				t.Errorf("20 MiB to %s: %v %v, want a problem with the code too_large", path, a, err)
			}
		}
	}
	endless := struct{ io.Reader }{bytes.NewReader(make([]byte, 20<<20))} // says no length, so that nginx finds out as it reads
	if a, err := admin.stream("/api/v1/game/sessions", endless); err != nil || a.status != http.StatusRequestEntityTooLarge || a.body["code"] != "too_large" {
		t.Errorf("a save of 20 MiB: %v %v, want a problem with the code too_large", a, err)
	}
	if a := admin.upload("large.mp3", padded(recording, 10<<20)); a.status != http.StatusOK {
		t.Errorf("10 MiB in an import: %s, want 200", a)
	}
}

// stream sends a body of unknown length, with a key.
func (c client) stream(path string, body io.Reader) (answer, error) {
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Idempotency-Key", uuid.NewString())
	return c.send(req)
}

// padded is a recording of so many bytes: a tag (ID3v2) with nothing in it stands before the sound.
func padded(recording []byte, size int) []byte {
	empty := size - len(recording) - 10
	head := []byte{'I', 'D', '3', 4, 0, 0, byte(empty >> 21 & 127), byte(empty >> 14 & 127), byte(empty >> 7 & 127), byte(empty & 127)} //nolint:gosec // seven bits each
	return append(append(head, make([]byte, empty)...), recording...)
}

// comeAndGo replaces and kills daemons while phones play: not one request fails, and what is acknowledged is stored once.
func (n *site) comeAndGo(t *testing.T) {
	load := n.startLoad(t)
	for i := range n.daemons {
		load.goOn(30)
		n.replace(t, i)
	}
	load.goOn(30)
	n.killBusy(t, load)
	load.goOn(30)
	n.serve(t, 0)
	load.goOn(30)
	load.wantNoFailure()
}

// replace stops a daemon in good order, and starts another in its place.
func (n *site) replace(t *testing.T, i int) {
	t.Helper()
	if code := n.daemons[i].stop(); code != 0 {
		t.Errorf("daemon %d ends with exit code %d:\n%s", i, code, n.daemons[i].logged())
	}
	n.serve(t, i)
}

// killBusy freezes a daemon until it has requests of all kinds that it does not answer, and kills it: the other one answers them.
func (n *site) killBusy(t *testing.T, load *load) {
	t.Helper()
	offline := n.client(t).register()
	offline.over = load.traffic.through(n.transport(t, false))
	batch := offline.bigBatch()
	batches := 0
	var all sync.WaitGroup
	if err := freeze(n.daemons[0].cmd.Process); err != nil {
		t.Fatal(err)
	}
	// nginx repeats nothing that has taken ten seconds: proxy_next_upstream_timeout.
	eventually(t, 8*time.Second, "the frozen daemon has requests of all kinds", func() bool {
		if load.traffic.waitingFor("POST /api/v1/game/sessions/batch") < 3 {
			batches++
			all.Go(func() {
				a, err := offline.try("POST", "/api/v1/game/sessions/batch", batch, "Idempotency-Key", uuid.NewString())
				if err != nil || a.status != http.StatusCreated {
					t.Errorf("a batch: %v %.300s", err, a)
				}
			})
		}
		for of, least := range map[string]int{
			"GET /api/v1/users/me": 2, "POST /api/v1/game/speeches/random": 2, "POST /api/v1/game/sessions": 10, "POST /api/v1/game/sessions/batch": 3,
		} {
			if load.traffic.waitingFor(of) < least {
				return false
			}
		}
		return true
	})
	n.daemons[0].kill()
	all.Wait()
	if got, want := len(offline.history()), batches*len(batch["sessions"].([]any)); got != want {
		t.Errorf("the history has %d games of %d batches, want %d", got, batches, want)
	}
}

// bigBatch is a batch of games that nginx writes to a file before it sends it (client_body_buffer_size).
func (c client) bigBatch() map[string]any {
	c.t.Helper()
	game := session(c.drawAll("A2", "question", 10))
	game["mode"], game["avg_pronunciation_score"] = "listen_and_repeat", 80.0
	for _, result := range game["results"].([]map[string]any) {
		result["pronunciation_score"], result["recognized_text"] = 80.0, strings.Repeat("said ", 100)
	}
	games := make([]any, 40)
	for i := range games {
		games[i] = game
	}
	batch := map[string]any{"sessions": games}
	if size := len(toJSON(c.t, batch)); size < 130<<10 {
		c.t.Fatalf("the batch has %d bytes, which nginx keeps in memory", size)
	}
	return batch
}

// nobodyAnswers freezes both daemons, and then kills them: what nginx itself answers is what apps read everywhere else. Once a daemon is
// back, the next request finds it.
func (n *site) nobodyAnswers(t *testing.T) {
	for i := range n.daemons { // those of the story before have ended with it
		n.serve(t, i)
	}
	phone := n.client(t).register()
	for _, d := range n.daemons {
		if err := freeze(d.cmd.Process); err != nil {
			t.Fatal(err)
		}
	}
	phone.wantOutage("timeout", "POST", "/api/v1/speech/score") // of the others, nginx waits longer for an answer
	for _, d := range n.daemons {
		d.kill()
	}
	for _, q := range []query{
		{"GET", "/api/v1/tags", nil}, {"POST", "/api/v1/auth/login", nil}, // neither repeated nor not
		{"POST", "/api/v1/game/sessions", nil}, {"POST", "/api/v1/game/speeches/random", nil}, // one that must not be repeated, one that is
		{"POST", "/api/v1/speech/score", nil}, {"GET", "/api/v1/users/me/export", nil}, {"POST", "/api/v1/admin/import/audio", nil},
	} {
		phone.wantOutage("unavailable", q.method, q.path)
	}
	n.serve(t, 1)
	phone.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
}

// wantOutage demands that nginx answers as a daemon would that cannot do what it should.
func (c client) wantOutage(code, method, path string) {
	c.t.Helper()
	req, err := c.request(c.t.Context(), method, path, map[string]any{})
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := c.over.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var problem struct {
		Type, Title, Detail, Code string
		Status                    int
		RequestID                 string `json:"request_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&problem); err != nil {
		c.t.Fatalf("%s %s: %d, which is no problem: %v", method, path, res.StatusCode, err)
	}
	if res.StatusCode != http.StatusServiceUnavailable || problem.Status != res.StatusCode || problem.Code != code ||
		problem.Type != "about:blank" || problem.Title != http.StatusText(res.StatusCode) || problem.Detail == "" {
		c.t.Errorf("%s %s: %d %+v, want 503 with the code %s", method, path, res.StatusCode, problem, code)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/problem+json", "Retry-After": "5", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=31536000", "X-Request-Id": problem.RequestID,
	} {
		if got := res.Header.Get(name); got != want || got == "" {
			c.t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, want)
		}
	}
}

// load is what phones do through nginx, on kept connections, by HTTP/1.1 and HTTP/2: thirty saves with keys each second, twenty
// draws and twenty other reads. Not one of them may fail.
type load struct {
	t       *testing.T
	saves   *phones
	traffic *traffic
	ended   chan struct{}
	all     sync.WaitGroup
	reads   atomic.Int64 // answered by 200
}

func (n *site) startLoad(t *testing.T) *load {
	t.Helper()
	learner := n.client(t).register()
	l := &load{t: t, traffic: &traffic{waiting: map[string]int{}}, ended: make(chan struct{})}
	draw := map[string]any{"level": "B1", "type": "answer", "limit": 5, "tags": learner.allTags()}
	for _, http2 := range []bool{false, true} {
		for _, ask := range []query{{"POST", "/api/v1/game/speeches/random", draw}, {"GET", "/api/v1/users/me", nil}} {
			reader := learner
			reader.over = l.traffic.through(n.transport(t, http2))
			l.all.Go(func() { l.keepAsking(reader, ask) })
		}
	}
	t.Cleanup(l.end)
	l.saves = learner.startSaving(time.Second/30, l.traffic.through(n.transport(t, false)))
	return l
}

// keepAsking asks ten times a second, one question after the other.
func (l *load) keepAsking(c client, q query) {
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.ended:
			return
		}
		began := time.Now()
		a, err := c.by(c.over, q.method, q.path, q.body)
		if err != nil || a.status != http.StatusOK {
			l.t.Errorf("%s %s after %s: %v %.300s", q.method, q.path, time.Since(began), err, a)
			continue
		}
		l.reads.Add(1)
	}
}

// goOn waits until so many more saves are acknowledged, and so many more questions answered.
func (l *load) goOn(more int) {
	l.t.Helper()
	want := l.reads.Load() + int64(more)
	l.saves.goOn(more)
	eventually(l.t, time.Minute, "questions are answered", func() bool { return l.reads.Load() >= want })
}

func (l *load) end() {
	select {
	case <-l.ended:
	default:
		close(l.ended)
	}
	l.all.Wait()
}

// wantNoFailure ends the load and looks at what was answered and stored.
func (l *load) wantNoFailure() {
	l.t.Helper()
	l.end()
	l.saves.end()
	l.t.Logf("%d reads; %s", l.reads.Load(), l.saves)
	for status, times := range l.saves.statuses {
		if status != http.StatusCreated {
			l.t.Errorf("%d saves were answered %d (0: not at all), want 201", times, status)
		}
	}
	l.saves.wantAllOnce()
}

// traffic knows what phones wait for.
type traffic struct {
	mu      sync.Mutex
	waiting map[string]int // by method and path
}

// through is how phones send what shall be counted.
func (tr *traffic) through(next http.RoundTripper) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: counted{tr, next}}
}

// waitingFor is how many requests have no answer yet.
func (tr *traffic) waitingFor(what string) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.waiting[what]
}

func (tr *traffic) add(what string, n int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.waiting[what] += n
}

type counted struct {
	by   *traffic
	next http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	what := r.Method + " " + r.URL.Path
	c.by.add(what, 1)
	defer c.by.add(what, -1)
	return c.next.RoundTrip(r)
}
