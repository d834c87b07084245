package config

import (
	"net/url"
	"strings"
	"testing"
)

func TestPostgresDSN(t *testing.T) {
	for _, tc := range []struct {
		name, address string
		wantHost      string
		wantSSLMode   string
	}{
		{"localhost is this machine", "postgres://app:pw@localhost:5432/app", "localhost:5432", "disable"},
		{"IPv4 loopback", "postgres://127.0.0.1/app", "127.0.0.1", "disable"},
		{"all of 127/8 is loopback", "postgres://127.8.8.8/app", "127.8.8.8", "disable"},
		{"IPv6 loopback", "postgres://[::1]:5432/app", "[::1]:5432", "disable"},
		{"a Unix socket", "postgres:///app?host=/run/postgresql", "", "disable"},
		{"an abstract Unix socket", "postgres:///app?host=%40pg", "", "disable"},
		{"no host is this machine, whatever PGHOST says", "postgres:///app", "localhost", "disable"},
		{"no host but a port", "postgres://:5433/app", "localhost:5433", "disable"},
		{"another machine", "postgresql://db.example.com/app", "db.example.com", "require"},
		{"a private address is another machine", "postgres://10.0.0.5/app", "10.0.0.5", "require"},
		{"a name that begins with localhost", "postgres://localhost.evil.com/app", "localhost.evil.com", "require"},
		{"the host parameter counts", "postgres://localhost/app?host=db.example.com", "localhost", "require"},
		{"the hostaddr parameter counts", "postgres://localhost/app?hostaddr=10.0.0.5", "localhost", "require"},
		{"one far host among several", "postgres://localhost,db/app", "", "require"},
		{"several ports of this machine", "postgres://127.0.0.1:5432,localhost:5433/app", "", "disable"},
		{"what is asked for is kept, weaker", "postgres://db/app?sslmode=disable", "db", "disable"},
		{"what is asked for is kept, stronger", "postgres://localhost/app?sslmode=verify-full", "localhost", "verify-full"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dsn, ok := PostgresDSN(tc.address)
			if !ok {
				t.Fatalf("%s is refused", tc.address)
			}
			u, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			if u.Host != tc.wantHost {
				t.Errorf("host = %q, want %q", u.Host, tc.wantHost)
			}
			if got := u.Query().Get("sslmode"); got != tc.wantSSLMode {
				t.Errorf("sslmode = %q, want %q", got, tc.wantSSLMode)
			}
			if q := u.Query(); q.Get("binary_parameters") != "yes" || q.Get("application_name") != "englishctl" {
				t.Errorf("parameters = %v", q)
			}
		})
	}
}

// Of several servers the one that takes writes is looked for, and none that is gone keeps the next from being asked.
func TestPostgresDSNOfSeveralServers(t *testing.T) {
	const one, several = "binary_parameters=yes&sslmode=require", "binary_parameters=yes&connect_timeout=2&sslmode=require&target_session_attrs=read-write"
	for address, want := range map[string]string{
		"postgres://app:pw@db/app":                                 "postgres://app:pw@db/app?" + one,
		"postgres://app:pw@db1:5432,db2:5433/app":                  "postgres://app:pw@/app?" + several + "&host=db1,db2&port=5432,5433",
		"postgres://app:pw@db1,db2:5433/app":                       "postgres://app:pw@/app?" + several + "&host=db1,db2&port=,5433",
		"postgres://app:pw@/app?host=db1,db2&port=5432":            "postgres://app:pw@/app?" + several + "&host=db1,db2&port=5432",
		"postgres://db1,db2/app?target_session_attrs=any":          "postgres:///app?" + strings.Replace(several, "read-write", "any", 1) + "&host=db1,db2&port=,",
		"postgres://db1,db2/app?connect_timeout=9&sslmode=require": "postgres:///app?" + strings.Replace(several, "=2", "=9", 1) + "&host=db1,db2&port=,",
	} {
		got, ok := PostgresDSN(address)
		if !ok {
			t.Errorf("%s is refused", address)
			continue
		}
		if got, want := sorted(t, got), sorted(t, want+"&application_name=englishctl"); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", address, got, want)
		}
	}
}

// sorted is an address with its parameters in the order of their names.
func sorted(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = u.Query().Encode()
	return u.String()
}

func TestPostgresDSNKeepsWhatTheAddressSays(t *testing.T) {
	const in = "postgres://app:p%40ss%2Fw@db/app?application_name=mine&binary_parameters=no&connect_timeout=3&sslmode=require"
	if got, _ := PostgresDSN(in); got != in {
		t.Errorf("PostgresDSN = %s, want it unchanged", got)
	}
	if _, ok := PostgresDSN("postgresql+asyncpg://db/app"); ok {
		t.Error("an address that DATABASE_URL refuses has a DSN")
	}
	cfg, _ := given{env: []string{"DATABASE_URL=postgres://a:b@127.0.0.1/app", "DATABASE_REPLICA_URL=postgres://a:b@replica/app"}}.mustLoad(t)
	if !strings.Contains(cfg.Database.DSN(), "@127.0.0.1/app?") || !strings.Contains(cfg.Database.ReplicaDSN(), "@replica/app?") {
		t.Errorf("DSNs = %s, %s", cfg.Database.DSN(), cfg.Database.ReplicaDSN())
	}
}

