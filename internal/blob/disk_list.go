package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"syscall"
)

// listChunk is how many directory entries are held at a time.
const listChunk = 256

// List goes through the objects whose keys begin with prefix, in no particular order, holding a bounded number of
// them in memory. Objects put or deleted meanwhile may or may not appear; the loop may delete what it is given.
// After an error, which comes with a zero Object, the listing ends.
func (d *Disk) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Object{}, err)
			return
		}
		dir := path.Dir(prefix + "x") // what follows the last slash is the beginning of a name
		err := d.walk(ctx, dir, prefix, func(o Object) bool { return yield(o, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			yield(Object{}, fmt.Errorf("list audio %q: %w", prefix, err))
		}
	}
}

// errStopped says that the loop over a listing was left.
var errStopped = errors.New("stopped")

// walk hands the objects below dir to yield.
func (d *Disk) walk(ctx context.Context, dir, prefix string, yield func(Object) bool) error {
	f, err := d.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil // never there, or emptied meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := f.ReadDir(listChunk)
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.ENOTDIR) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := d.visit(ctx, path.Join(dir, e.Name()), e.IsDir(), prefix, yield); err != nil {
				return err
			}
		}
	}
}

// visit hands one directory entry, or what is below it, to yield.
func (d *Disk) visit(ctx context.Context, key string, isDir bool, prefix string, yield func(Object) bool) error {
	if !strings.HasPrefix(key, prefix) || path.Base(key)[0] == '.' {
		return nil
	}
	if isDir {
		return d.walk(ctx, key, prefix, yield)
	}
	st, err := d.root.Lstat(key) // not DirEntry.Info, which would follow the folder's name out of the root
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode().IsRegular() && !yield(Object{Key: key, Size: st.Size(), ModTime: stamp(st.ModTime())}) {
		return errStopped
	}
	return nil
}
