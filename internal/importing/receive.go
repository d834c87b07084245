package importing

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// MaxFiles is the largest number of files of one upload (decisions.md, "Import").
	MaxFiles = 500
	// MaxFileBytes is the size of the largest recording (decisions.md, "Import").
	MaxFileBytes = 10 << 20
	// headBytes is how much of a file is shown to Config.Sniff.
	headBytes = 8 << 10
	// maxNameAttempts bounds how often a name is chosen anew because others took the last one meanwhile. Each attempt
	// means that somebody else got a name, so that it is never reached by uploads that end.
	maxNameAttempts = 100
	// uploadPrefix begins the keys of uploaded recordings (spec, "POST /admin/import/audio").
	uploadPrefix = "audio/uploads/"
)

// arrived reports whether the file's bytes are there; otherwise the record only reserves the name.
func (f UploadFile) arrived() bool { return f.Size > 0 }

// reservation is the record that keeps the file's name taken while there are no bytes.
func (f UploadFile) reservation() UploadFile {
	f.Size, f.SHA256 = 0, strings.Repeat("0", hex.EncodedLen(sha256.Size))
	return f
}

// upload is one call of Upload on its way.
type upload struct {
	*Service
	session UploadSession
	// made says that the session was made by this upload.
	made bool
	// taken are the names that the session's files have, as far as known.
	taken map[string]bool
	files []UploadFile
}

// Upload stores recordings in an upload session of whoever acts: a new one, or the one given. next is called until it
// returns io.EOF; each file is read to its end before the next one is asked for. All files are stored, or none.
//
// It returns fault.Invalid for no file or more than 500, a bad name, an empty file, and one that is neither MP3, WAV nor
// M4A (code unsupported_audio); fault.TooLarge for a file over 10 MiB; and for the session fault.NotFound or
// fault.Conflict. Errors of next and of reading a file are returned wrapped.
func (s *Service) Upload(ctx context.Context, sessionID *uuid.UUID, next func() (IncomingFile, error)) (Uploaded, error) {
	u := &upload{Service: s}
	if sessionID != nil {
		var err error
		if u.session, err = s.openSession(ctx, s.store, *sessionID); err != nil {
			return Uploaded{}, err
		}
	}
	err := u.receiveAll(ctx, next)
	if err == nil {
		err = u.keep(ctx)
	}
	if err != nil {
		return Uploaded{}, errors.Join(err, u.discard(ctx))
	}
	return Uploaded{Session: u.session, Files: u.files}, nil
}

func (u *upload) receiveAll(ctx context.Context, next func() (IncomingFile, error)) error {
	for {
		file, err := next()
		switch {
		case errors.Is(err, io.EOF) && len(u.files) == 0:
			return fault.Invalid("files", "No file was sent; at least one is needed")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the upload: %w", err)
		case len(u.files) == MaxFiles:
			return fault.Invalid("files", "At most %d files can be sent at once; send the others to the same upload session", MaxFiles)
		}
		if err := u.receive(ctx, file); err != nil {
			return err
		}
	}
}

// receive stores one file under a name that it has reserved.
func (u *upload) receive(ctx context.Context, in IncomingFile) error {
	name, err := cleanFileName(in.Name)
	if err != nil {
		return err
	}
	peeked := bufio.NewReaderSize(in.Content, headBytes)
	ext, contentType, err := u.recognise(name, peeked)
	if err != nil {
		return err
	}
	content, err := u.verify(ctx, name, ext, peeked)
	if err != nil {
		return err
	}
	file := UploadFile{ID: u.newID(), OriginalName: name, Ext: ext, UploadedAt: u.moment()}
	if file, err = u.reserve(ctx, file); err != nil {
		return fmt.Errorf("reserve a name for %q: %w", name, err)
	}
	u.files = append(u.files, file)
	body := &recording{r: content, name: name, hash: sha256.New()}
	file.Size, err = u.objects.Put(ctx, file.Key, body, contentType)
	if body.err != nil {
		return body.err // whatever the store made of it
	}
	if err != nil {
		return fmt.Errorf("store the recording %q: %w", name, err)
	}
	file.SHA256 = hex.EncodeToString(body.hash.Sum(nil))
	u.files[len(u.files)-1] = file
	return nil
}

// recognise looks at the beginning of a file without using it up.
func (s *Service) recognise(name string, content *bufio.Reader) (ext, contentType string, err error) {
	head, err := content.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", fmt.Errorf("read the recording %q: %w", name, err)
	}
	if len(head) == 0 {
		return "", "", fault.Invalid("files", "'%s' is empty", catalog.Shown(name))
	}
	ext, contentType, err = s.cfg.Sniff(head)
	if err != nil {
		return "", "", fault.Invalid("files", "'%s' is %s; only MP3, WAV and M4A are allowed", catalog.Shown(name), err).
			WithCode("unsupported_audio")
	}
	return ext, contentType, nil
}

