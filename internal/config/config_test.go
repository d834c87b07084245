package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"github.com/englishapp/englishctl/internal/fault"
)

// given is what a test puts into each source. Files are written to a fresh working directory.
type given struct {
	flags []string
	env   []string
	files map[string]string // by name; ".env" is found by itself
}

// options writes the files and parses the flags.
func (g given) options(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	for name, content := range g.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	RegisterFlags(flags)
	if err := flags.Parse(g.flags); err != nil {
		t.Fatal(err)
	}
	return Options{Flags: flags, Environ: g.env, Dir: dir}
}

func (g given) load(t *testing.T) (*Config, *Report, error) {
	t.Helper()
	return Load(g.options(t))
}

// mustLoad fails the test on any mistake.
func (g given) mustLoad(t *testing.T) (*Config, *Report) {
	t.Helper()
	cfg, report, err := g.load(t)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return cfg, report
}

// mistakesOf returns the mistakes as "NAME: message".
func mistakesOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindInvalid || f.Code != CodeInvalidSettings {
		t.Fatalf("error is no %s: %v", CodeInvalidSettings, err)
	}
	var lines []string
	for _, field := range f.Fields {
		lines = append(lines, field.Name+": "+field.Message)
	}
	return lines
}

func effective(r *Report, name string) EffectiveSetting {
	for _, e := range r.Effective() {
		if e.Name == name {
			return e
		}
	}
	return EffectiveSetting{}
}

