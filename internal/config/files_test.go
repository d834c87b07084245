package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecretsFromFiles(t *testing.T) {
	key := strings.Repeat("k", 32)
	for _, tc := range []struct {
		name       string
		given      given
		want       string // the secret, or
		mistake    string // the beginning of the mistake, DIR standing for the folder
		wantSource string
	}{
		{name: "the content is the value", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": key}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "one line break at the end is not part of it", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": key + "\n"}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "nor is one of Windows", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": key + "\r\n"}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "a second one is, and so are spaces", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": " " + key + " \n\n"}},
			want: " " + key + " \n", wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "by flag", given: given{flags: []string{"--jwt-secret-key-file=f"}, env: []string{"JWT_SECRET_KEY=" + strings.Repeat("e", 32)}, files: map[string]string{"f": key}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "by .env", given: given{files: map[string]string{".env": "JWT_SECRET_KEY_FILE=f", "f": key}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "by config file", given: given{flags: []string{"--config=c.json"}, files: map[string]string{"c.json": `{"jwt_secret_key_file": "f"}`, "f": key}},
			want: key, wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "a value in a stronger source beats a file in a weaker one",
			given: given{env: []string{"JWT_SECRET_KEY=" + key}, files: map[string]string{".env": "JWT_SECRET_KEY_FILE=missing"}},
			want:  key, wantSource: "environment JWT_SECRET_KEY"},
		{name: "both in one source", given: given{env: []string{"JWT_SECRET_KEY=" + key, "JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": key}},
			mistake: "JWT_SECRET_KEY: JWT_SECRET_KEY and JWT_SECRET_KEY_FILE are both set (environment JWT_SECRET_KEY); set one of them"},
		{name: "missing", given: given{env: []string{"JWT_SECRET_KEY_FILE=nowhere"}},
			mistake: "JWT_SECRET_KEY_FILE: open DIR/nowhere: no such file or directory"},
		{name: "empty", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": "\n"}},
			mistake: "JWT_SECRET_KEY_FILE: DIR/f is empty; it must hold the secret"},
		{name: "a folder", given: given{env: []string{"JWT_SECRET_KEY_FILE=."}},
			mistake: "JWT_SECRET_KEY_FILE: read DIR: is a directory"},
		{name: "the largest", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": strings.Repeat("k", maxSecret)}},
			want: strings.Repeat("k", maxSecret), wantSource: "JWT_SECRET_KEY_FILE DIR/f"},
		{name: "too large", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": strings.Repeat("k", maxSecret+1)}},
			mistake: "JWT_SECRET_KEY_FILE: DIR/f has more than the allowed 65536 bytes"},
		{name: "too short a secret: the file is named, its content is not", given: given{env: []string{"JWT_SECRET_KEY_FILE=f"}, files: map[string]string{"f": "sesame"}},
			mistake: "JWT_SECRET_KEY: •••••• is not allowed (JWT_SECRET_KEY_FILE DIR/f); allowed: at least 32 bytes that nobody can guess, such as the output of openssl rand -hex 32"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := tc.given.options(t)
			cfg, report, err := Load(o)
			inDir := func(text string) string { return strings.ReplaceAll(text, "DIR", o.Dir) }
			if tc.mistake != "" {
				if diff := cmp.Diff([]string{inDir(tc.mistake)}, mistakesOf(t, err)); diff != "" {
					t.Errorf("mistakes (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Auth.JWTSecretKey.Reveal(); got != tc.want {
				t.Errorf("secret has %d bytes, want %d", len(got), len(tc.want))
			}
			if got := effective(report, "JWT_SECRET_KEY"); got.Source != inDir(tc.wantSource) || got.Value != mask {
				t.Errorf("config show has %q from %q, want it masked, from %q", got.Value, got.Source, inDir(tc.wantSource))
			}
		})
	}
}

func TestEverySecretMayBeInAFileAndHasNoFlagOfItsOwn(t *testing.T) {
	o := sampleFlags(t).options(t)
	_, report, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all() {
		own := o.Flags.Lookup(flagName(s.name))
		inFile := o.Flags.Lookup(flagName(s.name + fileSuffix))
		if s.secret != (own == nil) || s.secret != (inFile != nil) {
			t.Errorf("%s: secret is %v, flag is %v, flag for a file is %v", s.name, s.secret, own != nil, inFile != nil)
		}
		if got, want := effective(report, s.name).Source, s.name+"_FILE "+filepath.Join(o.Dir, s.name); s.secret && got != want {
			t.Errorf("%s comes from %q, want %q", s.name, got, want)
		}
	}
}

