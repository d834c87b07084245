package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/ownership"
)

const (
	// tempDir holds files that are being written. No key begins with a dot, so no object can be there.
	tempDir = ".tmp"
	// tempAge is how long an unfinished file must have been untouched to be taken for the remains of a process
	// that died, rather than for another process's work (decisions, "Small decisions": the sweep's 10 minutes).
	tempAge = 10 * time.Minute
	// minSigningKey is the size of an HMAC-SHA256 key that is not weaker than the function (RFC 2104, section 3).
	minSigningKey = 32
)

// DiskConfig says where a Disk keeps its files and how it signs links to them.
type DiskConfig struct {
	// Dir is the folder; it is made where missing. Nothing else may live in it.
	Dir string
	// PublicURL is the daemon's address as phones see it, such as "https://api.example.org". Where it is empty,
	// links begin with "/media/".
	PublicURL string
	// SigningKey signs links: at least 32 secret bytes, the same for all processes that share the folder.
	SigningKey []byte
	// PreviousKey is the key that signed links before SigningKey did, or empty: its links are good until they are over.
	PreviousKey []byte
	// Private makes files and folders that their owner alone can read, 0600 and 0700.
	Private bool
	// Now tells the time for links; nil means time.Now.
	Now func() time.Time
}

// Disk keeps objects as files in one folder. Nothing it is asked to do reaches outside the folder, not even
// through symbolic links. Where root works in another user's folder, what it makes is that user's. It is safe for concurrent use, also by several processes.
type Disk struct {
	linkCache
	root   *os.Root
	public string
	key    []byte // signs links
	before []byte // has signed them before; may be empty
	now    func() time.Time
	// The modes of what is made.
	fileMode, dirMode fs.FileMode
	owner             *ownership.Owner
}

// NewDisk opens the folder, making it where it is missing, and removes what dead processes left unfinished.
// It returns fault.Invalid for a public URL that is not one, or a short signing key. Close it after use.
func NewDisk(cfg DiskConfig) (*Disk, error) {
	if err := checkDisk(cfg); err != nil {
		return nil, err
	}
	fileMode, dirMode := fs.FileMode(0o640), fs.FileMode(0o750)
	if cfg.Private {
		fileMode, dirMode = 0o600, 0o700
	}
	owner, err := ownership.Of(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("look whose the folder is: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the audio folder: %w", err)
	}
	d := &Disk{
		root: root, public: strings.TrimSuffix(cfg.PublicURL, "/"), key: cfg.SigningKey, before: cfg.PreviousKey, now: cfg.Now,
		fileMode: fileMode, dirMode: dirMode, owner: owner,
	}
	if d.now == nil {
		d.now = time.Now
	}
	if err := d.RemoveRemains(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return d, nil
}

func checkDisk(cfg DiskConfig) error {
	var c fault.Check
	c.Require(len(cfg.SigningKey) >= minSigningKey, "signing key", "must have at least %d bytes", minSigningKey)
	c.Require(len(cfg.PreviousKey) == 0 || len(cfg.PreviousKey) >= minSigningKey, "previous key", "must have at least %d bytes", minSigningKey)
	if cfg.PublicURL != "" {
		u, err := url.Parse(cfg.PublicURL)
		ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == ""
		c.Require(ok, "PUBLIC_URL", "must be an address such as https://api.example.org")
	}
	return c.Err()
}

// RemoveRemains makes the folder of unfinished files and empties it of those that nobody is writing any more.
func (d *Disk) RemoveRemains() error {
	if err := d.makeDirs(tempDir); err != nil {
		return fmt.Errorf("make the folder of unfinished audio files: %w", err)
	}
	entries, err := fs.ReadDir(d.root.FS(), tempDir)
	if err != nil {
		return fmt.Errorf("read the folder of unfinished audio files: %w", err)
	}
	for _, e := range entries {
		info, err := d.root.Lstat(path.Join(tempDir, e.Name()))
		if err != nil || d.now().Sub(info.ModTime()) < tempAge {
			continue // gone already, or alive
		}
		if err := d.root.Remove(path.Join(tempDir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished audio file: %w", err)
		}
	}
	return nil
}

// Close releases the folder.
func (d *Disk) Close() error { return d.root.Close() }

// Ping reports whether the folder can be written to.
func (d *Disk) Ping(ctx context.Context) error {
	temp, _, err := d.write(ctx, strings.NewReader("ping"))
	if ended := ctx.Err(); err != nil && ended != nil {
		return fmt.Errorf("ping the audio folder: %w", ended)
	}
	if err != nil {
		return fault.Unavailable("the audio folder cannot be written to").WithCause(err)
	}
	return d.root.Remove(temp)
}

// Copy stores the object from a second time under to, replacing what was there. It returns fault.NotFound if there
// is no object from, and otherwise what Put returns.
//
// The bytes are copied (by the kernel), not hard-linked: with a shared inode the copy would have the age of its
// source, and a sweep that spares young objects would remove what was just imported.
func (d *Disk) Copy(ctx context.Context, from, to string) error {
	if err := CheckKey(to); err != nil {
		return err
	}
	f, _, err := d.open(from)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	if from == to {
		return nil
	}
	_, err = d.Put(ctx, to, f, "")
	return err
}

// Open returns an object for reading. The caller closes it. It returns fault.NotFound if there is none.
func (d *Disk) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, Info{}, fmt.Errorf("open audio %q: %w", key, err)
	}
	f, info, err := d.open(key)
	if err != nil {
		return nil, Info{}, err // not f: a nil *os.File in an interface is not nil
	}
	return f, info, nil
}

