package offline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Installed says what Install has done.
type Installed struct {
	Dir   string
	Files []File // by name
}

// File is an installed file.
type File struct {
	Name   string
	Bytes  int
	SHA256 string // as sha256sum prints it
}

// Install copies a model from a folder, or from Debian's package pocketsphinx-en-us, into the folder dir, with checksums that are compared
// whenever it is read. The model is read first: nothing is changed where a file is missing or damaged. A model that is there already
// is replaced when the new one is whole.
func Install(from, dir string) (Installed, error) {
	content, err := contents(from)
	if err != nil {
		return Installed{}, err
	}
	sums := sumsOf(content)
	if _, file, err := load(content, sums); err != nil {
		return Installed{}, fmt.Errorf("the acoustic model's file %s in %s: %w", file, from, err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return Installed{}, err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), ".model-*")
	if err != nil {
		return Installed{}, err
	}
	defer os.RemoveAll(fresh) //nolint:errcheck // it is moved away where all went well
	files, err := write(fresh, content, sums)
	if err != nil {
		return Installed{}, err
	}
	return Installed{Dir: dir, Files: files}, replace(dir, fresh)
}

// contents reads a model's files from a folder or a package.
func contents(from string) (map[string][]byte, error) {
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return readPackage(from)
	}
	places, err := locate(from)
	if err != nil {
		return nil, err
	}
	return readFiles(places)
}

// write puts the files and their checksums into a folder.
func write(dir string, content map[string][]byte, sums map[string]string) ([]File, error) {
	var files []File
	var lines strings.Builder
	for _, name := range slices.Sorted(slices.Values(fileNames)) {
		f := File{Name: name, Bytes: len(content[name]), SHA256: sums[name]}
		files = append(files, f)
		fmt.Fprintf(&lines, "%s  %s\n", f.SHA256, name)
		if err := os.WriteFile(filepath.Join(dir, name), content[name], 0o640); err != nil { //nolint:gosec // no secret
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, sumsFile), []byte(lines.String()), 0o640); err != nil { //nolint:gosec // no secret
		return nil, err
	}
	return files, os.Chmod(dir, 0o750) //nolint:gosec // a folder that its group may read
}

// replace puts the fresh folder in the place of dir. What was there comes back where that fails.
func replace(dir, fresh string) error {
	old := fresh + ".old"
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, restore(old, dir))
	}
	return os.RemoveAll(old)
}

func restore(old, dir string) error {
	if err := os.Rename(old, dir); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
