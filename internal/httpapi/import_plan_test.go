package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/importing"
)

const recordingsJSON = `[
	{"name": "a.mp3", "size_bytes": 5, "sha256": "` + digest + `", "ext": ".mp3", "sound": {"format": "MP3", "codec": "MP3", "sample_rate": 16000,
		"channels": 1, "bit_rate": 32000, "duration_seconds": 1.5, "unheard": "", "speech_dbfs": -20.5, "peak_dbfs": -3, "clipped_share": 0.25,
		"leading_seconds": 0.1, "trailing_seconds": 0.2, "sounding_seconds": 1.2}},
	{"name": "b.wav", "wrong": "'b.wav' is empty"},
	{"name": "c.m4a", "size_bytes": 1, "sha256": "` + digest + `", "ext": ".m4a", "sound": {"unheard": "AAC-LD", "duration_seconds": 1e300, "leading_seconds": -5}}]`

// described is what recordingsJSON means.
func described() []importing.LocalFile {
	return []importing.LocalFile{
		{Name: "a.mp3", Size: 5, SHA256: digest, Ext: ".mp3", Sound: &importing.Sound{
			Format: "MP3", Codec: "MP3", SampleRate: 16000, Channels: 1, BitRate: 32000, Duration: 1500 * time.Millisecond,
			Speech: -20.5, Peak: -3, Clipped: 0.25, Leading: 100 * time.Millisecond, Trailing: 200 * time.Millisecond, Sounding: 1200 * time.Millisecond,
		}},
		{Name: "b.wav", Wrong: "'b.wav' is empty"},
		{Name: "c.m4a", Size: 1, SHA256: digest, Ext: ".m4a", Sound: &importing.Sound{Unheard: "AAC-LD", Duration: 24 * time.Hour}},
	}
}

