package config

import (
	"strings"
	"testing"
)

const tailOf53 = "abcdefghijklmnopqrstuvwxyz./ABCDEFGHIJKLMNOPQRSTUVWXY"

// Each row sets one variable, everything else being as by default, and says whether Load takes it.
func TestValidators(t *testing.T) {
	const argon = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA"
	costing := func(cost string) string { return strings.Replace(argon, "m=19456,t=2,p=1", cost, 1) }
	for name, rows := range map[string]struct{ good, bad []string }{
		"DEBUG": {
			good: []string{"true", "false", "1", "0", "yes", "no", "on", "off", "TRUE", "Yes"},
			bad:  []string{"maybe", "2", "truee", "y"}},
		"API_PORT": {
			good: []string{"0", "1", "65535"},
			bad:  []string{"-1", "65536", "http", "80 80", "8e3", "99999999999999999999"}},
		"API_HOST": {
			good: []string{"0.0.0.0", "::", "[::1]", "localhost", "api.example.com", "web_1"},
			bad:  []string{"localhost:80", "http://x", "a b", "-x", "a/b"}},
		"METRICS_ADDR": {
			good: []string{":9090", "127.0.0.1:0", "[::1]:9090", "metrics:9090"},
			bad:  []string{"9090", "127.0.0.1", "x:y", "a b:1", ":70000"}},
		"OTEL_TRACES_SAMPLER_ARG": {good: []string{"0", "1", "0.05"}, bad: []string{"1.1", "-0.1", "half", "10%"}},
		"OTEL_EXPORTER_OTLP_HEADERS": {
			good: []string{"api-key=abc", "a=b, c=d%3D", "Authorization=Basic%20abc"},
			bad:  []string{"sesame", "a b=sesame", "a=%zzsesame", ",", "a=sesame%0d%0ax:y"}},
		"OTEL_EXPORTER_OTLP_ENDPOINT": {good: []string{"http://127.0.0.1:4318", "https://otlp.example.com/base"}, bad: []string{"collector:4317", "grpc://x"}},
		"SENTRY_DSN": {
			good: []string{"https://key@sentry.example.com/1", "http://key@127.0.0.1:9000/base/22"},
			bad:  []string{"https://sentry.example.com/sesame", "https://sesame@sentry.example.com", "https://sesame@sentry.example.com/", "sesame@x/1", "ftp://sesame@x/1"}},
		"PUBLIC_URL": {
			good: []string{"https://api.example.com", "http://10.0.0.1:8000/base/", "http://[::1]:8000"},
			bad: []string{"api.example.com", "ftp://x", "https://", "https://x?y=1", "https://x/#f", "https://u:p@x", "https://x:0",
				"https://x:99999", "https://x:", "https://x?", "javascript:alert(1)"}},
		"ENGLISHCTL_SERVER": {
			good: []string{"local", "https://api.example.com", "http://127.0.0.1:8000/base/", "http://[::1]:8000/api/v1"},
			bad: []string{"Local", "api.example.com", "ftp://x", "https://", "https://x?y=1", "https://x/#f", "https://u:p@x", "https://x:0",
				"javascript:alert(1)"}},
		"ALLOWED_ORIGINS": {
			good: []string{"*", "https://a.example", "https://a.example:8443,http://localhost:3000", "capacitor://localhost", "https://a.example/", "https://A.example"},
			bad:  []string{"a.example", "https://a.example/app", "*,https://a.example", ",", "https://a.example?x", "null", "https://u@a.example"}},
		"TRUSTED_PROXIES": {
			good: []string{"10.0.0.0/8", "10.1.2.3", "::1, fd00::/8", "10.0.0.0/8,"},
			bad:  []string{"10.0.0.0/33", "proxy", "10.0.0", "fe80::1%eth0", ","}},
		"RATE_LIMIT_PER_MINUTE": {good: []string{"1", "1000000"}, bad: []string{"0", "-5", "1000001", "many", "1.5"}},
		"RATE_LIMITS": {
			good: []string{"login=60", "login = 60 , admin=1000000,", "score=1", "forgot=2,reset=3,mail=4"},
			bad:  []string{"login", "login=", "login=0", "login=1.5", "other=5", "login=5,login=6", "Login=5", "=5", ",", "login=5;admin=6"}},
		"SMTP_URL": {
			bad: []string{"sesame", "mail.example.com:25", "http://mail.example.com", "smtp://", "smtp://u:sesame@mail.example.com?starttls=disable", "smtp://u:sesame@mail.example.com?starttls=prefer",
				"smtp://user@mail.example.com", "smtp://:sesame@mail.example.com", "smtps://mail.example.com?starttls=require", "smtp://mail.example.com?starttls=sesame",
				"smtp://mail.example.com?tls=no", "smtp://mail.example.com/sesame", "smtp://mail.example.com:0", "smtp://u:se#same@mail.example.com"}},
		"MAIL_FROM": {
			good: []string{"app@example.com", "English App <app@example.com>", `"App, English" <app@example.com>`, "Ứng dụng <app@example.com>"},
			bad:  []string{"app", "English App", "a@example.com, b@example.com", "<>", "app@"}},
		"APP_URL":            {good: []string{"https://app.example.com/en/"}, bad: []string{"app.example.com", "myapp://reset", "https://app.example.com?x=1"}},
		"SHUTDOWN_DELAY":     {good: []string{"0s", "5s", "10m"}, bad: []string{"5", "-1s", "11m", "soon"}},
		"SHUTDOWN_TIMEOUT":   {good: []string{"20s", "1m30s", "10m"}, bad: []string{"20", "0s", "-1s", "11m", "soon"}},
		"UPLOAD_SESSION_TTL": {good: []string{"24h", "1s", "720h"}, bad: []string{"24", "1d", "721h", "999ms"}},
		"SPEECH_API_TIMEOUT": {
			good: []string{"10", "2.5", "10s", "250ms", "1m"},
			bad:  []string{"0", "-1", "121", "50ms", "ten", "10h", "200000µ", "."}},
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": {good: []string{"1", "525600"}, bad: []string{"0", "60m", "525601", "1.5"}},
		"JWT_REFRESH_TOKEN_EXPIRE_DAYS":   {good: []string{"1", "3650"}, bad: []string{"0", "7d", "3651"}},
		"JWT_ALGORITHM":                   {good: []string{"HS256"}, bad: []string{"none", "hs256", "HS384", "RS256"}},
		"JWT_SECRET_KEY_PREVIOUS":         {good: []string{strings.Repeat("k", 32)}, bad: []string{"s", strings.Repeat("k", 31)}},
		"JWT_SECRET_KEY":                  {good: []string{strings.Repeat("k", 32), strings.Repeat("é", 16)}, bad: []string{"s", strings.Repeat("k", 31)}},
		"REQUEST_SIGNING_SECRET":          {good: []string{strings.Repeat("k", 16)}, bad: []string{strings.Repeat("k", 15)}},
		"REQUEST_SIGNING_SECRET_PREVIOUS": {good: []string{strings.Repeat("k", 16)}, bad: []string{strings.Repeat("k", 15)}},
		"DATABASE_POOL_SIZE":              {good: []string{"1", "1000"}, bad: []string{"0", "1001"}},
		"DATABASE_REPLICA_MAX_LAG":        {good: []string{"100ms", "1m"}, bad: []string{"99ms", "61s", "5"}},
		"DATABASE_CONN_MAX_LIFETIME":      {good: []string{"1s", "24h"}, bad: []string{"0s", "25h"}},
		"DATABASE_CONN_MAX_IDLE_TIME":     {good: []string{"1s", "24h"}, bad: []string{"0s", "25h"}},
		"DATABASE_PREPARED_STATEMENTS":    {good: []string{"auto", "on", "Off"}, bad: []string{"yes", "true"}},
		"DATABASE_STATEMENT_TIMEOUT":      {good: []string{"0", "0s", "10m"}, bad: []string{"-1s", "11m"}},
		"DATABASE_MAX_OVERFLOW":           {good: []string{"0", "1000"}, bad: []string{"-1", "1001"}},
		"DATABASE_URL": {
			good: []string{"postgres://app:pw@db:5432/app", "postgresql://app@localhost/app?sslmode=verify-full",
				"postgres:///app?host=/run/postgresql", "postgres://h1,h2/app", "postgres://db"},
			bad: []string{"postgresql+asyncpg://app:sesame@db/app", "postgres+psycopg2://app:sesame@db/app", "mysql://app:sesame@db/app",
				"host=db password=sesame", "sesame", "postgres://db/app?sslmode=sesame", "postgres://app:sesame/x@db/app", "postgres://app:1/sesame@db/app", "postgres://app:1/sesame@db",
				"postgres://app:1?sesame@db/app", "postgres://app:1#sesame@db/app", "postgres://db/a/sesame", "postgres:sesame",
				"postgres://app:sesame%zz@db/app", "postgres://db/app?a=sesame;b", "postgres://app:sesame@db:/app"}},
		"REDIS_URL": {
			good: []string{"redis://localhost:6379/0", "rediss://:pw@cache", "redis://u:pw@cache:6379/15?dial_timeout=3s"},
			bad:  []string{"localhost:6379", "http://cache", "redis://", "redis://cache/sesame", "redis://:sesame/x@cache", "unix:///sesame"}},
		"S3_ENDPOINT_URL": {
			good: nil, // needs keys as well: see TestStorageAddresses
			bad:  []string{"s3://bucket", "http://minio:9000/path", "minio:port", "http://", "http://user:sesame@minio:9000", "user:sesame@minio:9000", "http://minio?X-Key=sesame"}},
		"BACKUP_S3_ENDPOINT_URL": {
			good: nil, // needs keys as well: see TestSettingsThatContradictEachOther
			bad:  []string{"minio:9000", "https://minio/path", "s3://bucket"}},
		"S3_PUBLIC_URL":         {good: []string{"https://audio.example.com", "localhost:9000"}, bad: []string{"https://audio.example.com/bucket"}},
		"S3_BUCKET_NAME":        {good: []string{"abc", "english-app.audio"}, bad: []string{"ab", "Upper", "-abc", "a_b", strings.Repeat("a", 64)}},
		"S3_REGION":             {good: []string{"us-east-1"}, bad: []string{"us east"}},
		"SPEECH_PROVIDER":       {good: []string{"azure", "azure-sdk", "offline", "none", "Azure"}, bad: []string{"google", "auto", "azure,offline"}},
		"AZURE_SPEECH_REGION":   {good: []string{"westeurope", "eastus2"}, bad: []string{"West Europe", "x.evil.com/", "WESTEUROPE"}},
		"AZURE_SPEECH_ENDPOINT": {good: []string{"http://127.0.0.1:5000/speech"}, bad: []string{"wss://x", "https://x?key=sesame"}},
		"GOOGLE_CLIENT_ID":      {good: []string{"a", "a,b", "a, b"}, bad: []string{"a b", ","}},
		"GOOGLE_ISSUER_URL":     {good: []string{"http://127.0.0.1:1"}, bad: []string{"accounts.google.com"}},
		"ADMIN_USERNAME":        {good: []string{"admin"}, bad: []string{"two words", strings.Repeat("a", 129)}},
		"ADMIN_PASSWORD_HASH": {
			good: []string{"$2b$12$" + tailOf53, "$2a$10$" + tailOf53, "$2y$31$" + tailOf53, argon},
			bad: []string{"sesame", "$2b$12$short-sesame", "$2b$99$" + tailOf53, "$2x$12$" + tailOf53, "bcrypt_hashed_sesame", argon + "!sesame",
				strings.Replace(argon, "argon2id", "argon2i", 1), strings.Replace(argon, "v=19", "v=16", 1), argon[:len(argon)-1] + "-",
				costing("m=1048577,t=2,p=1"), costing("m=19456,t=65,p=1"), costing("m=19456,t=2,p=256"), costing("m=99999999999999999999,t=2,p=1"),
				"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$c2hvcnQ"}},
		"LOG_LEVEL":  {good: []string{"debug", "info", "warn", "error", "INFO", "warning"}, bad: []string{"trace", "4", "info+1"}},
		"LOG_FORMAT": {good: []string{"json", "text", "auto"}, bad: []string{"xml"}},
		"DATA_DIR":   {good: []string{"./data", "/srv/My Data", "données"}, bad: []string{"a\nb", "a\x00b", "\x1b[2J"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, value := range rows.good {
				if _, _, err := (given{env: []string{name + "=" + value}}).load(t); err != nil {
					t.Errorf("%q is refused: %v", value, err)
				}
			}
			for _, value := range rows.bad {
				checkRefusal(t, name, value)
			}
		})
	}
}

