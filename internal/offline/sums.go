package offline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sumsFile lies in a folder that Install has made: a line for each file, as sha256sum writes them.
const sumsFile = "SHA256SUMS"

// checkInstalled compares the checksums with those that were taken when the files were installed. A folder without them is taken as it is.
func checkInstalled(dir string, places, sums map[string]string) error {
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the checksums of the acoustic model: %w", err)
	}
	installed := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			installed[name] = sum
		}
	}
	for _, name := range fileNames {
		if sums[name] != installed[name] {
			return fmt.Errorf("the acoustic model's file %s is not the one that was installed: its checksum has changed", places[name])
		}
	}
	return nil
}

// sumsOf are the checksums of files by their names, as sha256sum prints them.
func sumsOf(content map[string][]byte) map[string]string {
	sums := make(map[string]string, len(content))
	for name, c := range content {
		digest := sha256.Sum256(c)
		sums[name] = hex.EncodeToString(digest[:])
	}
	return sums
}
