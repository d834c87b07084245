package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// maxSpeechForm leaves room for the fields, and for what multipart puts around them and the recording.
	maxSpeechForm = catalog.MaxRecordingBytes + 2<<20
	// maxSpeechField is far above any text that a speech may have: how long that is, the catalogue says.
	maxSpeechField = 64 << 10
)

// readSpeech reads a speech as a JSON object, or as a form, which can bring the recording itself.
func readSpeech[Out any](w http.ResponseWriter, r *http.Request, fromJSON func(speechRequest, *fault.Check) Out, fromForm func(speechForm) Out) (out Out, err error) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "multipart/form-data" {
		return decode(w, r, fromJSON)
	}
	f, err := newForm(w, r, maxSpeechForm)
	if err != nil {
		return out, err
	}
	speech, err := readSpeechForm(f)
	if err != nil {
		return out, err
	}
	return fromForm(speech), nil
}

// speechForm is what a form says of a speech; fields that it lacks are nil. Whether its words are good ones, the
// catalogue says, all at once.
type speechForm struct {
	audio                     io.Reader // the recording itself
	audioURL                  *string
	text, level, sentenceType *string
	tagIDs                    *[]uuid.UUID
}

func (in speechForm) newSpeech() catalog.NewSpeech {
	return catalog.NewSpeech{
		AudioURL: orElse(in.audioURL, ""), Recording: in.audio, Text: orElse(in.text, ""),
		Level: catalog.Level(orElse(in.level, "")), Type: catalog.SentenceType(orElse(in.sentenceType, "")),
		TagIDs: orElse(in.tagIDs, nil),
	}
}

func (in speechForm) change() catalog.SpeechChange {
	return catalog.SpeechChange{
		AudioURL: in.audioURL, Recording: in.audio, Text: in.text, Level: (*catalog.Level)(in.level),
		Type: (*catalog.SentenceType)(in.sentenceType), TagIDs: in.tagIDs,
	}
}

// readSpeechForm reads the fields in any order. Unknown ones are ignored.
func readSpeechForm(f *form) (in speechForm, err error) {
	for {
		p, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = in.read(f, p)
		}
		if err != nil {
			return in, err
		}
	}
	if in.audio != nil && in.audioURL != nil {
		return in, fault.Invalid("audio_url", "must not be given where the recording itself is (audio)")
	}
	return in, nil
}

func (in *speechForm) read(f *form, p *part) (err error) {
	switch p.name {
	case "audio":
		in.audio, err = f.recording(p)
	case "audio_url":
		in.audioURL, err = f.words(p)
	case "text":
		in.text, err = f.words(p)
	case "level":
		in.level, err = f.words(p)
	case "type":
		in.sentenceType, err = f.words(p)
	case "tag_ids":
		err = in.addTag(p)
	}
	return err
}

// addTag reads one tag of any number. An empty one stands for no tag at all, which a form could not say otherwise.
func (in *speechForm) addTag(p *part) error {
	text, err := p.text(maxFieldBytes)
	if err != nil {
		return err
	}
	if in.tagIDs == nil {
		in.tagIDs = &[]uuid.UUID{}
	}
	if text == "" {
		return nil
	}
	id, ok := parseID(text)
	if !ok {
		return fault.Invalid(p.name, "%s is not a UUID", quoted(text))
	}
	*in.tagIDs = append(*in.tagIDs, id)
	return nil
}

// words returns the text of a field that may be given once.
func (f *form) words(p *part) (*string, error) {
	if err := f.once(p.name); err != nil {
		return nil, err
	}
	text, err := p.text(maxSpeechField)
	return &text, err
}

// recording keeps a file in memory, since fields may come after it. Of one that is too large it keeps a byte more than
// is allowed: the catalogue says so.
func (f *form) recording(p *part) (io.Reader, error) {
	if p.fileName == "" {
		return nil, fault.Invalid(p.name, "must be a file, with a file name")
	}
	if err := f.once(p.name); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(p, catalog.MaxRecordingBytes+1))
	return bytes.NewReader(content), err
}
