package offline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a model. The dictionary may lie beside the folder of the others, as in Debian's package.
const (
	definitionFile  = "mdef"
	meansFile       = "means"
	variancesFile   = "variances"
	mixturesFile    = "sendump"
	transitionsFile = "transition_matrices"
	dictionaryFile  = "cmudict-en-us.dict"
	parametersFile  = "feat.params"
)

// maxFile is how large a file of a model may be; the largest has 3.3 MB.
const maxFile = 32 << 20

// Model is what is known of the sounds and words of US English. It is read-only, and safe for concurrent use.
type Model struct {
	*definition
	books   [][streams]codebook // by phone
	mix     *mixtures
	moves   []transitions // by phone
	words   *dictionary
	filters *filterBank
	letters *speller
}

// Open reads a model from its folder (see Find). A file that is missing, damaged or of another kind of model is an error that names it.
func Open(dir string) (*Model, error) {
	places, err := locate(dir)
	if err != nil {
		return nil, err
	}
	content, err := readFiles(places)
	if err != nil {
		return nil, err
	}
	sums := sumsOf(content)
	if err := checkInstalled(dir, places, sums); err != nil {
		return nil, err
	}
	m, file, err := load(content, sums)
	if err != nil {
		return nil, fmt.Errorf("the acoustic model's file %s: %w", places[file], err)
	}
	return m, nil
}

// load makes a model of the contents of its files, which have to belong together. It returns the name of the file that is wrong.
func load(content map[string][]byte, sums map[string]string) (m *Model, file string, err error) {
	if file, err := checkOrigin(sums); err != nil {
		return nil, file, err
	}
	return build(content)
}

// build makes a model of the contents of its files. It returns the name of the file that is wrong.
func build(content map[string][]byte) (m *Model, file string, err error) {
	m = &Model{filters: newFilterBank()}
	if err = checkParameters(content[parametersFile]); err != nil {
		return nil, parametersFile, err
	}
	if m.definition, err = readDefinition(content[definitionFile]); err != nil {
		return nil, definitionFile, err
	}
	phones := len(m.names)
	var which int
	if m.books, which, err = readGaussians(content[meansFile], content[variancesFile], phones); err != nil {
		return nil, [...]string{meansFile, variancesFile}[which], err
	}
	if m.mix, err = readMixtures(content[mixturesFile], m.definition); err != nil {
		return nil, mixturesFile, err
	}
	matrices, err := readTransitions(content[transitionsFile], phones)
	if err != nil {
		return nil, transitionsFile, err
	}
	for _, t := range m.transitions {
		if t >= len(matrices) {
			return nil, definitionFile, errors.New("a sound has transitions that are not there")
		}
		m.moves = append(m.moves, matrices[t])
	}
	if m.words, err = readDictionary(content[dictionaryFile], m.byName); err != nil {
		return nil, dictionaryFile, err
	}
	if m.letters, err = newSpeller(m.words); err != nil {
		return nil, definitionFile, err
	}
	return m, "", nil
}

// readFiles reads files by their names.
func readFiles(places map[string]string) (map[string][]byte, error) {
	content := make(map[string][]byte, len(places))
	for name, path := range places {
		var err error
		if content[name], err = readFile(path); err != nil {
			return nil, err
		}
	}
	return content, nil
}

// readFile reads a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the acoustic model: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the acoustic model: %w", err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("the acoustic model's file %s has more than %d MiB", path, maxFile>>20)
	}
	return content, nil
}

// DebianDir is where the package pocketsphinx-en-us puts its model.
const DebianDir = "/usr/share/pocketsphinx/model/en-us"

// Find returns the first of the folders that has a model in it, whole by the names of its files, or "".
func Find(dirs ...string) string {
	for _, dir := range dirs {
		if _, err := locate(dir); dir != "" && err == nil {
			return dir
		}
	}
	return ""
}

// locate returns the paths of the files by their names, in the folder or its subfolder en-us.
func locate(dir string) (map[string]string, error) {
	places := map[string]string{}
	for _, name := range fileNames {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil && name != dictionaryFile {
			path = filepath.Join(dir, "en-us", name)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("no acoustic model in %s: %w", dir, err)
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("no acoustic model in %s: %s is no file", dir, path)
		}
		places[name] = path
	}
	return places, nil
}

// fileNames are all that are needed, of 9.9 MB together.
var fileNames = []string{definitionFile, meansFile, variancesFile, mixturesFile, transitionsFile, parametersFile, dictionaryFile}
