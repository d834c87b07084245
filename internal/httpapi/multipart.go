package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// form reads a multipart/form-data body part by part, as it arrives: nothing is written to disk, and of a part only
// what its reader asks for is in memory.
type form struct {
	parts *multipart.Reader
	seen  map[string]bool
	body  io.Reader
}

// newForm returns fault.Invalid if the body is not multipart/form-data. A body over limit bytes, a whole number of
// MiB, breaks off with fault.TooLarge.
func newForm(w http.ResponseWriter, r *http.Request, limit int64) (*form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Invalid("Content-Type", "must be multipart/form-data with a boundary")
	}
	return &form{parts: parts, seen: make(map[string]bool), body: r.Body}, nil
}

// next returns the next part, or io.EOF after the last one, once the whole body is there: what stands behind the last
// boundary means nothing (RFC 2046, section 5.1.1), but only at the body's end it is known whether it is what was signed.
func (f *form) next() (*part, error) {
	p, err := f.parts.NextRawPart()
	if err == io.EOF { // not errors.Is: a wrapped EOF is a body that broke off, and no end
		if _, err := io.Copy(io.Discard, f.body); err != nil {
			return nil, brokenForm(err, "body")
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, brokenForm(err, "body")
	}
	return &part{name: p.FormName(), fileName: p.FileName(), content: p}, nil
}

// once notes that the field was given, and returns fault.Invalid if that is the second time.
func (f *form) once(name string) error {
	if f.seen[name] {
		return fault.Invalid(name, "was given twice")
	}
	f.seen[name] = true
	return nil
}

// part is a field or a file of a form.
type part struct {
	name     string
	fileName string // empty for a field
	content  io.Reader
}

// Read reads the content. What goes wrong is the sender's fault or the connection's, and says so.
func (p *part) Read(b []byte) (int, error) {
	n, err := p.content.Read(b)
	if err == nil || err == io.EOF { // not errors.Is, as in next
		return n, err
	}
	return n, brokenForm(err, p.name)
}

// baseName returns the file's name without any folder, the way browsers on Windows once sent it too.
func (p *part) baseName() (string, error) {
	if !utf8.ValidString(p.fileName) {
		return "", fault.Invalid(p.name, "a file name is not valid UTF-8")
	}
	return p.fileName[strings.LastIndexAny(p.fileName, `/\`)+1:], nil
}

// maxFieldBytes is far above any id or word.
const maxFieldBytes = 1 << 10

// text returns the content of a field of at most limit bytes.
func (p *part) text(limit int) (string, error) {
	content, err := io.ReadAll(io.LimitReader(p, int64(limit)+1))
	switch {
	case err != nil:
		return "", err
	case len(content) > limit:
		return "", fault.Invalid(p.name, "has more than %d bytes, far too many", limit)
	case !utf8.Valid(content):
		return "", fault.Invalid(p.name, "is not valid UTF-8")
	}
	return string(content), nil
}

// usualFile has room for what a sentence takes. Growing to it from little would take several times as much.
const usualFile = 64 << 10

// bytes returns the content of a file of at most limit bytes, a whole number of MiB, or fault.TooLarge.
func (p *part) bytes(limit int) ([]byte, error) {
	content := bytes.NewBuffer(make([]byte, 0, min(limit, usualFile)))
	_, err := content.ReadFrom(io.LimitReader(p, int64(limit)+1))
	if err == nil && content.Len() > limit {
		return nil, fault.TooLarge("%s is larger than %d MiB", p.name, limit>>20)
	}
	return content.Bytes(), err //nolint:wrapcheck // part.Read's own
}

// brokenForm is brokenBody for multipart, whose own mistakes come without a type.
func brokenForm(err error, field string) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		// The cause goes in as text only: whoever finds an EOF in the chain takes half a file for a whole one.
		return fault.Invalid(field, "the upload broke off before its end").WithCause(errors.New(err.Error()))
	}
	return brokenBody(err, field)
}
