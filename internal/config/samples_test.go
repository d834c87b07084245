package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sampleLines are where the samples in examples/deploy set something for a daemon: in each file the lines that the pattern finds, as
// name and value.
var sampleLines = map[string]*regexp.Regexp{
	"Dockerfile":                        regexp.MustCompile(`(?:^ENV | )([A-Z][A-Z0-9_]+)=(\S+)`),
	"systemd/englishctl@.service":       regexp.MustCompile(`(?:^#?Environment=| )([A-Z][A-Z0-9_]+)=(\S+)`),
	"systemd/englishctl-backup.service": regexp.MustCompile(`(?:^#?Environment=| )([A-Z][A-Z0-9_]+)=(\S+)`),
	"kubernetes/backup/cronjob.yaml":    regexp.MustCompile(`\{name: ([A-Z][A-Z0-9_]+), value: (\S+)\}`),
	"kubernetes/backup/with-settings":   nil,
	"kubernetes/base/settings.env":      regexp.MustCompile(`^([A-Z][A-Z0-9_]+)=(.*)$`),
	"kubernetes/app/deployment.yaml":    regexp.MustCompile(`\{name: ([A-Z][A-Z0-9_]+), value: (\S+)\}`),
	"kubernetes/migrate/job.yaml":       regexp.MustCompile(`\{name: ([A-Z][A-Z0-9_]+), value: (\S+)\}`),
	"compose/compose.yaml":              regexp.MustCompile(`^  ([A-Z][A-Z0-9_]+): "?([^"]+)"?$`),
	"kubernetes/app/with-settings":      nil, // both files of the daemons together: see sampleSettings
	"kubernetes/migrate/with-settings":  nil,
}

// runtimes are variables of Go's own.
var runtimes = []string{"GOMEMLIMIT"}

// units are variables of the units' own.
var units = []string{"PLACE"}

// sampleSettings returns what a sample sets.
func sampleSettings(t *testing.T, name string) map[string]string {
	t.Helper()
	if dir, both := strings.CutSuffix(name, "/with-settings"); both {
		settings := sampleSettings(t, "kubernetes/base/settings.env")
		own := map[string]string{"kubernetes/app": "deployment.yaml", "kubernetes/migrate": "job.yaml", "kubernetes/backup": "cronjob.yaml"}[dir]
		maps.Copy(settings, sampleSettings(t, dir+"/"+own))
		return settings
	}
	content, err := os.ReadFile(filepath.Join("..", "..", "examples", "deploy", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	settings := make(map[string]string)
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "RUN ") || strings.HasPrefix(line, "    ") && name == "Dockerfile" {
			continue
		}
		for _, found := range sampleLines[name].FindAllStringSubmatch(line, -1) {
			settings[found[1]] = found[2]
		}
	}
	return settings
}

// TestSamplesOfDeployment: what the samples set are settings, with values that are allowed; a daemon would start with them.
func TestSamplesOfDeployment(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range all() {
		for _, name := range append(slices.Clone(s.aliases), s.name) {
			known[name] = true
			known[name+"_FILE"] = s.secret
		}
	}
	for name := range sampleLines {
		t.Run(name, func(t *testing.T) {
			settings := sampleSettings(t, name)
			if len(settings) == 0 {
				t.Fatal("it sets nothing: does this test know its form?")
			}
			var environ []string
			for setting, value := range settings {
				if slices.Contains(runtimes, setting) || slices.Contains(units, setting) {
					continue
				}
				if !known[setting] {
					t.Errorf("%s is no setting", setting)
				}
				environ = append(environ, setting+"="+sampleValue(t, setting, value))
			}
			if name == "kubernetes/base/settings.env" || strings.HasSuffix(name, ".yaml") && strings.HasPrefix(name, "kubernetes/") {
				return // one half of what a container gets; both are with-settings
			}
			cfg, _, err := Load(Options{Dir: t.TempDir(), Environ: environ})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(name, "kubernetes/migrate/") && !strings.Contains(name, "backup") {
				if err := cfg.ValidateForServe(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// sampleValue fills in what only the machine knows: files of secrets, the port of a unit, names that Compose replaces.
func sampleValue(t *testing.T, setting, value string) string {
	t.Helper()
	value = regexp.MustCompile(`\$\{\w+:-([^}]+)\}`).ReplaceAllString(value, "$1")
	value = strings.Trim(strings.ReplaceAll(value, "%i", "8001"), `"`)
	of, isFile := strings.CutSuffix(setting, "_FILE")
	if !isFile {
		return value
	}
	secret := strings.Repeat("not-a-secret-", 4)
	switch of {
	case "DATABASE_URL":
		secret = "postgres://english:pw@postgres/english"
	case "REDIS_URL":
		secret = "redis://:pw@redis:6379/0"
	}
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSamplesAgree: what one file says of another is so.
func TestSamplesAgree(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	compose, site := read("examples/deploy/compose/compose.yaml"), read("examples/deploy/nginx/englishctl.conf")
	settings := sampleSettings(t, "compose/compose.yaml")
	for _, upstream := range []string{"englishctl-1:" + settings["API_PORT"], "englishctl-2:" + settings["API_PORT"], strings.TrimPrefix(settings["S3_ENDPOINT_URL"], "http://")} {
		if !strings.Contains(site, "server "+upstream) {
			t.Errorf("nginx does not know %s", upstream)
		}
	}
	if !strings.Contains(compose, "nginx:\n    <<: *limits") || !strings.Contains(compose, "ipv4_address: "+settings["TRUSTED_PROXIES"]+"}\n      public") {
		t.Errorf("TRUSTED_PROXIES is %s, which is not nginx", settings["TRUSTED_PROXIES"])
	}
	if !strings.Contains(site, "/"+settings["S3_BUCKET_NAME"]+"/audio/") {
		t.Errorf("nginx does not lead to the bucket %s", settings["S3_BUCKET_NAME"])
	}
	metrics := strings.TrimPrefix(settings["METRICS_ADDR"], ":")
	if prometheus := read("examples/deploy/monitoring/prometheus.yml"); !strings.Contains(prometheus, fmt.Sprintf(`["englishctl-1:%s", "englishctl-2:%[1]s"]`, metrics)) {
		t.Errorf("Prometheus does not ask port %s", metrics)
	}
	minio := regexp.MustCompile(`(?m)^MINIO_VERSION=(\S+)$`).FindStringSubmatch(read("scripts/versions"))[1]
	if !strings.Contains(read("examples/deploy/compose/minio.Dockerfile"), "ARG MINIO_VERSION="+minio+"\n") {
		t.Errorf("the image of MinIO is not of version %s, which the tests use", minio)
	}
}
