package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/testenv"
)

func TestMain(m *testing.M) {
	if order := os.Getenv(crowdVariable); order != "" {
		if err := beCrowd(order); err != nil {
			fmt.Fprintln(os.Stderr, "the crowd:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel").Value; parallel.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) { // nobody has set it
		_ = parallel.Set("4") // the stories wait more than they work
	}
	os.Exit(testenv.WithProgram(m.Run))
}

// stack is one way to run the product: its settings.
type stack struct {
	env []string
	// disk is where DATA_DIR is mounted, if it is a disk of its own.
	disk *testenv.SmallDisk
	// under is a program, with arguments, that runs englishctl; nil for none.
	under []string
}

// onEachStack runs a story on the embedded default and on PostgreSQL, MinIO and Redis.
func onEachStack(t *testing.T, story func(t *testing.T, s stack)) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel() // the stories wait more than they work
		story(t, stack{env: []string{"DATA_DIR=" + t.TempDir()}})
	})
	t.Run("production", func(t *testing.T) {
		t.Parallel()
		story(t, production(t))
	})
}

// together runs subtests all at the same time: more than t.Parallel lets, since each of them waits more than it works.
func together(t *testing.T, tests map[string]func(t *testing.T)) {
	t.Helper()
	var all sync.WaitGroup
	for name, test := range tests {
		all.Go(func() { t.Run(name, test) })
	}
	all.Wait()
}

func production(t *testing.T) stack {
	t.Helper()
	return stack{env: []string{
		"DATA_DIR=" + t.TempDir(),
		"DATABASE_URL=" + freshDatabase(t),
		"AUTO_MIGRATE=true",
		"API_HOST=127.0.0.1",
		"JWT_SECRET_KEY=" + strings.Repeat("k", 32),
		"S3_ENDPOINT_URL=" + testenv.Required(t, "TEST_S3_ENDPOINT"),
		"S3_ACCESS_KEY=" + testenv.Required(t, "TEST_S3_ACCESS_KEY"),
		"S3_SECRET_KEY=" + testenv.Required(t, "TEST_S3_SECRET_KEY"),
		"S3_BUCKET_NAME=story-" + uuid.NewString(),
		"REDIS_URL=" + patient(testenv.Required(t, "TEST_REDIS_URL")),
	}}
}

// redisPatience is how long daemons wait for a Redis that lives, but is late on a busy machine: one that counted for itself would let more through
// than the story that is told allows. The stories of a Redis that is out have the usual 50 ms.
const redisPatience = "dial_timeout=10s&read_timeout=10s&write_timeout=10s&pool_timeout=10s"

func patient(redis string) string {
	if strings.Contains(redis, "?") {
		return redis + "&" + redisPatience
	}
	return redis + "?" + redisPatience
}

// freshDatabase makes an empty PostgreSQL database and drops it after the test.
func freshDatabase(t *testing.T) string {
	t.Helper()
	return freshDatabaseOn(t, testenv.Required(t, "TEST_POSTGRES_URL"))
}

func freshDatabaseOn(t *testing.T, server string) string {
	t.Helper()
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	name := createDatabase(t, admin)
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return databaseAt(t, server, name)
}

// createDatabase makes an empty database and returns its name.
func createDatabase(t *testing.T, admin *sql.DB) string {
	t.Helper()
	name := "story_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return name
}

// databaseAt is the address of a server's database.
func databaseAt(t *testing.T, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// command prepares a run of englishctl with the stack's settings and nothing else of the environment.
func (s stack) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	args = slices.Concat(s.under, []string{"englishctl"}, args)
	if s.disk != nil {
		args = append(s.disk.Command(), args...)
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = t.TempDir() // no .env of anybody's
	cmd.Env = append([]string{"API_PORT=0", "LOG_FORMAT=json", "HOME=" + cmd.Dir, "PATH=" + os.Getenv("PATH"),
		// All stories come from one address and share one Redis; those about limits set their own.
		"RATE_LIMIT_PER_MINUTE=1000000", "RATE_LIMITS=login=1000000,guess=1000000,register=1000000,random=1000000,sessions=1000000,admin=1000000",
	}, s.env...)
	return cmd
}

// run runs a command to its end and returns stdout, stderr and the exit code.
func (s stack) run(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := s.command(t, args...)
	var out, talk bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), talk.String(), cmd.ProcessState.ExitCode()
}