func address(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// samples has a value for every setting; none is the default, but for JWT_ALGORITHM, which has no other.
var samples = map[string]string{
	"DATA_DIR": "/srv/data", "DATABASE_URL": "postgres://app:pw@db/app", "DATABASE_REPLICA_URL": "postgres://app:pw@replica/app",
	"DATABASE_REPLICA_MAX_LAG": "7s", "DATABASE_CONN_MAX_LIFETIME": "8m", "DATABASE_CONN_MAX_IDLE_TIME": "9m", "DATABASE_STATEMENT_TIMEOUT": "10s", "DATABASE_PREPARED_STATEMENTS": "OFF",
	"DATABASE_POOL_SIZE": "5", "DATABASE_MAX_OVERFLOW": "6", "AUTO_MIGRATE": "on",
	"API_HOST": "::1", "API_PORT": "9000", "PUBLIC_URL": "https://api.example.com/base/",
	"ALLOWED_ORIGINS": "https://a.example, http://localhost:3000", "TRUSTED_PROXIES": "10.1.2.3/8, ::1",
	"TLS_CERT_FILE": "/tls/crt", "TLS_KEY_FILE": "/tls/key", "RATE_LIMIT_PER_MINUTE": "7", "RATE_LIMITS": "login=20, random=30",
	"REQUEST_SIGNING_SECRET": "signing-secret-of-a-test", "REQUEST_SIGNING_SECRET_PREVIOUS": "signing-secret-before-of-a-test", "METRICS_ADDR": ":9090", "SHUTDOWN_DELAY": "2s", "SHUTDOWN_TIMEOUT": "3s",
	"JWT_SECRET_KEY": "jwt-key-of-a-test-jwt-key-of-a-test", "JWT_SECRET_KEY_PREVIOUS": "jwt-key-before-of-a-test-jwt-key-before", "JWT_ALGORITHM": "HS256",
	"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "15", "JWT_REFRESH_TOKEN_EXPIRE_DAYS": "2",
	"GOOGLE_CLIENT_ID": "g1,g2", "GOOGLE_ISSUER_URL": "http://127.0.0.1:1/google", "APPLE_CLIENT_ID": "a1",
	"APPLE_ISSUER_URL": "http://127.0.0.1:2", "FACEBOOK_APP_ID": "f1", "FACEBOOK_APP_SECRET": "f-secret",
	"SMTP_URL": "smtps://mailer:m-secret@mail.example.com", "MAIL_FROM": "App <app@example.com>", "APP_URL": "https://app.example.com/",
	"FACEBOOK_GRAPH_URL": "http://127.0.0.1:3", "S3_ENDPOINT_URL": "minio:9000", "S3_PUBLIC_URL": "http://audio.example.com",
	"S3_ACCESS_KEY": "s3-access", "S3_SECRET_KEY": "s3-secret", "S3_BUCKET_NAME": "other-bucket", "S3_REGION": "eu-west-1",
	"BACKUP_S3_ENDPOINT_URL": "https://backups.example.com", "BACKUP_S3_ACCESS_KEY": "b-access", "BACKUP_S3_SECRET_KEY": "b-secret", "BACKUP_S3_REGION": "eu-north-1",
	"S3_MANAGE_BUCKET": "no", "REPLACED_RECORDING_DAYS": "90",
	"S3_USE_SSL": "1", "REDIS_URL": "rediss://:pw@cache:6379/1", "SPEECH_PROVIDER": "azure-sdk", "AZURE_SPEECH_KEY": "azure-key",
	"AZURE_SPEECH_REGION": "eastus", "AZURE_SPEECH_ENDPOINT": "https://x.example.com", "SPEECH_API_TIMEOUT": "4", "SPEECH_API_CALLS": "7", "SPEECH_API_HEDGE": "true",
	"OFFLINE_MODEL_DIR": "model", "AUDIO_DECODER_WASM": "decoder.wasm", "UPLOAD_SESSION_TTL": "90m", "ADMIN_USERNAME": "root",
	"ADMIN_PASSWORD_HASH": "$2b$12$" + strings.Repeat("a", 53), "DEBUG": "true", "LOG_LEVEL": "warning", "LOG_FORMAT": "JSON",
	"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=o%20key, tenant=t", "OTEL_SERVICE_NAME": "english",
	"OTEL_TRACES_SAMPLER_ARG": "0.25", "SENTRY_DSN": "https://s-key@sentry.example.com/7",
	"ENGLISHCTL_SERVER": "https://Staff.example.com:443/base/api/v1/",
}

func sampleEnviron() []string {
	var env []string
	for name, value := range samples {
		env = append(env, name+"="+value)
	}
	return env
}

func TestEverySettingReachesItsField(t *testing.T) {
	for _, s := range all() {
		if samples[s.name] == "" {
			t.Errorf("no sample for %s", s.name)
		}
	}
	o := given{env: sampleEnviron()}.options(t)
	got, _, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		DataDir: "/srv/data",
		HTTP: HTTP{
			Host: "::1", Port: 9000, PublicURL: address("https://api.example.com/base"),
			AllowedOrigins: []string{"https://a.example", "http://localhost:3000"},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
			TLSCertFile:    "/tls/crt", TLSKeyFile: "/tls/key", RateLimitPerMinute: 7,
			RateLimits:           map[string]int{"login": 20, "random": 30},
			RequestSigningSecret: "signing-secret-of-a-test", RequestSigningSecretPrevious: "signing-secret-before-of-a-test", MetricsAddr: ":9090", ShutdownDelay: 2 * time.Second, ShutdownTimeout: 3 * time.Second,
		},
		Database: Database{
			URL: "postgres://app:pw@db/app", ReplicaURL: "postgres://app:pw@replica/app", PoolSize: 5, MaxOverflow: 6, AutoMigrate: true,
			ReplicaMaxLag: 7 * time.Second, ConnMaxLifetime: 8 * time.Minute, ConnMaxIdleTime: 9 * time.Minute, StatementTimeout: 10 * time.Second, Prepared: PreparedOff,
		},
		Storage: Storage{
			Endpoint: address("https://minio:9000"), PublicURL: address("http://audio.example.com"),
			AccessKey: "s3-access", SecretKey: "s3-secret", Bucket: "other-bucket", Region: "eu-west-1", UseSSL: true,
			KeepReplaced: 90 * 24 * time.Hour,
		},
		Backup: Backup{
			Endpoint: address("https://backups.example.com"), AccessKey: "b-access", SecretKey: "b-secret", Region: "eu-north-1",
		},
		Cache: Cache{RedisURL: "rediss://:pw@cache:6379/1"},
		Auth: Auth{
			JWTSecretKey: "jwt-key-of-a-test-jwt-key-of-a-test", JWTSecretKeyPrevious: "jwt-key-before-of-a-test-jwt-key-before", JWTAlgorithm: "HS256",
			AccessTokenTTL: 15 * time.Minute, RefreshTokenTTL: 48 * time.Hour,
		},
		Social: Social{
			GoogleClientIDs: []string{"g1", "g2"}, GoogleIssuerURL: address("http://127.0.0.1:1/google"),
			AppleClientIDs: []string{"a1"}, AppleIssuerURL: address("http://127.0.0.1:2"),
			FacebookAppID: "f1", FacebookAppSecret: "f-secret", FacebookGraphURL: address("http://127.0.0.1:3"),
		},
		Mail: Mail{
			SMTPURL: "smtps://mailer:m-secret@mail.example.com", From: "App <app@example.com>", AppURL: address("https://app.example.com"),
		},
		Speech: Speech{
			Provider: SpeechAzureSDK, AzureKey: "azure-key", AzureRegion: "eastus", AzureEndpoint: address("https://x.example.com"),
			Timeout: 4 * time.Second, Calls: 7, Hedge: true, OfflineModelDir: filepath.Join(o.Dir, "model"), AudioDecoderWASM: filepath.Join(o.Dir, "decoder.wasm"),
		},
		Import: Import{UploadSessionTTL: 90 * time.Minute},
		Admin:  Admin{Username: "root", PasswordHash: Secret(samples["ADMIN_PASSWORD_HASH"])},
		Log:    Log{Debug: true, Level: slog.LevelWarn, Format: "json"},
		Tracing: Tracing{
			Endpoint: address("http://collector:4318"), Headers: map[string]Secret{"api-key": "o key", "tenant": "t"}, Service: "english", Ratio: 0.25,
			SentryDSN: "https://s-key@sentry.example.com/7",
		},
		Server: "https://staff.example.com/base",
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("Config (-want +got):\n%s", diff)
	}
}

