package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/importing"
)

// filesPerUpload is how many recordings one upload may bring (decisions.md, "Import").
const filesPerUpload = importing.MaxFiles

// source is what is to be imported.
type source struct {
	csvPath string
	content []byte
	folder  *folder
	// unused are the recordings in the folder that no row names, as the folder spells them.
	unused []string
}

// openSource finds and reads the CSV file, and looks into the folder.
func openSource(o importOptions) (source, error) {
	src := source{csvPath: o.source}
	info, err := os.Stat(o.source)
	if err != nil {
		return src, usagef("read the CSV file: %w", err)
	}
	if info.IsDir() {
		if src.csvPath, err = onlyCSV(o.source); err != nil {
			return src, err
		}
		if o.audioDir == "" {
			o.audioDir = o.source
		}
	}
	if o.audioDir == "" {
		return src, usagef("--audio is missing: name the folder with the recordings")
	}
	if o.rejects != "" && sameFile(o.rejects, src.csvPath) {
		return src, usagef("--rejects %s is the file that is to be imported: name another one", o.rejects)
	}
	if src.content, err = os.ReadFile(src.csvPath); err != nil {
		return src, usagef("read the CSV file: %w", err)
	}
	names, err := importing.AudioNames(src.content)
	if err != nil {
		return src, err
	}
	src.folder, src.unused, err = openFolder(o.audioDir, names)
	return src, err
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// onlyCSV returns the one CSV file of a folder.
func onlyCSV(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", usagef("read the folder: %w", err)
	}
	var found []string
	for _, entry := range entries {
		if !entry.IsDir() && strings.EqualFold(filepath.Ext(entry.Name()), ".csv") {
			found = append(found, entry.Name())
		}
	}
	if len(found) != 1 {
		return "", usagef("%s holds %d CSV files instead of one: name the file, and the folder with --audio", dir, len(found))
	}
	return filepath.Join(dir, found[0]), nil
}

// folder hands out recordings of a folder one after the other, so that only one is open at a time.
type folder struct {
	dir string
	// names are the files still to come, as the folder spells them.
	names []string
	open  *os.File
}

// openFolder finds those of the wanted recordings (in Unicode NFC) that the folder has, and the others in it. Names are
// compared in NFC: a Mac's "café.mp3" is the spreadsheet's. Recordings that are missing are the plan's business, which
// names their rows.
func openFolder(dir string, wanted []string) (f *folder, unused []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, usagef("read the folder with the recordings: %w", err)
	}
	there := make(map[string]string, len(entries))
	for _, entry := range entries {
		if isFile(dir, entry) {
			there[norm.NFC.String(entry.Name())] = entry.Name()
		}
	}
	f = &folder{dir: dir}
	for _, name := range wanted {
		if spelled, ok := there[name]; ok {
			f.names = append(f.names, spelled)
			delete(there, name)
		}
	}
	for _, spelled := range there {
		if slices.Contains([]string{".mp3", ".wav", ".m4a"}, strings.ToLower(filepath.Ext(spelled))) {
			unused = append(unused, spelled)
		}
	}
	slices.Sort(unused)
	return f, unused, nil
}

// isFile reports whether the entry is a file, or a link to one: a pipe would keep the import waiting for ever.
func isFile(dir string, entry os.DirEntry) bool {
	if entry.Type()&os.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	target, err := os.Stat(filepath.Join(dir, entry.Name()))
	return err == nil && target.Mode().IsRegular()
}

// inspect describes all recordings.
func (f *folder) inspect(ctx context.Context, imports imports) ([]importing.LocalFile, error) {
	all := &folder{dir: f.dir, names: f.names}
	next := all.some(len(all.names))
	var files []importing.LocalFile
	for {
		in, err := next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		var file importing.LocalFile
		if err == nil {
			file, err = imports.Inspect(ctx, in)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("look at the recordings: %w", err), all.close())
		}
		files = append(files, file)
	}
}

// only returns a folder of those recordings that are to be uploaded.
func (f *folder) only(upload []importing.LocalFile) *folder {
	wanted := make(map[string]bool, len(upload))
	for _, file := range upload {
		wanted[file.Name] = true
	}
	part := &folder{dir: f.dir}
	for _, spelled := range f.names {
		if wanted[norm.NFC.String(spelled)] {
			part.names = append(part.names, spelled)
		}
	}
	return part
}

// some returns a function that opens the next recordings, at most n, and then says io.EOF.
func (f *folder) some(n int) func() (importing.IncomingFile, error) {
	return func() (importing.IncomingFile, error) {
		if err := f.close(); err != nil {
			return importing.IncomingFile{}, err
		}
		if n == 0 || len(f.names) == 0 {
			return importing.IncomingFile{}, io.EOF
		}
		n--
		name := f.names[0]
		f.names = f.names[1:]
		file, err := os.Open(filepath.Join(f.dir, name))
		if err != nil {
			return importing.IncomingFile{}, err
		}
		f.open = file
		return importing.IncomingFile{Name: name, Content: file}, nil
	}
}

func (f *folder) close() error {
	if f.open == nil {
		return nil
	}
	err := f.open.Close()
	f.open = nil
	return err
}
