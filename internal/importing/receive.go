package importing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/audit"
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

// keyFor is where the file's bytes go: where they can stay, if it is known which level they are for.
func (f UploadFile) keyFor(level catalog.Level) string {
	if level == "" {
		return uploadPrefix + f.SessionID.String() + "/" + f.Name
	}
	return finalKey(level, f.ID, f.Ext)
}

// finalKey is where the recording of a speech has its place (spec, "Processing Logic": "/audio/{level}/").
func finalKey(level catalog.Level, speech uuid.UUID, ext string) string {
	return "audio/" + string(level) + "/" + speech.String() + ext
}

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
	// taken are the names that the session's files have, as far as known, and there those files.
	taken map[string]bool
	there map[string]UploadFile
	files []UploadFile
	// own are those of files that this upload has stored; the others had arrived before.
	own []UploadFile
	// sparing makes a bad file be left out, and noted in refused, where it would else refuse all.
	sparing bool
	refused []RefusedFile
}

// Upload stores recordings in an upload session of whoever acts: a new one, or the one given. next is called until it
// returns io.EOF; each file is read to its end before the next one is asked for. All files are stored, or none.
//
// It returns fault.Invalid for no file or more than 500, a bad name, an empty file, and one that is neither MP3, WAV nor
// M4A (code unsupported_audio); fault.TooLarge for a file over 10 MiB; and for the session fault.NotFound or
// fault.Conflict. Errors of next and of reading a file are returned wrapped.
func (s *Service) Upload(ctx context.Context, sessionID *uuid.UUID, next func() (IncomingFile, error)) (Uploaded, error) {
	return s.upload(ctx, &upload{Service: s}, sessionID, next)
}

// UploadGood is Upload but for files that cannot be used: they are left out and named with their reasons, and the others are
// stored. Where no file is good there is no new session either, and no error.
func (s *Service) UploadGood(ctx context.Context, sessionID *uuid.UUID, next func() (IncomingFile, error)) (Uploaded, error) {
	return s.upload(ctx, &upload{Service: s, sparing: true}, sessionID, next)
}

func (s *Service) upload(ctx context.Context, u *upload, sessionID *uuid.UUID, next func() (IncomingFile, error)) (Uploaded, error) {
	if sessionID != nil {
		var err error
		if u.session, err = s.openSession(ctx, s.store, *sessionID); err != nil {
			return Uploaded{}, err
		}
	}
	if u.session.FileSHA256 != "" { // it is leased to the run that sends this
		var stop func()
		ctx, stop = s.keepSession(ctx, u.session.ID)
		defer stop()
	}
	err := u.receiveAll(ctx, next)
	if err == nil && len(u.files) > 0 {
		err = u.keep(ctx, u.session.ID, u.files)
	}
	if err != nil {
		return Uploaded{}, errors.Join(err, u.discard(ctx))
	}
	return Uploaded{Session: u.session, Files: u.files, Refused: u.refused}, nil
}

func (u *upload) receiveAll(ctx context.Context, next func() (IncomingFile, error)) error {
	for {
		file, err := next()
		switch {
		case errors.Is(err, io.EOF) && len(u.files) == 0 && len(u.refused) == 0:
			return fault.Invalid("files", "No file was sent; at least one is needed")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the upload: %w", err)
		case len(u.files)+len(u.refused) == MaxFiles:
			return fault.Invalid("files", "At most %d files can be sent at once; send the others to the same upload session", MaxFiles)
		}
		if err := u.receive(ctx, file); err != nil {
			return err
		}
	}
}

// receive examines one file and stores it under a name that it has reserved.
func (u *upload) receive(ctx context.Context, in IncomingFile) error {
	known, contentType, content, err := u.examine(ctx, in)
	if why := refusalOf(err); u.sparing && why != "" {
		u.refused = append(u.refused, RefusedFile{Name: norm.NFC.String(in.Name), Why: why})
		return nil
	}
	if err != nil {
		return err
	}
	var c fault.Check
	if in.Level != "" {
		catalog.CheckLevel(&c, "level", string(in.Level))
	}
	if err := c.Err(); err != nil {
		return err
	}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	if again, err := u.again(ctx, known); again || err != nil {
		return err
	}
	file := UploadFile{
		ID: u.newID(), OriginalName: known.Name, Size: known.Size, SHA256: known.SHA256, Ext: known.Ext, Sound: known.Sound,
		UploadedAt: u.moment(),
	}
	if file, err = u.reserve(ctx, file, in.Level); err != nil {
		return fmt.Errorf("reserve a name for %q: %w", known.Name, err)
	}
	u.files, u.own = append(u.files, file), append(u.own, file)
	if _, err = u.objects.Put(ctx, file.Key, bytes.NewReader(content), contentType); err != nil {
		return fmt.Errorf("store the recording %q: %w", known.Name, err)
	}
	return nil
}

