package httpapi

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const boundary = "b0undary"

// formPart is a field, or a file if it has a file name.
type formPart struct{ name, fileName, content string }

// encodeForm writes what browsers and curl write.
func encodeForm(tb testing.TB, parts []formPart) string {
	tb.Helper()
	var body strings.Builder
	length := 1 << 10
	for _, p := range parts {
		length += len(p.content) // some are very long
	}
	body.Grow(length)
	w := multipart.NewWriter(&body)
	if err := w.SetBoundary(boundary); err != nil {
		tb.Fatal(err)
	}
	for _, p := range parts {
		header := map[string][]string{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.name)}}
		if p.fileName != "" {
			header["Content-Disposition"][0] += fmt.Sprintf(`; filename="%s"`, p.fileName)
		}
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = io.WriteString(part, p.content)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return body.String()
}

func withForm(tb testing.TB, q request, parts []formPart) request {
	tb.Helper()
	q.body = encodeForm(tb, parts)
	q.header = map[string]string{"Content-Type": "multipart/form-data; boundary=" + boundary}
	return q
}

func csvForm() []formPart {
	return []formPart{{"file", "speeches.csv", "audio_filename,text\n"}, {"upload_session_id", "", uploadID.String()}}
}

var (
	audioPost = request{method: post, path: "/admin/import/audio", token: adminToken}
	csvPost   = request{method: post, path: "/admin/import/csv", token: adminToken}
)

func TestUploadAudio(t *testing.T) {
	for name, tc := range map[string]struct {
		parts    []formPart
		session  *uuid.UUID
		received []string
	}{
		"files in the order sent": {
			[]formPart{{"files", "b.mp3", "B"}, {"files", "a.mp3", "A"}}, nil, []string{"b.mp3: B", "a.mp3: A"},
		},
		"a session before the files": {
			[]formPart{{"upload_session_id", "", uploadID.String()}, {"files", "a.mp3", "A"}}, &uploadID, []string{"a.mp3: A"},
		},
		"the name with brackets": {[]formPart{{"files[]", "a.mp3", "A"}, {"files", "b.mp3", "B"}}, nil, []string{"a.mp3: A", "b.mp3: B"}},
		"a level is that of the file that follows": {
			[]formPart{{"level", "", "A1"}, {"files", "a.mp3", "A"}, {"files", "b.mp3", "B"}, {"level", "", "x"}, {"files", "c.mp3", "C"}},
			nil, []string{"A1/a.mp3: A", "b.mp3: B", "x/c.mp3: C"},
		},
		"unknown fields are left": {[]formPart{{"x", "", "1"}, {"files", "a.mp3", "A"}, {"y", "y.mp3", "2"}}, nil, []string{"a.mp3: A"}},
		"names keep their letters, not their folders": {
			[]formPart{{"files", "café ' <b>.mp3", "A"}, {"files", `C:\\audio\\b.mp3`, "B"}, {"files", "../../c.mp3", "C"}},
			nil, []string{"café ' <b>.mp3: A", "b.mp3: B", "c.mp3: C"},
		},
		"an empty file is the service's business": {[]formPart{{"files", "a.mp3", ""}}, nil, []string{"a.mp3: "}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, withForm(t, audioPost, tc.parts))
			if got.status != 200 {
				t.Fatalf("status = %d: %s", got.status, got.body)
			}
			if diff := cmp.Diff(tc.received, w.received); diff != "" {
				t.Errorf("the files differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]call{{"Upload", []any{tc.session}}}, w.calls); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the answer has the spec's fields", func(t *testing.T) {
		got := newWorld(t).do(t, withForm(t, audioPost, []formPart{{"files", "sentence_001.mp3", "12345"}}))
		sameJSON(t, got.body, `{"upload_session_id": "00000000-0000-7000-8000-000000000007", "uploaded_files": [{
			"id": "00000000-0000-7000-8000-000000000008", "original_filename": "sentence_001.mp3", "filename": "sentence_001.mp3", "size_bytes": 5,
			"sha256": "`+digest+`", "storage_url": "https://storage.example.com/audio/uploads/x/sentence_001.mp3?signature=s"}]}`)
	})
}

func TestHostileUploads(t *testing.T) {
	file := formPart{"files", "a.mp3", "A"}
	session := formPart{"upload_session_id", "", uploadID.String()}
	whole := encodeForm(t, []formPart{file, {"files", "b.mp3", strings.Repeat("B", 5000)}})
	form := func(parts ...formPart) request { return withForm(t, audioPost, parts) }
	raw := func(body string) request {
		q := form()
		q.body = body
		return q
	}
	as := func(contentType string) request {
		q := form(file)
		q.header["Content-Type"] = contentType
		return q
	}
	for name, tc := range map[string]struct {
		in    request
		field string
	}{
		"no form":                     {as("application/json"), "Content-Type"},
		"no boundary":                 {as("multipart/form-data"), "Content-Type"},
		"no type":                     {as(""), "Content-Type"},
		"an empty body":               {raw(""), "body"},
		"not what the type promises":  {raw(`{"files": []}`), "body"},
		"no part":                     {form(), "files"},
		"no file":                     {form(session), "files"},
		"a file without a name":       {form(formPart{"files", "", "A"}), "files"},
		"the session after a file":    {form(file, session), "upload_session_id"},
		"the session twice":           {form(session, session, file), "upload_session_id"},
		"a session that is no id":     {form(formPart{"upload_session_id", "", "x"}, file), "upload_session_id"},
		"a level of two MiB":          {form(formPart{"level", "", strings.Repeat("a", 2<<20)}, file), "level"},
		"a session of two MiB":        {form(formPart{"upload_session_id", "", strings.Repeat("a", 2<<20)}, file), "upload_session_id"},
		"a session that is not UTF-8": {form(formPart{"upload_session_id", "", "\xff"}, file), "upload_session_id"},
		"a name that is not UTF-8":    {form(formPart{"files", "\xff.mp3", "A"}), "files"},
		"a later name that is not":    {form(file, formPart{"files", "\xff.mp3", "A"}), "files"},
		"a later file without a name": {form(file, formPart{"files", "", "A"}), "files"},
		"cut off in a file":           {raw(whole[:len(whole)-2000]), "files"},
		"cut off in a header":         {raw(whole[:len(boundary)+20]), "body"},
		"cut off before the end":      {raw(whole[:len(whole)-len("--\r\n")]), "body"},
		"cut off in the session":      {raw(encodeForm(t, []formPart{{session.name, "", strings.Repeat("0", 500)}})[:300]), "upload_session_id"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, tc.in)
			if p := got.problem(t); got.status != 400 || !slices.Contains(p.fields(), tc.field) {
				t.Errorf("status %d, names %q, want %q: %s", got.status, p.fields(), tc.field, got.body)
			}
		})
	}
}

