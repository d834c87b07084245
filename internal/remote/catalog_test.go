package remote

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

var speechID = uuid.MustParse("00000000-0000-7000-8000-000000000003")

// speechOf is an answer that is a speech of ours with a link.
func speechOf(link string) map[string]any {
	return map[string]any{"id": speechID, "audio_url": link, "audio_key": "audio/A1/s.mp3", "text": "T", "level": "A1", "type": "answer", "tags": []any{}}
}

// TestOpenRecording: the recording comes from the store, which learns nothing of who asks.
func TestOpenRecording(t *testing.T) {
	store := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good.mp3":
			_, _ = w.Write([]byte("AUDIO"))
		case "/large.mp3":
			_, _ = w.Write(make([]byte, catalog.MaxRecordingBytes+5))
		case "/gone.mp3":
			w.WriteHeader(404)
		case "/moved.mp3":
			http.Redirect(w, r, "/good.mp3", http.StatusFound)
		default:
			w.WriteHeader(403)
		}
	})
	for path, tc := range map[string]struct {
		size int
		want string
	}{
		"/good.mp3": {5, ""}, "/large.mp3": {catalog.MaxRecordingBytes, ""}, "/gone.mp3": {0, "does not have it"},
		"/forged.mp3": {0, "answers 403 Forbidden"}, "/moved.mp3": {0, "answers 302 Found"},
	} {
		t.Run(path, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, 200, speechOf(store.URL+path+"?signature=s"))
			})
			content, err := d.services().Catalog.OpenRecording(t.Context(), catalog.Speech{ID: speechID, Audio: "audio/A1/s.mp3"})
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "signature") {
					t.Errorf("err = %v, want %q", err, tc.want)
				}
				return
			}
			must(t, err)
			all, err := io.ReadAll(content)
			if len(all) != tc.size || err != nil {
				t.Errorf("read %d bytes, %v", len(all), err)
			}
			must(t, content.Close())
		})
	}
	for _, a := range store.asked {
		if a.Authorization != "" {
			t.Error("the store was sent a token")
		}
	}
	t.Run("somebody else's", func(t *testing.T) {
		d := newDaemon(t, func(http.ResponseWriter, *http.Request) {})
		foreign := catalog.Speech{ID: speechID, Audio: "https://media.example.com/x.mp3"}
		if _, err := d.services().Catalog.OpenRecording(t.Context(), foreign); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("err = %v", err)
		}
		if link, err := d.services().Catalog.AudioURL(t.Context(), foreign); link != foreign.Audio || err != nil {
			t.Errorf("the link is %s, %v", link, err)
		}
		if len(d.requests()) > 0 {
			t.Errorf("the daemon was asked: %v", d.requests())
		}
	})
	for name, link := range map[string]string{"no link": "http://[", "a store that is away": "http://127.0.0.1:1/x"} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, speechOf(link)) })
			if _, err := d.services().Catalog.OpenRecording(t.Context(), catalog.Speech{ID: speechID, Audio: "audio/A1/s.mp3"}); err == nil {
				t.Error("it was opened")
			}
		})
	}
}

// TestExportNames: an answer does not write where it likes.
func TestExportNames(t *testing.T) {
	for name, good := range map[string]bool{
		"a1-question-hello.mp3": true, "a b.mp3": true, "": false, ".": false, "..": false, "../x.mp3": false, "/etc/passwd": false, "a/b.mp3": false,
	} {
		d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) {
			row := speechOf("https://x.example/s.mp3")
			row["file_name"] = name
			answerJSON(w, 200, map[string]any{"speeches": []any{row}, "left_out": []any{}})
		})
		rows, _, err := d.services().Catalog.Export(t.Context(), catalog.SpeechQuery{})
		if good != (err == nil) || good && rows[0].FileName != name {
			t.Errorf("%q: %v, %v", name, rows, err)
		}
	}
}

// TestExportedRecordings are fetched by the links that came with the export: one request for each would be too many.
func TestExportedRecordings(t *testing.T) {
	store := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("AUDIO")) })
	d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		row := speechOf(store.URL + "/s.mp3")
		row["file_name"] = "s.mp3"
		if strings.HasSuffix(r.URL.Path, "/export") {
			answerJSON(w, 200, map[string]any{"speeches": []any{row}, "left_out": []any{}})
			return
		}
		answerJSON(w, 200, row)
	})
	s := d.services().Catalog
	open := func() {
		t.Helper()
		content, err := s.OpenRecording(t.Context(), catalog.Speech{ID: speechID, Audio: "audio/A1/s.mp3"})
		must(t, err)
		must(t, content.Close())
	}
	_, _, err := s.Export(t.Context(), catalog.SpeechQuery{})
	must(t, err)
	open()
	if n := len(d.requests()); n != 1 {
		t.Errorf("the daemon was asked %d times, want 1", n)
	}
	s.links.until = time.Now() // the links may run out now
	open()
	if n := len(d.requests()); n != 2 {
		t.Errorf("the daemon was asked %d times, want 2", n)
	}
}

