package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/crypto/bcrypt"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/doctor"
	"github.com/englishapp/englishctl/internal/identity/identitytest"
	"github.com/englishapp/englishctl/internal/mail/mailtest"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

const goodKey = "0f9c2e7b41d85a63c0e1f2d3b4a59687"

// visiting reads the settings; those of the test come on top of an empty folder and a good key.
func visiting(t *testing.T, settings ...string) *visit {
	t.Helper()
	dir := t.TempDir()
	environ := append(settings, "DATA_DIR="+filepath.Join(dir, "data"), "JWT_SECRET_KEY="+goodKey) // the first of a name holds
	cfg, report, err := config.Load(config.Options{Environ: environ, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	v := newVisit(cfg, report, 1)
	v.limit = func() int { return 1 << 16 }
	v.room = func(path string) doctor.Disk { return doctor.Disk{Path: path, Free: 50 << 30, Total: 100 << 30} }
	return v
}

// found are the findings of a check, as "level: what was found [settings]".
func (v *visit) found(t *testing.T, name string) string {
	t.Helper()
	var lines []string
	for _, c := range v.checks() {
		if c.Name != name {
			continue
		}
		findings, err := doctor.Run(t.Context(), []doctor.Check{c}, CheckTime)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			lines = append(lines, strings.TrimSpace(string(f.Level)+" "+f.Check+": "+f.Found+" ["+strings.Join(f.Settings, " ")+"]"))
		}
	}
	return strings.Join(lines, "\n")
}

// must compares the findings of a check with parts of their text.
func (v *visit) must(t *testing.T, name string, parts ...string) {
	t.Helper()
	got := v.found(t, name)
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s:\n%s\nwant %q", name, got, part)
		}
	}
}

func TestDoctorOfPostgreSQL(t *testing.T) {
	at := sqltest.PostgresURL(t)
	change := func(f func(u *url.URL)) string {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		f(u)
		return "DATABASE_URL=" + u.String()
	}
	visiting(t, "DATABASE_URL="+at).must(t, "database", "ok database: PostgreSQL 1", "ok schema", "ok clock", "ok pool", "warn database: fsync is off")
	visiting(t, "DATABASE_URL="+sqltest.EmptyPostgresURL(t)).must(t, "database", "fail schema: the database lacks 00001", "[AUTO_MIGRATE]")
	wrong := visiting(t, change(func(u *url.URL) { u.User = url.UserPassword("postgres", "wrong-guess") }))
	wrong.must(t, "database", "fail database", "SQLSTATE 28P01", "[DATABASE_URL]")
	if got := wrong.found(t, "database"); strings.Contains(got, "wrong-guess") {
		t.Errorf("the password is shown: %s", got)
	}
	visiting(t, change(func(u *url.URL) { u.Path = "/nowhere" })).must(t, "database", "fail database", "3D000")
	visiting(t, change(func(u *url.URL) { u.Host = "127.0.0.1:1" })).must(t, "database", "fail database", "connection refused")
	visiting(t, change(func(u *url.URL) { u.RawQuery = "sslmode=require" })).must(t, "database", "fail database", "SSL is not enabled")

	many := visiting(t, "DATABASE_URL="+at)
	many.daemons = 10
	many.must(t, "database", "fail pool: 10 daemons want up to 300 connections", "[DATABASE_POOL_SIZE DATABASE_MAX_OVERFLOW]")
	late := visiting(t, "DATABASE_URL="+at)
	late.now = func() time.Time { return time.Now().Add(time.Hour) }
	late.must(t, "database", "fail clock: the clock of the database is 1h0m0s behind ours")

	// A server that is no replica, and one that is another server's.
	visiting(t, "DATABASE_URL="+at, "DATABASE_REPLICA_URL="+at).must(t, "replica", "warn replica: it follows nobody")
	visiting(t, "DATABASE_URL="+at, "DATABASE_REPLICA_URL=postgres://a:b@127.0.0.1:1/x").must(t, "replica", "fail replica", "[DATABASE_REPLICA_URL]")
}

