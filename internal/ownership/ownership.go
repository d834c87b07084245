// Package ownership lets root work in a folder of another user: what it makes there becomes that user's. A daemon that systemd runs
// as a user of its own could neither read, change nor remove what a command of the operator has left beside it otherwise. SQLite
// treats the files beside a database in the same way.
package ownership

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Owner is a user other than the one that this process runs as. A nil Owner owns nothing: files belong to whoever makes them.
type Owner struct{ UID, GID int }

// Of returns whom a folder belongs to, or will belong to once it is made: the owner of the one that it lies in. It is nil unless this
// process is root's and the folder somebody else's.
func Of(dir string) (*Owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(filepath.Dir(dir))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // all of it is made by us
	}
	if err != nil {
		return nil, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return nil, nil
	}
	return &Owner{int(stat.Uid), int(stat.Gid)}, nil
}

// Take makes an open file the owner's.
func (o *Owner) Take(f *os.File) error {
	if o == nil {
		return nil
	}
	return f.Chown(o.UID, o.GID)
}

// HandOver makes a file that of the owner of its folder. What stands elsewhere, too, by a link, is nobody's to give.
func HandOver(path string) error {
	o, err := Of(filepath.Dir(path))
	if err != nil || o == nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink == 1 {
		err = o.Take(f)
	}
	return errors.Join(err, f.Close())
}