// checkRefusal demands one mistake, which names the variable, what is allowed, and the value unless it is secret.
func checkRefusal(t *testing.T, name, value string) {
	t.Helper()
	_, report, err := given{env: []string{name + "=" + value}}.load(t)
	got := mistakesOf(t, err)
	if len(got) != 1 {
		t.Errorf("%q gives %d mistakes, want 1: %q", value, len(got), got)
		return
	}
	s := rowOf(t, name)
	if !strings.HasPrefix(got[0], name+": ") || !strings.HasSuffix(got[0], "; allowed: "+s.value.allowed) {
		t.Errorf("%q: message names variable and what is allowed? %s", value, got[0])
	}
	if !strings.Contains(got[0], "environment "+name) {
		t.Errorf("%q: message says where it came from? %s", value, got[0])
	}
	if strings.ContainsAny(got[0], "\n\x00\x1b") {
		t.Errorf("%q: message is not one printable line: %q", value, got[0])
	}
	shown := effective(report, name).Value
	if s.secret && shown != mask {
		t.Errorf("%q: config show has %q for a wrong secret", value, shown)
	}
	for _, text := range []string{got[0], shown} { // "sesame" is the password in every row that has one
		if strings.Contains(text, "sesame") {
			t.Errorf("%q: a secret is shown: %s", value, text)
		}
	}
	if !s.secret && !strings.Contains(value, "sesame") && !strings.ContainsAny(value, "?@\n\x00\x1b") && !strings.Contains(got[0], shorten(value)) {
		t.Errorf("%q: message does not show the value: %s", value, got[0])
	}
}

