package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/englishapp/englishctl/internal/fault"
)

// placeAttempts bounds how often Put makes a folder again that a Delete is emptying at the same time.
const placeAttempts = 100

// Put stores all that r gives under key, replacing what was there, and returns its size in bytes. All or nothing:
// after an error, also one of r's or the end of ctx, the key is as it was. What is stored survives a power failure.
//
// The content type is not kept: it follows from the key's extension.
// It returns fault.Invalid for a bad key, fault.Conflict where a folder would have to be a
// file or the other way round, fault.Unavailable (code storage_full) where the disk is full, and r's own error wrapped.
func (d *Disk) Put(ctx context.Context, key string, r io.Reader, _ string) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	temp, size, err := d.write(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("store audio %q: %w", key, noRoom(err))
	}
	if err := d.place(temp, key); err != nil {
		return 0, fmt.Errorf("store audio %q: %w", key, noRoom(errors.Join(err, d.root.Remove(temp))))
	}
	return size, nil
}

// noRoom says so if err comes of a disk, or of what a user may have of it, that is full.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errFull.WithCause(err)
	}
	return err
}

// write puts all of r into a new unfinished file and returns its name. After an error there is no file.
func (d *Disk) write(ctx context.Context, r io.Reader) (name string, size int64, err error) {
	name = path.Join(tempDir, rand.Text())
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, d.fileMode)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.root.Remove(name))
		}
	}()
	src := &source{ctx: ctx, r: r}
	if err = d.owner.Take(f); err != nil {
		return name, 0, errors.Join(err, f.Close())
	}
	if size, err = io.Copy(f, src); err == nil {
		err = f.Sync()
	} else if src.err != nil {
		err = src.err
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return name, size, err
}

// place moves a finished file to its key and makes the move durable.
func (d *Disk) place(temp, key string) error {
	made := false
	for range placeAttempts {
		err := d.root.Rename(temp, key)
		switch {
		case err == nil:
			return d.syncDirs(path.Dir(key), made)
		case clashes(err):
			return fault.Conflict("%q cannot be stored: it is the folder of other audio, or one of its folders is audio", key).WithCause(err)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		made = true
		if err := d.makeDirs(path.Dir(key)); clashes(err) {
			continue // the rename says the same, more precisely
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fault.Unavailable("the folder of %q is being removed again and again", key)
}

// clashes reports whether a file stands where a folder is needed, or the other way round.
func clashes(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrExist)
}

// syncDirs makes the entries of dir durable, and, where its parents may be new, theirs.
func (d *Disk) syncDirs(dir string, parents bool) error {
	for {
		if err := d.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // a folder that is gone was emptied by a Delete, which is later than this Put
		}
		if !parents || dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

func (d *Disk) syncDir(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
