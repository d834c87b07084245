package httpapi

import (
	"errors"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// maxUpload lets 500 recordings of 10 MiB through (decisions.md, "Import"), with what multipart puts around them. How
// many there may be, and how large each, is the service's business.
const maxUpload = 5100 << 20

type uploadedResponse struct {
	UploadSessionID uuid.UUID              `json:"upload_session_id"`
	UploadedFiles   []uploadedFileResponse `json:"uploaded_files"`
}

type uploadedFileResponse struct {
	ID               uuid.UUID `json:"id"`
	OriginalFilename string    `json:"original_filename"`
	// Filename is the name that the CSV uses (an addition): the original one, or a.wav as a_1.wav where that was taken.
	Filename   string `json:"filename"`
	StorageURL string `json:"storage_url"`
	SizeBytes  int64  `json:"size_bytes"`
	SHA256     string `json:"sha256"` // an addition
}

// uploadAudio passes the recordings on while they arrive.
func (a *API) uploadAudio(w http.ResponseWriter, r *http.Request) error {
	f, err := newForm(w, r, maxUpload)
	if err != nil {
		return err
	}
	upload := &audioUpload{form: f}
	if err := upload.start(); err != nil {
		return err
	}
	uploaded, err := a.imports.Upload(r.Context(), upload.session, upload.next)
	if err != nil {
		return err
	}
	answer := uploadedResponse{uploaded.Session.ID, make([]uploadedFileResponse, len(uploaded.Files))}
	for i, file := range uploaded.Files {
		link, err := a.recordings.SignedURL(r.Context(), file.Key)
		if err != nil {
			return err
		}
		answer.UploadedFiles[i] = uploadedFileResponse{
			ID: file.ID, OriginalFilename: file.OriginalName, Filename: file.Name, StorageURL: link, SizeBytes: file.Size,
			SHA256: file.SHA256,
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// audioUpload hands out the recordings of a form one by one.
type audioUpload struct {
	form    *form
	session *uuid.UUID    // from the field upload_session_id, which stands before the first file
	level   catalog.Level // from the field level, which stands before a file: where that one will belong
	first   *part         // the file that start came across
}

// start reads up to the first file.
func (u *audioUpload) start() error {
	for {
		p, err := u.form.next()
		if errors.Is(err, io.EOF) {
			return fault.Invalid("files", "is required: at least one file")
		}
		if err != nil {
			return err
		}
		if isFile, err := u.read(p); isFile || err != nil {
			u.first = p
			return err
		}
	}
}

// next has the shape that the service asks for: the next file, or io.EOF after the last one.
func (u *audioUpload) next() (importing.IncomingFile, error) {
	if p := u.first; p != nil {
		u.first = nil
		return u.incoming(p)
	}
	for {
		p, err := u.form.next()
		if err != nil {
			return importing.IncomingFile{}, err
		}
		if p.name == "upload_session_id" {
			return importing.IncomingFile{}, fault.Invalid(p.name, "must stand before the first file")
		}
		if isFile, err := u.read(p); err != nil {
			return importing.IncomingFile{}, err
		} else if isFile {
			return u.incoming(p)
		}
	}
}

// read takes in a part that is not a file, and reports whether it is one. Unknown fields are ignored.
func (u *audioUpload) read(p *part) (isFile bool, err error) {
	switch p.name {
	case "files", "files[]": // the latter is what PHP's and some phones' libraries make of a list
		if p.fileName == "" {
			return false, fault.Invalid(p.name, "must be a file, with a file name")
		}
		return true, nil
	case "upload_session_id":
		id, err := u.form.id(p)
		u.session = &id
		return false, err
	case "level":
		level, err := p.text(maxFieldBytes)
		u.level = catalog.Level(level)
		return false, err
	}
	return false, nil
}

// incoming is the next file. The level that was said is that of one file.
func (u *audioUpload) incoming(p *part) (importing.IncomingFile, error) {
	name, err := p.baseName()
	in := importing.IncomingFile{Name: name, Content: p, Level: u.level}
	u.level = ""
	return in, err
}