func (d *Disk) open(key string) (*os.File, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	f, err := d.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, Info{}, notFound(key)
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("open audio %q: %w", key, err)
	}
	st, err := f.Stat()
	if err == nil && st.Mode().IsRegular() {
		return f, Info{ContentType: contentType(key), Size: st.Size(), ModTime: stamp(st.ModTime()), ETag: diskETag(st)}, nil
	}
	if err == nil {
		err = notFound(key) // a folder is no object
	}
	return nil, Info{}, errors.Join(err, f.Close())
}

func notFound(key string) *fault.Error { return fault.NotFound("no audio object has the key %q", key) }

// diskETag changes with every Put, since each makes a new file.
func diskETag(st fs.FileInfo) string {
	return fmt.Sprintf(`"%x-%x"`, st.ModTime().UnixNano(), st.Size())
}

// ContentType returns the media type that follows from the extension of a key, as it is stored with the object.
func ContentType(key string) string { return contentType(key) }

// contentType returns the media type of the three formats that may be uploaded (decisions, "Import").
func contentType(key string) string {
	switch strings.ToLower(path.Ext(key)) {
	case ".mp3":
		return "audio/mpeg"
	case ".wav":
		return "audio/wav"
	case ".m4a":
		return "audio/mp4"
	}
	return "application/octet-stream"
}

// Delete removes objects; one that does not exist is fine. It tries every key even after an error.
func (d *Disk) Delete(ctx context.Context, keys ...string) error {
	var errs []error
	for _, key := range keys {
		if err := CheckKey(key); err != nil {
			return err // nothing is removed by a call that names a bad key
		}
	}
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, fmt.Errorf("delete audio %q: %w", key, err))...)
		}
		switch err := d.root.Remove(key); {
		case err == nil:
			d.prune(path.Dir(key)) // now known to be a folder; Remove would take a file as well
		case !errors.Is(err, fs.ErrNotExist) && !clashes(err):
			errs = append(errs, fmt.Errorf("delete audio %q: %w", key, err))
		}
	}
	return errors.Join(errs...)
}

// prune removes folders that have become empty: in the other store a folder ends with its last object, and upload
// sessions would otherwise leave one each for ever.
func (d *Disk) prune(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		if d.root.Remove(dir) != nil {
			return // not empty, or gone
		}
	}
}
