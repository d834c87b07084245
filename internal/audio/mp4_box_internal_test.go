package audio

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

func boxOf(name string, body ...[]byte) []byte {
	inside := bytes.Join(body, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(inside))), append([]byte(name), inside...)...)
}

func TestCountBoxes(t *testing.T) {
	free := boxOf("free")
	nested := free
	for range 20 {
		nested = boxOf("moov", nested)
	}
	for _, tt := range []struct {
		rule string
		file []byte
		want int
	}{
		{"none", nil, 0},
		{"those of a file", bytes.Join([][]byte{free, boxOf("moov", boxOf("trak", free, free)), free}, nil), 6},
		{"what is in other boxes is not looked at", boxOf("mdat", free, free), 1},
		{"tags behind a version", boxOf("meta", make([]byte, 4), boxOf("hdlr", make([]byte, 8)), boxOf("ilst", free)), 3 + costly},
		{"tags of QuickTime's", boxOf("meta", boxOf("hdlr", make([]byte, 8)), boxOf("ilst", free)), 3 + costly},
		{"many tags", boxOf("ilst", free, free), 101},
		{"defaults of fragments", boxOf("mvex", boxOf("trex")), 2 + costly},
		{"tags without a handler", boxOf("meta", free), 2},
		{"descriptions of sound, by their size", boxOf("stsd", make([]byte, 80)), 11},
		{"one that is too large", boxOf("stsd", make([]byte, 8000)), 101},
		{"as deep as FFmpeg goes", nested, maxDepth},
		{"no more than asked for", bytes.Repeat(free, 200), 101},
		{"nor in another", boxOf("moov", bytes.Repeat(free, 200)), 101},
	} {
		if got := countBoxes(tt.file, 100, maxDepth); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.rule, got, tt.want)
		}
	}
}

// The bound is far away from what recorders write: these have a fragment for each 0.1 s.
func TestRealFilesHaveFewBoxes(t *testing.T) {
	for _, name := range []string{"fragmented.mp4", "full-alac-fragmented.mp4", "cover.m4a"} {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if n := countBoxes(file, maxBoxes, maxDepth); n < 20 || n > 1000 {
			t.Errorf("%s has %d boxes, want some dozens, and those that count for more", name, n)
		}
	}
}
