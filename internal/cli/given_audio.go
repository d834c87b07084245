package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// givenAudio is what --audio names: a file to be stored, or else an address.
type givenAudio struct {
	file    *os.File
	address string
}

// openAudio opens what --audio names. What is neither a URL nor an existing file is taken for the key of a stored
// recording if it looks like one.
func openAudio(given string) (givenAudio, error) {
	if strings.Contains(given, "://") {
		return givenAudio{address: given}, nil
	}
	file, err := os.Open(given)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(given, "audio/") {
		return givenAudio{address: given}, nil
	}
	if err != nil {
		return givenAudio{}, usagef("--audio: %w", err)
	}
	return givenAudio{file: file}, nil
}

// recording is the file's content, or nil where there is no file.
func (g givenAudio) recording() io.Reader {
	if g.file == nil {
		return nil
	}
	return g.file
}

func (g givenAudio) close() error {
	if g.file == nil {
		return nil
	}
	return g.file.Close()
}
