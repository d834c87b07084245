package doctor

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clockOff(by time.Duration) Clock {
	return Clock{Before: noon, Theirs: noon.Add(by), After: noon}
}

func goodPostgres() Postgres {
	return Postgres{Version: "15.4", Latency: time.Millisecond, Clock: clockOff(0), Schema: Schema{Version: 9}, Room: Room{Server: 97, Role: -1, Database: -1, Others: 5}}
}

func TestPostgres(t *testing.T) {
	pool := Pool{Size: 20, Overflow: 10, Daemons: 3}
	good := []string{"ok: answers", "ok schema: version 9", "ok clock: agrees", "ok pool: 3 daemons want up to 90 connections"}
	for _, tt := range []struct {
		name   string
		change func(*Postgres)
		want   []string
	}{
		{"all is well", func(*Postgres) {}, good},
		{"beside us", func(p *Postgres) { p.Latency = 30 * time.Microsecond }, []string{"ok: answers in less than 100µs", good[1], good[2], good[3]}},
		{"slow", func(p *Postgres) { p.Latency = 30 * time.Millisecond }, []string{"warn DATABASE_URL: answers in 30ms", good[1], good[2], good[3]}},
		{"read-only", func(p *Postgres) { p.ReadOnly = true }, []string{"fail DATABASE_URL: no writes", good[1], good[2], good[3]}},
		{"older", func(p *Postgres) { p.Schema.Missing = []string{"a.sql", "b.sql"} }, []string{good[0], "fail schema AUTO_MIGRATE: lacks a.sql and 1 more", good[2], good[3]}},
		{"newer", func(p *Postgres) { p.Schema.Unknown = []string{"10"} }, []string{good[0], "fail schema: newer", good[2], good[3]}},
		{"clock a little off", func(p *Postgres) { p.Clock = clockOff(-3 * time.Second) }, []string{good[0], good[1], "warn clock: 3s behind ours", good[3]}},
		{"clock wrong", func(p *Postgres) { p.Clock = clockOff(2 * time.Minute) }, []string{good[0], good[1], "fail clock: 2m0s ahead of ours", good[3]}},
		{"a long way leaves the clock unsure", func(p *Postgres) { p.Clock = Clock{noon, noon, noon.Add(5 * time.Second)} }, good},
		{"not enough room", func(p *Postgres) { p.Room.Others = 10 }, []string{good[0], good[1], good[2], "fail pool DATABASE_POOL_SIZE,DATABASE_MAX_OVERFLOW: max_connections leaves room for 87"}},
		{"a limit of the role", func(p *Postgres) { p.Room.Role = 50 }, []string{good[0], good[1], good[2], "fail pool DATABASE_POOL_SIZE,DATABASE_MAX_OVERFLOW: the role's connection limit leaves room for 50"}},
		{"a limit of the database", func(p *Postgres) { p.Room.Database = 40 }, []string{good[0], good[1], good[2], "fail pool DATABASE_POOL_SIZE,DATABASE_MAX_OVERFLOW: the database's connection limit leaves room for 40"}},
		{"careless", func(p *Postgres) { p.Careless = "fsync" }, append(append([]string{}, good...), "warn: fsync is off")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := goodPostgres()
			tt.change(&p)
			verdicts(t, p.Findings(pool), tt.want...)
		})
	}
	for _, cause := range []Cause{Unreachable, Credentials, Missing, Insecure, OtherCause} {
		verdicts(t, []Finding{Reached("PostgreSQL at db", &Refusal{cause, errors.New("why")}, "DATABASE_URL")}, "fail DATABASE_URL: PostgreSQL at db: why")
	}
	verdicts(t, []Finding{Reached("PostgreSQL at db", errors.New("why"), "DATABASE_URL")}, "fail DATABASE_URL: why")
}

func TestReplica(t *testing.T) {
	good := Replica{Version: "15.4", Follows: true, SamePrimary: true, Lag: 20 * time.Millisecond}
	for _, tt := range []struct {
		change func(*Replica)
		want   string
	}{
		{func(*Replica) {}, "ok: 20ms behind"},
		{func(r *Replica) { r.Lag = time.Minute }, "warn DATABASE_REPLICA_URL: 1m0s behind"},
		{func(r *Replica) { r.Follows = false }, "warn DATABASE_REPLICA_URL: follows nobody"},
		{func(r *Replica) { r.SamePrimary = false }, "fail DATABASE_REPLICA_URL: not a copy"},
		{func(r *Replica) { r.Schema.Missing = []string{"a.sql"} }, "warn DATABASE_REPLICA_URL: schema"},
	} {
		r := good
		tt.change(&r)
		verdicts(t, r.Findings(), tt.want)
	}
}

