package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// recordingTime is one recording of 10 MiB at 140 kbit/s, in either direction, as the daemon has it.
const recordingTime = 10 * time.Minute

// CreateSpeech is catalog.Service.CreateSpeech. It sends a form also where there is no recording in it: of a form the
// daemon's service judges all fields at once.
func (s *Catalog) CreateSpeech(ctx context.Context, n catalog.NewSpeech) (catalog.Speech, error) {
	form := speechForm{{"text", n.Text}, {"level", string(n.Level)}, {"type", string(n.Type)}}
	if n.Recording == nil {
		form.add("audio_url", n.AudioURL)
	}
	for _, id := range n.TagIDs {
		form.add("tag_ids", id.String())
	}
	return s.sendSpeech(ctx, http.MethodPost, "/admin/speeches", form, n.Recording)
}

// UpdateSpeech is catalog.Service.UpdateSpeech.
func (s *Catalog) UpdateSpeech(ctx context.Context, id uuid.UUID, change catalog.SpeechChange) (catalog.Speech, error) {
	var form speechForm
	form.addIf("text", change.Text)
	form.addIf("level", (*string)(change.Level))
	form.addIf("type", (*string)(change.Type))
	form.addIf("audio_url", change.AudioURL)
	if change.TagIDs != nil && len(*change.TagIDs) == 0 {
		form.add("tag_ids", "") // none at all
	}
	if change.TagIDs != nil {
		for _, id := range *change.TagIDs {
			form.add("tag_ids", id.String())
		}
	}
	return s.sendSpeech(ctx, http.MethodPut, speechPath(id), form, change.Recording)
}

// speechForm are the fields of a form, but for the recording.
type speechForm [][2]string

func (f *speechForm) add(name, text string) { *f = append(*f, [2]string{name, text}) }

// addIf adds a field that is given.
func (f *speechForm) addIf(name string, text *string) {
	if text != nil {
		f.add(name, *text)
	}
}

func (s *Catalog) sendSpeech(ctx context.Context, method, path string, form speechForm, recording io.Reader) (catalog.Speech, error) {
	encoded, contentType, err := form.encode(recording)
	if err != nil {
		return catalog.Speech{}, err
	}
	var answer speechAnswer
	err = s.client.do(ctx, call{method: method, path: path, time: recordingTime, body: func() (*body, error) {
		return &body{content: encoded, contentType: contentType, large: recording != nil}, nil
	}}, &answer)
	return answer.speech(), err
}

// encode keeps the form in memory, so that it can be sent again with another token. Of a recording that is too large it
// sends a byte more than is allowed: the daemon says so.
func (f speechForm) encode(recording io.Reader) (encoded []byte, contentType string, err error) {
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	for _, field := range f {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, "", err
		}
	}
	if recording != nil {
		part, err := w.CreateFormFile("audio", "recording")
		if err != nil {
			return nil, "", err
		}
		if _, err := io.Copy(part, io.LimitReader(recording, catalog.MaxRecordingBytes+1)); err != nil {
			return nil, "", fmt.Errorf("read the recording: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buffer.Bytes(), w.FormDataContentType(), nil
}

// AudioURL is catalog.Service.AudioURL: the daemon signs the link.
func (s *Catalog) AudioURL(ctx context.Context, speech catalog.Speech) (string, error) {
	if !speech.Stored() {
		return speech.Audio, nil
	}
	answer, err := s.show(ctx, speech.ID)
	return answer.AudioURL, err
}

// OpenRecording is catalog.Service.OpenRecording. The recording comes by a link of its own, often from another server,
// and the token does not go there.
func (s *Catalog) OpenRecording(ctx context.Context, speech catalog.Speech) (io.ReadCloser, error) {
	if !speech.Stored() {
		return nil, catalog.NotKeptHere(speech)
	}
	link, err := s.link(ctx, speech)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, recordingTime)
	content, err := s.client.fetch(ctx, link)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("open the recording of speech %s: %w", speech.ID, err)
	}
	return &download{io.LimitReader(content, catalog.MaxRecordingBytes), func() error {
		cancel()
		return content.Close()
	}}, nil
}

// link is one of an export that is still good, or a new one: an export of many recordings would be too many requests.
func (s *Catalog) link(ctx context.Context, speech catalog.Speech) (string, error) {
	if link, known := s.links.of(speech.Audio); known {
		return link, nil
	}
	return s.AudioURL(ctx, speech)
}

// linkLife is less than the 45 minutes that any link is good for when it is handed out.
const linkLife = 30 * time.Minute

// links are those of the last export, by the keys of recordings.
type links struct {
	mu    sync.Mutex
	until time.Time
	byKey map[string]string
}

func (l *links) keep(byKey map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byKey, l.until = byKey, time.Now().Add(linkLife)
}

func (l *links) of(key string) (link string, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().After(l.until) {
		return "", false
	}
	link, known = l.byKey[key]
	return link, known
}

// download is a recording on its way.
type download struct {
	io.Reader
	close func() error
}

// Close lets the connection go.
func (d *download) Close() error { return d.close() }

// fetch opens what a link leads to, without saying who asks.
func (c *client) fetch(ctx context.Context, link string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, errors.New("its link is none")
	}
	r.Header.Set("User-Agent", c.agent)
	res, err := c.http.Do(r)
	if err != nil {
		return nil, fault.Unavailable("the store at %s cannot be reached", shown(r.URL.Host)).WithCause(inner(err))
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return nil, fault.NotFound("the store at %s does not have it", shown(r.URL.Host))
	}
	return nil, fmt.Errorf("the store at %s answers %d %s", shown(r.URL.Host), res.StatusCode, http.StatusText(res.StatusCode))
}

// plainName refuses a name under which an answer would write anywhere but into the folder that it is meant for.
func plainName(name string) error {
	if strings.Trim(name, ".") == "" || name != filepath.Base(name) || strings.ContainsAny(name, `/\`) {
		return fmt.Errorf("the server's export has a recording with the name %q, which is no file's", shown(name))
	}
	return nil
}
