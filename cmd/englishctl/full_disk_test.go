package main

import (
	"regexp"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// saysFull names the disk, or the file on it that could not be written.
var saysFull = regexp.MustCompile(`englishctl: .*(the disk of the (database|audio store) is full; make room and try again|/jwt\.key.*: no space left on device)`)

// TestFullDisk imports on a disk that is too small, and is made larger by and by until it is enough. Wherever that stops
// the command, it says which disk is full, and the same command goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	l := newLessons(t, 0, 40) // about 1 MB
	data := t.TempDir()
	s := stack{env: []string{"DATA_DIR=" + data}, disk: testenv.NewSmallDisk(t, 1, data)}
	for _, size := range []int{64 << 10, 256 << 10, 512 << 10, 1 << 20, 1400 << 10} {
		s.disk.Resize(data, size)
		if talk, code := s.start(t, l.args()...).wait(); code != 1 || !saysFull.MatchString(talk) {
			t.Errorf("with %d bytes: exit code %d\n%s", size, code, talk)
		}
	}
	s.disk.Resize(data, 8<<20)
	s.must(t, "", l.args()...)
	s.wantImported(t, l.sentences)
}
