package offline

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/englishapp/englishctl/internal/testenv"
)

// shared are the model and its files, which all tests of the package read.
var shared struct {
	once  sync.Once
	files map[string][]byte
	model *Model
	err   error
}

func testModel(tb testing.TB) *Model {
	tb.Helper()
	dir := testenv.SpeechModel(tb)
	shared.once.Do(func() {
		if shared.files, shared.err = contents(dir); shared.err == nil {
			shared.model, _, shared.err = build(shared.files)
		}
	})
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.model
}

// TestModel compares what is read with what the model's makers say of it: its README, and the header of mdef.
func TestModel(t *testing.T) {
	m := testModel(t)
	if len(m.names) != 42 || len(m.owner) != 5126 || len(m.inContext) != 137_053 || len(m.words.entries) != 134_723 {
		t.Errorf("%d sounds, %d distributions, %d triphones, %d words", len(m.names), len(m.owner), len(m.inContext), len(m.words.entries))
	}
	if got := m.names[m.silence]; got != "SIL" {
		t.Errorf("silence is %q", got)
	}
	for _, s := range []string{"+NSN+", "+SPN+", "SIL"} {
		if !m.fillers[m.byName[s]] {
			t.Errorf("%s is a sound of speech", s)
		}
	}
	variants := m.words.variants("the")
	if len(variants) != 2 || m.spelled(variants[0]) != "DH AH" || m.spelled(variants[1]) != "DH IY" {
		t.Errorf("the = %v", variants)
	}
	// Every sound leads out of its last state, and the weights of each distribution add up to about one.
	for p, moves := range m.moves {
		for from, row := range moves {
			sum := 0.0
			for _, v := range row {
				sum += math.Exp(float64(v))
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("the moves of %s from %d add up to %f", m.names[p], from, sum)
			}
		}
	}
	for stream := range streams {
		sum := 0.0
		for d := range densities {
			sum += float64(m.mix.row(stream, d, 100, 101)[0])
		}
		if sum < 0.8 || sum > 1.2 {
			t.Errorf("the weights of stream %d add up to %f", stream, sum)
		}
	}
}

// spelled names sounds.
func (m *Model) spelled(sounds []phone) string {
	names := make([]string, len(sounds))
	for i, p := range sounds {
		names[i] = m.names[p]
	}
	return strings.Join(names, " ")
}

// TestDamagedModel: whatever is wrong with a file, the error names it.
func TestDamagedModel(t *testing.T) {
	testModel(t)
	for _, name := range fileNames {
		whole := shared.files[name]
		cases := map[string][]byte{
			"empty": {}, "cut off": whole[:len(whole)*2/3], "of another kind": []byte(strings.Repeat("<html>", 100)),
			"with a beginning of zeros": append(make([]byte, 400), whole[min(400, len(whole)):]...),
		}
		if name != dictionaryFile && name != parametersFile {
			cases["too long"] = append(append([]byte(nil), whole...), 1, 2, 3, 4)
		}
		if name == dictionaryFile { // its lines are independent of one another
			cases["cut off"] = append(whole[:len(whole)/3:len(whole)/3], "zzz Q Q\n"...)
			cases["cut off in its last line"] = whole[:len(whole)-2]
			cases["cut off at a line"] = firstLines(whole, len(whole)/2)
		}
		if name == mixturesFile {
			cases["half of zeros"] = zeroedHalf(whole)
		}
		if name == meansFile || name == variancesFile || name == transitionsFile {
			cases["changed in one bit"] = changed(whole, len(whole)/2)
		}
		if name == parametersFile { // what is needed of it comes first
			cases["cut off"] = whole[:len(whole)/3]
		}
		if testenv.RaceDetector { // nothing is shared here
			cases = map[string][]byte{"cut off": cases["cut off"]}
		}
		for what, content := range cases {
			t.Run(name+"/"+what, func(t *testing.T) {
				files := maps.Clone(shared.files)
				files[name] = content
				if _, file, err := build(files); err == nil || file != name {
					t.Errorf("%v, in %q", err, file)
				}
			})
		}
	}
}

func changed(content []byte, at int) []byte {
	content = append([]byte(nil), content...)
	content[at] ^= 0x40
	return content
}

// firstLines is the beginning of a text that ends with a line's end.
func firstLines(content []byte, at int) []byte {
	return content[:bytes.LastIndexByte(content[:at], '\n')+1]
}

// zeroedHalf is the content with zeros in its second half.
func zeroedHalf(content []byte) []byte {
	return append(bytes.Clone(content[:len(content)/2]), make([]byte, len(content)-len(content)/2)...)
}

// TestModelFolder: the error of a folder names the file that is missing or wrong.
func TestModelFolder(t *testing.T) {
	testModel(t)
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), definitionFile) || Find("", dir) != "" {
		t.Errorf("an empty folder: %v", err)
	}
	for name, content := range shared.files {
		if name == transitionsFile {
			content = content[:100]
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := Find("", dir, "/elsewhere"); got != dir {
		t.Errorf("found %q", got)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, transitionsFile)) {
		t.Errorf("a damaged file: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, meansFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, meansFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), meansFile) {
		t.Errorf("a folder in place of a file: %v", err)
	}
}

// FuzzModelFile changes and cuts the real files: their readers return errors and do not panic, nor do they ask for much memory.
func FuzzModelFile(f *testing.F) {
	m := testModel(f)
	for i := range fileNames {
		for _, at := range []uint32{0, 8, 40, 1100, 5000, 1 << 20} {
			f.Add(uint8(i), at, uint32(0xffffffff), at*3) //nolint:gosec // few files
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, at, value, length uint32) {
		name := fileNames[int(which)%len(fileNames)]
		content := append([]byte(nil), shared.files[name]...)
		content = content[:len(content)-int(length)%len(content)]
		if place := int(at); place+4 <= len(content) {
			binary.LittleEndian.PutUint32(content[place:], value)
		}
		switch name {
		case definitionFile:
			_, _ = readDefinition(content)
		case mixturesFile:
			_, _ = readMixtures(content, m.definition)
		case meansFile:
			_, _, _ = readGaussians(content, shared.files[variancesFile], len(m.names))
		case variancesFile:
			_, _, _ = readGaussians(shared.files[meansFile], content, len(m.names))
		case transitionsFile:
			_, _ = readTransitions(content, len(m.names))
		case dictionaryFile:
			_, _ = readDictionary(content, m.byName)
		case parametersFile:
			_ = checkParameters(content)
		}
	})
}
