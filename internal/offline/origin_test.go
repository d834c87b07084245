package offline

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// folder has the files in it; those that are as in the system's model are links to them.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	places, err := locate(testenv.SpeechModel(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if bytes.Equal(content, shared.files[name]) {
			err = os.Symlink(places[name], path)
		} else {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// damages are what can happen to a file: it is cut off, or has other bytes in it.
func damages(name string, whole []byte, random *rand.Rand) map[string][]byte {
	cases := map[string][]byte{"cut at half": whole[:len(whole)/2], "half of zeros": zeroedHalf(whole), "longer": append(bytes.Clone(whole), '\n')}
	if name == dictionaryFile || name == parametersFile {
		cases["cut at a line"] = firstLines(whole, len(whole)/2)
		cases["without its last line"] = firstLines(whole, len(whole)-1)
	}
	for range 3 {
		at := random.IntN(len(whole))
		flipped := bytes.Clone(whole)
		flipped[at] ^= byte(1 + random.IntN(255))
		cases["byte "+strconv.Itoa(at)] = flipped
	}
	return cases
}

// TestDamagedFile: whatever has happened to one file of the published model, also what its structure does not show, the error names it
// wherever the model comes from, and nothing is installed.
func TestDamagedFile(t *testing.T) {
	testModel(t)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	for _, name := range fileNames {
		cases := damages(name, shared.files[name], random)
		if testenv.RaceDetector { // nothing is shared here
			cases = map[string][]byte{"cut at half": cases["cut at half"]}
		}
		for what, content := range cases {
			t.Run(name+"/"+what, func(t *testing.T) {
				files := maps.Clone(shared.files)
				files[name] = content
				dir, target := folder(t, files), filepath.Join(t.TempDir(), "model")
				ways := map[string]func() error{
					"read":                func() error { _, err := Open(dir); return err },
					"install the folder":  func() error { _, err := Install(dir, target); return err },
					"install the package": func() error { _, err := Install(debianPackage(t, files, ""), target); return err },
				}
				for way, try := range ways {
					if err := try(); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "is damaged, or belongs to another model") {
						t.Errorf("%s: %v", way, err)
					}
				}
				if _, err := os.Stat(target); !os.IsNotExist(err) {
					t.Errorf("it is installed: %v", err)
				}
			})
		}
	}
}

// TestOrigin: files of one model go together, and so do those of somebody's own one.
func TestOrigin(t *testing.T) {
	const own = "somebody's own"
	others := map[string]string{parametersFile: published[parametersFile][1], dictionaryFile: published[dictionaryFile][2]}
	for name, tc := range map[string]struct {
		changed map[string]string // checksums that are not Debian's
		stray   string
	}{
		"Debian's":                         {nil, ""},
		"PocketSphinx 5":                   {others, ""},
		"adapted":                          {map[string]string{meansFile: own, variancesFile: own, mixturesFile: own, transitionsFile: own}, ""},
		"adapted, with another dictionary": {map[string]string{meansFile: own, variancesFile: own, mixturesFile: own, dictionaryFile: own}, ""},
		"another dictionary alone":         {map[string]string{dictionaryFile: own}, dictionaryFile},
		"adapted means alone":              {map[string]string{meansFile: own}, meansFile},
		"two of another model":             {map[string]string{dictionaryFile: own, meansFile: own}, meansFile},
		"an empty file":                    {map[string]string{transitionsFile: ""}, transitionsFile},
	} {
		t.Run(name, func(t *testing.T) {
			sums := map[string]string{}
			for file, all := range published {
				sums[file] = all[0]
			}
			maps.Copy(sums, tc.changed)
			if stray, err := checkOrigin(sums); stray != tc.stray || (err == nil) != (tc.stray == "") {
				t.Errorf("%q, %v", stray, err)
			}
		})
	}
}

// ownModel is one that nobody has published, of the same numbers: texts in its files that describe them are others.
func ownModel(t *testing.T) map[string][]byte {
	t.Helper()
	files := maps.Clone(shared.files)
	for name, words := range map[string][2]string{
		meansFile: {"version", "VERSION"}, variancesFile: {"version", "VERSION"}, mixturesFile: {"FORMAT", "format"},
	} {
		files[name] = bytes.Replace(files[name], []byte(words[0]), []byte(words[1]), 1)
		if bytes.Equal(files[name], shared.files[name]) {
			t.Fatalf("%s does not say %q", name, words[0])
		}
	}
	return files
}

// TestOwnModel: somebody's own model, with a dictionary of their own, is read and installed as long as it is whole.
func TestOwnModel(t *testing.T) {
	testModel(t)
	whole := shared.files[dictionaryFile]
	for name, tc := range map[string]struct {
		file    string
		content []byte
		says    string
	}{
		"a word more":                       {dictionaryFile, append(bytes.Clone(whole), "zzzap Z AE P\n"...), ""},
		"a dictionary without a line's end": {dictionaryFile, bytes.TrimSuffix(whole, []byte("\n")), "in the middle of a line"},
		"a dictionary cut at a line":        {dictionaryFile, firstLines(whole, len(whole)/2), "no word that begins with l"},
		"weights of zeros":                  {mixturesFile, zeroedHalf(shared.files[mixturesFile]), "add up to 64.50"},
		"means that have changed":           {meansFile, changed(ownModel(t)[meansFile], 5000), "its checksum is wrong"},
	} {
		if testenv.RaceDetector && tc.says != "" { // nothing is shared here
			continue
		}
		t.Run(name, func(t *testing.T) {
			files := ownModel(t)
			files[tc.file] = tc.content
			dir, target := folder(t, files), filepath.Join(t.TempDir(), "model")
			_, opening := Open(dir)
			_, installing := Install(dir, target)
			for _, err := range []error{opening, installing} {
				if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.file) || !strings.Contains(err.Error(), tc.says)) {
					t.Error(err)
				}
			}
			if _, err := Open(target); (err == nil) != (tc.says == "") {
				t.Errorf("installed: %v", err)
			}
		})
	}
}
