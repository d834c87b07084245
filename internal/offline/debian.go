package offline

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxPackage is how much of an unpacked package is read; that of pocketsphinx-en-us has 38 MB, most of it language models.
const maxPackage = 256 << 20

// readPackage reads the model's files out of a Debian package, which is an ar archive that holds a compressed tar archive.
func readPackage(name string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := unpack(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, want := range fileNames {
		if content[want] == nil {
			return nil, fmt.Errorf("%s has no file %s: it is not Debian's package pocketsphinx-en-us", name, want)
		}
	}
	return content, nil
}

var errNoPackage = errors.New("it is neither a folder nor a Debian package")

func unpack(r *bufio.Reader) (map[string][]byte, error) {
	magic := make([]byte, len("!<arch>\n"))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != "!<arch>\n" {
		return nil, errNoPackage
	}
	for {
		member, size, err := arHeader(r)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(member, "data.tar") {
			plain, err := decompress(member, io.LimitReader(r, size))
			if err != nil {
				return nil, err
			}
			return untar(io.LimitReader(plain, maxPackage))
		}
		if _, err := io.CopyN(io.Discard, r, size+size%2); err != nil {
			return nil, errNoPackage
		}
	}
}

// arHeader reads the 60 bytes before a member of an ar archive.
func arHeader(r io.Reader) (name string, size int64, err error) {
	header := make([]byte, 60)
	if _, err := io.ReadFull(r, header); err != nil || !bytes.HasSuffix(header, []byte("`\n")) {
		return "", 0, errNoPackage
	}
	size, err = strconv.ParseInt(strings.TrimSpace(string(header[48:58])), 10, 64)
	if err != nil || size < 0 {
		return "", 0, errNoPackage
	}
	return strings.TrimRight(string(header[:16]), " /"), size, nil
}

// decompress takes xz, as Debian packs, and zstd, as Ubuntu does.
func decompress(name string, r io.Reader) (io.Reader, error) {
	switch path.Ext(name) {
	case ".xz":
		return xz.NewReader(r)
	case ".zst":
		return zstd.NewReader(r, zstd.WithDecoderMaxMemory(maxPackage))
	case ".tar":
		return r, nil
	}
	return nil, fmt.Errorf("it is packed as %s, which is not known here", name)
}

// untar reads the wanted files, by their names alone.
func untar(r io.Reader) (map[string][]byte, error) {
	out := map[string][]byte{}
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("its files cannot be read: %w", err)
		}
		name := path.Base(header.Name)
		if header.Typeflag != tar.TypeReg || !slices.Contains(fileNames, name) {
			continue
		}
		if header.Size > maxFile || out[name] != nil {
			return nil, fmt.Errorf("its file %s is too large, or there twice", name)
		}
		if out[name], err = io.ReadAll(archive); err != nil {
			return nil, fmt.Errorf("its file %s cannot be read: %w", name, err)
		}
	}
}
