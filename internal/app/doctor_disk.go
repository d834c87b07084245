//go:build unix

package app

import (
	"syscall"

	"github.com/englishapp/englishctl/internal/doctor"
)

// roomAt says how much room there is for this user where a path lies.
func roomAt(path string) doctor.Disk {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return doctor.Disk{Path: path, Err: err}
	}
	size := uint64(s.Bsize)                                                                                        //nolint:gosec,unconvert // positive, and of another type elsewhere
	return doctor.Disk{Path: path, Free: uint64(s.Bavail) * size, Total: s.Blocks * size, Inodes: uint64(s.Ffree)} //nolint:unconvert // likewise
}
