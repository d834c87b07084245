package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		profile string
		want    map[string]coverage
		err     string // part of the message
	}{
		"statements are counted, not blocks": {
			profile: "mode: atomic\n" + module + "internal/fault/a.go:1.1,2.2 3 1\n" + module + "internal/fault/b.go:1.1,2.2 1 0\n",
			want:    map[string]coverage{"internal/fault": {statements: 4, covered: 3}},
		},
		"a block that several test binaries list counts once, covered if any reached it": {
			profile: "mode: atomic\n" + module + "internal/fault/a.go:1.1,2.2 2 7\n" + module + "internal/fault/a.go:1.1,2.2 2 0\n",
			want:    map[string]coverage{"internal/fault": {statements: 2, covered: 2}},
		},
		"packages are kept apart": {
			profile: "mode: set\n" + module + "internal/fault/a.go:1.1,2.2 2 1\n" + module + "internal/audit/a.go:1.1,2.2 1 0\n",
			want:    map[string]coverage{"internal/fault": {2, 2}, "internal/audit": {1, 0}},
		},
		"sources that changed between two profiles are refused": {
			profile: "mode: set\n" + module + "internal/fault/a.go:1.1,2.2 2 1\n" + module + "internal/fault/a.go:1.1,2.2 3 1\n",
			err:     "line 3: " + module + "internal/fault/a.go:1.1,2.2 has 3 statements here and 2 elsewhere",
		},
		"no profile":         {profile: "PASS\n", err: "first line is not the mode"},
		"an empty file":      {profile: "", err: "empty"},
		"a mode alone":       {profile: "mode: atomic\n", err: "empty"},
		"half a line":        {profile: "mode: atomic\n" + module + "a.go:1.1,2.2 2\n", err: "line 2: "},
		"no position":        {profile: "mode: atomic\na.go 2 1\n", err: "is no block"},
		"words for a count":  {profile: "mode: atomic\na.go:1.1,2.2 2 many\n", err: "count: "},
		"words for a number": {profile: "mode: atomic\na.go:1.1,2.2 two 1\n", err: "statements: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parse(strings.NewReader(tt.profile))
			if message := text(err); (tt.err == "") != (message == "") || !strings.Contains(message, tt.err) {
				t.Errorf("error %q, want %q in it", message, tt.err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(coverage{})); diff != "" {
				t.Errorf("coverage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReport(t *testing.T) {
	gates := map[string]float64{"internal/fault": 80}
	tests := map[string]struct {
		covered map[string]coverage
		want    error
		line    string
	}{
		"above the gate":            {map[string]coverage{"internal/fault": {10, 9}}, nil, "internal/fault  10          90.0 %   80 %"},
		"exactly at the gate":       {map[string]coverage{"internal/fault": {10, 8}}, nil, "80.0 %   80 %"},
		"just below the gate":       {map[string]coverage{"internal/fault": {1000, 799}}, errBelow, "79.9 %   80 %  BELOW"},
		"a gated package missing":   {map[string]coverage{"internal/blob": {10, 9}}, errBelow, "MISSING from the profile"},
		"a package without a gate":  {map[string]coverage{"internal/fault": {1, 1}, "internal/blob": {10, 0}}, nil, "internal/blob   10          0.0 %    -"},
		"a package with no code":    {map[string]coverage{"internal/fault": {0, 0}}, nil, "100.0 %"},
		"rounding forgives nothing": {map[string]coverage{"internal/fault": {100000, 79999}}, errBelow, "80.0 %   80 %  BELOW"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := report(&out, tt.covered, gates); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if !strings.Contains(out.String(), tt.line) {
				t.Errorf("no %q in\n%s", tt.line, out.String())
			}
		})
	}
}

func TestGates(t *testing.T) {
	none := gates(func(string) bool { return false })
	if _, found := none["internal/pronunciation"]; found {
		t.Error("pronunciation has a gate although it does not exist")
	}
	all := gates(func(name string) bool { return name == "internal/pronunciation" })
	if all["internal/pronunciation"] != 80 {
		t.Errorf("the gate of pronunciation is %v, want 80", all["internal/pronunciation"])
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