func TestDerivedValues(t *testing.T) {
	cfg, _ := given{env: []string{
		"API_HOST=[::1]", "S3_ENDPOINT_URL=http://minio:9000", "S3_ACCESS_KEY=a", "S3_SECRET_KEY=b",
	}}.mustLoad(t)
	if got := cfg.HTTP.Addr(); got != "[::1]:8000" {
		t.Errorf("Addr() = %s", got)
	}
	if got := cfg.Database.MaxOpenConns(); got != 30 {
		t.Errorf("MaxOpenConns() = %d, want 20 and 10", got)
	}
	if got := cfg.Storage.PublicURL.String(); got != "http://minio:9000" {
		t.Errorf("S3_PUBLIC_URL = %s, want the endpoint", got)
	}
	if cfg.Storage.PublicURL == cfg.Storage.Endpoint {
		t.Error("two settings share one URL: changing one would change the other")
	}
	if !cfg.Storage.S3() || cfg.Database.Postgres() || cfg.HTTP.TLS() {
		t.Errorf("S3, Postgres, TLS = %v, %v, %v; want true, false, false", cfg.Storage.S3(), cfg.Database.Postgres(), cfg.HTTP.TLS())
	}
	if cfg.Database.DSN() != "" || cfg.Database.ReplicaDSN() != "" {
		t.Error("SQLite has a DSN")
	}
}

// What is compared with these is unmapped and has no default port.
func TestProxiesAndOriginsAreNormal(t *testing.T) {
	cfg, _ := given{env: []string{
		"TRUSTED_PROXIES=::ffff:10.1.2.3,::ffff:192.168.0.0/112,::ffff:0:0/90",
		"ALLOWED_ORIGINS=https://A.example:443,http://b.example:80/,https://c.example:80",
	}}.mustLoad(t)
	if got := fmt.Sprint(cfg.HTTP.TrustedProxies); got != "[10.1.2.3/32 192.168.0.0/16 ::ffc0:0:0/90]" {
		t.Errorf("TRUSTED_PROXIES = %s", got)
	}
	if got := fmt.Sprint(cfg.HTTP.AllowedOrigins); got != "[https://a.example http://b.example https://c.example:80]" {
		t.Errorf("ALLOWED_ORIGINS = %s", got)
	}
}

func TestLoadWithoutAnything(t *testing.T) {
	cfg, _, err := Load(Options{Dir: t.TempDir()})
	if err != nil || cfg.HTTP.Port != 8000 {
		t.Errorf("Load = %+v, %v; want the defaults", cfg, err)
	}
}
