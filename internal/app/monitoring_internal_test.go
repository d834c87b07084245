package app

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/englishapp/englishctl/internal/testenv"
)

// monitoring is where the files for Prometheus and Grafana are.
var monitoring = filepath.Join("..", "..", "examples", "deploy", "monitoring")

// TestPrometheusTakesOurFiles: its own checker finds nothing wrong, and each alert fires for what it should, and only for that.
func TestPrometheusTakesOurFiles(t *testing.T) {
	promtool := testenv.Promtool(t)
	for _, args := range [][]string{
		{"check", "config", "prometheus.yml"}, {"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"},
	} {
		check := exec.CommandContext(t.Context(), promtool, args...)
		check.Dir = monitoring
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

type alertFile struct {
	Groups []struct {
		Rules []struct {
			Alert string
			Expr  string
		}
	}
}

func readAlerts(t *testing.T) (names, expressions []string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(monitoring, "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file alertFile
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			names, expressions = append(names, rule.Alert), append(expressions, rule.Expr)
		}
	}
	return names, expressions
}

// TestEachAlertIsTested: an alert that nobody has seen fire is a guess.
func TestEachAlertIsTested(t *testing.T) {
	tests, err := os.ReadFile(filepath.Join(monitoring, "alerts_test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	names, _ := readAlerts(t)
	if len(names) == 0 {
		t.Fatal("no alerts were found")
	}
	for _, name := range names {
		fires := regexp.MustCompile(`alertname: ` + name + `\n\s+exp_alerts:\n`)
		if !fires.Match(tests) {
			t.Errorf("no test lets %s fire", name)
		}
	}
}

type dashboard struct {
	Panels []struct {
		ID      int
		Type    string
		Title   string
		Targets []struct{ Expr string }
	}
	Templating struct {
		List []struct{ Name, Definition string }
	}
}

// readDashboard returns what the dashboard asks Prometheus, with Grafana's variables filled in.
func readDashboard(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(monitoring, "grafana-dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h", "$job", ".*", "$instance", ".*", "$route", ".*")
	var expressions []string
	ids := make(map[int]bool)
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the number %d", p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			filled := fill.Replace(target.Expr)
			if strings.Contains(filled, "$") {
				t.Errorf("the panel %q has a variable that nobody fills in: %s", p.Title, target.Expr)
			}
			expressions = append(expressions, filled)
		}
	}
	for _, v := range d.Templating.List {
		if v.Definition != "" {
			expressions = append(expressions, "group("+fill.Replace(labelled.FindStringSubmatch(v.Definition)[1])+")")
		}
	}
	return expressions
}

// labelled is Grafana's own way to ask for the values of a label.
var labelled = regexp.MustCompile(`^label_values\((.*), \w+\)$`)

// TestTheDashboardsQuestionsCanBeAsked: Prometheus' own parser takes them.
func TestTheDashboardsQuestionsCanBeAsked(t *testing.T) {
	promtool := testenv.Promtool(t)
	var rules strings.Builder
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for i, expr := range readDashboard(t) {
		fmt.Fprintf(&rules, "  - record: dashboard:%d\n    expr: %q\n", i, expr)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), promtool, "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, said)
	}
}

var (
	quoted        = regexp.MustCompile(`"[^"]*"`)
	asked         = regexp.MustCompile(`\b(englishctl|go_sql|go|process)_[a-z0-9_]+\b`)
	histogramTail = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// TestTheyAskForWhatThereIs: each metric that the dashboard and the alerts name is one that the daemon has.
func TestTheyAskForWhatThereIs(t *testing.T) {
	exported := everyMetric(t)
	_, expressions := readAlerts(t)
	count := 0
	for _, expr := range append(expressions, readDashboard(t)...) {
		for _, name := range asked.FindAllString(quoted.ReplaceAllString(expr, `""`), -1) {
			count++
			if !slices.Contains(exported, name) && !slices.Contains(exported, histogramTail.ReplaceAllString(name, "")) {
				t.Errorf("nobody exports %s: %s", name, expr)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d metrics were found in dashboard and alerts", count)
	}
}
