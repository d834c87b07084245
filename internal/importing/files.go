package importing

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// FilesConfig is how files are recognised.
type FilesConfig struct {
	// Sniff recognises a recording by its first 8 KiB and returns the ending (".mp3") and media type that fit it. Its
	// error says what was found instead, as in "a FLAC file".
	Sniff func(head []byte) (ext, contentType string, err error)
	// Examine decodes a whole recording. Its error is that of the context, or says why nobody could play it, as in "this
	// M4A holds no sound". Nil means that recordings are not listened to.
	Examine func(ctx context.Context, content []byte) (Sound, error)
	// Sheet returns the rows of the first sheet of a workbook (XLSX). Its error is a fault. Nil means that workbooks are
	// not read.
	Sheet func(content []byte) ([]SheetRow, error)
}

// usualBytes holds most recordings of a sentence, so that their buffer need not grow.
const usualBytes = 64 << 10

// Files judges the files of an import where they are. It needs no database, and is safe for concurrent use.
type Files struct{ cfg FilesConfig }

// NewFiles returns a judge of files. It panics without Sniff: nothing could be recognised.
func NewFiles(cfg FilesConfig) Files {
	if cfg.Sniff == nil {
		panic("importing: Sniff must be set")
	}
	return Files{cfg}
}

// LocalFile is a recording that has not been uploaded, as Inspect and Examine describe it.
type LocalFile struct {
	// Name is in Unicode NFC.
	Name string
	// Size is in bytes.
	Size int64
	// SHA256 is the hex digest of the bytes.
	SHA256 string
	// Ext is the ending that fits the content.
	Ext string
	// Wrong is a sentence that says why the file cannot be imported. It is empty where it can; where it is not, only
	// Name is set beside it.
	Wrong string
	// Sound is nil where the recording was not decoded.
	Sound *Sound
}

// Inspect recognises a recording by its beginning and makes its digest, which takes little more time than reading it.
// What is wrong with the file is told in the result; the error is that of reading it.
func (f Files) Inspect(ctx context.Context, in IncomingFile) (LocalFile, error) {
	return judged(in, func() (LocalFile, error) {
		known, err := f.recognise(in)
		if err != nil {
			return LocalFile{}, err
		}
		return known.describe(ctx, io.Discard)
	})
}

// Examine judges a recording as Upload does: it is decoded as a whole. What is wrong with the file is told in the
// result; the error is that of reading it, or the context's.
func (f Files) Examine(ctx context.Context, in IncomingFile) (LocalFile, error) {
	return judged(in, func() (LocalFile, error) {
		file, _, _, err := f.examine(ctx, in)
		return file, err
	})
}

// judged makes a fault of a file a part of its description.
func judged(in IncomingFile, describe func() (LocalFile, error)) (LocalFile, error) {
	file, err := describe()
	refused, ok := fault.As(err)
	switch {
	case err == nil:
		return file, nil
	case !ok:
		return LocalFile{}, err
	case len(refused.Fields) > 0:
		return LocalFile{Name: norm.NFC.String(in.Name), Wrong: refused.Fields[0].Message}, nil
	}
	return LocalFile{Name: norm.NFC.String(in.Name), Wrong: refused.Message}, nil
}

// examine reads a recording into memory and decodes it.
func (f Files) examine(ctx context.Context, in IncomingFile) (file LocalFile, contentType string, whole []byte, err error) {
	known, err := f.recognise(in)
	if err != nil {
		return file, "", nil, err
	}
	var kept bytes.Buffer
	kept.Grow(usualBytes)
	if file, err = known.describe(ctx, &kept); err != nil {
		return file, "", nil, err
	}
	file.Sound, err = f.listen(ctx, file.Name, kept.Bytes())
	return file, known.contentType, kept.Bytes(), err
}

// recognised is a recording of which only the beginning has been looked at.
type recognised struct {
	// name is in Unicode NFC.
	name, ext, contentType string
	content                io.Reader
}

// recognise cleans the name, which it checks, and looks at the beginning of the content without using it up.
func (f Files) recognise(in IncomingFile) (recognised, error) {
	name, err := cleanFileName(in.Name)
	if err != nil {
		return recognised{}, err
	}
	content := bufio.NewReaderSize(in.Content, headBytes)
	head, err := content.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return recognised{}, fmt.Errorf("read the recording %q: %w", name, err)
	}
	if len(head) == 0 {
		return recognised{}, fault.Invalid("files", "'%s' is empty", catalog.Shown(name))
	}
	ext, contentType, err := f.cfg.Sniff(head)
	if err != nil {
		return recognised{}, fault.Invalid("files", "'%s' is %s; only MP3, WAV and M4A are allowed", catalog.Shown(name), err).
			WithCode("unsupported_audio")
	}
	return recognised{name, ext, contentType, content}, nil
}

// describe reads the recording to its end, into to.
func (r recognised) describe(ctx context.Context, to io.Writer) (LocalFile, error) {
	body := newRecording(r.name, r.content)
	size, err := io.Copy(to, body)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return LocalFile{}, err
	}
	return LocalFile{Name: r.name, Size: size, SHA256: body.digest(), Ext: r.ext}, nil
}

// listen decodes a recording. It returns fault.Invalid (code unsupported_audio) if nobody could play it, or hear it.
func (f Files) listen(ctx context.Context, name string, content []byte) (*Sound, error) {
	if f.cfg.Examine == nil {
		return nil, nil
	}
	sound, err := f.cfg.Examine(ctx, content)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("decode the recording %q: %w", name, err)
	case err != nil:
		return nil, fault.Invalid("files", "'%s' cannot be used: %s", catalog.Shown(name), err).WithCode("unsupported_audio")
	case sound.Unheard == "" && sound.Sounding == 0:
		return nil, fault.Invalid("files", "'%s' cannot be used: it is silent", catalog.Shown(name)).WithCode("unsupported_audio")
	}
	return &sound, nil
}