func TestSecretAddressesAreShownWithoutTheirSecrets(t *testing.T) {
	for _, tc := range []struct{ name, variable, value, want string }{
		{"password", "DATABASE_URL", "postgres://app:sesame@db:5432/englishapp", "postgres://app:••••••@db:5432/englishapp"},
		{"escaped password", "DATABASE_URL", "postgres://app:ses%40me@db/app", "postgres://app:••••••@db/app"},
		{"no password", "DATABASE_URL", "postgres://app@db/app", "postgres://app@db/app"},
		{"password as a parameter", "DATABASE_URL", "postgres://db/app?user=app&password=sesame&sslmode=require",
			"postgres://db/app?user=app&password=••••••&sslmode=require"},
		{"an escaped name does not help", "DATABASE_URL", "postgres://db/app?p%61ssword=sesame", "postgres://db/app?p%61ssword=••••••"},
		{"Redis password", "REDIS_URL", "redis://:sesame@cache:6379/0", "redis://:••••••@cache:6379/0"},
		{"Redis password without its colon", "REDIS_URL", "redis://sesame@cache", "redis://••••••@cache"},
		{"a plain secret", "AZURE_SPEECH_KEY", "sesame", mask},
		{"an access key", "S3_ACCESS_KEY", "sesame", mask},
		{"nothing set", "AZURE_SPEECH_KEY", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, report := given{env: []string{tc.variable + "=" + tc.value}}.mustLoad(t)
			if got := effective(report, tc.variable).Value; got != tc.want {
				t.Errorf("shown as %q, want %q", got, tc.want)
			}
		})
	}
}

// One daemon has one address, whatever people copy.
func TestServerAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.example.com":             "https://api.example.com",
		"https://API.Example.com:443/":        "https://api.example.com",
		"https://api.example.com:80":          "https://api.example.com:80",
		"http://localhost:80":                 "http://localhost",
		"http://[::1]:8000/api/v1/":           "http://[::1]:8000",
		"https://example.com/Base/api/v1":     "https://example.com/Base",
		"https://example.com/api/v1/api/v1//": "https://example.com/api/v1",
	} {
		cfg, _ := given{env: []string{"ENGLISHCTL_SERVER=" + address}}.mustLoad(t)
		if cfg.Server != want {
			t.Errorf("%s becomes %s, want %s", address, cfg.Server, want)
		}
	}
}

func TestReportFirstSet(t *testing.T) {
	for name, tc := range map[string]struct {
		given given
		want  string
	}{
		"defaults":             {given{env: []string{"DATA_DIR="}}, ""},
		"a flag":               {given{flags: []string{"--data-dir=data"}}, "DATA_DIR"},
		"the environment":      {given{env: []string{"DATABASE_URL=postgres://db/app"}}, "DATABASE_URL"},
		"both":                 {given{flags: []string{"--data-dir=data"}, env: []string{"DATABASE_URL=postgres://db/app"}}, "DATABASE_URL"},
		".env":                 {given{files: map[string]string{".env": "DATA_DIR=./data\n"}}, "DATA_DIR"},
		"a default of another": {given{env: []string{"API_HOST=::1"}}, ""},
	} {
		_, report := tc.given.mustLoad(t)
		if got := report.FirstSet("DATABASE_URL", "DATA_DIR"); got != tc.want {
			t.Errorf("%s: FirstSet = %q, want %q", name, got, tc.want)
		}
	}
}

// Server is what SMTP_URL says; what it must not say has rows in TestValidators.
func TestSMTPServers(t *testing.T) {
	for text, want := range map[string]SMTP{
		"":                        {},
		"smtp://localhost:1025":   {Host: "localhost", Port: 1025, Security: SMTPPrefer},
		"smtp://[::1]":            {Host: "::1", Port: 587, Security: SMTPPrefer},
		"smtp://mail.example.com": {Host: "mail.example.com", Port: 587, Security: SMTPRequire},
		"smtp://u:p@mail.example.com:25?starttls=require": {Host: "mail.example.com", Port: 25, User: "u", Password: "p", Security: SMTPRequire},
		"smtp://relay:25?starttls=disable":                {Host: "relay", Port: 25, Security: SMTPDisable},
		"smtp://relay?starttls=prefer":                    {Host: "relay", Port: 587, Security: SMTPPrefer},
		"smtp://u:p@localhost?starttls=disable":           {Host: "localhost", Port: 587, User: "u", Password: "p", Security: SMTPDisable},
		"smtps://ann%40x:p%40s%2Fs@mail.example.com/":     {Host: "mail.example.com", Port: 465, User: "ann@x", Password: "p@s/s", Security: SMTPImplicit},
		"smtps://mail.example.com:2465":                   {Host: "mail.example.com", Port: 2465, Security: SMTPImplicit},
	} {
		if _, ok := smtpURL.parse(text); !ok && text != "" {
			t.Errorf("%q is refused", text)
		}
		if got := (Mail{SMTPURL: Secret(text)}).Server(); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
