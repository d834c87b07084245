package importing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// uploaders is how many parts are stored at a time. A recording is small: what takes time is waiting for the store.
	uploaders = 8
	// A part is what a run that dies may have stored in vain, for each uploader. Each costs two transactions, so there are
	// fewer and larger ones where there is much to do, but enough of them to keep all uploaders at work to the end.
	minPartFiles, maxPartFiles = 16, 64
	partsPerUploader           = 4
	partBytes                  = 4 << 20

	// putGrace is how long a recording that is on its way may still take when the run is interrupted. What takes longer may
	// come to lie in the store without an owner; the sweep removes it there.
	putGrace = 5 * time.Second
)

// Outgoing is a recording that is to be uploaded.
type Outgoing struct {
	PlannedFile
	// Open opens the file; it is read once from its beginning.
	Open func() (io.ReadCloser, error)
}

// UploadAll stores recordings in an open upload session of whoever acts, several at a time, where the rows that use them
// belong. What has arrived there before, with the same name and the same bytes, is not read again; what has the name of
// one of the files but other bytes is replaced. done is told of each file once it is there for good, one call at a time.
//
// If it breaks off, what was stored stays, and UploadAll goes on from there the next time. It returns fault.Conflict (code
// recording_changed) for a file that is no longer what the plan has seen, and for the session fault.NotFound or
// fault.Conflict. Errors of Open and of reading are returned wrapped.
func (s *Service) UploadAll(ctx context.Context, session uuid.UUID, files []Outgoing, done func(PlannedFile)) error {
	if _, err := s.openSession(ctx, s.store, session); err != nil {
		return err
	}
	leased, stop := s.keepSession(ctx, session)
	defer stop()
	todo, err := s.leftToUpload(leased, session, files, done)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	group, storing := errgroup.WithContext(leased)
	group.SetLimit(uploaders)
	for part := range parts(todo) {
		group.Go(func() error {
			if err := s.storePart(storing, session, part); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, f := range part {
				done(f.PlannedFile)
			}
			return nil
		})
	}
	err = group.Wait()
	if lost := context.Cause(leased); errors.Is(lost, errSessionLost) {
		err = fault.Conflict("The upload session was closed while recordings were on their way").WithCode("upload_session_not_found").WithCause(lost)
	}
	return err
}

// leftToUpload tells done of the files that are there, removes what stands in the way of the others, and returns those.
func (s *Service) leftToUpload(ctx context.Context, session uuid.UUID, files []Outgoing, done func(PlannedFile)) ([]Outgoing, error) {
	list, err := s.store.UploadFiles(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read the files of upload session %s: %w", session, err)
	}
	there := make(map[string]UploadFile, len(list))
	for _, f := range list {
		there[f.Name] = f
	}
	var todo []Outgoing
	var inTheWay []UploadFile
	for _, f := range files {
		old, met := there[f.Name]
		if met && old.arrived() && old.SHA256 == f.SHA256 {
			done(f.PlannedFile)
			continue
		}
		todo = append(todo, f)
		if met {
			inTheWay = append(inTheWay, old)
		}
	}
	return todo, s.drop(ctx, inTheWay)
}

// parts cuts the files into parts that are stored one after the other, each by one uploader.
func parts(files []Outgoing) func(yield func([]Outgoing) bool) {
	most := min(max(len(files)/(uploaders*partsPerUploader), minPartFiles), maxPartFiles)
	return func(yield func([]Outgoing) bool) {
		for len(files) > 0 {
			n, size := 1, files[0].Size
			for n < min(len(files), most) && size+files[n].Size <= partBytes {
				size += files[n].Size
				n++
			}
			if !yield(files[:n]) {
				return
			}
			files = files[n:]
		}
	}
}

// storePart reserves the names of some files, stores them, and makes them visible to imports, all or none.
func (s *Service) storePart(ctx context.Context, session uuid.UUID, part []Outgoing) error {
	files := make([]UploadFile, len(part))
	for i, out := range part {
		files[i] = s.arriving(session, out)
	}
	if err := s.reserveNames(ctx, session, files); err != nil {
		return err
	}
	err := s.storeFiles(ctx, part, files)
	if err == nil {
		err = s.keep(ctx, session, files)
	}
	if err != nil {
		return errors.Join(err, s.undoPart(ctx, files))
	}
	return nil
}

// arriving is the record of a file that is about to be stored.
func (s *Service) arriving(session uuid.UUID, out Outgoing) UploadFile {
	file := out.unplaced()
	file.ID, file.SessionID, file.UploadedAt = s.newID(), session, s.moment()
	file.Key = file.keyFor(out.Level)
	return file
}

// reserveNames commits records that own the objects to come.
func (s *Service) reserveNames(ctx context.Context, session uuid.UUID, files []UploadFile) error {
	reserved := make([]UploadFile, len(files))
	for i, f := range files {
		reserved[i] = f.reservation()
	}
	err := s.store.InTx(ctx, func(tx Store) error {
		if err := s.move(ctx, tx, session, SessionOpen); err != nil {
			return err
		}
		return tx.InsertUploadFiles(ctx, reserved)
	})
	if err != nil {
		return fmt.Errorf("reserve the names of %d recordings: %w", len(files), err)
	}
	return nil
}

// storeFiles stores a part, one file after the other. Who is interrupted begins no other file, but waits for the one that is
// on its way: the audio store may have all of it, and take it after it was removed here.
func (s *Service) storeFiles(ctx context.Context, part []Outgoing, files []UploadFile) error {
	onItsWay, stop := outlasting(ctx, putGrace)
	defer stop()
	for i, out := range part {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.storeFile(onItsWay, out, files[i]); err != nil {
			return err
		}
	}
	return nil
}

// outlasting is a context that ends so long after ctx.
func outlasting(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { unwatch(); cancel() }
}

// storeFile reads a file into the audio store, and makes sure that it is the one that was planned.
func (s *Service) storeFile(ctx context.Context, out Outgoing, file UploadFile) (err error) {
	content, err := out.Open()
	if err != nil {
		return fmt.Errorf("open the recording %q: %w", out.Name, err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	known, err := s.recognise(IncomingFile{Name: out.Name, Content: content})
	if err != nil {
		return err
	}
	body := newRecording(out.Name, known.content)
	_, err = s.objects.Put(ctx, file.Key, body, known.contentType)
	switch {
	case cmp.Or(body.err, err) != nil:
		return fmt.Errorf("store the recording %q: %w", out.Name, cmp.Or(body.err, err))
	case body.digest() != out.SHA256:
		return RecordingChanged(out.Name)
	}
	return nil
}

// RecordingChanged is fault.Conflict for a file that is no longer what a plan has seen.
func RecordingChanged(name string) error {
	return fault.Conflict("'%s' has changed since it was looked at; import the file again", catalog.Shown(name)).
		WithCode("recording_changed")
}

// undoPart removes a part that was not stored as a whole. What cannot be removed now goes with the session.
func (s *Service) undoPart(ctx context.Context, files []UploadFile) error {
	ctx, cancel := aftermath(ctx)
	defer cancel()
	return s.drop(ctx, files)
}
