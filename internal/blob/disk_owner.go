package blob

import "path"

// makeDirs makes a folder and those above it, where they are missing, and sees that they belong to whom the whole belongs to.
func (d *Disk) makeDirs(dir string) error {
	if err := d.root.MkdirAll(dir, d.dirMode); err != nil || d.owner == nil {
		return err
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if err := d.root.Lchown(dir, d.owner.UID, d.owner.GID); err != nil {
			return err
		}
	}
	return d.root.Chown(".", d.owner.UID, d.owner.GID)
}