// must is run that demands success.
func (s stack) must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	stdout, stderr, code := s.run(t, stdin, args...)
	if code != 0 {
		t.Fatalf("englishctl %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// daemon is a running "englishctl serve".
type daemon struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	exited  chan struct{}

	mu  sync.Mutex
	log bytes.Buffer
}

// serve starts the daemon and waits until it says that it serves. The test ends it if the story does not.
func (s stack) serve(t *testing.T) *daemon {
	t.Helper()
	d := &daemon{t: t, cmd: s.command(t, "serve"), exited: make(chan struct{})}
	stderr, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	serving := make(chan string, 1)
	go d.follow(stderr, serving)
	select {
	case d.address = <-serving:
	case <-d.exited:
		t.Fatalf("the daemon did not start:\n%s", d.logged())
	case <-time.After(60 * time.Second):
		t.Fatalf("the daemon is not up after a minute:\n%s", d.logged())
	}
	return d
}

// follow keeps the log, sends the address once the daemon has said it, and notes the end of the process.
func (d *daemon) follow(stderr io.Reader, serving chan<- string) {
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		d.mu.Lock()
		d.log.Write(append(lines.Bytes(), '\n'))
		d.mu.Unlock()
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			serving <- line.Address
		}
	}
	_ = d.cmd.Wait()
	close(d.exited)
}

func (d *daemon) logged() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

// kill is kill -9; a daemon that has ended already stays ended.
func (d *daemon) kill() {
	_ = d.cmd.Process.Kill()
	<-d.exited
}

// freeze is SIGSTOP, and waits until the process stands.
func freeze(process *os.Process) error {
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return stands(process.Pid)
}

// stop is SIGTERM; it returns the exit code.
func (d *daemon) stop() int {
	d.t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	<-d.exited
	return d.cmd.ProcessState.ExitCode()
}

// client talks to a daemon as one user.
type client struct {
	t     *testing.T
	base  string
	token string
	// over is by what it sends; nil is http.DefaultClient.
	over *http.Client
}

// answer is a decoded JSON answer.
type answer struct {
	status int
	body   map[string]any
	raw    string
}

// try sends a request; an error means that no whole answer came.
func (c client) try(method, path string, body any, header ...string) (answer, error) {
	req, err := c.request(c.t.Context(), method, path, body, header...)
	if err != nil {
		return answer{}, err
	}
	return c.send(req)
}

func (c client) send(req *http.Request) (answer, error) {
	return send(cmp.Or(c.over, http.DefaultClient), req)
}

func (c client) request(ctx context.Context, method, path string, body any, header ...string) (*http.Request, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req, nil
}

func send(by *http.Client, req *http.Request) (answer, error) {
	res, err := by.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(raw, &a.body)
	}
	return a, err
}

// want is try that demands a status.
func (c client) want(status int, method, path string, body any, header ...string) map[string]any {
	c.t.Helper()
	a, err := c.try(method, path, body, header...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.raw)
	}
	return a.body
}

// learner registers a new user and returns a client signed in as them.
func (d *daemon) learner() client {
	d.t.Helper()
	return client{t: d.t, base: d.address}.register()
}

// register registers a new user and returns the client signed in as them.
func (c client) register() client {
	c.t.Helper()
	answer := c.want(http.StatusCreated, "POST", "/api/v1/auth/register", map[string]any{
		"email": uuid.NewString() + "@example.com", "password": "SecurePass123", "name": "Nguyen Van A",
	})
	c.token = answer["access_token"].(string)
	return c
}

