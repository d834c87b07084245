package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// uploaders is how many requests are on their way at a time. It bounds the memory, too: each holds a part.
	uploaders = 4
	// partFiles and partBytes bound a part, which is one request: what a run that dies may have sent in vain, for each
	// uploader.
	partFiles = 16
	partBytes = 4 << 20
	// partTime is a part of one recording of 10 MiB at 140 kbit/s, and the time that it takes to be decoded there.
	partTime = 15 * time.Minute
)

// UploadAll is importing.Service.UploadAll.
func (s *Imports) UploadAll(ctx context.Context, session uuid.UUID, files []importing.Outgoing, done func(importing.PlannedFile)) error {
	todo := make([]importing.Outgoing, 0, len(files))
	for _, f := range files {
		if s.arrived.has(session, f.LocalFile) {
			done(f.PlannedFile)
			continue
		}
		todo = append(todo, f)
	}
	var mu sync.Mutex
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(uploaders)
	for len(todo) > 0 && sending.Err() == nil {
		part := firstPart(todo)
		todo = todo[len(part):]
		group.Go(func() error {
			if err := s.sendPart(sending, session, part); err != nil {
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
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// firstPart is what of the files goes into one request; at least one does.
func firstPart(files []importing.Outgoing) []importing.Outgoing {
	n, size := 1, files[0].Size
	for n < min(len(files), partFiles) && size+files[n].Size <= partBytes {
		size += files[n].Size
		n++
	}
	return files[:n]
}

// sendPart uploads some files, all or none, and makes sure that they have arrived as they were planned.
func (s *Imports) sendPart(ctx context.Context, session uuid.UUID, part []importing.Outgoing) error {
	encoded, contentType, err := encodePart(session, part)
	if err != nil {
		return err
	}
	var answer struct {
		UploadedFiles []arrivedAnswer `json:"uploaded_files"`
	}
	err = s.client.do(ctx, call{method: http.MethodPost, path: "/admin/import/audio", time: partTime, body: func() (*body, error) {
		return &body{content: encoded, contentType: contentType, large: true}, nil
	}}, &answer)
	if err != nil {
		return err
	}
	arrived := make(map[string]string, len(part))
	for _, f := range answer.UploadedFiles {
		arrived[f.Filename] = f.SHA256
	}
	for _, f := range part {
		if arrived[f.Name] != f.SHA256 {
			return importing.RecordingChanged(f.Name)
		}
	}
	return nil
}

func encodePart(session uuid.UUID, part []importing.Outgoing) (encoded []byte, contentType string, err error) {
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	if err := w.WriteField("upload_session_id", session.String()); err != nil {
		return nil, "", err
	}
	for _, f := range part {
		if err := addFile(w, f); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buffer.Bytes(), w.FormDataContentType(), nil
}

// addFile adds a recording with the level of its row, so that it is stored where it belongs. Of one that has grown too
// large since it was looked at, a byte more than is allowed goes: the daemon says so.
func addFile(w *multipart.Writer, f importing.Outgoing) (err error) {
	if err := w.WriteField("level", string(f.Level)); err != nil {
		return err
	}
	to, err := w.CreateFormFile("files", f.Name)
	if err != nil {
		return err
	}
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("open the recording %q: %w", f.Name, err)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	if _, err := io.Copy(to, io.LimitReader(content, importing.MaxFileBytes+1)); err != nil {
		return fmt.Errorf("read the recording %q: %w", f.Name, err)
	}
	return nil
}
