package config

import "testing"

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
		{"the program's own name is no part of a flag",
			given{flags: []string{"--server=local"}, env: []string{"ENGLISHCTL_SERVER=https://a.example"}},
			"ENGLISHCTL_SERVER", "local", "flag --server"},
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
