package config

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files, .env.example and docs/settings.md")

func checkGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; `go test -update` rewrites it):\n%s", path, diff)
	}
}

// sampleFile writes all samples as lines made by the format, which gets name and value.
func sampleFile(format string) string {
	var b strings.Builder
	for _, s := range all() {
		fmt.Fprintf(&b, format, s.name, samples[s.name])
	}
	return b.String()
}

func sampleFlags(t *testing.T) given {
	t.Helper()
	g := given{files: map[string]string{}}
	for _, s := range all() {
		value := samples[s.name]
		if s.secret {
			g.files[s.name] = value
			value = s.name
		}
		g.flags = append(g.flags, "--"+s.flag()+"="+value)
	}
	return g
}

// The whole effective configuration, as `config show` has it, one golden file per source.
func TestEffectiveConfigurationPerSource(t *testing.T) {
	for name, g := range map[string]given{
		"defaults":    {},
		"flags":       sampleFlags(t),
		"environment": {env: sampleEnviron()},
		"dotenv":      {files: map[string]string{".env": sampleFile("%s='%s'\n")}},
		"file":        {flags: []string{"--config=config.yaml"}, files: map[string]string{"config.yaml": sampleFile("%s: '%s'\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			o := g.options(t)
			_, report, err := Load(o)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for _, e := range report.Effective() {
				fmt.Fprintf(&out, "%s=%s\t(%s)\n", e.Name, e.Value, strings.ReplaceAll(e.Source, o.Dir, "DIR"))
			}
			checkGolden(t, filepath.Join("testdata", name+".golden"), out.Bytes())
		})
	}
}

func TestEnvExampleIsUpToDate(t *testing.T) {
	var out bytes.Buffer
	if err := WriteEnvExample(&out); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, filepath.Join("..", "..", ".env.example"), out.Bytes())
}

func TestSettingsDocIsUpToDate(t *testing.T) {
	var out bytes.Buffer
	if err := WriteSettingsDoc(&out); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, filepath.Join("..", "..", "docs", "settings.md"), out.Bytes())
}

func TestEnvExampleChangesNothingWhenCopied(t *testing.T) {
	var out bytes.Buffer
	if err := WriteEnvExample(&out); err != nil {
		t.Fatal(err)
	}
	if values, bad := parseDotenv(out.String()); len(values) != 0 || bad != nil {
		t.Errorf("copied as it is, it sets %v, bad lines %v", values, bad)
	}
	// With every # taken off, each setting must have a value that is allowed or none.
	uncommented := strings.ReplaceAll(out.String(), "# ", "")
	values, _ := parseDotenv(uncommented)
	for _, s := range all() {
		value, ok := values[s.name]
		if !ok {
			t.Errorf("%s is missing", s.name)
		}
		if value != "" && !s.value.set(&Config{}, value) {
			t.Errorf("%s=%s is not allowed", s.name, value)
		}
	}
}

func TestTableIsConsistent(t *testing.T) {
	known := knownNames()
	slices.Sort(known)
	for i := 1; i < len(known); i++ {
		if known[i] == known[i-1] {
			t.Errorf("%s is the name of two settings", known[i])
		}
	}
	for _, s := range all() {
		defaults := []string{s.def}
		if s.instead != nil {
			defaults = append(defaults, s.instead.def)
		}
		for _, def := range defaults {
			if def != "" && !s.value.set(&Config{}, def) {
				t.Errorf("the default of %s, %q, is not allowed", s.name, def)
			}
		}
		if s.help == "" || strings.HasSuffix(s.help, ".") || strings.Contains(s.help, "\n") || s.value.allowed == "" {
			t.Errorf("%s: help %q, allowed %q", s.name, s.help, s.value.allowed)
		}
		if s.secret && s.def != "" {
			t.Errorf("%s is a secret with a default", s.name)
		}
	}
}