// reserve finds a free name for the file and commits a record that keeps it taken.
func (u *upload) reserve(ctx context.Context, file UploadFile) (UploadFile, error) {
	if err := u.prepare(ctx); err != nil {
		return file, err
	}
	for range maxNameAttempts {
		file.SessionID = u.session.ID
		file.Name = freeName(file.OriginalName, u.taken)
		file.Key = uploadPrefix + u.session.ID.String() + "/" + file.Name
		clash := false
		err := u.store.InTx(ctx, func(tx Store) error {
			if err := u.move(ctx, tx, u.session.ID, SessionOpen); err != nil {
				return err
			}
			err := tx.InsertUploadFiles(ctx, []UploadFile{file.reservation()})
			clash = fault.Is(err, fault.KindConflict)
			return err
		})
		if !clash {
			u.taken[file.Name] = err == nil
			return file, err
		}
		if err := u.readNames(ctx); err != nil {
			return file, err
		}
	}
	return file, fault.Conflict("Too many uploads of files named '%s' at the same time; try again", catalog.Shown(file.OriginalName))
}

// prepare makes sure, before the first file, that there is a session and that its names are known.
func (u *upload) prepare(ctx context.Context) error {
	if u.taken != nil {
		return nil
	}
	if u.session.ID == uuid.Nil {
		session, err := u.Open(ctx)
		if err != nil {
			return err
		}
		u.session, u.made = session, true
	}
	return u.readNames(ctx)
}

func (u *upload) readNames(ctx context.Context) error {
	files, err := u.store.UploadFiles(ctx, u.session.ID)
	if err != nil {
		return fmt.Errorf("read the names of upload session %s: %w", u.session.ID, err)
	}
	u.taken = make(map[string]bool, len(files)+1)
	for _, f := range files {
		u.taken[f.Name] = true
	}
	return nil
}

// keep makes the files of this upload visible to imports, all at once.
func (u *upload) keep(ctx context.Context) error {
	var bytes int64
	for _, f := range u.files {
		bytes += f.Size
	}
	err := u.store.InTx(ctx, func(tx Store) error {
		if err := u.move(ctx, tx, u.session.ID, SessionOpen); err != nil {
			return err
		}
		if err := tx.DeleteUploadFiles(ctx, fileIDs(u.files)); err != nil {
			return err
		}
		if err := tx.InsertUploadFiles(ctx, u.files); err != nil {
			return err
		}
		return u.record(ctx, tx, "import.upload", u.session.ID, map[string]any{"files": len(u.files), "bytes": bytes})
	})
	if err != nil {
		return fmt.Errorf("keep the upload: %w", err)
	}
	return nil
}

// discard undoes an upload that failed. The names stay reserved until the objects are gone: had somebody else got a
// name before that, their bytes would be deleted. What cannot be undone now goes with the session.
func (u *upload) discard(ctx context.Context) error {
	if len(u.files) == 0 && !u.made {
		return nil
	}
	ctx, cancel := aftermath(ctx)
	defer cancel()
	if err := u.objects.Delete(ctx, fileKeys(u.files)...); err != nil {
		return fmt.Errorf("delete the recordings of a failed upload: %w", err)
	}
	if err := u.store.DeleteUploadFiles(ctx, fileIDs(u.files)); err != nil {
		return fmt.Errorf("delete the records of a failed upload: %w", err)
	}
	if !u.made {
		return nil
	}
	if err := u.store.DeleteUploadSession(ctx, u.session.ID); err != nil {
		return fmt.Errorf("delete the session of a failed upload: %w", err)
	}
	return nil
}

func fileIDs(files []UploadFile) []uuid.UUID {
	ids := make([]uuid.UUID, len(files))
	for i, f := range files {
		ids[i] = f.ID
	}
	return ids
}

func fileKeys(files []UploadFile) []string {
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.Key
	}
	return keys
}

// recording hands on a file's content while it watches the size and makes the digest.
type recording struct {
	r    io.Reader
	name string
	hash hash.Hash
	size int64
	// err is why reading broke off, other than at the end.
	err error
}

func (r *recording) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.r.Read(p)
	r.hash.Write(p[:n]) // a hash never fails
	r.size += int64(n)
	switch {
	case r.size > MaxFileBytes:
		r.err = fault.TooLarge("'%s' is larger than %d MiB, the limit for a recording", catalog.Shown(r.name), MaxFileBytes>>20)
		return 0, r.err
	case err != nil && !errors.Is(err, io.EOF):
		r.err = fmt.Errorf("read the recording %q: %w", r.name, err)
		return n, r.err
	}
	return n, err
}
