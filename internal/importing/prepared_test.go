package importing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const threeRows = "audio_filename,text,level,type,tags\na.mp3,One.,A1,answer,\nb.mp3,Two.,Z9,answer,\nc.mp3,Three.,A1,answer,\n"

func keep(t *testing.T, w *world, session uuid.UUID, content string) {
	t.Helper()
	if err := w.KeepSheet(as(t, "alice"), session, importing.Sheet{FileName: "x/lessons.csv", Content: []byte(content)}); err != nil {
		t.Fatal(err)
	}
}

func TestPreparedImport(t *testing.T) {
	w := newWorld(t)
	session := w.upload(t, "a.mp3", "b.mp3", "left.mp3")
	if _, err := w.Prepare(as(t, "alice"), session); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("without a file: %v", err)
	}
	keep(t, w, session, "first")
	keep(t, w, session, threeRows)
	p, err := w.Prepare(as(t, "alice"), session)
	if err != nil || p.FileName != "lessons.csv" || p.Recordings != 3 || p.New != 1 || p.Rejected != 2 || !slices.Equal(p.Unused, []string{"left.mp3"}) ||
		!slices.Equal(p.Missing, []string{"c.mp3"}) {
		t.Fatalf("the plan is %+v, %v", p, err)
	}
	rejected, err := w.RejectedRows(as(t, "alice"), session)
	if err != nil || rejected.FileName != "lessons-rejected.csv" || strings.Count(string(rejected.Content), "\n") != 3 {
		t.Errorf("the rejected rows are %q, %v", rejected.Content, err)
	}
	if _, err := w.ImportSheet(as(t, "alice"), session, importing.Abort, nil); !fault.Is(err, fault.KindUnsuitable) {
		t.Errorf("two bad rows: %v", err)
	}
	report, err := w.ImportSheet(as(t, "alice"), session, importing.Skip, nil)
	if err != nil || report.SuccessCount != 1 || report.ErrorCount != 2 {
		t.Fatalf("the report is %+v, %v", report, err)
	}
	left, err := w.Prepare(as(t, "alice"), session)
	if err != nil || left.FileName != "lessons-rejected.csv" || left.Rows != 2 || left.Rejected != 2 || left.Recordings != 2 {
		t.Errorf("what is left is %+v, %v; want the rejected rows", left, err)
	}
	keep(t, w, session, strings.ReplaceAll(threeRows[:strings.Index(threeRows, "c.mp3")], "Z9", "A1"))
	if p, err := w.Prepare(as(t, "alice"), session); err != nil || p.New != 1 {
		t.Errorf("mended: %+v, %v", p, err)
	}
}

func TestRejectedRowsAreLostWithTheirSession(t *testing.T) {
	w := newWorld(t)
	session := w.upload(t, "a.mp3")
	keep(t, w, session, threeRows)
	if report, err := w.ImportSheet(as(t, "alice"), session, importing.Skip, nil); err != nil || report.SuccessCount != 1 {
		t.Fatalf("the report is %+v, %v", report, err)
	}
	if _, err := w.Prepare(as(t, "alice"), session); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("no recording is left, so the session has ended: %v", err)
	}
}

func TestSheetsAreRefused(t *testing.T) {
	w := newWorld(t)
	session := w.upload(t, "a.mp3")
	tests := []struct {
		name    string
		who     string
		session uuid.UUID
		size    int
		kind    fault.Kind
	}{
		{"somebody else's session", "bob", session, 1, fault.KindNotFound},
		{"an unknown session", "alice", uuid.UUID{9}, 1, fault.KindNotFound},
		{"too large a file", "alice", session, importing.MaxCSVBytes + 1, fault.KindTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := w.KeepSheet(as(t, tt.who), tt.session, importing.Sheet{Content: make([]byte, tt.size)})
			if !fault.Is(err, tt.kind) {
				t.Errorf("error %v, want %s", err, tt.kind)
			}
		})
	}
	for name, call := range map[string]func() error{
		"Prepare":      func() error { _, err := w.Prepare(as(t, "bob"), session); return err },
		"RejectedRows": func() error { _, err := w.RejectedRows(as(t, "bob"), session); return err },
		"ImportSheet":  func() error { _, err := w.ImportSheet(as(t, "bob"), session, importing.Skip, nil); return err },
	} {
		if err := call(); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%s of somebody else's session: %v", name, err)
		}
	}
	keep(t, w, session, "text;level\n")
	p, err := w.Prepare(as(t, "alice"), session)
	if !fault.Is(err, fault.KindInvalid) || p.FileName != "lessons.csv" || p.Recordings != 1 {
		t.Errorf("a file that is none of ours: %+v, %v", p, err)
	}
}
