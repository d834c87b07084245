package spreadsheet

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/englishapp/englishctl/internal/fault"
)

// maxUnpacked bounds the workbook without its compression, in bytes: 50,000 rows of five cells take about 20 MiB. A few
// kilobytes can unpack to gigabytes.
const maxUnpacked = 64 << 20

// checkArchive accepts XLSX workbooks, which are ZIP archives, if all of their parts can be unpacked and are not too large.
// Excelize does not look at check sums.
func checkArchive(content []byte) error {
	if bytes.HasPrefix(content, []byte(oleMagic)) {
		return oldOffice(content)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	switch {
	case err != nil && bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return broken("its end is missing").WithCause(err)
	case err != nil:
		return noWorkbook("it is no archive").WithCause(err)
	}
	if kind := otherThanXLSX(archive); kind != "" {
		return noWorkbook("it is " + kind)
	}
	return checkUnpacking(archive)
}

func noWorkbook(why string) *fault.Error {
	return fault.Invalid("file", "The file is no Excel workbook (.xlsx): %s. Save the table as one, or as CSV UTF-8", why)
}

// oleMagic begins the files of Office before 2007, and those that Office has encrypted.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// encryptedPart is the name of the encrypted workbook within such a file, in UTF-16.
const encryptedPart = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"

func oldOffice(content []byte) error {
	if bytes.Contains(content, []byte(encryptedPart)) {
		return fault.Invalid("file", "The workbook is protected with a password; remove it (in Excel: File, Info, Protect Workbook, Encrypt with Password) and save it again")
	}
	return noWorkbook("it is of the old kind (.xls)")
}

// otherThanXLSX names archives that are something else by what is in them, or returns nothing.
func otherThanXLSX(archive *zip.Reader) string {
	known := map[string]string{
		"word/document.xml":    "a Word document",
		"ppt/presentation.xml": "a PowerPoint presentation",
		"xl/workbook.bin":      "a binary workbook (.xlsb)",
		"Index/Document.iwa":   "a workbook of Apple Numbers",
		"content.xml":          "an OpenDocument file (.ods)",
	}
	workbook := false
	for _, part := range archive.File {
		name := partName(part)
		if kind := known[name]; kind != "" {
			return kind
		}
		workbook = workbook || strings.HasPrefix(path.Base(name), "workbook")
	}
	if !workbook {
		return "a ZIP archive of something else"
	}
	return ""
}

// partName is the name with slashes: some programs write backslashes.
func partName(part *zip.File) string { return strings.ReplaceAll(part.Name, "\\", "/") }

func checkUnpacking(archive *zip.Reader) error {
	left := int64(maxUnpacked)
	for _, part := range archive.File {
		size, err := unpack(part, left)
		if err != nil {
			return broken("its part %q cannot be unpacked", shown(partName(part))).WithCause(err)
		}
		if left -= size; left < 0 {
			return fault.Invalid("file", "The workbook unpacks to more than %d MiB; leave out pictures and other sheets, or split it", maxUnpacked>>20)
		}
	}
	return nil
}

// unpack reads a part, with its check sum, and returns its size. It stops soon after the limit.
func unpack(part *zip.File, limit int64) (int64, error) {
	body, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.Copy(io.Discard, io.LimitReader(body, limit+1))
}

// shown cuts a name that a sentence is to hold.
func shown(name string) string {
	const longest = 60
	return name[:min(len(name), longest)]
}
