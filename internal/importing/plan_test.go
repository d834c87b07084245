package importing_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const header = "audio_filename,text,level,type,tags\n"

// local describes recordings as upload sends them.
func (w *world) local(t testing.TB, names ...string) []importing.LocalFile {
	t.Helper()
	var files []importing.LocalFile
	for _, name := range names {
		f, err := w.Inspect(t.Context(), importing.IncomingFile{Name: name, Content: strings.NewReader("mp3:" + name)})
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func planRequest(content string, files []importing.LocalFile) importing.PlanRequest {
	return importing.PlanRequest{Content: []byte(content), Recordings: files}
}

func (w *world) plan(t testing.TB, files []importing.LocalFile, rows ...string) importing.Plan {
	t.Helper()
	plan, err := w.Plan(t.Context(), planRequest(header+strings.Join(rows, "\n"), files))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func names(files []importing.PlannedFile) string {
	var list []string
	for _, f := range files {
		list = append(list, f.Name)
	}
	return strings.Join(list, " ")
}

func TestInspect(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		name, content string
		want          importing.LocalFile
	}{
		"a good one": {"cafe\u0301.mp3", "wav:x", importing.LocalFile{
			Name: "café.mp3", Size: 5, Ext: ".wav", SHA256: "that of an upload",
		}},
		"nothing in it":      {"a.mp3", "", importing.LocalFile{Name: "a.mp3", Wrong: "'a.mp3' is empty"}},
		"another format":     {"a.mp3", "fLaC", importing.LocalFile{Name: "a.mp3", Wrong: "'a.mp3' is a FLAC file; only MP3, WAV and M4A are allowed"}},
		"too large":          {"a.mp3", "mp3:" + strings.Repeat("x", 10<<20), importing.LocalFile{Name: "a.mp3", Wrong: "'a.mp3' is larger than 10 MiB, the limit for a recording"}},
		"a name not allowed": {".a.mp3", "mp3:", importing.LocalFile{Name: ".a.mp3", Wrong: "The file name '.a.mp3' begins with a dot"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.Inspect(t.Context(), importing.IncomingFile{Name: tt.name, Content: strings.NewReader(tt.content)})
			if err != nil {
				t.Fatal(err)
			}
			if tt.want.SHA256 != "" { // that of an upload of the same bytes
				up, err := w.Upload(as(t, "alice"), nil, each(file{tt.name, tt.content}))
				if err != nil {
					t.Fatal(err)
				}
				tt.want.SHA256 = up.Files[0].SHA256
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Inspect differs (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a file that cannot be read is an error", func(t *testing.T) {
		_, err := w.Inspect(t.Context(), importing.IncomingFile{Name: "a.mp3", Content: iotest.ErrReader(errDown)})
		if _, isFault := fault.As(err); err == nil || isFault {
			t.Errorf("err = %v", err)
		}
	})
}

func TestPlan(t *testing.T) {
	w := newWorld(t)
	if _, err := w.importCSV(t, w.upload(t, "old.mp3"), importing.Abort, "old.mp3,Old one,A1,,\"Present Tense,Unit 1\""); err != nil {
		t.Fatal(err)
	}
	before := w.store.cat.Audit()
	objects := w.objects.keys()
	files := append(w.local(t, "old.mp3", "a.mp3", "b.mp3", "spare.mp3"), importing.LocalFile{Name: "bad.mp3", Wrong: "'bad.mp3' is a film"})
	got := w.plan(t, files,
		`old.mp3,Old one,A1,,"present TENSE"`,
		`a.mp3,New,A1,,"Presnt Tense,Unit 2,Food,food"`,
		`bad.mp3,X,A1,,Never`,
		`gone.mp3,Y,D1,,`,
		`b.mp3,Old one,A2,,`,
		`gone.mp3,Z,A1,,,surplus`)
	if got.Rows != 6 || got.New != 2 || got.Unchanged != 1 || got.Rejected != 3 {
		t.Errorf("the plan is %+v", got)
	}
	if names(got.Upload) != "a.mp3 b.mp3" || names(got.Known) != "old.mp3" || strings.Join(got.Missing, " ") != "gone.mp3" {
		t.Errorf("upload %s, known %s, missing %s", names(got.Upload), names(got.Known), got.Missing)
	}
	wantTags := []importing.NewTag{{Name: "Presnt Tense", DidYouMean: "Present Tense"}, {Name: "Unit 2"}, {Name: "Food"}}
	if diff := cmp.Diff(wantTags, got.NewTags); diff != "" {
		t.Errorf("the new tags differ (-want +got):\n%s", diff)
	}
	wantErrors := []importing.PlanError{
		{RowError: importing.RowError{Row: 3, Line: 4, Field: "audio_filename", Message: "'bad.mp3' is a film"}, Value: "bad.mp3"},
		{RowError: importing.RowError{Row: 4, Line: 5, Field: "audio_filename", Message: "Audio file 'gone.mp3' not found among the recordings"}, Value: "gone.mp3"},
		{RowError: importing.RowError{Row: 4, Line: 5, Field: "level", Message: "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"}, Value: "D1"},
		{RowError: importing.RowError{Row: 6, Line: 7, Message: "The row has 6 fields, the header has 5; put text that contains the separator into quotation marks"}},
	}
	if diff := cmp.Diff(wantErrors, got.Errors); diff != "" {
		t.Errorf("the errors differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{len(before), objects, 1}, []any{len(w.store.cat.Audit()), w.objects.keys(), len(w.store.batches)}); diff != "" {
		t.Errorf("planning has changed something (-before +after):\n%s", diff)
	}
}

func TestPlanRefuses(t *testing.T) {
	w := newWorld(t)
	files := w.local(t, "a.mp3")
	for name, tt := range map[string]struct {
		rows    []string
		onError importing.OnError
		refused bool
	}{
		"good rows":                      {[]string{"a.mp3,A,A1,,"}, importing.Abort, false},
		"a bad row":                      {[]string{"a.mp3,A,A1,,", "b.mp3,B,A1,,"}, importing.Abort, true},
		"a bad row that is to be passed": {[]string{"a.mp3,A,A1,,", "b.mp3,B,A1,,"}, importing.Skip, false},
		"only bad rows":                  {[]string{"b.mp3,B,A1,,"}, importing.Skip, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.plan(t, files, tt.rows...).Refusal(tt.onError)
			if tt.refused {
				wantFault(t, err, fault.KindUnsuitable)
			} else if err != nil {
				t.Errorf("err = %v", err)
			}
		})
	}
	_, err := w.Plan(t.Context(), planRequest("colour\nblue\n", nil))
	wantFault(t, err, fault.KindInvalid, "file", "file", "file", "file")
	for _, op := range []string{"LiveSpeechesLike", "Tags"} {
		w.store.cat.Fail(func(did string) error {
			if did == op {
				return errDown
			}
			return nil
		})
		if _, err := w.Plan(t.Context(), planRequest(header+"a.mp3,A,A1,,", files)); err == nil {
			t.Errorf("with %s failing there is a plan", op)
		}
	}
}

// TestRejects: what is rejected comes out as a file that goes in again once it is mended.
func TestRejects(t *testing.T) {
	w := newWorld(t)
	files := w.local(t, "a.mp3", "b.mp3")
	const content = "Error;Text;level;audio_filename\nold;A;A1;a.mp3\nolder;B;D1;b.mp3\n;C;A1\n;D;A1;b.mp3;more\n"
	plan, err := w.Plan(t.Context(), planRequest(content, files))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"text", "level", "audio_filename", "error"},
		{"B", "D1", "b.mp3", "Invalid level 'D1'. Must be one of: A1, A2, B1, B2, C1"},
		{"C", "A1", "", "The row has 3 fields, the header has 4; put text that contains the separator into quotation marks"},
		{"D", "A1", "b.mp3", "The row has 5 fields, the header has 4; put text that contains the separator into quotation marks", "more"},
	}
	got, err := w.Rejects([]byte(content), plan)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("the rejects differ (%v, -want +got):\n%s", err, diff)
	}
	got, err = w.Rejects([]byte(header+"a.mp3,A,A1,,"), w.plan(t, files, "a.mp3,A,A1,,"))
	if err != nil || got != nil {
		t.Errorf("without a bad row: %v, %v", got, err)
	}
	_, err = w.Rejects([]byte("another file"), plan)
	wantFault(t, err, fault.KindInvalid, "file", "file", "file", "file")
}

// importPlanned does what a command does: plan, upload what is needed, import. It returns how many files were uploaded.
func (w *world) importPlanned(t *testing.T, onError importing.OnError, files []importing.LocalFile, rows ...string) (importing.Report, int, error) {
	t.Helper()
	plan := w.plan(t, files, rows...)
	session, err := w.Open(as(t, "alice"))
	if err != nil {
		t.Fatal(err)
	}
	w.uploadLocal(t, session.ID, plan.Upload)
	request := request(session.ID, onError, rows...)
	request.Known = known(plan)
	report, err := w.ImportCSV(as(t, "alice"), request)
	return report, len(plan.Upload), err
}

// known are the recordings of unchanged rows.
func known(plan importing.Plan) []importing.LocalFile {
	var files []importing.LocalFile
	for _, f := range plan.Known {
		files = append(files, f.LocalFile)
	}
	return files
}

func (w *world) uploadLocal(t *testing.T, session uuid.UUID, wanted []importing.PlannedFile) {
	t.Helper()
	var files []file
	for _, f := range wanted {
		files = append(files, file{f.Name, "mp3:" + f.Name})
	}
	if len(files) > 0 {
		if _, err := w.Upload(as(t, "alice"), &session, each(files...)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyWhatIsNewIsUploaded(t *testing.T) {
	w := newWorld(t)
	files := w.local(t, "a.mp3", "b.mp3", "c.mp3")
	rows := []string{"a.mp3,A,A1,,One", "b.mp3,B,A1,,"}
	if report, uploaded, err := w.importPlanned(t, importing.Abort, files, rows...); err != nil || uploaded != 2 || report.SuccessCount != 2 {
		t.Fatalf("first: %+v, %d uploaded, %v", report, uploaded, err)
	}
	ids := w.speeches(t)
	w.pass(time.Minute)

	// Puts count what reaches the audio store.
	puts := 0
	w.objects.on(countPuts(&puts))
	report, uploaded, err := w.importPlanned(t, importing.Abort, files, rows...)
	if err != nil || uploaded != 0 || puts != 0 || report.SuccessCount != 0 || report.UnchangedCount != 2 {
		t.Errorf("again: %+v, %d uploaded, %d stored, %v", report, uploaded, puts, err)
	}
	for _, onError := range []importing.OnError{importing.Skip, importing.Abort} {
		report, uploaded, err = w.importPlanned(t, onError, files, "a.mp3,A,A1,,Two", "c.mp3,C "+string(onError)+",A1,,")
		if err != nil || uploaded != 1 || report.SuccessCount != 1 || report.UnchangedCount != 1 {
			t.Errorf("a new row beside an old one, %s: %+v, %d uploaded, %v", onError, report, uploaded, err)
		}
	}
	now := w.speeches(t)
	if now["A"].ID != ids["A"].ID || len(now["A"].Tags) != 2 {
		t.Errorf("the unchanged speech is %+v, want its tags completed", now["A"])
	}
	w.pass(25 * time.Hour)
	w.sweepAll(t)
	if len(w.store.sessions) != 0 || len(w.objects.keys()) != 4 {
		t.Errorf("%d sessions and the objects %v are left", len(w.store.sessions), w.objects.keys())
	}
}

// TestPlanIsOvertaken: what was unchanged when it was planned has to be created now, but was not uploaded.
func TestPlanIsOvertaken(t *testing.T) {
	w := newWorld(t)
	files := w.local(t, "a.mp3")
	if _, _, err := w.importPlanned(t, importing.Abort, files, "a.mp3,A,A1,,"); err != nil {
		t.Fatal(err)
	}
	plan := w.plan(t, files, "a.mp3,A,A1,,")
	if err := w.store.cat.DeleteSpeech(t.Context(), w.speeches(t)["A"].ID, w.now()); err != nil {
		t.Fatal(err)
	}
	session, err := w.Open(as(t, "alice"))
	if err != nil {
		t.Fatal(err)
	}
	again := request(session.ID, importing.Abort, "a.mp3,A,A1,,")
	again.Known = known(plan)
	_, err = w.ImportCSV(as(t, "alice"), again)
	if f := faultOf(t, err, fault.KindConflict); f.Code != "catalogue_busy" {
		t.Errorf("code = %s", f.Code)
	}
	if len(w.speeches(t)) != 0 {
		t.Error("a speech without a recording was made")
	}
	if report, uploaded, err := w.importPlanned(t, importing.Abort, files, "a.mp3,A,A1,,"); err != nil || uploaded != 1 || report.SuccessCount != 1 {
		t.Errorf("the whole again: %+v, %d uploaded, %v", report, uploaded, err)
	}
	w.sweepAll(t)
}

func TestNearMisses(t *testing.T) {
	for _, tt := range []struct{ given, there, want string }{
		{"Presnt Tense", "Present Tense", "Present Tense"},
		{"present tesne", "Present Tense", "Present Tense"},
		{"Prezant Tense", "Present Tense", "Present Tense"},
		{"Prezant Tens", "Present Tense", ""},
		{"Fod", "Food", ""}, // too short to tell
		{"Foods", "Food", "Food"},
		{"Unit 1", "Unit 2", ""},
		{"Units 1", "Unit 2", ""},
		{"Travel", "Food", ""},
		{"Café", "Cafe", "Cafe"},
		{"日本語の練習", "日本語の練", "日本語の練"},
	} {
		t.Run(tt.given+" for "+tt.there, func(t *testing.T) {
			w := newWorld(t)
			if err := w.store.cat.InsertTag(t.Context(), catalog.Tag{ID: uuid.New(), Name: tt.there}); err != nil {
				t.Fatal(err)
			}
			tags := w.plan(t, w.local(t, "a.mp3"), "a.mp3,A,A1,,"+tt.given).NewTags
			if diff := cmp.Diff([]importing.NewTag{{Name: tt.given, DidYouMean: tt.want}}, tags); diff != "" {
				t.Errorf("the new tags differ (-want +got):\n%s", diff)
			}
		})
	}
}

// countPuts lets everything happen and counts what is stored.
func countPuts(n *int) func(context.Context, string, string) error {
	var mu sync.Mutex
	return func(_ context.Context, op, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		if op == "Put" {
			*n++
		}
		return nil
	}
}

func TestTheNearestTagIsMeant(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"Present Tenses", "Present Tense", "Present Tensing"} {
		if err := w.store.cat.InsertTag(t.Context(), catalog.Tag{ID: uuid.New(), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	tags := w.plan(t, w.local(t, "a.mp3"), "a.mp3,A,A1,,Presen Tense").NewTags
	if len(tags) != 1 || tags[0].DidYouMean != "Present Tense" {
		t.Errorf("the new tags are %+v", tags)
	}
}

// TestKnownRowsUseNoFile: with on_error=skip a session stays open for the files that are left, however many rows needed
// none.
func TestKnownRowsUseNoFile(t *testing.T) {
	w := newWorld(t)
	files := w.local(t, "a.mp3", "b.mp3", "c.mp3")
	if _, _, err := w.importPlanned(t, importing.Abort, files, "a.mp3,A,A1,,", "b.mp3,B,A1,,"); err != nil {
		t.Fatal(err)
	}
	rows := []string{"a.mp3,A,A1,,", "b.mp3,B,A1,,", "c.mp3,C,A1,,"}
	session, err := w.Open(as(t, "alice"))
	if err != nil {
		t.Fatal(err)
	}
	w.uploadLocal(t, session.ID, []importing.PlannedFile{
		{LocalFile: importing.LocalFile{Name: "c.mp3"}}, {LocalFile: importing.LocalFile{Name: "left.mp3"}},
	})
	req := request(session.ID, importing.Skip, rows...)
	req.Known = known(w.plan(t, files, rows...))
	if report, err := w.ImportCSV(as(t, "alice"), req); err != nil || report.SuccessCount != 1 || report.UnchangedCount != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	if report, err := w.importCSV(t, session.ID, importing.Abort, "left.mp3,Left,A1,,"); err != nil || report.SuccessCount != 1 {
		t.Errorf("the file that was left: %+v, %v", report, err)
	}
	w.sweepAll(t)
}

// TestPlanCountsCompletedRows: an unchanged row may still bring tags.
func TestPlanCountsCompletedRows(t *testing.T) {
	w := newWorld(t)
	if _, err := w.importCSV(t, w.upload(t, "a.mp3"), importing.Abort, "a.mp3,A,A1,,One"); err != nil {
		t.Fatal(err)
	}
	twin := w.local(t, "a.mp3")[0]
	twin.Name = "twin.mp3"
	files := append(w.local(t, "a.mp3", "new.mp3"), twin)
	for name, tt := range map[string]struct {
		rows []string
		want int
	}{
		"the same tags":                    {[]string{"a.mp3,A,A1,,one"}, 0},
		"no tags":                          {[]string{"a.mp3,A,A1,,"}, 0},
		"one more":                         {[]string{"a.mp3,A,A1,,\"One,Two\""}, 1},
		"two rows that bring the same":     {[]string{"a.mp3,A,A1,,Two", "twin.mp3,A,A1,,two"}, 1},
		"two rows that bring different":    {[]string{"a.mp3,A,A1,,Two", "twin.mp3,A,A1,,Three"}, 2},
		"a new row and one that equals it": {[]string{"new.mp3,B,A1,,One"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.plan(t, files, tt.rows...).Completed; got != tt.want {
				t.Errorf("%d rows are completed, want %d", got, tt.want)
			}
		})
	}
}