// admin makes an administrator on the command line and returns a client signed in as them.
func (d *daemon) admin(s stack) client {
	d.t.Helper()
	return client{t: d.t, base: d.address}.administrator(s)
}

// administrator makes an administrator on the command line and returns the client signed in as them.
func (c client) administrator(s stack) client {
	c.t.Helper()
	email := uuid.NewString() + "@example.com"
	s.must(c.t, "SecurePass123\n", "users", "create", "--email", email, "--name", "Admin", "--role", "admin", "--password-stdin")
	answer := c.want(http.StatusOK, "POST", "/api/v1/auth/login", map[string]any{"email": email, "password": "SecurePass123"})
	c.token = answer["access_token"].(string)
	return c
}

// eventually polls until the condition holds.
func eventually(t *testing.T, atMost time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("not after %s: %s", atMost, what)
		case <-tick.C:
		}
	}
}

// session is a valid body of POST /game/sessions for the given speeches.
func session(speeches []string) map[string]any {
	results := make([]map[string]any, len(speeches))
	for i, id := range speeches {
		results[i] = map[string]any{
			"speech_id": id, "sequence_number": i + 1, "user_response": "correct",
			"pronunciation_score": nil, "recognized_text": nil, "response_time_ms": 1000 + i,
		}
	}
	return map[string]any{
		"mode": "listen_only", "level": "A1", "sentence_type": "question", "selected_tags": []string{},
		"total_sentences": len(speeches), "correct_count": len(speeches), "max_streak": len(speeches),
		"avg_pronunciation_score": nil, "duration_seconds": 60,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:01:00Z", "results": results,
	}
}

// starterPack returns the arguments that import ten sentences of each level and type.
func starterPack(t *testing.T) []string {
	t.Helper()
	pack := testenv.StarterPack(t, 10)
	return []string{"import", filepath.Join(pack, "lessons.csv"), "--audio", filepath.Join(pack, "audio")}
}

// draw returns speeches of a level and type, drawn with all tags.
func (c client) draw(level, typ string, limit int) []any {
	c.t.Helper()
	drawn := c.want(http.StatusOK, "POST", "/api/v1/game/speeches/random",
		map[string]any{"level": level, "type": typ, "tags": c.allTags(), "limit": limit})
	speeches := drawn["speeches"].([]any)
	if len(speeches) == 0 {
		c.t.Fatal("nothing was drawn")
	}
	return speeches
}

// allTags returns the ids of all tags.
func (c client) allTags() []string {
	c.t.Helper()
	var tags []string
	for _, tag := range c.want(http.StatusOK, "GET", "/api/v1/tags", nil)["tags"].([]any) {
		tags = append(tags, tag.(map[string]any)["id"].(string))
	}
	return tags
}

// drawAll returns the ids of what draw does.
func (c client) drawAll(level, typ string, limit int) []string {
	c.t.Helper()
	var ids []string
	for _, s := range c.draw(level, typ, limit) {
		ids = append(ids, s.(map[string]any)["id"].(string))
	}
	return ids
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.raw) }

// upload sends one recording to POST /admin/import/audio.
func (c client) upload(name string, content []byte) answer {
	c.t.Helper()
	a, err := c.form("/api/v1/admin/import/audio", nil, part{"files", name, content})
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// part is a file of a form.
type part struct {
	field, name string
	content     []byte
}

// form sends a form; an error means that no whole answer came.
func (c client) form(path string, fields map[string]string, files ...part) (answer, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body) // a bytes.Buffer takes everything
	for name, value := range fields {
		_ = form.WriteField(name, value)
	}
	for _, file := range files {
		w, _ := form.CreateFormFile(file.field, file.name)
		_, _ = w.Write(file.content)
	}
	_ = form.Close()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, &body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+c.token)
	return c.send(req)
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
