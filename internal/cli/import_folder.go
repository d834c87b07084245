package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// filesPerUpload is how many recordings one upload may bring (decisions.md, "Import").
const filesPerUpload = 500

// folder hands out recordings of a folder one after the other, so that only one is open at a time.
type folder struct {
	dir string
	// names are the files still to come, as the folder spells them.
	names []string
	open  *os.File
}

// openFolder finds those of the wanted recordings (in Unicode NFC) that the folder has. Names are compared in NFC: a
// Mac's "café.mp3" is the spreadsheet's. Recordings that are missing are the import's business, which names their rows.
func openFolder(dir string, wanted []string) (*folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, usagef("read the folder with the recordings: %w", err)
	}
	there := make(map[string]string, len(entries))
	for _, entry := range entries {
		if !entry.IsDir() {
			there[norm.NFC.String(entry.Name())] = entry.Name()
		}
	}
	f := &folder{dir: dir}
	for _, name := range wanted {
		if spelled, ok := there[name]; ok {
			f.names = append(f.names, spelled)
		}
	}
	if len(f.names) == 0 {
		return nil, fault.Invalid("audio", "none of the %d recordings that the CSV file names is in %s", len(wanted), dir)
	}
	return f, nil
}

// uploadFolder brings the recordings into a new upload session. If one is refused, nothing of the session stays.
func uploadFolder(ctx context.Context, imports *importing.Service, f *folder) (uuid.UUID, error) {
	var session *uuid.UUID
	for len(f.names) > 0 {
		uploaded, err := imports.Upload(ctx, session, f.some(filesPerUpload))
		err = errors.Join(err, f.close())
		if err == nil {
			session = &uploaded.Session.ID
			continue
		}
		if session != nil {
			err = errors.Join(err, imports.Discard(ctx, *session))
		}
		return uuid.Nil, err
	}
	return *session, nil
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
