package testenv

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// mountDisk mounts a file system of $1 bytes at each of the folders that follow, says so, and then gives the one that a
// line names the size that it names. --options-mode=ignore: what was not asked for may not be changed there.
const mountDisk = `
size=$1; shift
for dir; do mount -t tmpfs -o "size=$size,mode=0700" tmpfs "$dir" || exit; done
echo mounted
while read -r size dir; do mount --options-mode=ignore -o "remount,size=$size" "$dir" && echo resized || echo refused; done`

// SmallDisk is a disk that a test can fill: file systems in memory, each of a size of its own.
//
// Only processes in its namespace see them under the names of their folders (see Command); everybody else finds what is
// in them under Outside. They vanish with the test.
type SmallDisk struct {
	tb    testing.TB
	pid   string
	sizes io.Writer
	said  *bufio.Reader
}

// NewSmallDisk mounts file systems of so many bytes at the folders, which must exist. It takes no privileges, but a
// kernel that lets everybody make namespaces, and util-linux. Where that is missing the test is skipped.
func NewSmallDisk(tb testing.TB, bytes int, dirs ...string) *SmallDisk {
	tb.Helper()
	args := append([]string{"--user", "--map-root-user", "--mount", "sh", "-c", mountDisk, "sh", strconv.Itoa(bytes)}, dirs...)
	cmd := exec.CommandContext(tb.Context(), "unshare", args...)
	sizes, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		tb.Skipf("no disk can be made small here: %v", err)
	}
	d := &SmallDisk{tb: tb, pid: strconv.Itoa(cmd.Process.Pid), sizes: sizes, said: bufio.NewReader(said)}
	if line, err := d.said.ReadString('\n'); line != "mounted\n" {
		_ = cmd.Wait()
		tb.Skipf("no disk can be made small here: %v: %s", err, complaint.String())
	}
	tb.Cleanup(func() {
		_ = sizes.Close() // which ends it
		_ = cmd.Wait()
	})
	return d
}

// Outside is the path by which other processes reach a folder or file.
func (d *SmallDisk) Outside(path string) string { return filepath.Join("/proc", d.pid, "root", path) }

// Resize gives the file system at a folder another size.
func (d *SmallDisk) Resize(dir string, bytes int) {
	d.tb.Helper()
	if !d.resize(dir, bytes) {
		d.tb.Fatalf("the file system at %s cannot have %d bytes", dir, bytes)
	}
}

// Leave leaves the file system at a folder so many free bytes, also while others write there.
func (d *SmallDisk) Leave(dir string, bytes int) {
	d.tb.Helper()
	for range 100 { // it is refused where more than that was written meanwhile
		if d.resize(dir, d.Used(dir)+bytes) {
			return
		}
	}
	d.tb.Fatalf("the file system at %s grows too fast to leave it %d bytes", dir, bytes)
}

// resize reports whether the system has let the file system have that size: not less than it holds.
func (d *SmallDisk) resize(dir string, bytes int) bool {
	d.tb.Helper()
	if _, err := fmt.Fprintf(d.sizes, "%d %s\n", bytes, dir); err != nil {
		d.tb.Fatal(err)
	}
	line, err := d.said.ReadString('\n')
	if err != nil {
		d.tb.Fatal(err)
	}
	return line == "resized\n"
}

// Used is how many bytes are taken of the file system at a folder.
func (d *SmallDisk) Used(dir string) int {
	d.tb.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.Outside(dir), &fs); err != nil {
		d.tb.Fatal(err)
	}
	return int(fs.Blocks-fs.Bfree) * int(fs.Bsize) //nolint:gosec // the size of a small disk
}

// Command returns the arguments that run a program where the file systems are seen: put them before its own.
func (d *SmallDisk) Command() []string {
	return []string{"nsenter", "--target", d.pid, "--user", "--mount", "--preserve-credentials", "--"}
}
