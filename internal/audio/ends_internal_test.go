package audio

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEnds cuts real files everywhere: all cuts are found but those between two pieces.
func TestEnds(t *testing.T) {
	pages := func(file []byte) []int {
		var at []int
		for i := range file {
			if bytes.HasPrefix(file[i:], []byte("OggS")) {
				at = append(at, i)
			}
		}
		return at
	}
	frames := func(magic, size int) func([]byte) []int {
		return func(file []byte) []int {
			var at []int
			for i := magic; i < len(file); i += size {
				at = append(at, i)
			}
			return at
		}
	}
	for _, tt := range []struct {
		file    string
		format  Format
		between func(file []byte) []int // the places between two pieces; nil: some
	}{
		{"full-opus.ogg", OGG, pages},
		{"full-vorbis.ogg", OGG, pages},
		{"full-amr.amr", AMR, frames(len("#!AMR\n"), 32)},
		{"full-amrwb.amr", AMR, frames(len("#!AMR-WB\n"), 61)},
		{"full-opus.webm", WebM, nil},
		{"full-opus-piped.webm", WebM, nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if err := ends[tt.format](file); err != nil {
				t.Errorf("the whole file: %v", err)
			}
			var taken []int
			for n := 10; n < len(file); n++ {
				err := ends[tt.format](file[:n])
				var damaged *DamagedError
				if err != nil && !errors.As(err, &damaged) {
					t.Fatal(err)
				}
				if err == nil {
					taken = append(taken, n)
				}
			}
			if tt.between == nil && len(taken) > 50 { // a block has about 60 bytes, a description has more elements
				t.Errorf("%d of %d cuts are not found", len(taken), len(file))
			}
			if tt.between == nil {
				return
			}
			want := slices.DeleteFunc(tt.between(file), func(n int) bool { return n < 10 })
			if !slices.Equal(taken, want) {
				t.Errorf("cuts at %v are not found, want %v", taken, want)
			}
		})
	}
}

// TestEndsOfWhatIsOdd: what the walk cannot read is for the decoder to judge.
func TestEndsOfWhatIsOdd(t *testing.T) {
	const page = "OggS\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02hi"
	for _, tt := range []struct {
		rule   string
		format Format
		file   string
		cut    bool
	}{
		{"a page", OGG, page, false},
		{"a tag behind it", OGG, page + "TAGtitle", false},
		{"something between two", OGG, page + "???" + page, false},
		{"a page without its last byte", OGG, page + page[:len(page)-1], true},
		{"its name alone", OGG, page + "OggS", true},
		{"no page", OGG, "", false},
		{"no frame", AMR, "#!AMR\n", false},
		{"frames without sound", AMR, "#!AMR\n\x7c\x7c", false},
		{"a pause", AMR, "#!AMR\n\x44-----", false},
		{"a pause that is cut off", AMR, "#!AMR\n\x44----", true},
		{"a cluster of unknown length", WebM, "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xa3\x81x", false},
		{"a block in it that is cut off", WebM, "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xa3\x82x", true},
		{"an id that is cut off", WebM, "\xec\x80\x1f\x43", true},
		{"an id without a length", WebM, "\xec\x80\xec", true},
		{"zeros", WebM, "\xec\x80\x00\x00\x00\x00", false},
		{"a length of nine bytes", WebM, "\xec\x00\x00\x00\x00\x00\x00\x00\x00\x00", false},
		{"a block of unknown length", WebM, "\xa3\xff?", false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if err := ends[tt.format]([]byte(tt.file)); (err != nil) != tt.cut {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestElementsAreBounded(t *testing.T) {
	const cluster, block, group = "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff", "\xa3\x80", "\xa0\x82\xa1\x80"
	many := func(element string, n int) string { return cluster + strings.Repeat(element, n) }
	for _, tt := range []struct {
		rule, file string
		refused    bool
	}{
		{"30 s of the smallest packets, in groups of five", many("\xa0\x88\xa1\x80\x9b\x80\xfb\x80\xee\x80", 12_000), false},
		{"as many blocks as are taken", many(block, maxElements-1), false},
		{"one more", many(block, maxElements), true},
		{"in groups", many(group, maxElements/2), true},
		{"clusters", strings.Repeat("\x1f\x43\xb6\x75\x80", maxElements+1), true},
		{"tags of which nobody knows how many", "\x12\x54\xc3\x67\x10\x02\x00\x00" + strings.Repeat("\x73\x73\x80", 1<<17/3+1), true},
		{"behind what is no element", "\x00" + many(block, maxElements), true},
		{"in what is longer than the file", "\xec\x10\xff\xff\xff" + many(block, maxElements), true},
		{"a block of 1 MiB", cluster + "\xa3\x10\x10\x00\x00" + strings.Repeat("\x81", 1<<20), false},
	} {
		if err := checkElements([]byte(tt.file)); (err != nil) != tt.refused {
			t.Errorf("%s: %v", tt.rule, err)
		}
	}
}

func FuzzEnds(f *testing.F) {
	for _, name := range []string{"full-opus.ogg", "full-amr.amr", "full-opus-piped.webm"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for format, check := range ends {
			var damaged *DamagedError
			if err := check(file); err != nil && !errors.As(err, &damaged) {
				t.Errorf("%v: %v", format, err)
			}
		}
	})
}
