package offline

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/englishapp/englishctl/internal/testenv"
)

func TestInstallFolder(t *testing.T) {
	testModel(t)
	dir := filepath.Join(t.TempDir(), "data", "model")
	done, err := Install(testenv.SpeechModel(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	if done.Dir != dir || len(done.Files) != len(fileNames) || done.Files[0].Name != dictionaryFile || len(done.Files[0].SHA256) != 64 {
		t.Errorf("%+v", done)
	}
	if _, err := Open(dir); err != nil {
		t.Fatal(err)
	}
	// A change that the file's own structure does not show is found by the checksum.
	path := filepath.Join(dir, mixturesFile)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, changed(content, len(content)/2), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a changed file: %v", err)
	}
	if _, err := Install(testenv.SpeechModel(t), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err != nil {
		t.Errorf("installed again: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// debianPackage is one with the files, packed in one way or another.
func debianPackage(t *testing.T, files map[string][]byte, packing string) string {
	t.Helper()
	var data bytes.Buffer
	archive := tar.NewWriter(pack(t, &data, packing))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Name: "./usr/share/pocketsphinx/model/en-us/" + name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	finish(t, &data)
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	for _, m := range []struct {
		name    string
		content []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.xz", []byte("odd")}, {"data.tar" + packing, data.Bytes()}} {
		fmt.Fprintf(&out, "%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", m.name, 0, 0, 0, 0o100644, len(m.content), m.content)
		if len(m.content)%2 == 1 {
			out.WriteByte('\n')
		}
	}
	path := filepath.Join(t.TempDir(), "model.deb")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// closers are what pack has opened, by where it writes to.
var closers = map[*bytes.Buffer]io.Closer{}

func pack(t *testing.T, to *bytes.Buffer, packing string) io.Writer {
	t.Helper()
	var w io.WriteCloser
	var err error
	switch packing {
	case ".xz":
		w, err = xz.NewWriter(to)
	case ".zst":
		w, err = zstd.NewWriter(to)
	default:
		return to
	}
	if err != nil {
		t.Fatal(err)
	}
	closers[to] = w
	return w
}

func finish(t *testing.T, to *bytes.Buffer) {
	t.Helper()
	if c := closers[to]; c != nil {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInstallPackage(t *testing.T) {
	testModel(t)
	dir := filepath.Join(t.TempDir(), "model")
	if _, err := Install(debianPackage(t, shared.files, ""), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err != nil {
		t.Error(err)
	}
}

func TestReadPackage(t *testing.T) {
	tiny := map[string][]byte{}
	for _, name := range fileNames {
		tiny[name] = []byte("this is " + name)
	}
	for _, packing := range []string{".xz", ".zst", ""} {
		got, err := readPackage(debianPackage(t, tiny, packing))
		if err != nil || !maps.EqualFunc(got, tiny, bytes.Equal) {
			t.Errorf("data.tar%s: %q, %v", packing, got, err)
		}
	}
}

// TestInstallNothing: what is no model changes nothing, and the error says what it is that is wrong.
func TestInstallNothing(t *testing.T) {
	testModel(t)
	damaged := maps.Clone(shared.files)
	damaged[meansFile] = changed(damaged[meansFile], 5000)
	lacking := maps.Clone(shared.files)
	delete(lacking, mixturesFile)
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "file.deb")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cases := map[string]struct{ from, says string }{
		"no such file":    {"/nowhere/at/all", "/nowhere/at/all"},
		"an empty folder": {t.TempDir(), definitionFile},
		"no package":      {write("PK\x03\x04 something else"), "neither a folder nor a Debian package"},
		"a package cut":   {write("!<arch>\ndebian-binary   0 "), "neither a folder nor a Debian package"},
		"a damaged file":  {debianPackage(t, damaged, ""), meansFile},
		"another package": {debianPackage(t, lacking, ""), mixturesFile},
		"an odd packing":  {debianPackage(t, lacking, ".lz4"), ".lz4"},
		"a damaged xz":    {debianPackage(t, lacking, ".x.xz"), "xz"},
	}
	if testenv.RaceDetector { // nothing is shared here
		delete(cases, "a damaged file")
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			_, err := Install(tc.from, filepath.Join(parent, "model"))
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v", err)
			}
			if left, _ := os.ReadDir(parent); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}