func TestImportCSVForm(t *testing.T) {
	file := formPart{"file", "speeches.csv", "a,b\n1,2\n"}
	session := formPart{"upload_session_id", "", uploadID.String()}
	skip := formPart{"on_error", "", "skip"}
	wanted := importing.Request{SessionID: uploadID, FileName: "speeches.csv"}
	skipping := wanted
	skipping.OnError = importing.Skip
	dancing := wanted
	dancing.OnError = "dance"
	nameless := wanted
	nameless.FileName = ""
	for name, tc := range map[string]struct {
		parts []formPart
		want  importing.Request
	}{
		"file first":                          {[]formPart{file, session}, wanted},
		"session first":                       {[]formPart{session, file}, wanted},
		"what a bad row does":                 {[]formPart{file, skip, session}, skipping},
		"the service judges what it is to do": {[]formPart{{"on_error", "", "dance"}, file, session}, dancing},
		"unknown fields are left":             {[]formPart{{"dry_run", "", "1"}, file, session}, wanted},
		"a file sent as a field":              {[]formPart{{"file", "", file.content}, session}, nameless},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if got := w.do(t, withForm(t, csvPost, tc.parts)); got.status != 200 {
				t.Fatalf("status = %d: %s", got.status, got.body)
			}
			if diff := cmp.Diff([]call{{"ImportCSV", []any{tc.want, file.content}}}, w.calls); diff != "" {
				t.Errorf("the calls differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHostileCSVForms(t *testing.T) {
	file := formPart{"file", "speeches.csv", "a,b\n1,2\n"}
	session := formPart{"upload_session_id", "", uploadID.String()}
	form := func(parts ...formPart) request { return withForm(t, csvPost, parts) }
	noForm := form(file, session)
	noForm.header["Content-Type"] = "text/csv"
	cutOff := form(session, formPart{"file", "speeches.csv", strings.Repeat("a,b\n", 1000)})
	cutOff.body = cutOff.body[:len(cutOff.body)-2000]
	for name, tc := range map[string]struct {
		in     request
		status int
		fields []string
	}{
		"no form":                  {noForm, 400, []string{"Content-Type"}},
		"nothing":                  {form(), 400, []string{"file", "upload_session_id"}},
		"no file":                  {form(session), 400, []string{"file"}},
		"no session":               {form(file), 400, []string{"upload_session_id"}},
		"two files":                {form(file, file, session), 400, []string{"file"}},
		"two sessions":             {form(file, session, session), 400, []string{"upload_session_id"}},
		"a session that is not":    {form(file, formPart{"upload_session_id", "", "<script>"}), 400, []string{"upload_session_id"}},
		"an empty session":         {form(file, formPart{"upload_session_id", "", ""}), 400, []string{"upload_session_id"}},
		"on_error twice":           {form(file, session, formPart{"on_error", "", "skip"}, formPart{"on_error", "", "skip"}), 400, []string{"on_error"}},
		"a name that is not UTF-8": {form(formPart{"file", "\xff.csv", "x"}, session), 400, []string{"file"}},
		"cut off":                  {cutOff, 400, []string{"file"}},
		"more than 20 MiB":         {form(formPart{"file", "s.csv", strings.Repeat("a", maxCSV+1)}, session), 413, []string{"file"}},
		"more than that around":    {form(formPart{"x", "", strings.Repeat("a", maxImportForm)}, file, session), 413, []string{"body"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.do(t, tc.in)
			if got.status != tc.status || len(w.calls) > 0 {
				t.Fatalf("status %d with %d calls, want %d: %s", got.status, len(w.calls), tc.status, got.body)
			}
			if diff := cmp.Diff(tc.fields, got.problem(t).fields()); diff != "" {
				t.Errorf("the named fields differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUploadFailures: what the service and the audio store say becomes the answer.
func TestUploadFailures(t *testing.T) {
	w := newWorld(t)
	w.err = fault.TooLarge("a.mp3 has more than 10 MiB")
	got := w.do(t, withForm(t, audioPost, []formPart{{"files", "a.mp3", "A"}}))
	if p := got.problem(t); got.status != 413 || p.Detail != "a.mp3 has more than 10 MiB" {
		t.Errorf("status %d: %s", got.status, got.body)
	}
}

// TestUndoNamesWhatItKept: the reason is a stable word.
func TestUndoNamesWhatItKept(t *testing.T) {
	w := newWorld(t)
	w.kept = true
	got := w.do(t, request{method: post, path: batchPath + "/undo", token: adminToken})
	sameJSON(t, got.body, `{"removed": 2, "kept": [{"speech_id": "00000000-0000-7000-8000-000000000003", "text": "Hi & bye", "reason": "edited"}]}`)
}

// slowBody ends in the way of a connection whose read deadline has passed.
type slowBody struct{}

func (slowBody) Read([]byte) (int, error) {
	return 0, fmt.Errorf("read tcp: %w", os.ErrDeadlineExceeded)
}

// brokenConnection ends in the way of a connection that was reset.
type brokenConnection struct{}

func (brokenConnection) Read([]byte) (int, error) {
	return 0, errors.New("read tcp: connection reset by peer")
}

func TestBodiesThatDoNotArrive(t *testing.T) {
	for name, tc := range map[string]struct {
		body   io.Reader
		status int
		code   string
	}{
		"too slow": {slowBody{}, 408, "request_timeout"},
		"broken":   {brokenConnection{}, 400, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []request{
				{method: post, path: "/auth/login"},
				withForm(t, audioPost, nil),
				withForm(t, csvPost, nil),
			} {
				in.reader = tc.body
				got := newWorld(t).do(t, in)
				if p := got.problem(t); got.status != tc.status || p.Code != tc.code {
					t.Errorf("%s: status %d, code %q, want %d, %q", in.path, got.status, p.Code, tc.status, tc.code)
				}
			}
		})
	}
}
