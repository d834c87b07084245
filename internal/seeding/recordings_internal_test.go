package seeding

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	starterpack "github.com/englishapp/englishctl/examples/starter-pack"
)

// TestStarterPack: every recording of the real pack is used, and each speech has one of its own level and type.
func TestStarterPack(t *testing.T) {
	p, err := openPack(starterpack.Files)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(starterpack.Files, "audio/*.mp3")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for i := range 1000 {
		sp, r := seed(42).speech(i), p.of(i)
		used[r.name] = true
		if want := strings.ToLower("audio/" + string(sp.Level) + "-" + string(sp.Type) + "-"); !strings.HasPrefix(r.name, want) {
			t.Errorf("a %s %s has the recording %s", sp.Level, sp.Type, r.name)
		}
		content, err := fs.ReadFile(starterpack.Files, r.name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if digest := hex.EncodeToString(sum[:]); r.sha256 != digest || r.key != "audio/"+string(sp.Level)+"/"+digest+".mp3" {
			t.Errorf("%s has the digest %s and the key %s, want %s", r.name, r.sha256, r.key, digest)
		}
	}
	if len(used) != len(names) || len(names) < 400 {
		t.Errorf("%d of %d recordings are used", len(used), len(names))
	}
}

// TestRecordingsUsed: what is stored for the first speeches is what they refer to.
func TestRecordingsUsed(t *testing.T) {
	p, err := openPack(starterpack.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 9, 10, 11, 99, 390, 391, 457, 1000, MaxSpeeches} {
		want := map[string]bool{}
		for i := range min(n, 1000) {
			want[p.of(i).key] = true
		}
		used := p.used(n)
		for _, r := range used {
			if !want[r.key] {
				t.Errorf("of %d speeches none refers to %s", n, r.key)
			}
		}
		if len(used) != len(want) {
			t.Errorf("%d recordings for %d speeches, want %d", len(used), n, len(want))
		}
	}
}

// TestBrokenPack: a pack that does not have what it lists, or has nothing for a level, is refused.
func TestBrokenPack(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no list":         {},
		"an empty list":   {"lessons.csv": {}},
		"no header":       {"lessons.csv": {Data: []byte("a,b\nc,d\n")}},
		"a torn list":     {"lessons.csv": {Data: []byte("audio_filename,level,type\n\"a")}},
		"no recording":    {"lessons.csv": {Data: []byte("audio_filename,level,type\na.mp3,A1,question\n")}},
		"only one level":  {"lessons.csv": {Data: []byte("audio_filename,level,type\na.mp3,A1,question\n")}, "audio/a.mp3": {Data: []byte("a")}},
		"only other rows": {"lessons.csv": {Data: []byte("audio_filename,level,type\na.mp3,D1,question\n")}, "audio/a.mp3": {Data: []byte("a")}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := openPack(files); err == nil {
				t.Error("it is taken")
			}
		})
	}
}