func rowOf(t *testing.T, name string) setting {
	t.Helper()
	for _, s := range all() {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no setting %s", name)
	return setting{}
}

func TestStorageAddresses(t *testing.T) {
	for _, tc := range []struct{ name, endpoint, useSSL, want string }{
		{"as written, http", "http://minio:9000", "", "http://minio:9000"},
		{"as written, https", "https://s3.amazonaws.com", "", "https://s3.amazonaws.com"},
		{"a slash at the end does no harm", "http://minio:9000/", "", "http://minio:9000"},
		{"bare, without TLS", "localhost:9000", "", "http://localhost:9000"},
		{"bare, with TLS", "localhost:9000", "true", "https://localhost:9000"},
		{"bare IPv6", "[::1]:9000", "", "http://[::1]:9000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg, _ := given{env: []string{
				"MINIO_ENDPOINT=" + tc.endpoint, "S3_USE_SSL=" + tc.useSSL, "MINIO_ACCESS_KEY=a", "MINIO_SECRET_KEY=b",
			}}.mustLoad(t)
			if got := cfg.Storage.Endpoint.String(); got != tc.want {
				t.Errorf("endpoint = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestLongValuesAreShortened(t *testing.T) {
	_, _, err := given{env: []string{"LOG_LEVEL=" + strings.Repeat("é", 5000)}}.load(t)
	if got := mistakesOf(t, err); len(got) != 1 || len(got[0]) > 500 {
		t.Errorf("message has %d bytes", len(got[0]))
	}
}