func TestSQLite(t *testing.T) {
	good := SQLite{Path: "data/englishctl.db", Journal: "wal", Schema: Schema{Version: 9}}
	for _, tt := range []struct {
		name     string
		change   func(*SQLite)
		migrates bool
		want     []string
	}{
		{"all is well", func(*SQLite) {}, true, []string{"ok: whole", "ok schema: version 9"}},
		{"not there yet", func(s *SQLite) { s.Absent = true }, true, []string{"ok: the daemon makes it"}},
		{"not there, and nobody makes it", func(s *SQLite) { s.Absent = true }, false, []string{"fail AUTO_MIGRATE,DATA_DIR: there is no"}},
		{"damaged", func(s *SQLite) { s.Damage = []string{"page 3", "page 4", "page 5"} }, true, []string{"fail: damaged: page 3; page 4"}},
		{"not writable", func(s *SQLite) { s.Unwritable = "readonly" }, true, []string{"fail DATA_DIR: cannot be written: readonly"}},
		{"busy", func(s *SQLite) { s.Locked = true }, true, []string{"warn: writing to it", "ok schema: version 9"}},
		{"no WAL", func(s *SQLite) { s.Journal = "delete" }, true, []string{"ok: whole", "ok schema: version 9", "warn DATA_DIR: delete"}},
		{"older, and migrated at the start", func(s *SQLite) { s.Schema.Missing = []string{"a.sql"} }, true, []string{"ok: whole", "ok schema: brings it up to date"}},
		{"older", func(s *SQLite) { s.Schema.Missing = []string{"a.sql"} }, false, []string{"ok: whole", "fail schema AUTO_MIGRATE: lacks a.sql"}},
		{"newer", func(s *SQLite) { s.Schema.Unknown = []string{"11"} }, true, []string{"ok: whole", "fail schema: newer"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.change(&s)
			verdicts(t, s.Findings(tt.migrates), tt.want...)
		})
	}
}

func TestRedis(t *testing.T) {
	good := Redis{Version: "7.0.15", Latency: time.Millisecond, Clock: clockOff(0), MaxMemory: 1 << 20, Policy: "volatile-ttl"}
	for _, tt := range []struct {
		name   string
		change func(*Redis)
		signed bool
		want   []string
	}{
		{"all is well", func(*Redis) {}, true, []string{"ok: Redis 7.0.15", "ok redis: volatile-ttl", "ok clock: agrees"}},
		{"unbounded", func(r *Redis) { r.MaxMemory, r.Policy = 0, "noeviction" }, true, []string{"ok: Redis", "ok redis: without a bound", "ok clock"}},
		{"full is an error", func(r *Redis) { r.Policy = "noeviction" }, false, []string{"ok: Redis", "warn redis REDIS_URL: refuses writes", "ok clock"}},
		{"nonces may go", func(r *Redis) { r.Policy = "allkeys-lru" }, true, []string{"ok: Redis", "warn redis REDIS_URL: nonces", "ok clock"}},
		{"cached values may go", func(r *Redis) { r.Policy = "allkeys-lru" }, false, []string{"ok: Redis", "ok redis: allkeys-lru", "ok clock"}},
		{"slow", func(r *Redis) { r.Latency = 40 * time.Millisecond }, false, []string{"warn REDIS_URL: 40ms", "ok redis", "ok clock"}},
		{"old", func(r *Redis) { r.Version = "4.0.9" }, false, []string{"fail REDIS_URL: 4.0.9", "ok redis", "ok clock"}},
		{"not shown", func(r *Redis) { r.Policy = "" }, false, []string{"ok: Redis", "warn redis REDIS_URL: not shown", "ok clock"}},
		{"another clock", func(r *Redis) { r.Clock = clockOff(time.Hour) }, false, []string{"ok: Redis", "ok redis", "fail clock: 1h0m0s ahead"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := good
			tt.change(&r)
			verdicts(t, r.Findings(tt.signed), tt.want...)
		})
	}
}

func link(address string, status int) Link {
	at, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return Link{Address: at, Status: status, Intact: status == 200}
}

