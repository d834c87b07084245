// Package blob keeps audio objects: bytes under a key such as "audio/A1/0197….mp3".
//
// There are two stores with the same methods, Disk (files in one folder) and MinIO (MinIO or any S3), and one
// contract suite for both (package blobtest). The package owns keys, atomic writing and signed links. It does not
// know which keys exist for what, who may hear them, or HTTP beyond the text of a link.
//
// No key may be the folder of another ("audio/x" beside "audio/x/y.mp3"); whoever lays out keys sees to it, by
// extensions or by depth. Disk refuses the second of the two. S3 allows both, but MinIO stops listing the lower one.
package blob

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// linkLife is how long after the start of its window a link ends. The spec (section "POST /game/speeches/random")
	// wants links of one hour.
	linkLife = time.Hour
	// linkWindow is how long the same object keeps the same link, so that phones can cache it. With linkLife it
	// leaves every link at least 45 minutes (decisions, "Content").
	linkWindow = 15 * time.Minute
)

// Info describes an object that was opened.
type Info struct {
	// ContentType is the media type, "audio/mpeg" for example. Disk derives it from the key's extension.
	ContentType string
	// Size is in bytes.
	Size int64
	// ModTime is when the object was last put or copied here: UTC, to the second.
	ModTime time.Time
	// ETag is quoted, as it stands in the HTTP header. It changes when the content changes.
	ETag string
}

// Object is one entry of a listing.
type Object struct {
	Key string
	// Size is in bytes.
	Size int64
	// ModTime is when the object was last put or copied here: UTC, to the second.
	ModTime time.Time
}

// linkStart returns when the window began in which a link is made now. Signing with it instead of with now gives
// the same link from every daemon, with nothing to remember or to share.
func linkStart(now time.Time) time.Time { return now.UTC().Truncate(linkWindow) }

// stamp brings a store's time to the one precision that both stores have: HTTP's Last-Modified counts seconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// codeFull is what callers tell a full disk by.
const codeFull = "storage_full"

// errFull is what both stores say where there is no room for what is to be stored.
var errFull = fault.Unavailable("the disk of the audio store is full; make room and try again").WithCode(codeFull)

// IsFull reports whether an error of a store says that there was no room for what was to be stored.
func IsFull(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Code == codeFull
}

// errBroken is what a source's reader sees in place of io.ErrUnexpectedEOF.
var errBroken = errors.New("the source broke off")

// source reads what is to be stored. It ends with its context, and it remembers why it failed, so that a failure
// of the sender is never taken for one of the store.
//
// It hides io.ErrUnexpectedEOF: a request body that was cut off ends with it, but io.ReadFull and minio-go use the
// same value for "the last, shorter part", and half a file would be stored as a whole one.
type source struct {
	ctx context.Context
	r   io.Reader
	// read counts the bytes given so far.
	read int64
	// err is why it broke off, if it did.
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, errBroken
	}
	n, err := s.r.Read(p)
	s.read += int64(n)
	if err == nil || err == io.EOF { // a bare io.EOF is the end, says io.Reader
		return n, err
	}
	s.err = err
	return n, errBroken
}
