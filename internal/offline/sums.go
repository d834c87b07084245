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

// checkSums compares the contents with the checksums that were taken when they were installed. A folder without them is taken as it is.
func checkSums(dir string, places map[string]string, content map[string][]byte) error {
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the checksums of the acoustic model: %w", err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			sums[name] = sum
		}
	}
	for _, name := range fileNames {
		if sum(content[name]) != sums[name] {
			return fmt.Errorf("the acoustic model's file %s is not the one that was installed: its checksum has changed", places[name])
		}
	}
	return nil
}

// sum is the checksum of a file, as sha256sum prints it.
func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}
