package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestEditorsAtOnce runs imports at the same time, each in a process of its own. Each sentence is in the catalogue once in
// the end, and no recording lies about.
func TestEditorsAtOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T){}
	for name, newStack := range map[string]func(t *testing.T) stack{
		"embedded":   func(t *testing.T) stack { return stack{env: []string{"DATA_DIR=" + t.TempDir()}} },
		"production": production,
	} {
		tests[name+": the same folder"] = func(t *testing.T) {
			l := newLessons(t, 0, 40)
			newStack(t).importAtOnce(t, l.sentences, l, l)
		}
		tests[name+": folders that share rows"] = func(t *testing.T) {
			newStack(t).importAtOnce(t, newLessons(t, 0, 60).sentences, newLessons(t, 0, 40), newLessons(t, 20, 60))
		}
		tests[name+": one in a terminal, one over HTTP"] = func(t *testing.T) {
			s, l := newStack(t), newLessons(t, 0, 40)
			admin := s.serve(t).admin(s)
			inTerminal := s.start(t, l.args()...)
			admin.importOver(l)
			inTerminal.wantDone()
			s.wantImported(t, l.sentences)
		}
	}
	together(t, tests)
}

// importAtOnce imports folders at the same time, and looks at what is there then.
func (s stack) importAtOnce(t *testing.T, sentences []string, folders ...lessons) {
	t.Helper()
	s.must(t, "", "migrate", "up")
	var editors []*running
	for _, l := range folders {
		editors = append(editors, s.start(t, l.args()...))
	}
	for _, editor := range editors {
		editor.wantDone()
	}
	s.wantImported(t, sentences)
	if n := s.pending(t); n > 0 {
		t.Errorf("%d things are pending", n)
	}
}

func (r *running) wantDone() {
	r.t.Helper()
	if talk, code := r.wait(); code != 0 {
		r.t.Errorf("exit code %d\n%s", code, talk)
	}
}

// importOver imports a folder as an administrator does over HTTP.
func (c client) importOver(l lessons) {
	c.t.Helper()
	paths, err := filepath.Glob(filepath.Join(l.dir, "*.wav"))
	if err != nil {
		c.t.Fatal(err)
	}
	file := func(field, path string) part {
		content, err := os.ReadFile(path)
		if err != nil {
			c.t.Fatal(err)
		}
		return part{field, filepath.Base(path), content}
	}
	var files []part
	for _, path := range paths {
		files = append(files, file("files", path))
	}
	uploaded, err := c.form("/api/v1/admin/import/audio", nil, files...)
	if err != nil || uploaded.status != http.StatusOK {
		c.t.Fatalf("upload: %s, %v", uploaded, err)
	}
	session := map[string]string{"upload_session_id": uploaded.body["upload_session_id"].(string)}
	imported, err := c.form("/api/v1/admin/import/csv", session, file("file", filepath.Join(l.dir, "lessons.csv")))
	if err != nil || imported.status != http.StatusOK {
		c.t.Errorf("import: %s, %v", imported, err)
	}
}