func TestPlanImport(t *testing.T) {
	const planJSON = `{"rows": 4, "new": 1, "unchanged": 1, "completed": 1, "rejected": 2,
		"errors": [{"row": 3, "line": 5, "field": "level", "value": "D1", "error": "Invalid level"}],
		"warnings": [{"row": 1, "line": 2, "code": "quiet", "value": "a.mp3", "warning": "It is quiet"}],
		"missing_audio": ["nowhere.mp3"], "new_tags": [{"name": "Fod", "did_you_mean": "Food"}, {"name": "New", "did_you_mean": null}],
		"upload": [{"name": "a.mp3", "sha256": "` + digest + `", "level": "A1"}], "known": [{"name": "a.mp3", "sha256": "` + digest + `", "level": "B2"}]}`
	file := formPart{"file", "lessons.csv", "audio_filename,text\n"}
	content := []byte(file.content)
	for name, tc := range map[string]struct {
		parts []formPart
		empty bool
		want  importing.PlanRequest
		json  string
	}{
		"everything, in any order": {
			[]formPart{{"strict", "", "true"}, {"recordings", "", recordingsJSON}, file, {"x", "", "1"}}, false,
			importing.PlanRequest{Content: content, Recordings: described(), Strict: true}, planJSON,
		},
		"the file alone": {[]formPart{file}, false, importing.PlanRequest{Content: content}, planJSON},
		"nothing in it": {
			[]formPart{file, {"recordings", "", "[]"}, {"strict", "", "false"}}, true,
			importing.PlanRequest{Content: content, Recordings: []importing.LocalFile{}},
			`{"rows": 0, "new": 0, "unchanged": 0, "completed": 0, "rejected": 0, "errors": [], "warnings": [], "missing_audio": [], "new_tags": [], "upload": [], "known": []}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.empty = tc.empty
			got := w.do(t, withForm(t, request{method: post, path: "/admin/import/plan", token: adminToken}, tc.parts))
			if got.status != 200 {
				t.Fatalf("status = %d: %s", got.status, got.body)
			}
			sameJSON(t, got.body, tc.json)
			if diff := cmp.Diff([]call{{"Plan", []any{tc.want}}}, w.calls); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestImportOfKnownRecordings: an import may name recordings that need not be sent.
func TestImportOfKnownRecordings(t *testing.T) {
	w := newWorld(t)
	parts := append(csvForm(), formPart{"known", "", recordingsJSON}, formPart{"strict", "", "true"}, formPart{"on_error", "", "skip"})
	if got := w.do(t, withForm(t, csvPost, parts)); got.status != 200 {
		t.Fatalf("status = %d: %s", got.status, got.body)
	}
	want := importing.Request{SessionID: uploadID, FileName: "speeches.csv", OnError: importing.Skip, Strict: true, Known: described()}
	if diff := cmp.Diff([]call{{"ImportCSV", []any{want, "audio_filename,text\n"}}}, w.calls); diff != "" {
		t.Errorf("the calls differ (-want +got):\n%s", diff)
	}
}

// TestHostileRecordings: descriptions that no honest client sends, in a plan and in an import.
func TestHostileRecordings(t *testing.T) {
	one := func(members string) string { return `[{"name": "a.mp3"}, {` + members + `}]` }
	good := `"name": "b.mp3", "size_bytes": 1, "ext": ".mp3", "sha256": "` + digest + `"`
	w := newWorld(t)
	for name, tc := range map[string]struct{ recordings, field string }{
		"nothing":                   {"", ""},
		"not JSON":                  {"a.mp3", ""},
		"an object":                 {"{}", ""},
		"a list of texts":           {`["a.mp3"]`, ""},
		"cut off":                   {`[{"name": "a.mp3"}`, ""},
		"a size that is no number":  {one(`"size_bytes": "1"`), ""},
		"a size that is a fraction": {one(`"size_bytes": 1.5`), ""},
		"a size beyond all":         {one(`"size_bytes": 99999999999999999999`), ""},
		"a length beyond all":       {one(`"sound": {"duration_seconds": 1e400}`), ""},
		"invalid UTF-8":             {one(`"name": "` + "\xff" + `"`), ""},
		"no name":                   {one(strings.Replace(good, "b.mp3", "", 1)), "[1].name"},
		"no digest":                 {one(`"name": "b.mp3"`), "[1].sha256"},
		"a digest in capitals":      {one(strings.Replace(good, digest, strings.ToUpper(digest), 1)), "[1].sha256"},
		"a digest with NUL":         {one(strings.Replace(good, "0123", `\u00003`, 1)), "[1].sha256"},
		"SQL for a digest":          {one(strings.Replace(good, digest, "' OR 1=1--", 1)), "[1].sha256"},
		"an ending that is a path":  {one(strings.Replace(good, ".mp3\", \"sha", "/../../jwt.key\", \"sha", 1)), "[1].ext"},
		"another ending":            {one(strings.Replace(good, `"ext": ".mp3"`, `"ext": ".exe"`, 1)), "[1].ext"},
		"a size below nothing":      {one(strings.Replace(good, `"size_bytes": 1`, `"size_bytes": -1`, 1)), "[1].size_bytes"},
		"a size that only reserves": {one(strings.Replace(good, `"size_bytes": 1`, `"size_bytes": 0`, 1)), "[1].size_bytes"},
		"deeper than any use":       {strings.Repeat("[", 20_000), ""},
	} {
		for _, to := range []struct{ path, part string }{{"/admin/import/plan", "recordings"}, {"/admin/import/csv", "known"}} {
			t.Run(to.path+" "+name, func(t *testing.T) {
				in := withForm(t, request{}, append(csvForm(), formPart{to.part, "", tc.recordings}))
				w.refuses(t, endpoint{method: post, path: to.path, token: adminToken}, hostile{in.body, in.header, 400, to.part + tc.field})
			})
		}
	}
}

// TestHostilePlans: what no client should send names what is wrong, and no service hears of it.
func TestHostilePlans(t *testing.T) {
	file := formPart{"file", "lessons.csv", "audio_filename,text\n"}
	form := func(parts ...formPart) request { return withForm(t, request{}, parts) }
	cut := form(formPart{"recordings", "", strings.Repeat(" ", 5000)}, file)
	cut.body = cut.body[:2000]
	w := newWorld(t)
	for name, tc := range map[string]struct {
		in     request
		status int
		field  string
	}{
		"no form":          {request{header: map[string]string{"Content-Type": "application/json"}, body: "{}"}, 400, "Content-Type"},
		"no file":          {form(formPart{"strict", "", "true"}), 400, "file"},
		"two files":        {form(file, file), 400, "file"},
		"a file too large": {form(formPart{"file", "a.csv", strings.Repeat("x", maxCSV+1)}), 413, "file"},
		"strict as can be": {form(file, formPart{"strict", "", "very"}), 400, "strict"},
		"strict twice":     {form(file, formPart{"strict", "", "true"}, formPart{"strict", "", "true"}), 400, "strict"},
		"lists twice":      {form(file, formPart{"recordings", "", "[]"}, formPart{"recordings", "", "[]"}), 400, "recordings"},
		"cut off":          {cut, 400, "recordings"},
	} {
		t.Run(name, func(t *testing.T) {
			w.refuses(t, endpoint{method: post, path: "/admin/import/plan", token: adminToken}, hostile{tc.in.body, tc.in.header, tc.status, tc.field})
		})
	}
}

// TestImportSessions: an import goes on in the session of an earlier run.
func TestImportSessions(t *testing.T) {
	const path = "/admin/import/sessions/00000000-0000-7000-8000-000000000007"
	checkEndpoints(t, []endpointCase{
		{
			"what has arrived need not be sent again",
			request{method: post, path: "/admin/import/sessions", token: adminToken, body: `{"file_sha256": "` + digest + `"}`},
			200, `{"upload_session_id": "00000000-0000-7000-8000-000000000007", "expires_at": "2025-12-10T10:00:00Z",
				"uploaded_files": [{"filename": "a.mp3", "size_bytes": 5, "sha256": "` + digest + `"}]}`,
			[]call{{"Continue", []any{digest}}},
		},
		{"a session is released", request{method: post, path: path + "/release", token: adminToken}, 204, "", []call{{"Release", []any{uploadID}}}},
		{"a session is thrown away", request{method: del, path: path, token: adminToken}, 204, "", []call{{"Discard", []any{uploadID}}}},
	})
	t.Run("a new session has an empty list", func(t *testing.T) {
		w := newWorld(t)
		w.empty = true
		got := w.do(t, request{method: post, path: "/admin/import/sessions", token: adminToken, body: `{"file_sha256": "x"}`})
		if files := decodeJSON(t, got.body).(map[string]any)["uploaded_files"]; !cmp.Equal(files, []any{}) {
			t.Errorf("uploaded_files = %v", files)
		}
	})
}