// TestSpeechForms: a speech goes out as a form, whole also when it has to go twice.
func TestSpeechForms(t *testing.T) {
	text, level, typ, address := "T\r\nü", catalog.Level("D1"), catalog.SentenceType("shout"), "audio/A1/s.mp3"
	for name, tc := range map[string]struct {
		ask  func(*Catalog) error
		want string
	}{
		"a new one with its recording": {func(c *Catalog) error {
			_, err := c.CreateSpeech(t.Context(), catalog.NewSpeech{Recording: strings.NewReader("AUDIO"), Text: text, Level: level, Type: typ, TagIDs: []uuid.UUID{speechID, uuid.Nil}})
			return err
		}, "text=" + text + "|level=D1|type=shout|tag_ids=" + speechID.String() + "|tag_ids=" + uuid.Nil.String() + "|audio(recording)=AUDIO"},
		"a new one with an address": {func(c *Catalog) error {
			_, err := c.CreateSpeech(t.Context(), catalog.NewSpeech{AudioURL: address})
			return err
		}, "text=|level=|type=|audio_url=" + address},
		"a change of everything": {func(c *Catalog) error {
			_, err := c.UpdateSpeech(t.Context(), speechID, catalog.SpeechChange{Recording: strings.NewReader(""), Text: &text, Level: &level, Type: &typ, TagIDs: &[]uuid.UUID{speechID}})
			return err
		}, "text=" + text + "|level=D1|type=shout|tag_ids=" + speechID.String() + "|audio(recording)="},
		"no tags and an address": {func(c *Catalog) error {
			_, err := c.UpdateSpeech(t.Context(), speechID, catalog.SpeechChange{AudioURL: &address, TagIDs: &[]uuid.UUID{}})
			return err
		}, "audio_url=" + address + "|tag_ids="},
		"no change at all": {func(c *Catalog) error {
			_, err := c.UpdateSpeech(t.Context(), speechID, catalog.SpeechChange{})
			return err
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var forms []string
			d := newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/auth/refresh") {
					answerJSON(w, 200, map[string]any{"access_token": newAccess})
					return
				}
				forms = append(forms, formOf(t, r))
				if r.Header.Get("Authorization") == "Bearer "+oldAccess {
					sendProblem(w, 401, "token_expired", "the token has expired")
					return
				}
				answerJSON(w, 200, speechOf("https://x.example/s.mp3"))
			})
			must(t, tc.ask(d.services().Catalog))
			if diff := cmp.Diff([]string{tc.want, tc.want}, forms); diff != "" {
				t.Errorf("the forms (-want +got):\n%s", diff)
			}
		})
	}
}

// formOf is a form in short, its parts in their order.
func formOf(t *testing.T, r *http.Request) string {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Error(err)
	}
	var parts []string
	for reader := multipart.NewReader(r.Body, params["boundary"]); ; {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return strings.Join(parts, "|")
		}
		if err != nil {
			t.Error(err)
			return ""
		}
		content, _ := io.ReadAll(p)
		name := p.FormName()
		if p.FileName() != "" {
			name += "(" + p.FileName() + ")"
		}
		parts = append(parts, name+"="+string(content))
	}
}

// TestRecordingsThatCannotBeSent: nothing is asked where the file cannot be read, and of one that is too large no more
// goes out than the daemon needs to see that.
func TestRecordingsThatCannotBeSent(t *testing.T) {
	d := newDaemon(t, func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 400, "invalid", "no") })
	s := d.services()
	if _, err := s.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Recording: iotest.ErrReader(errAny)}); !errors.Is(err, errAny) || len(d.requests()) > 0 {
		t.Errorf("err = %v, asked %v", err, d.requests())
	}
	endless := strings.NewReader(strings.Repeat("x", 2*catalog.MaxRecordingBytes))
	if _, err := s.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Recording: endless}); !fault.Is(err, fault.KindInvalid) {
		t.Error(err)
	}
	if n := len(d.asked[0].Body); n <= catalog.MaxRecordingBytes || n > catalog.MaxRecordingBytes+2000 {
		t.Errorf("%d bytes were sent", n)
	}
}