// refusalOf is what examine says of a file that cannot be used; empty where the error is none, or not about the file.
func refusalOf(err error) string {
	f, ok := fault.As(err)
	switch {
	case !ok:
		return ""
	case len(f.Fields) > 0 && f.Fields[0].Name == "files":
		return f.Fields[0].Message
	case f.Kind == fault.KindTooLarge:
		return f.Message
	}
	return ""
}

// again reports whether the file has arrived before, in the journal of an import that goes on. There a name means one
// file: what stands under it with other bytes, or without, is left over from a run that broke off, and makes way.
func (u *upload) again(ctx context.Context, file LocalFile) (bool, error) {
	old, met := u.there[file.Name]
	switch {
	case !met || u.session.FileSHA256 == "":
		return false, nil
	case old.arrived() && old.SHA256 == file.SHA256:
		u.files = append(u.files, old)
		return true, nil
	}
	delete(u.taken, file.Name)
	return false, u.drop(ctx, []UploadFile{old})
}

// reserve finds a free name for the file and commits a record that keeps it taken.
func (u *upload) reserve(ctx context.Context, file UploadFile, level catalog.Level) (UploadFile, error) {
	for range maxNameAttempts {
		file.SessionID = u.session.ID
		file.Name = freeName(file.OriginalName, u.taken)
		file.Key = file.keyFor(level)
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
	u.taken, u.there = make(map[string]bool, len(files)+1), make(map[string]UploadFile, len(files))
	for _, f := range files {
		u.taken[f.Name], u.there[f.Name] = true, f
	}
	return nil
}

// keep makes files of a session visible to imports, all at once, and writes the audit line about them.
func (s *Service) keep(ctx context.Context, session uuid.UUID, files []UploadFile) error {
	err := s.store.InTx(ctx, func(tx Store) error {
		if err := s.arrive(ctx, tx, session, files); err != nil {
			return err
		}
		return s.record(ctx, tx, "import.upload", session, audit.Diff(nil, fieldsOf(files)))
	})
	if err != nil {
		return fmt.Errorf("keep the upload: %w", err)
	}
	return nil
}

// arrive replaces the reservations of files by their records, if the session still takes files and nobody has withdrawn
// the reservations.
func (s *Service) arrive(ctx context.Context, tx Store, session uuid.UUID, files []UploadFile) error {
	if err := s.move(ctx, tx, session, SessionOpen); err != nil {
		return err
	}
	switch n, err := tx.DeleteUploadFiles(ctx, fileIDs(files)); {
	case err != nil:
		return err
	case n < len(files):
		return fault.Conflict("Another run of this import has taken over").WithCode("upload_session_in_use")
	}
	return tx.InsertUploadFiles(ctx, files)
}

// fieldsOf are what the audit log says of uploaded files.
func fieldsOf(files []UploadFile) map[string]any {
	var bytes int64
	for _, f := range files {
		bytes += f.Size
	}
	return map[string]any{"files": len(files), "bytes": bytes}
}

// discard undoes an upload that failed. What cannot be undone now goes with the session.
func (u *upload) discard(ctx context.Context) error {
	if len(u.own) == 0 && !u.made {
		return nil
	}
	ctx, cancel := aftermath(ctx)
	defer cancel()
	if err := u.drop(ctx, u.own); err != nil || !u.made {
		return err
	}
	if err := u.store.DeleteUploadSession(ctx, u.session.ID); err != nil {
		return fmt.Errorf("delete the session of a failed upload: %w", err)
	}
	return nil
}

// drop removes files of one upload session. First nobody may trust the bytes any longer: that a file has arrived may stand
// in its record although whoever wrote that down has heard of a failure. The names stay reserved until the objects are
// gone: had somebody else got a name before that, their bytes would be deleted.
func (s *Service) drop(ctx context.Context, files []UploadFile) error {
	if len(files) == 0 {
		return nil
	}
	doomed, err := s.doom(ctx, files)
	if err != nil {
		return fmt.Errorf("withdraw the records of uploaded files: %w", err)
	}
	if err := s.deleteObjects(ctx, fileKeys(files)); err != nil {
		return err
	}
	if _, err := s.store.DeleteUploadFiles(ctx, fileIDs(doomed)); err != nil {
		return fmt.Errorf("delete the records of uploaded files: %w", err)
	}
	return nil
}

// doom puts reservations in the place of files, which own the objects from there on. They have ids of their own, so that
// a run that was taken for dead cannot go on with its files. Nothing is changed where the session is not open: what is in
// it may just be becoming the recordings of speeches, or goes with it. Where the session is gone, so are the records.
func (s *Service) doom(ctx context.Context, files []UploadFile) (doomed []UploadFile, err error) {
	session := files[0].SessionID
	for _, f := range files {
		f.ID = s.newID()
		doomed = append(doomed, f.reservation())
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		if _, err := tx.UploadSession(ctx, session); fault.Is(err, fault.KindNotFound) {
			return nil
		}
		if err := s.move(ctx, tx, session, SessionOpen); err != nil {
			return err
		}
		if _, err := tx.DeleteUploadFiles(ctx, fileIDs(files)); err != nil {
			return err
		}
		return tx.InsertUploadFiles(ctx, doomed)
	})
	return doomed, err
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