func TestBucket(t *testing.T) {
	good := func() Bucket {
		return Bucket{Name: "b", Signed: link("https://audio.example.com", 200), Bare: link("http://minio:9000", 403), Listed: link("http://minio:9000", 403)}
	}
	gone := errors.New("connection refused")
	for _, tt := range []struct {
		name   string
		change func(*Bucket)
		want   []string
	}{
		{"all is well", func(*Bucket) {}, []string{"ok: takes", "ok bucket: private", "ok links: audio.example.com"}},
		{"public", func(b *Bucket) { b.Bare.Status = 200 }, []string{"ok: takes", "fail bucket S3_BUCKET_NAME: everybody can hear", "ok links"}},
		{"listed", func(b *Bucket) { b.Listed.Status = 200 }, []string{"ok: takes", "fail bucket S3_BUCKET_NAME: everybody can list", "ok links"}},
		{"privacy unknown", func(b *Bucket) { b.Bare = Link{Err: gone} }, []string{"ok: takes", "warn bucket S3_ENDPOINT_URL: not known", "ok links"}},
		{"not removed", func(b *Bucket) { b.Left = gone }, []string{"warn S3_ACCESS_KEY: not be removed", "ok bucket", "ok links"}},
		{"link unreachable from here", func(b *Bucket) { b.Signed.Err = gone }, []string{"ok: takes", "ok bucket", "warn links S3_PUBLIC_URL: does not open"}},
		{"the proxy changes the host", func(b *Bucket) { b.Signed = link("https://a.example.com", 403) }, []string{"ok: takes", "ok bucket", "fail links S3_PUBLIC_URL: 403"}},
		{"not the store", func(b *Bucket) { b.Signed = link("https://a.example.com", 404) }, []string{"ok: takes", "ok bucket", "fail links S3_PUBLIC_URL: 404"}},
		{"another store", func(b *Bucket) { b.Signed.Intact = false }, []string{"ok: takes", "ok bucket", "fail links S3_PUBLIC_URL: something else"}},
		{"phones refuse http", func(b *Bucket) { b.Signed = link("http://a.example.com", 200) }, []string{"ok: takes", "ok bucket", "warn links S3_PUBLIC_URL: by http"}},
		{"but not here", func(b *Bucket) { b.Signed = link("http://127.0.0.1:9000", 200) }, []string{"ok: takes", "ok bucket", "ok links"}},
		{"down", func(b *Bucket) { b.Err = gone }, []string{"fail S3_ENDPOINT_URL: connection refused"}},
		{"no bucket", func(b *Bucket) { b.Err, b.Code = gone, "NoSuchBucket" }, []string{"warn S3_BUCKET_NAME: no bucket b"}},
		{"unknown key", func(b *Bucket) { b.Err, b.Code = gone, "InvalidAccessKeyId" }, []string{"fail S3_ACCESS_KEY: access key"}},
		{"wrong secret", func(b *Bucket) { b.Err, b.Code = gone, "SignatureDoesNotMatch" }, []string{"fail S3_SECRET_KEY: secret key"}},
		{"not allowed", func(b *Bucket) { b.Err, b.Code = gone, "AccessDenied" }, []string{"fail S3_ACCESS_KEY,S3_BUCKET_NAME: may not use"}},
		{"elsewhere", func(b *Bucket) { b.Err, b.Code = gone, "AuthorizationHeaderMalformed" }, []string{"fail S3_REGION: another region"}},
		{"another time", func(b *Bucket) { b.Err, b.Code = gone, "RequestTimeTooSkewed" }, []string{"fail clock: 15 minutes"}},
		{"full", func(b *Bucket) { b.Err, b.Code = gone, "XMinioStorageFull" }, []string{"fail S3_BUCKET_NAME: no room left"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := good()
			tt.change(&b)
			verdicts(t, b.Findings(), tt.want...)
		})
	}
}

func TestOpenFiles(t *testing.T) {
	verdicts(t, OpenFiles{Limit: 65536, Clients: 65024}.Findings(), "ok: a process started like this one may open 65536 files, so a daemon lets 65024 clients connect at a time")
	verdicts(t, OpenFiles{Limit: 1024, Clients: 768}.Findings(), "warn: a process started like this one may open 1024 files")
}

