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

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/importing"
)

// lookers is how many recordings are read at a time. How many are decoded at a time is bounded where that is done.
const lookers = 8

// source is the file that is to be imported.
type source struct {
	path    string
	content []byte
	// audioDir is the folder with the recordings.
	audioDir string
}

// openSource finds and reads the file.
func openSource(o importOptions) (source, error) {
	src := source{path: o.source, audioDir: o.audioDir}
	info, err := os.Stat(o.source)
	if err != nil {
		return src, unreadable(o.source, err)
	}
	if info.IsDir() {
		if src.path, err = onlyLessons(o.source); err != nil {
			return src, err
		}
		if src.audioDir == "" {
			src.audioDir = o.source
		}
	}
	if src.audioDir == "" {
		return src, usagef("--audio is missing: name the folder with the recordings")
	}
	if o.rejects != "" && sameFile(o.rejects, src.path) {
		return src, usagef("--rejects %s is the file that is to be imported: name another one", o.rejects)
	}
	if src.content, err = readUpTo(src.path, importing.MaxCSVBytes+1); err != nil {
		return src, unreadable(src.path, err)
	}
	return src, nil
}

// unreadable says of a file what is the matter with it, without the system call that found out.
func unreadable(path string, err error) error {
	var reason *os.PathError
	if errors.As(err, &reason) {
		err = reason.Err
	}
	return usagef("%s cannot be read: %w", path, err)
}

// readUpTo reads a file, or its first bytes: what is larger is refused by whoever judges it.
func readUpTo(path string, limit int64) (content []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, limit))
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// onlyLessons returns the one CSV file or workbook of a folder. A workbook that is open somewhere has a companion whose
// name begins with "~$".
func onlyLessons(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", usagef("read the folder: %w", err)
	}
	var found []string
	for _, entry := range entries {
		name := entry.Name()
		ext := strings.ToLower(filepath.Ext(name))
		if !entry.IsDir() && (ext == ".csv" || ext == ".xlsx") && !strings.HasPrefix(name, "~$") && name[0] != '.' {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return "", usagef("%s holds %d CSV or XLSX files instead of one: name the file, and the folder with --audio", dir, len(found))
	}
	return filepath.Join(dir, found[0]), nil
}

// folder is where the recordings are.
type folder struct {
	dir string
	// names are those that rows ask for, as the folder spells them; unused are the other recordings in it.
	names, unused []string
}

// openFolder finds those of the wanted recordings (in Unicode NFC) that the folder has, and the others in it. Names are
// compared in NFC: a Mac's "café.mp3" is the spreadsheet's. Recordings that are missing are the plan's business, which
// names their rows.
func openFolder(dir string, wanted []string) (folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folder{}, usagef("read the folder with the recordings: %w", err)
	}
	there := make(map[string]string, len(entries))
	for _, entry := range entries {
		if isFile(dir, entry) {
			there[norm.NFC.String(entry.Name())] = entry.Name()
		}
	}
	f := folder{dir: dir, unused: []string{}}
	for _, name := range wanted {
		if spelled, ok := there[name]; ok {
			f.names = append(f.names, spelled)
			delete(there, name)
		}
	}
	for _, spelled := range there {
		if slices.Contains([]string{".mp3", ".wav", ".m4a"}, strings.ToLower(filepath.Ext(spelled))) {
			f.unused = append(f.unused, spelled)
		}
	}
	slices.Sort(f.unused)
	return f, nil
}

// isFile reports whether the entry is a file, or a link to one: a pipe would keep the import waiting for ever.
func isFile(dir string, entry os.DirEntry) bool {
	if entry.Type()&os.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	target, err := os.Stat(filepath.Join(dir, entry.Name()))
	return err == nil && target.Mode().IsRegular()
}

// spelled maps names in Unicode NFC to the folder's own spelling.
func (f folder) spelled() map[string]string {
	names := make(map[string]string, len(f.names))
	for _, name := range f.names {
		names[norm.NFC.String(name)] = name
	}
	return names
}

// look has recordings judged, several at a time, and returns what is found in the order of the names. done is called
// after each, by several goroutines at once.
func (f folder) look(
	ctx context.Context, names []string, judge func(context.Context, importing.IncomingFile) (importing.LocalFile, error), done func(importing.LocalFile),
) ([]importing.LocalFile, error) {
	found := make([]importing.LocalFile, len(names))
	group, looking := errgroup.WithContext(ctx)
	group.SetLimit(lookers)
	for i, name := range names {
		group.Go(func() error {
			if err := looking.Err(); err != nil {
				return err
			}
			file, err := f.judge(looking, name, judge)
			if err != nil {
				return fmt.Errorf("look at the recordings: %w", err)
			}
			found[i] = file
			done(file)
			return nil
		})
	}
	return found, group.Wait()
}

func (f folder) judge(
	ctx context.Context, name string, judge func(context.Context, importing.IncomingFile) (importing.LocalFile, error),
) (_ importing.LocalFile, err error) {
	file, err := os.Open(filepath.Join(f.dir, name))
	if err != nil {
		return importing.LocalFile{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return judge(ctx, importing.IncomingFile{Name: name, Content: file})
}