func TestConfigFiles(t *testing.T) {
	want := map[string]string{"API_PORT": "1000000", "DEBUG": "true", "LOG_FORMAT": "json", "TRUSTED_PROXIES": "10.0.0.0/8,::1", "SPEECH_API_TIMEOUT": "2.5"}
	for name, content := range map[string]string{
		"c.yaml": "API_PORT: 1000000\ndebug: true\nLog_Format: json\nTRUSTED_PROXIES: [10.0.0.0/8, \"::1\"]\nspeech_api_timeout: 2.5\n",
		"c.yml":  "API_PORT: \"1000000\"\ndebug: true\nLog_Format: json\nTRUSTED_PROXIES: 10.0.0.0/8,::1\nspeech_api_timeout: 2.5\nLOG_LEVEL:\n",
		"c.toml": "API_PORT = 1000000\ndebug = true\nLog_Format = \"json\"\nTRUSTED_PROXIES = [\"10.0.0.0/8\", \"::1\"]\nspeech_api_timeout = 2.5\n",
		"c.json": `{"API_PORT": 1000000, "debug": true, "Log_Format": "json", "TRUSTED_PROXIES": ["10.0.0.0/8", "::1"], "speech_api_timeout": 2.5}`,
	} {
		t.Run(name, func(t *testing.T) {
			// The port is out of range on purpose: JSON must not turn it into 1e+06 on its way to the message.
			_, report, err := given{flags: []string{"--config=" + name}, files: map[string]string{name: content}}.load(t)
			if got := mistakesOf(t, err); len(got) != 1 || !strings.HasPrefix(got[0], `API_PORT: "1000000" is not allowed (file `+name+`)`) {
				t.Errorf("mistakes = %q", got)
			}
			for variable, value := range want {
				if got := effective(report, variable); strings.Trim(got.Value, `"`) != value || got.Source != "file "+name {
					t.Errorf("%s = %q from %q, want %q", variable, got.Value, got.Source, value)
				}
			}
		})
	}
}

func TestMistakesInConfigFiles(t *testing.T) {
	for _, tc := range []struct{ name, file, content, want string }{
		{"an unknown key names its neighbour", "c.yaml", "api_prt: 1\n", `c.yaml: unknown setting "api_prt"; did you mean API_PORT?`},
		{"an unknown key with an empty value", "c.yaml", "api_prt:\n", `c.yaml: unknown setting "api_prt"; did you mean API_PORT?`},
		{"an unknown key that is like nothing", "c.yaml", "colour: red\n", "c.yaml: unknown setting \"colour\"; `englishctl config show` lists the known ones"},
		{"nested keys", "c.yaml", "http:\n  port: 1\n  host: x\n", "c.yaml: unknown setting \"http\"; `englishctl config show` lists the known ones"},
		{"a dot is no nesting", "c.yaml", "api.port: 1\n", `c.yaml: unknown setting "api.port"; did you mean API_PORT?`},
		{"a mapping for a value", "c.yaml", "api_port:\n  a: 1\n", "c.yaml: API_PORT is neither a single value nor a list of them"},
		{"a list of mappings", "c.yaml", "allowed_origins: [{a: 1}]\n", "c.yaml: ALLOWED_ORIGINS is neither a single value nor a list of them"},
		{"broken YAML is not quoted", "c.yaml", "log_level: info\njwt_secret_key: \"sesame\n", "c.yaml: is not valid YAML, see line "},
		{"YAML that is no mapping is not quoted", "c.yaml", "sesame\n", "c.yaml: is not valid YAML, see line 1"},
		{"broken TOML is not quoted", "c.toml", "log_level = \"info\"\njwt_secret_key = sesame\n", "c.toml: is not valid TOML, see line 2"},
		{"broken JSON is not quoted", "c.json", "{\n\"jwt_secret_key\": sesame}\n", "c.json: is not valid JSON, see line 2"},
		{"JSON that is no object", "c.json", `"sesame"`, "c.json: is not valid JSON"},
		{"another kind of file", "c.ini", "x=1", "c.ini: the name of a config file must end in .yaml, .yml, .toml or .json"},
		{"too large a file", "c.yaml", "#" + strings.Repeat("x", maxFile), "c.yaml: DIR/c.yaml has more than the allowed 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := given{flags: []string{"--config=" + tc.file}, files: map[string]string{tc.file: tc.content}}.options(t)
			_, _, err := Load(o)
			got := mistakesOf(t, err)
			if len(got) != 1 || !strings.HasPrefix(got[0], strings.ReplaceAll(tc.want, "DIR", o.Dir)) {
				t.Errorf("mistakes = %q\nwant one: %q", got, tc.want)
			}
			if strings.Contains(strings.Join(got, ""), "sesame") {
				t.Errorf("the file is quoted: %q", got)
			}
		})
	}
}

func TestNamedFilesMustExist(t *testing.T) {
	o := given{flags: []string{"--env-file=no.env", "--config=no.yaml"}}.options(t)
	_, _, err := Load(o)
	missing := func(name string) string {
		return name + ": open " + filepath.Join(o.Dir, name) + ": no such file or directory"
	}
	if diff := cmp.Diff([]string{missing("no.env"), missing("no.yaml")}, mistakesOf(t, err)); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}