func TestFolderAndDisk(t *testing.T) {
	at := "https://api.example.com"
	verdicts(t, Folder{Path: "data/audio", Signed: link(at, 200)}.Findings(), "ok: takes", "ok links: "+at)
	verdicts(t, Folder{Path: "data/audio", Err: errors.New("denied")}.Findings(), "fail DATA_DIR: denied")
	full := Folder{Path: "data/audio", Err: fmt.Errorf("store: %w", syscall.ENOSPC)}.Findings()
	verdicts(t, full, "fail DATA_DIR: no space left on device")
	if advice := full[0].Advice; !strings.Contains(advice, "make room") {
		t.Errorf("the advice for a full disk is %q", advice)
	}
	verdicts(t, Folder{Path: "data/audio", Keyless: true}.Findings(), "ok: takes", "warn links: no daemon has run")
	unanswered := link(at, 0)
	unanswered.Err = errors.New("refused")
	verdicts(t, Folder{Path: "data/audio", Signed: unanswered}.Findings(), "ok: takes", "warn links PUBLIC_URL: no daemon answers")
	verdicts(t, Folder{Path: "data/audio", Signed: link(at, 403)}.Findings(), "ok: takes", "fail links PUBLIC_URL: 403")
	other := link(at, 200)
	other.Intact = false
	verdicts(t, Folder{Path: "data/audio", Signed: other}.Findings(), "ok: takes", "fail links PUBLIC_URL: something else")

	verdicts(t, Disk{Path: "data", Free: 50 << 30, Total: 100 << 30}.Findings(), "ok: data has 50 GiB free of 100 GiB")
	verdicts(t, Disk{Path: "data", Free: 2 << 30, Total: 100 << 30}.Findings(), "warn DATA_DIR: 2 GiB")
	verdicts(t, Disk{Path: "data", Free: 500 << 20, Total: 1 << 30}.Findings(), "warn DATA_DIR: 500 MiB")
	verdicts(t, Disk{Path: "data", Free: 12, Total: 1 << 30}.Findings(), "fail DATA_DIR: 12 B")
	verdicts(t, Disk{Path: "data", Free: 50 << 30, Total: 100 << 30, Inodes: 9}.Findings(), "warn DATA_DIR: 9 files")
	verdicts(t, Disk{Path: "data", Err: errors.New("gone")}.Findings(), "warn DATA_DIR: gone")
}

func TestSeen(t *testing.T) {
	claimed, proxy, us := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("203.0.113.7")
	at := link("https://api.example.com", 0).Address
	base := Seen{At: at, Claimed: claimed, Client: us, Peer: us, HandedOn: []string{claimed.String()}, HTTPS: true, Version: "1", Ours: "1", Clock: clockOff(0)}
	for _, tt := range []struct {
		name   string
		change func(*Seen)
		want   []string
	}{
		{"nobody between", func(*Seen) {}, []string{"ok: no proxy", "ok clock"}},
		{"behind a proxy", func(s *Seen) { s.Peer, s.Trusted, s.HandedOn = proxy, true, []string{claimed.String(), us.String()} }, []string{"ok: behind the proxy 10.0.0.2", "ok clock"}},
		{"a proxy that replaces", func(s *Seen) { s.Peer, s.Trusted, s.HandedOn = proxy, true, []string{us.String()} }, []string{"ok: behind the proxy", "ok clock"}},
		{"a proxy that is not believed", func(s *Seen) { s.Client, s.Peer, s.HandedOn = proxy, proxy, []string{claimed.String(), us.String()} },
			[]string{"fail TRUSTED_PROXIES: all clients look like 10.0.0.2", "ok clock"}},
		{"everybody is believed", func(s *Seen) { s.Client, s.Trusted = claimed, true }, []string{"fail TRUSTED_PROXIES: everybody can choose", "ok clock"}},
		{"a proxy that hands on all", func(s *Seen) { s.Client, s.Peer, s.Trusted = claimed, proxy, true }, []string{"fail TRUSTED_PROXIES: 10.0.0.2 is believed, and hands on", "ok clock"}},
		{"we are where proxies are", func(s *Seen) {
			s.Client, s.Peer, s.Trusted, s.HandedOn = claimed, proxy, true, []string{claimed.String(), "10.0.0.9"}
		},
			[]string{"ok: behind the proxy 10.0.0.2; this machine's own", "ok clock"}},
		{"this machine is believed", func(s *Seen) { s.At, s.Client, s.Trusted = link("http://127.0.0.1:8000", 0).Address, claimed, true }, []string{"warn PUBLIC_URL: this machine", "ok clock"}},
		{"https is lost", func(s *Seen) { s.HTTPS = false }, []string{"ok: no proxy", "ok clock", "warn TRUSTED_PROXIES: takes https for http"}},
		{"another version", func(s *Seen) { s.Version = "2" }, []string{"ok: no proxy", "ok clock", "warn: version 2"}},
		{"nobody there", func(s *Seen) { s.Err = errors.New("refused") }, []string{"warn PUBLIC_URL: no daemon answers"}},
		{"a redirect", func(s *Seen) { s.Status, s.Location = 301, "https://x" }, []string{"fail PUBLIC_URL: sends us on"}},
		{"somebody else", func(s *Seen) { s.Status = 404 }, []string{"fail PUBLIC_URL,JWT_SECRET_KEY: 404"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base
			tt.change(&s)
			verdicts(t, s.Findings(), tt.want...)
		})
	}
}

