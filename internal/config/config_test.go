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

func TestPrecedence(t *testing.T) {
	yaml := func(text string) map[string]string { return map[string]string{"config.yaml": text} }
	for _, tc := range []struct {
		name       string
		given      given
		setting    string
		wantValue  string
		wantSource string
	}{
		{"default when nothing is set", given{}, "API_PORT", "8000", "default"},
		{"the config file beats the default",
			given{flags: []string{"--config=config.yaml"}, files: yaml("API_PORT: 1\n")},
			"API_PORT", "1", "file config.yaml"},
		{".env beats the config file",
			given{flags: []string{"--config=config.yaml"}, files: map[string]string{"config.yaml": "API_PORT: 1\n", ".env": "API_PORT=2\n"}},
			"API_PORT", "2", ".env API_PORT"},
		{"the environment beats .env",
			given{env: []string{"API_PORT=3"}, files: map[string]string{".env": "API_PORT=2\n"}},
			"API_PORT", "3", "environment API_PORT"},
		{"a flag beats the environment",
			given{flags: []string{"--api-port=4"}, env: []string{"API_PORT=3"}},
			"API_PORT", "4", "flag --api-port"},
		{"a flag that says the default is still a flag",
			given{flags: []string{"--api-port=8000"}, env: []string{"API_PORT=3"}},
			"API_PORT", "8000", "flag --api-port"},
		{"a switch needs no value", given{flags: []string{"--debug"}}, "DEBUG", "true", "flag --debug"},
		{"an alias is as good as the name",
			given{env: []string{"ACCESS_TOKEN_EXPIRE_MINUTES=30"}},
			"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "30", "environment ACCESS_TOKEN_EXPIRE_MINUTES"},
		{"within a source the name beats the alias",
			given{env: []string{"ACCESS_TOKEN_EXPIRE_MINUTES=30", "JWT_ACCESS_TOKEN_EXPIRE_MINUTES=20"}},
			"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "20", "environment JWT_ACCESS_TOKEN_EXPIRE_MINUTES"},
		{"an alias in a stronger source beats the name in a weaker one",
			given{env: []string{"ACCESS_TOKEN_EXPIRE_MINUTES=30"}, files: map[string]string{".env": "JWT_ACCESS_TOKEN_EXPIRE_MINUTES=20"}},
			"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "30", "environment ACCESS_TOKEN_EXPIRE_MINUTES"},
		{"an alias in the config file",
			given{flags: []string{"--config=config.yaml"}, files: yaml("minio_bucket_name: abc\n")},
			"S3_BUCKET_NAME", "abc", "file config.yaml"},
		{"an empty variable counts as not set",
			given{env: []string{"API_PORT="}, files: map[string]string{".env": "API_PORT=2\n"}},
			"API_PORT", "2", ".env API_PORT"},
		{"an empty name lets its alias through",
			given{env: []string{"S3_BUCKET_NAME=", "MINIO_BUCKET_NAME=abc"}},
			"S3_BUCKET_NAME", "abc", "environment MINIO_BUCKET_NAME"},
		{"of two equal variables the first holds, as in os.Getenv",
			given{env: []string{"API_PORT=1", "API_PORT=2"}}, "API_PORT", "1", "environment API_PORT"},
		{"the environment names the config file",
			given{env: []string{"ENGLISHCTL_CONFIG=config.yaml"}, files: yaml("API_PORT: 1\n")},
			"API_PORT", "1", "file config.yaml"},
		{".env names the config file",
			given{files: map[string]string{"config.yaml": "API_PORT: 1\n", ".env": "ENGLISHCTL_CONFIG=config.yaml"}},
			"API_PORT", "1", "file config.yaml"},
		{"--config beats ENGLISHCTL_CONFIG",
			given{flags: []string{"--config=a.yaml"}, env: []string{"ENGLISHCTL_CONFIG=b.yaml"},
				files: map[string]string{"a.yaml": "API_PORT: 1\n", "b.yaml": "API_PORT: 2\n"}},
			"API_PORT", "1", "file a.yaml"},
		{"--env-file is read instead of .env",
			given{flags: []string{"--env-file=prod.env"}, files: map[string]string{".env": "API_PORT=2\n", "prod.env": "API_PORT=5\n"}},
			"API_PORT", "5", "prod.env API_PORT"},
		{"embedded, the daemon listens on this machine only", given{}, "API_HOST", "127.0.0.1", "default"},
		{"with PostgreSQL it listens on all addresses",
			given{env: []string{"DATABASE_URL=postgres://app:pw@db/app"}}, "API_HOST", "0.0.0.0", "default (DATABASE_URL is set)"},
		{"unless told otherwise",
			given{env: []string{"DATABASE_URL=postgres://app:pw@db/app", "API_HOST=10.0.0.1"}}, "API_HOST", "10.0.0.1", "environment API_HOST"},
		{"embedded, the schema is migrated at start", given{}, "AUTO_MIGRATE", "true", "default"},
		{"with PostgreSQL it is not",
			given{env: []string{"DATABASE_URL=postgres://app:pw@db/app"}}, "AUTO_MIGRATE", "false", "default (DATABASE_URL is set)"},
		{"DEBUG lowers the log level", given{env: []string{"DEBUG=yes"}}, "LOG_LEVEL", "debug", "default (DEBUG is true)"},
		{"LOG_LEVEL beats DEBUG", given{env: []string{"DEBUG=yes", "LOG_LEVEL=error"}}, "LOG_LEVEL", "error", "environment LOG_LEVEL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, report := tc.given.mustLoad(t)
			got := effective(report, tc.setting)
			if got.Value != tc.wantValue || got.Source != tc.wantSource {
				t.Errorf("%s = %q from %q, want %q from %q", tc.setting, got.Value, got.Source, tc.wantValue, tc.wantSource)
			}
		})
	}
}

func address(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// samples has a value for every setting, none of them the default.
var samples = map[string]string{
	"DATA_DIR": "/srv/data", "DATABASE_URL": "postgres://app:pw@db/app", "DATABASE_REPLICA_URL": "postgres://app:pw@replica/app",
	"DATABASE_POOL_SIZE": "5", "DATABASE_MAX_OVERFLOW": "6", "AUTO_MIGRATE": "on",
	"API_HOST": "::1", "API_PORT": "9000", "PUBLIC_URL": "https://api.example.com/base/",
	"ALLOWED_ORIGINS": "https://a.example, http://localhost:3000", "TRUSTED_PROXIES": "10.1.2.3/8, ::1",
	"TLS_CERT_FILE": "/tls/crt", "TLS_KEY_FILE": "/tls/key", "RATE_LIMIT_PER_MINUTE": "7",
	"REQUEST_SIGNING_SECRET": "signing-secret-of-a-test", "METRICS_ADDR": ":9090", "SHUTDOWN_TIMEOUT": "3s",
	"JWT_SECRET_KEY": "jwt-key-of-a-test-jwt-key-of-a-test", "JWT_ALGORITHM": "hs256",
	"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "15", "JWT_REFRESH_TOKEN_EXPIRE_DAYS": "2",
	"GOOGLE_CLIENT_ID": "g1,g2", "GOOGLE_ISSUER_URL": "http://127.0.0.1:1/google", "APPLE_CLIENT_ID": "a1",
	"APPLE_ISSUER_URL": "http://127.0.0.1:2", "FACEBOOK_APP_ID": "f1", "FACEBOOK_APP_SECRET": "f-secret",
	"FACEBOOK_GRAPH_URL": "http://127.0.0.1:3", "S3_ENDPOINT_URL": "minio:9000", "S3_PUBLIC_URL": "http://audio.example.com",
	"S3_ACCESS_KEY": "s3-access", "S3_SECRET_KEY": "s3-secret", "S3_BUCKET_NAME": "other-bucket", "S3_REGION": "eu-west-1",
	"S3_USE_SSL": "1", "REDIS_URL": "rediss://:pw@cache:6379/1", "SPEECH_PROVIDER": "azure-sdk", "AZURE_SPEECH_KEY": "azure-key",
	"AZURE_SPEECH_REGION": "eastus", "AZURE_SPEECH_ENDPOINT": "https://x.example.com", "SPEECH_API_TIMEOUT": "4",
	"OFFLINE_MODEL_DIR": "model", "AUDIO_DECODER_WASM": "decoder.wasm", "UPLOAD_SESSION_TTL": "90m", "ADMIN_USERNAME": "root",
	"ADMIN_PASSWORD_HASH": "$2b$12$" + strings.Repeat("a", 53), "DEBUG": "true", "LOG_LEVEL": "warning", "LOG_FORMAT": "JSON",
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
			RequestSigningSecret: "signing-secret-of-a-test", MetricsAddr: ":9090", ShutdownTimeout: 3 * time.Second,
		},
		Database: Database{
			URL: "postgres://app:pw@db/app", ReplicaURL: "postgres://app:pw@replica/app", PoolSize: 5, MaxOverflow: 6, AutoMigrate: true,
		},
		Storage: Storage{
			Endpoint: address("https://minio:9000"), PublicURL: address("http://audio.example.com"),
			AccessKey: "s3-access", SecretKey: "s3-secret", Bucket: "other-bucket", Region: "eu-west-1", UseSSL: true,
		},
		Cache: Cache{RedisURL: "rediss://:pw@cache:6379/1"},
		Auth: Auth{
			JWTSecretKey: "jwt-key-of-a-test-jwt-key-of-a-test", JWTAlgorithm: "HS256",
			AccessTokenTTL: 15 * time.Minute, RefreshTokenTTL: 48 * time.Hour,
		},
		Social: Social{
			GoogleClientIDs: []string{"g1", "g2"}, GoogleIssuerURL: address("http://127.0.0.1:1/google"),
			AppleClientIDs: []string{"a1"}, AppleIssuerURL: address("http://127.0.0.1:2"),
			FacebookAppID: "f1", FacebookAppSecret: "f-secret", FacebookGraphURL: address("http://127.0.0.1:3"),
		},
		Speech: Speech{
			Provider: SpeechAzureSDK, AzureKey: "azure-key", AzureRegion: "eastus", AzureEndpoint: address("https://x.example.com"),
			Timeout: 4 * time.Second, OfflineModelDir: filepath.Join(o.Dir, "model"), AudioDecoderWASM: filepath.Join(o.Dir, "decoder.wasm"),
		},
		Import: Import{UploadSessionTTL: 90 * time.Minute},
		Admin:  Admin{Username: "root", PasswordHash: Secret(samples["ADMIN_PASSWORD_HASH"])},
		Log:    Log{Debug: true, Level: slog.LevelWarn, Format: "json"},
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

func TestMistakesAreReportedAllAtOnce(t *testing.T) {
	_, report, err := given{
		flags: []string{"--api-port=99999", "--config=missing.yaml"},
		env:   []string{"JWT_ALGORITHM=none", "JWT_SECRET_KEY=too-short", "TLS_CERT_FILE=/x", "S3_ENDPOINT_URL=minio:9000", "S3_ACCESS_KEY_FILE=missing"},
		files: map[string]string{".env": "LOG_LEVEL=loud\nnonsense\n"},
	}.load(t)
	got := mistakesOf(t, err)
	for i := range got {
		before, after, found := strings.Cut(got[i], "open ")
		if found { // the path of the test's folder is not part of what is promised
			got[i] = before + "open …/" + filepath.Base(after)
		}
	}
	want := []string{
		".env: line 2 is not NAME=value",
		"missing.yaml: open …/missing.yaml: no such file or directory",
		"JWT_SECRET_KEY: •••••• is not allowed (environment JWT_SECRET_KEY); allowed: at least 32 bytes that nobody can guess, such as the output of openssl rand -hex 32",
		"API_PORT: \"99999\" is not allowed (flag --api-port); allowed: a port from 1 to 65535, or 0 for any free one",
		"JWT_ALGORITHM: \"none\" is not allowed (environment JWT_ALGORITHM); allowed: HS256",
		"S3_ACCESS_KEY_FILE: open …/missing: no such file or directory",
		"LOG_LEVEL: \"loud\" is not allowed (.env LOG_LEVEL); allowed: debug, info, warn or error",
		"TLS_KEY_FILE: is not set, but TLS_CERT_FILE is; set both or neither",
		"S3_SECRET_KEY: is not set, but S3_ENDPOINT_URL is; the store needs it",
	}
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(want, got, sorted); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if e := effective(report, "LOG_LEVEL"); e.Value != `"loud"` || e.Source != ".env LOG_LEVEL" {
		t.Errorf("config show has %+v for a wrong value", e)
	}
}

func TestSettingsThatContradictEachOther(t *testing.T) {
	s3 := []string{"S3_ACCESS_KEY=a", "S3_SECRET_KEY=b"}
	for _, tc := range []struct {
		name string
		env  []string
		want []string // names of the mistakes
	}{
		{"TLS with both files", []string{"TLS_CERT_FILE=a", "TLS_KEY_FILE=b"}, nil},
		{"a certificate without its key", []string{"TLS_CERT_FILE=a"}, []string{"TLS_KEY_FILE"}},
		{"a key without its certificate", []string{"TLS_KEY_FILE=a"}, []string{"TLS_CERT_FILE"}},
		{"a store with its keys", append([]string{"S3_ENDPOINT_URL=http://minio:9000"}, s3...), nil},
		{"a store without keys", []string{"S3_ENDPOINT_URL=http://minio:9000"}, []string{"S3_ACCESS_KEY", "S3_SECRET_KEY"}},
		{"TLS to a store written with http", append([]string{"S3_ENDPOINT_URL=http://minio:9000", "S3_USE_SSL=true"}, s3...), []string{"S3_USE_SSL"}},
		{"TLS to a store written with https", append([]string{"S3_ENDPOINT_URL=https://minio:9000", "S3_USE_SSL=true"}, s3...), nil},
		{"a replica without a primary", []string{"DATABASE_REPLICA_URL=postgres://a@b/c"}, []string{"DATABASE_URL"}},
		{"a wrong primary is not missing, too", []string{"DATABASE_REPLICA_URL=postgres://a@b/c", "DATABASE_URL=mysql://x"}, []string{"DATABASE_URL"}},
		{"Facebook's secret without the app", []string{"FACEBOOK_APP_SECRET=x"}, []string{"FACEBOOK_APP_ID"}},
		{"Facebook's app alone, for limited login", []string{"FACEBOOK_APP_ID=x"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := given{env: tc.env}.load(t)
			var got []string
			for _, m := range mistakesOf(t, err) {
				name, _, _ := strings.Cut(m, ":")
				got = append(got, name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateForServe(t *testing.T) {
	const key = "JWT_SECRET_KEY=0123456789abcdef0123456789abcdef"
	const pg = "DATABASE_URL=postgres://app:pw@db/app"
	for _, tc := range []struct {
		name string
		env  []string
		want []string
	}{
		{"embedded needs nothing", nil, nil},
		{"PostgreSQL needs a key of its own", []string{pg}, []string{"JWT_SECRET_KEY"}},
		{"PostgreSQL with a key", []string{pg, key}, nil},
		{"azure needs key and region", []string{"SPEECH_PROVIDER=azure"}, []string{"AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"}},
		{"azure by its key alone needs a region too", []string{"AZURE_SPEECH_KEY=k"}, []string{"AZURE_SPEECH_REGION"}},
		{"an address does instead of a region", []string{"AZURE_SPEECH_KEY=k", "AZURE_SPEECH_ENDPOINT=http://127.0.0.1:1"}, nil},
		{"a key that is not used needs no region", []string{"AZURE_SPEECH_KEY=k", "SPEECH_PROVIDER=none"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg, _ := given{env: tc.env}.mustLoad(t) // other commands work all the same
			var got []string
			for _, m := range mistakesOf(t, cfg.ValidateForServe()) {
				name, _, _ := strings.Cut(m, ":")
				got = append(got, name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	for _, tc := range []struct {
		name  string
		given given
		want  []string
	}{
		{"a slip in .env", given{files: map[string]string{".env": "DATABSE_URL=x\nAPI_PROT=1\n"}},
			[]string{".env API_PROT is no setting; did you mean API_PORT?", ".env DATABSE_URL is no setting; did you mean DATABASE_URL?"}},
		{"a slip in a secret's file", given{files: map[string]string{".env": "JWT_SECRET_KEYFILE=x\n"}},
			[]string{".env JWT_SECRET_KEYFILE is no setting; did you mean JWT_SECRET_KEY_FILE?"}},
		{"not when the setting is set anyway", given{env: []string{"API_PORT=1"}, files: map[string]string{".env": "API_PROT=1\n"}}, nil},
		{"other programs' variables in .env", given{files: map[string]string{".env": "POSTGRES_PASSWORD=x\nPATH=y\nDEBIAN=z\n"}}, nil},
		{"a short name two slips away is another word", given{files: map[string]string{".env": "DEBAG1=x\n"}}, nil},
		{"a slip in the environment is other programs' business", given{env: []string{"API_PROT=1"}}, nil},
		{"keys of a store that is not named", given{env: []string{"S3_SECRET_KEY=x"}},
			[]string{"S3_ENDPOINT_URL is not set, so the other S3 settings have no effect: audio is kept under DATA_DIR"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, report := tc.given.mustLoad(t)
			if diff := cmp.Diff(tc.want, report.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadWithoutAnything(t *testing.T) {
	cfg, _, err := Load(Options{Dir: t.TempDir()})
	if err != nil || cfg.HTTP.Port != 8000 {
		t.Errorf("Load = %+v, %v; want the defaults", cfg, err)
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"API_PORT", "API_PORT", 0}, {"API_PROT", "API_PORT", 2}, {"DEBUG", "DBUG", 1}, {"kitten", "sitting", 3}} {
		t.Run(fmt.Sprintf("%s to %s", tc.a, tc.b), func(t *testing.T) {
			if got := distance(tc.a, tc.b); got != tc.want {
				t.Errorf("distance = %d, want %d", got, tc.want)
			}
		})
	}
}
