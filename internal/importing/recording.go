package importing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// recording hands on a file's content while it watches the size and makes the digest.
type recording struct {
	r    io.Reader
	name string
	hash hash.Hash
	size int64
	// err is why reading broke off, other than at the end.
	err error
}

func newRecording(name string, r io.Reader) *recording {
	return &recording{r: r, name: name, hash: sha256.New()}
}

// digest is the hex digest of what has been read.
func (r *recording) digest() string { return hex.EncodeToString(r.hash.Sum(nil)) }

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
