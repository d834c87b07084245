package blob

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// owner is another user than the one this process runs as, whose folder it works in: root at a terminal works on what the daemon's
// user must be able to read, write and remove afterwards. SQLite treats the files beside a database in the same way. A nil owner
// owns nothing: files belong to whoever makes them.
type owner struct{ uid, gid int }

// ownerOf returns whom a folder belongs to, or will belong to once it is made. Only root can give files away.
func ownerOf(dir string) (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(filepath.Dir(dir))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // its parent is made by us, too
	}
	if err != nil {
		return nil, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return nil, nil
	}
	return &owner{int(stat.Uid), int(stat.Gid)}, nil
}

// take makes a file that this process has just made the owner's.
func (o *owner) take(f *os.File) error {
	if o == nil {
		return nil
	}
	return f.Chown(o.uid, o.gid)
}

// makeDirs makes a folder and those above it, where they are missing.
func (d *Disk) makeDirs(dir string) error {
	if err := d.root.MkdirAll(dir, d.dirMode); err != nil || d.owner == nil {
		return err
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if err := d.root.Lchown(dir, d.owner.uid, d.owner.gid); err != nil {
			return err
		}
	}
	return d.root.Chown(".", d.owner.uid, d.owner.gid)
}