func TestDoctorOfSQLite(t *testing.T) {
	v := visiting(t)
	v.must(t, "database", "ok database: SQLite: there is no", "the daemon makes it")
	if _, err := os.Stat(v.cfg.DataDir); err == nil {
		t.Error("looking has made the data directory")
	}
	visiting(t, "AUTO_MIGRATE=false").must(t, "database", "fail database", "[AUTO_MIGRATE DATA_DIR]")

	v = visiting(t)
	if _, err := NewSchema(v.cfg).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.must(t, "database", "ok database: SQLite: "+sqlitePath(v.cfg)+" is whole", "ok schema: version")

	// Somebody writes all the time.
	db, err := openDatabase(t.Context(), v.cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Raw().BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	v.must(t, "database", "warn database: SQLite", "writing to it all the time")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	content, err := os.ReadFile(sqlitePath(v.cfg))
	if err != nil {
		t.Fatal(err)
	}
	for i := 5000; i < len(content); i += 3 {
		content[i] ^= 0x5a
	}
	if err := os.WriteFile(sqlitePath(v.cfg), content, 0o600); err != nil {
		t.Fatal(err)
	}
	v.must(t, "database", "fail database: SQLite: "+sqlitePath(v.cfg)+" is damaged")
	if err := os.WriteFile(sqlitePath(v.cfg), []byte("this is no database, but a text that is long enough to look like one"), 0o600); err != nil {
		t.Fatal(err)
	}
	v.must(t, "database", "fail database: SQLite: "+sqlitePath(v.cfg)+" is damaged")
}

func TestDoctorOfRedis(t *testing.T) {
	at := testenv.Required(t, "TEST_REDIS_URL")
	v := visiting(t, "REDIS_URL="+at)
	v.must(t, "redis", "ok redis: Redis", "ok redis: eviction noeviction, without a bound", "ok clock")
	v.now = func() time.Time { return time.Now().Add(-time.Minute) }
	v.must(t, "redis", "fail clock: the clock of Redis is 1m0s ahead of ours")
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("default", "wrong-guess")
	wrong := visiting(t, "REDIS_URL="+u.String())
	wrong.must(t, "redis", "fail redis", "WRONGPASS", "[REDIS_URL]")
	if got := wrong.found(t, "redis"); strings.Contains(got, "wrong-guess") {
		t.Errorf("the password is shown: %s", got)
	}
	visiting(t, "REDIS_URL=redis://127.0.0.1:1").must(t, "redis", "fail redis", "connection refused")
}

// bucketOfTest is a bucket of the test's own.
type bucketOfTest struct {
	name     string
	raw      *minio.Client
	settings []string
}

func newBucket(t *testing.T) bucketOfTest {
	t.Helper()
	endpoint, access, secret := testenv.Required(t, "TEST_S3_ENDPOINT"), os.Getenv("TEST_S3_ACCESS_KEY"), os.Getenv("TEST_S3_SECRET_KEY")
	raw, err := minio.New(strings.TrimPrefix(endpoint, "http://"), &minio.Options{Creds: credentials.NewStaticV4(access, secret, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	b := bucketOfTest{name: "doctor-" + uuid.NewString(), raw: raw}
	b.settings = []string{"S3_ENDPOINT_URL=" + endpoint, "S3_ACCESS_KEY=" + access, "S3_SECRET_KEY=" + secret, "S3_BUCKET_NAME=" + b.name}
	return b
}

// with are the settings with another one in front, which holds.
func (b bucketOfTest) with(setting string) []string { return append([]string{setting}, b.settings...) }

// left are the objects of the bucket, with all their versions.
func (b bucketOfTest) left(t *testing.T) (keys []string) {
	t.Helper()
	for o := range b.raw.ListObjects(t.Context(), b.name, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

func TestDoctorOfTheBucket(t *testing.T) {
	b := newBucket(t)
	visiting(t, b.settings...).must(t, "bucket", "warn bucket: there is no bucket "+b.name, "[S3_BUCKET_NAME]")
	if there, err := b.raw.BucketExists(t.Context(), b.name); err != nil || there {
		t.Fatalf("looking has made the bucket: %v, %v", there, err)
	}
	if err := b.raw.MakeBucket(t.Context(), b.name, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.raw.RemoveBucket(context.Background(), b.name) })
	visiting(t, b.settings...).must(t, "bucket", "ok bucket: bucket "+b.name+" takes", "ok bucket: private", "ok links: a signed link opens")
	if err := b.raw.EnableVersioning(t.Context(), b.name); err != nil {
		t.Fatal(err)
	}
	visiting(t, b.settings...).must(t, "bucket", "ok links")
	if left := b.left(t); len(left) > 0 {
		t.Errorf("looking has left %q", left)
	}

	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::` + b.name + `/*"]}]}`
	if err := b.raw.SetBucketPolicy(t.Context(), b.name, policy); err != nil {
		t.Fatal(err)
	}
	visiting(t, b.settings...).must(t, "bucket", "fail bucket: everybody can hear", "[S3_BUCKET_NAME]", "ok links")
	if err := b.raw.SetBucketPolicy(t.Context(), b.name, strings.ReplaceAll(strings.ReplaceAll(policy, "s3:GetObject", "s3:ListBucket"), "/*", "")); err != nil {
		t.Fatal(err)
	}
	visiting(t, b.settings...).must(t, "bucket", "fail bucket: everybody can list")
	if err := b.raw.SetBucketPolicy(t.Context(), b.name, ""); err != nil {
		t.Fatal(err)
	}

	visiting(t, b.with("S3_ACCESS_KEY=nobody")...).must(t, "bucket", "fail bucket: the store does not know the access key [S3_ACCESS_KEY]")
	wrong := visiting(t, b.with("S3_SECRET_KEY=wrong-guess")...)
	wrong.must(t, "bucket", "fail bucket: the secret key does not fit", "[S3_SECRET_KEY]")
	visiting(t, b.with("S3_ENDPOINT_URL=http://127.0.0.1:1")...).must(t, "bucket", "fail bucket", "connection refused [S3_ENDPOINT_URL]")
	visiting(t, b.with("S3_PUBLIC_URL=http://127.0.0.1:1")...).must(t, "bucket", "warn links", "does not open from this machine", "[S3_PUBLIC_URL]")

	// A proxy before the store that changes the host breaks the signature; one that keeps it does not.
	target, err := url.Parse(testenv.Required(t, "TEST_S3_ENDPOINT"))
	if err != nil {
		t.Fatal(err)
	}
	for keep, want := range map[bool]string{true: "ok links", false: "fail links: a signed link to"} {
		proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if keep {
				r.Out.Host = r.In.Host
			}
		}})
		t.Cleanup(proxy.Close)
		visiting(t, b.with("S3_PUBLIC_URL="+proxy.URL)...).must(t, "bucket", want)
	}
}

// freePort is one that nobody listens on now.
func freePort(t *testing.T) int {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a daemon with the settings of the visit until the test ends.
func (v *visit) start(t *testing.T) {
	t.Helper()
	d, err := OpenDaemon(t.Context(), v.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

// behind is a proxy at 127.0.0.1 that reaches the port from 127.0.0.2.
func behind(t *testing.T, port int, appends bool) string {
	t.Helper()
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	target := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport: &http.Transport{DialContext: from.DialContext, DisableKeepAlives: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			if appends {
				r.SetXForwarded()
			}
		},
	})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func TestDoctorOfTheDaemon(t *testing.T) {
	port := freePort(t)
	here := "API_PORT=" + strconv.Itoa(port)
	direct := "PUBLIC_URL=http://127.0.0.1:" + strconv.Itoa(port)
	v := visiting(t, here, direct, "TRUSTED_PROXIES=127.0.0.2")
	v.must(t, "daemon", "warn daemon: no daemon answers at http://127.0.0.1:", "[PUBLIC_URL]")
	v.must(t, "recordings", "ok recordings: there is no")
	v.start(t)
	v.must(t, "daemon", "ok daemon: the limits see us as 127.0.0.1; no proxy", "ok clock")
	v.must(t, "recordings", "ok recordings", "ok links: a signed link opens at http://127.0.0.1:")
	if left, err := filepath.Glob(filepath.Join(v.cfg.DataDir, "audio", "*", "*", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("looking has left %q, %v", left, err)
	}

	data := "DATA_DIR=" + v.cfg.DataDir
	visiting(t, data, here, "PUBLIC_URL="+behind(t, port, true)).must(t, "daemon", "ok daemon: behind the proxy 127.0.0.2 the limits see the client 127.0.0.1")
	visiting(t, data, here, "PUBLIC_URL="+behind(t, port, false)).must(t, "daemon", "warn daemon: this machine is believed like a proxy") // a proxy at a public address is told from none
	visiting(t, data, here, direct, "JWT_SECRET_KEY=another-0f9c2e7b41d85a63c0e1f2d3").must(t, "daemon", "fail daemon", "does not know our key [PUBLIC_URL JWT_SECRET_KEY]")
	stranger := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	other := visiting(t, data, here, "PUBLIC_URL="+stranger.URL)
	other.must(t, "daemon", "fail daemon", "answers with 404")
	other.must(t, "recordings", "fail links", "404")

	late := visiting(t, data, here, direct)
	late.now = func() time.Time { return time.Now().Add(40 * time.Second) }
	late.must(t, "daemon", "fail clock: the clock of the daemon is 40s behind ours")
	visiting(t, "API_PORT=0").must(t, "daemon", "warn daemon: nobody knows where")
}

func TestDoctorOfAProxyThatIsNotBelieved(t *testing.T) {
	port := freePort(t)
	v := visiting(t, "API_PORT="+strconv.Itoa(port), "PUBLIC_URL="+behind(t, port, true))
	v.start(t)
	v.must(t, "daemon", "fail daemon: all clients look like 127.0.0.2", "[TRUSTED_PROXIES]")
}

func TestDoctorWithoutAKey(t *testing.T) {
	v := visiting(t, "API_PORT="+strconv.Itoa(freePort(t)))
	v.cfg.Auth.JWTSecretKey = ""
	if err := os.MkdirAll(filepath.Join(v.cfg.DataDir, "audio"), 0o700); err != nil {
		t.Fatal(err)
	}
	v.must(t, "daemon", "warn daemon: no daemon has run here yet")
	v.must(t, "recordings", "warn links: links cannot be tried")
	if _, err := os.Stat(filepath.Join(v.cfg.DataDir, "jwt.key")); err == nil {
		t.Error("looking has made a key")
	}
	if err := os.WriteFile(filepath.Join(v.cfg.DataDir, "jwt.key"), []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	v.must(t, "daemon", "fail daemon: the signing key in")
	v.must(t, "secrets", "fail secrets: everybody on this machine can read "+filepath.Join(v.cfg.DataDir, "jwt.key"))
}

func TestDoctorOfSpeech(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	at := "AZURE_SPEECH_ENDPOINT=" + fake.Serve(t).String()
	visiting(t, at, "AZURE_SPEECH_KEY="+azuretest.Key).must(t, "speech", "ok speech: Azure Speech at 127.0.0.1", "takes the key")
	if calls := fake.Calls(); len(calls) != 1 || calls[0].Sound > 400*time.Millisecond {
		t.Errorf("%d calls: %+v", len(calls), calls)
	}
	// The key of another region is no key here: 401, as Azure answers.
	wrong := visiting(t, at, "AZURE_SPEECH_KEY=key-of-another-region")
	wrong.must(t, "speech", "fail speech", "401", "[AZURE_SPEECH_KEY AZURE_SPEECH_REGION]")
	if got := wrong.found(t, "speech"); strings.Contains(got, "key-of-another") {
		t.Errorf("the key is shown: %s", got)
	}
	fake.Next(azuretest.Fault{Status: 429})
	visiting(t, at, "AZURE_SPEECH_KEY="+azuretest.Key).must(t, "speech", "warn speech", "[SPEECH_API_CALLS]")
	visiting(t, "AZURE_SPEECH_KEY=k", "AZURE_SPEECH_ENDPOINT=http://127.0.0.1:1").must(t, "speech", "fail speech", "connection refused")
	secure, _ := fake.ServeTLS(t)
	visiting(t, "AZURE_SPEECH_KEY=k", "AZURE_SPEECH_ENDPOINT="+secure.String()).must(t, "speech", "fail speech", "unknown authority", "[AZURE_SPEECH_ENDPOINT]")
	visiting(t, "AZURE_SPEECH_KEY=k", strings.Replace(at, "http:", "https:", 1)).must(t, "speech", "fail speech", "HTTP response to HTTPS client", "[AZURE_SPEECH_ENDPOINT]")
	visiting(t, "SPEECH_PROVIDER=none").must(t, "speech", "ok speech")
	visiting(t, "SPEECH_PROVIDER=azure").must(t, "speech", "fail speech", "[AZURE_SPEECH_KEY AZURE_SPEECH_REGION]")
	visiting(t, "OFFLINE_MODEL_DIR="+t.TempDir()).must(t, "speech", "fail speech: OFFLINE_MODEL_DIR is", "[OFFLINE_MODEL_DIR]")
}

func TestDoctorOfProviders(t *testing.T) {
	issuer := identitytest.NewIssuer(t, "/oauth2/v3/certs")
	settings := []string{"GOOGLE_CLIENT_ID=any", "GOOGLE_ISSUER_URL=" + issuer.URL}
	visiting(t, settings...).must(t, "sign-in", "ok sign-in: Google's keys can be fetched")
	issuer.Break(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	visiting(t, settings...).must(t, "sign-in", "fail sign-in: Google's keys cannot be fetched", "502", "[GOOGLE_ISSUER_URL]")
	issuer.Stop()
	visiting(t, settings...).must(t, "sign-in", "fail sign-in", "connection refused")
	visiting(t).must(t, "sign-in", "ok sign-in: no provider")
}

func TestDoctorOfMail(t *testing.T) {
	server := mailtest.New(t, mailtest.Options{Auth: true})
	settings := func(password string) []string {
		return []string{
			"SMTP_URL=smtp://" + mailtest.User + ":" + url.QueryEscape(password) + "@127.0.0.1:" + strconv.Itoa(server.Port) + "?starttls=disable",
			"MAIL_FROM=no-reply@example.com", "APP_URL=https://app.example.com",
		}
	}
	visiting(t, settings(mailtest.Password)...).must(t, "mail", "ok mail", "lets us in")
	wrong := visiting(t, settings("wrong-guess")...)
	wrong.must(t, "mail", "fail mail", "[SMTP_URL]")
	if got := wrong.found(t, "mail"); strings.Contains(got, "wrong-guess") {
		t.Errorf("the password is shown: %s", got)
	}
	visiting(t).must(t, "mail", "ok mail: none is sent")
}

func TestDoctorOfFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writePair(t, cert, key, 1) // for 127.0.0.1, good for an hour
	pair := []string{"TLS_CERT_FILE=" + cert, "TLS_KEY_FILE=" + key}
	v := visiting(t, append(pair, "PUBLIC_URL=https://127.0.0.1")...)
	v.must(t, "certificate", "warn certificate: TLS_CERT_FILE runs out", "in 0 days")
	v.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	v.must(t, "certificate", "fail certificate: TLS_CERT_FILE has run out")
	visiting(t, append(pair, "PUBLIC_URL=https://api.example.com")...).must(t, "certificate", "fail certificate: TLS_CERT_FILE is not for api.example.com")
	visiting(t, "TLS_CERT_FILE="+key, "TLS_KEY_FILE="+key).must(t, "certificate", "fail certificate", "[TLS_CERT_FILE TLS_KEY_FILE]")

	module := filepath.Join(dir, "decoder.wasm")
	if err := os.WriteFile(module, []byte("no module"), 0o600); err != nil {
		t.Fatal(err)
	}
	visiting(t, "AUDIO_DECODER_WASM="+module).must(t, "decoder", "fail decoder", "[AUDIO_DECODER_WASM]")

	full := visiting(t)
	full.room = func(path string) doctor.Disk { return doctor.Disk{Path: path, Free: 1 << 20, Total: 10 << 30} }
	full.must(t, "disk", "fail disk", "1 MiB free", "[DATA_DIR]")
	full.limit = func() int { return 1024 }
	full.must(t, "open-files", "warn open-files", "may open 1024 files", "768 clients")
	full.room, full.limit = roomAt, openFiles
	if got := full.found(t, "open-files"); !strings.Contains(got, "clients connect at a time") {
		t.Errorf("the real limit: %s", got)
	}
	if got := full.found(t, "disk"); !strings.Contains(got, "free of") {
		t.Errorf("the real disk: %s", got)
	}
}

func TestDoctorOfAnExpiredCertificateAtThePublicAddress(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler()) // nobody trusts it
	t.Cleanup(server.Close)
	v := visiting(t, "PUBLIC_URL="+server.URL)
	v.must(t, "daemon", "fail certificate: "+server.URL, "[PUBLIC_URL]")
	v.now = func() time.Time { return time.Now().AddDate(200, 0, 0) }
	v.must(t, "daemon", "fail certificate: the certificate of "+server.URL+" has run out")
}

func TestDoctorOfSecretsAndThePanel(t *testing.T) {
	dir := t.TempDir()
	env := filepath.Join(dir, ".env")
	if err := os.WriteFile(env, []byte("S3_ENDPOINT_URL=http://127.0.0.1:1\nS3_ACCESS_KEY=minioadmin\nS3_SECRET_KEY=minioadmin\nJWT_SECRET_KEY="+goodKey+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, report, err := config.Load(config.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	newVisit(cfg, report, 1).must(t, "secrets", "fail secrets: S3_SECRET_KEY is what examples write there", "fail secrets: everybody on this machine can read "+env+", which holds JWT_SECRET_KEY, S3_ACCESS_KEY, S3_SECRET_KEY")

	visiting(t).must(t, "panel", "ok panel")
	visiting(t, "ADMIN_USERNAME=boss").must(t, "panel", "warn panel", "[ADMIN_PASSWORD_HASH]")
	for password, want := range map[string]string{"changeme": "fail panel: the operator's password is a usual one", "boss": "fail panel", "k3-Honig.Turm": "ok panel"} {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		visiting(t, "ADMIN_USERNAME=boss", "ADMIN_PASSWORD_HASH="+string(hash)).must(t, "panel", want)
	}
}

// TestExamineAll is the whole examination against real servers, beside a running daemon.
func TestExamineAll(t *testing.T) {
	b := newBucket(t)
	at := sqltest.PostgresURL(t)
	port := freePort(t)
	v := visiting(t, append(b.settings, "DATABASE_URL="+at, "REDIS_URL="+testenv.Required(t, "TEST_REDIS_URL"), "API_HOST=127.0.0.1",
		"API_PORT="+strconv.Itoa(port), "PUBLIC_URL=http://127.0.0.1:"+strconv.Itoa(port), "SPEECH_PROVIDER=none")...)
	v.start(t)
	t.Cleanup(func() { _ = b.raw.RemoveBucket(context.Background(), b.name) })
	began := time.Now()
	found, err := Examine(t.Context(), v.cfg, v.report, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, f := range found {
		if f.Level != doctor.OK && !strings.Contains(f.Found, "fsync") && f.Check != "disk" {
			t.Errorf("%+v", f)
		}
		for _, secret := range []string{goodKey, os.Getenv("TEST_S3_SECRET_KEY"), passwordIn(v.cfg.Database.URL).Reveal(), passwordIn(v.cfg.Cache.RedisURL).Reveal()} {
			if strings.Contains(f.Found+f.Advice, secret) {
				t.Errorf("%s shows a secret: %s", f.Check, f.Found)
			}
		}
	}
	// The settings alone, where nothing else can be read.
	_, report, invalid := config.Load(config.Options{Environ: []string{"API_PORT=x"}})
	found, err = Examine(t.Context(), nil, report, invalid, 1)
	if err != nil || len(found) != 2 || found[0].Settings[0] != "API_PORT" {
		t.Errorf("with wrong settings: %+v, %v", found, err)
	}
}
