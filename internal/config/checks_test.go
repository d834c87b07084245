package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

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
		{"a replica", []string{"DATABASE_URL=postgres://db1:5432,db2:5432/app", "DATABASE_REPLICA_URL=postgres://db2/app"}, nil},
		{"several replicas", []string{"DATABASE_URL=postgres://db1,db2/app", "DATABASE_REPLICA_URL=postgres://db2,db3/app"}, []string{"DATABASE_REPLICA_URL"}},
		{"a store of backups without keys", []string{"BACKUP_S3_ENDPOINT_URL=http://minio:9000"}, []string{"BACKUP_S3_ACCESS_KEY", "BACKUP_S3_SECRET_KEY"}},
		{"a store of backups with its keys", []string{"BACKUP_S3_ENDPOINT_URL=http://minio:9000", "BACKUP_S3_ACCESS_KEY=a", "BACKUP_S3_SECRET_KEY=b"}, nil},
		{"a replica without a primary", []string{"DATABASE_REPLICA_URL=postgres://a@b/c"}, []string{"DATABASE_URL"}},
		{"a wrong primary is not missing, too", []string{"DATABASE_REPLICA_URL=postgres://a@b/c", "DATABASE_URL=mysql://x"}, []string{"DATABASE_URL"}},
		{"Facebook's secret without the app", []string{"FACEBOOK_APP_SECRET=x"}, []string{"FACEBOOK_APP_ID"}},
		{"a mail server without a sender and an app", []string{"SMTP_URL=smtp://mail"}, []string{"MAIL_FROM", "APP_URL"}},
		{"a mail server with all it needs", []string{"SMTP_URL=smtp://mail", "MAIL_FROM=a@example.com", "APP_URL=https://a.example"}, nil},
		{"Azure without TLS", []string{"AZURE_SPEECH_ENDPOINT=http://10.0.0.1"}, []string{"AZURE_SPEECH_ENDPOINT"}},
		{"a name that begins like this machine's", []string{"AZURE_SPEECH_ENDPOINT=http://localhost.example.com"}, []string{"AZURE_SPEECH_ENDPOINT"}},
		{"a stand-in for Azure on this machine", []string{"AZURE_SPEECH_ENDPOINT=http://localhost:8990"}, nil},
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
		{"offline needs nothing here; its model is looked for where it is used", []string{"SPEECH_PROVIDER=offline"}, nil},
		{"the SDK, which is not built in, needs what azure needs", []string{"SPEECH_PROVIDER=azure-sdk"},
			[]string{"SPEECH_PROVIDER", "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION"}},
		{"the operator's name without a hash", []string{"ADMIN_USERNAME=admin"}, []string{"ADMIN_PASSWORD_HASH"}},
		{"a hash of nobody", []string{"ADMIN_PASSWORD_HASH=" + bcryptSample}, []string{"ADMIN_USERNAME"}},
		{"the operator, whole", []string{"ADMIN_USERNAME=root", "ADMIN_PASSWORD_HASH=" + bcryptSample}, nil},
		{"a signing secret before, without the present one", []string{"REQUEST_SIGNING_SECRET_PREVIOUS=0123456789abcdef"}, []string{"REQUEST_SIGNING_SECRET"}},
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

// bcryptSample has the shape of a hash; nobody knows a password that fits.
var bcryptSample = "$2b$12$" + strings.Repeat("a", 53)

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
		{"a default written out is no surprise", given{env: []string{"API_PORT=8000"}}, nil},
		{"a key that was not changed", given{env: []string{"JWT_SECRET_KEY=" + strings.Repeat("k", 32), "JWT_SECRET_KEY_PREVIOUS=" + strings.Repeat("k", 32)}},
			[]string{"JWT_SECRET_KEY_PREVIOUS is the same as JWT_SECRET_KEY: nothing was rotated"}},
		{"a signing secret that was not changed", given{env: []string{"REQUEST_SIGNING_SECRET=" + strings.Repeat("k", 16), "REQUEST_SIGNING_SECRET_PREVIOUS=" + strings.Repeat("k", 16)}},
			[]string{"REQUEST_SIGNING_SECRET_PREVIOUS is the same as REQUEST_SIGNING_SECRET: nothing was rotated"}},
		{"everybody a proxy", given{env: []string{"TRUSTED_PROXIES=10.0.0.0/8,0.0.0.0/0"}},
			[]string{"TRUSTED_PROXIES has 0.0.0.0/0: everybody can claim any address, and the limits by address limit nobody"}},
		{"everybody a proxy, of IPv6", given{env: []string{"TRUSTED_PROXIES=::/0"}},
			[]string{"TRUSTED_PROXIES has ::/0: everybody can claim any address, and the limits by address limit nobody"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, report := tc.given.mustLoad(t)
			if diff := cmp.Diff(tc.want, report.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
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
