package adminweb

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// maxSpeechForm leaves room for the fields, and for what multipart puts around them and the recording.
const maxSpeechForm = catalog.MaxRecordingBytes + 2<<20

// speechInput is what the form of a speech says. Whether its words are good ones, the catalogue says, all at once.
type speechInput struct {
	text, audioURL string
	level          catalog.Level
	kind           catalog.SentenceType
	tags           []uuid.UUID
	file           []byte // nil where none was chosen
	tagSearch      string
	// finding is set where tags were searched for, and nothing saved.
	finding bool
}

// recording is what the catalogue reads; nil where no file was chosen.
func (in speechInput) recording() io.Reader {
	if in.file == nil {
		return nil
	}
	return bytes.NewReader(in.file)
}

// readSpeech reads the form of a speech into memory: nothing of it is ever in a temporary file.
func readSpeech(w http.ResponseWriter, r *http.Request) (in speechInput, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSpeechForm)
	if err := r.ParseMultipartForm(2 * maxSpeechForm); err != nil { // more than there can be, so that all stays in memory
		return in, brokenForm(err)
	}
	in = speechInput{
		text: r.PostFormValue("text"), audioURL: r.PostFormValue("audio_url"), level: catalog.Level(r.PostFormValue("level")),
		kind: catalog.SentenceType(r.PostFormValue("type")), tagSearch: r.PostFormValue("tag_search"),
		finding: r.PostFormValue("do") == "find",
	}
	if in.tags, err = parseIDs("tag", r.PostForm["tag"]); err != nil {
		return in, err
	}
	if files := r.MultipartForm.File["audio"]; len(files) > 0 && files[0].Filename != "" {
		in.file, err = readFile(files[0])
	}
	return in, err
}

func readFile(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return content, nil
}
