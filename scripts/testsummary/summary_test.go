package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	tests := map[string]struct {
		events string
		want   string
		exit   int
	}{
		"a passing package is its own line of go test and nothing else": {
			events: `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"coverage: 80.0% of statements\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\tcoverage: 80.0% of statements\n"}
{"Action":"pass","Package":"p"}`,
			want: "ok  \tp\t0.1s\tcoverage: 80.0% of statements\n1 passed, 0 failed, 0 skipped\n",
		},
		"a test with subtests is counted through them": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"run","Package":"p","Test":"TestA/y"}
{"Action":"pass","Package":"p","Test":"TestA/x"}
{"Action":"pass","Package":"p","Test":"TestA/y"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}`,
			want: "2 passed, 0 failed, 0 skipped\n",
		},
		"a failed subtest fails once, not once more for its parent": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"    --- FAIL: TestA/x (0.00s)\n"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"        a_test.go:2: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}`,
			want: "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/x (0.00s)\n        a_test.go:2: got 1, want 2\n" +
				"FAIL\tp\t0.1s\n0 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"a parent that fails by itself counts beside its passing subtests": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"pass","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`,
			want: "1 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"a name that another one only starts with is no subtest of it": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestAB"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestAB"}
{"Action":"pass","Package":"p"}`,
			want: "2 passed, 0 failed, 0 skipped\n",
		},
		"a skip says why, on one line": {
			events: `{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: TEST_REDIS_URL is not set:\n        run make test\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p"}`,
			want: "skipped: p.TestB: b_test.go:3: TEST_REDIS_URL is not set: run make test\n1 passed, 0 failed, 1 skipped\n",
		},
		"no test at all is a failure": {
			events: `{"Action":"output","Package":"p","Output":"?   \tp\t[no test files]\n"}
{"Action":"skip","Package":"p"}`,
			want: "?   \tp\t[no test files]\nno test ran\n0 passed, 0 failed, 0 skipped\n",
			exit: 1,
		},
		"only skipped tests are no test either": {
			events: `{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p"}`,
			want: "skipped: p.TestB: (no reason given)\nno test ran\n0 passed, 0 failed, 1 skipped\n",
			exit: 1,
		},
		"no input is a failure": {want: "no test ran\n0 passed, 0 failed, 0 skipped\n", exit: 1},
		"what does not build is shown once and fails each package that needs it": {
			events: `{"ImportPath":"q","Action":"build-output","Output":"# q\n"}
{"ImportPath":"q","Action":"build-output","Output":"q.go:1: undefined: x\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"q"}
{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
{"Action":"pass","Package":"r","Test":"TestR"}
{"Action":"pass","Package":"r"}`,
			want: "# q\nq.go:1: undefined: x\nFAIL\tp [build failed]\nFAIL\tq [build failed]\n1 passed, 2 failed, 0 skipped\n",
			exit: 1,
		},
		"a package that fails without a failed test counts as one": {
			events: `{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"exit status 3\n"}
{"Action":"fail","Package":"p"}`,
			want: "exit status 3\n1 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"a test cut off by a panic is a failed one": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"p"}`,
			want: "panic: test timed out\n--- FAIL: TestA (it never ended)\n0 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"a run cut off in the middle is a failed one": {
			events: `{"Action":"start","Package":"p"}
{"Action":"pass","Package":"p","Test":"TestA"}`,
			want: "FAIL\tp (it never ended)\n1 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"packages that run side by side are kept apart": {
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"q","Test":"TestA"}
{"Action":"fail","Package":"q","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}
{"Action":"fail","Package":"q"}`,
			want: "1 passed, 1 failed, 0 skipped\n",
			exit: 1,
		},
		"what is no event is passed on": {
			events: "stray words\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}",
			want:   "stray words\n1 passed, 0 failed, 0 skipped\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			exit := run(strings.NewReader(tt.events), &out)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if exit != tt.exit {
				t.Errorf("exit code %d, want %d", exit, tt.exit)
			}
		})
	}
}

// TestRealGoTest makes sure that the events are still those that the installed go command prints.
func TestRealGoTest(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": "module m\n\ngo 1.26.0\n",
		"a/a_test.go": `package a

import "testing"

func TestGood(t *testing.T) { t.Run("row", func(t *testing.T) {}) }
func TestBad(t *testing.T)  { t.Run("row", func(t *testing.T) { t.Error("wrong answer") }) }
func TestSkip(t *testing.T) { t.Skip("no moon tonight") }
`,
		"b/b.go":      "package b\n\nvar x int = \"one\"\n",
		"b/b_test.go": "package b\n",
		"c/c_test.go": "package c\n\nimport \"testing\"\n\nfunc TestPanic(t *testing.T) { panic(\"boo\") }\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	events, err := cmd.Output()
	if err == nil {
		t.Fatal("go test of a failing module exited with 0")
	}

	var out strings.Builder
	if exit := run(strings.NewReader(string(events)), &out); exit != 1 {
		t.Errorf("exit code %d, want 1", exit)
	}
	for _, want := range []string{
		"wrong answer", "cannot use \"one\"", "[build failed]", "panic: boo",
		"skipped: m/a.TestSkip: a_test.go:7: no moon tonight\n1 passed, 3 failed, 1 skipped\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

// TestBrokenInput makes sure that a reader that breaks is reported as a failure.
func TestBrokenInput(t *testing.T) {
	var out strings.Builder
	if exit := run(brokenReader{}, &out); exit != 1 {
		t.Errorf("exit code %d, want 1", exit)
	}
	want := "testsummary: read the events: the pipe broke\n0 passed, 1 failed, 0 skipped\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, fmt.Errorf("the pipe broke") }