func TestCertificate(t *testing.T) {
	good := Certificate{From: "it", NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(60 * 24 * time.Hour), Host: "a.example.com", Covers: true}
	for _, tt := range []struct {
		change func(*Certificate)
		want   string
	}{
		{func(*Certificate) {}, "ok: good until 2026-04-30"},
		{func(c *Certificate) { c.NotAfter = noon.Add(5 * 24 * time.Hour) }, "warn TLS_CERT_FILE: in 5 days"},
		{func(c *Certificate) { c.NotAfter = noon.Add(-time.Minute) }, "fail TLS_CERT_FILE: has run out on 2026-03-01"},
		{func(c *Certificate) { c.NotBefore = noon.Add(time.Hour) }, "fail TLS_CERT_FILE: not good before"},
		{func(c *Certificate) { c.Covers = false }, "fail TLS_CERT_FILE: not for a.example.com"},
	} {
		c := good
		tt.change(&c)
		verdicts(t, c.Findings(noon, "TLS_CERT_FILE"), tt.want)
	}
}

func TestSecrets(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"JWT_SECRET_KEY", "your_secret_key_here", "fail JWT_SECRET_KEY: examples"},
		{"JWT_SECRET_KEY", "your_secret_key_here_your_secret_key_here", "fail JWT_SECRET_KEY: examples"},
		{"JWT_SECRET_KEY", "change-me-change-me-change-me-1234567", "fail JWT_SECRET_KEY: examples"},
		{"JWT_SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "fail JWT_SECRET_KEY: one character again and again"},
		{"JWT_SECRET_KEY", "abababababababababababababababababababab", "fail JWT_SECRET_KEY: 2 different characters"},
		{"REQUEST_SIGNING_SECRET", "8f3c9a1b7d2e4f60", "fail REQUEST_SIGNING_SECRET: 16 bytes"},
		{"S3_SECRET_KEY", "minioadmin", "fail S3_SECRET_KEY: examples"},
		{"S3_SECRET_KEY", "minio_admin_password", "fail S3_SECRET_KEY: examples"},
		{"DATABASE_URL", "postgres", "fail DATABASE_URL: the password in DATABASE_URL"},
		{"DATABASE_URL", "k3-Honig.Turm", "ok: none"},
		{"JWT_SECRET_KEY", "0f9c2e7b41d85a63c0e1f2d3b4a59687", "ok: none"},
	} {
		key := tt.name == "JWT_SECRET_KEY" || tt.name == "REQUEST_SIGNING_SECRET"
		found := Secrets([]Secret{{tt.name, tt.value, key}}, nil)
		verdicts(t, found, tt.want)
	}
	verdicts(t, Secrets(nil, []File{{".env", 0o644, []string{"S3_SECRET_KEY"}}, {"key", 0o640, []string{"JWT_SECRET_KEY"}}}), "fail S3_SECRET_KEY: everybody on this machine can read .env")
}

func TestSocial(t *testing.T) {
	verdicts(t, Social{}.Findings(), "ok: no provider")
	verdicts(t, Social{
		Google: []string{"1234-abc.apps.googleusercontent.com"}, Apple: []string{"com.example.app"}, FacebookID: "1234567890", FacebookSecret: "0123456789abcdef0123456789abcdef",
	}.Findings(), "ok: Google, Apple, Facebook")
	verdicts(t, Social{Google: []string{"abc"}, Apple: []string{"app"}, FacebookID: "x1", FacebookSecret: "short"}.Findings(),
		"warn GOOGLE_CLIENT_ID: abc", "warn APPLE_CLIENT_ID: app", "warn FACEBOOK_APP_ID: x1", "warn FACEBOOK_APP_SECRET: shape")
}
