package httpapi

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// spilling are the ways of net/http to read a form that put what is over 32 MB, or every file, into the system's folder for
// temporary files, where a learner's voice has no business (decisions.md, "Pronunciation").
var spilling = regexp.MustCompile(`\.(ParseMultipartForm|ParseForm|FormFile|FormValue|PostFormValue|ReadForm|CreateTemp|MkdirTemp)\(`)

// TestNothingSpillsToDisk: no handler reads a form in a way that may write it to a file.
func TestNothingSpillsToDisk(t *testing.T) {
	if !spilling.MatchString(`file, _, err := r.FormFile("audio")`) {
		t.Fatal("this test sees nothing")
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := spilling.FindString(string(source)); found != "" {
			t.Errorf("%s has %s…): read the form with newForm, which keeps it in memory", file, found)
		}
	}
}

// TestUploadsMakeNoTemporaryFile: while the last byte of an upload is still on its way, and after it, the system's folder for
// temporary files is empty; so it is after a panic.
func TestUploadsMakeNoTemporaryFile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	if os.TempDir() != folder {
		t.Fatalf("the folder for temporary files is %s, and not the one that is watched", os.TempDir())
	}
	empty := func(when string) {
		t.Helper()
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v", when, left, err)
		}
	}
	recording := wav(strings.Repeat("a voice ", 100_000))
	for _, q := range []request{
		withForm(t, audioPost, []formPart{{"files", "a.wav", recording}, {"files", "b.wav", recording}}),
		withForm(t, request{method: post, path: "/admin/speeches", token: adminToken}, []formPart{
			{"audio", "a.wav", recording}, {"text", "", "What is it?"}, {"level", "", "A1"}, {"type", "", "question"},
		}),
		scoreRequest(t, recording),
	} {
		for _, tt := range []struct {
			name   string
			during func()
			fine   bool
		}{
			{"an answer", func() { empty("while a service is at work") }, true},
			{"a panic", func() { panic("the service breaks down") }, false},
		} {
			w := newWorld(t)
			w.before = tt.during
			q.reader = io.MultiReader(strings.NewReader(q.body), readerFunc(func([]byte) (int, error) {
				empty("at the end of the body")
				return 0, io.EOF
			}))
			if got := w.do(t, q); (got.status < 300) != tt.fine || !tt.fine && got.status != 500 {
				t.Errorf("%s: %s is %d %s", q.path, tt.name, got.status, got.body)
			}
			empty("after " + tt.name)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
