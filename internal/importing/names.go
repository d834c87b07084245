package importing

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// maxNameBytes leaves room for a suffix within the 255 bytes that file systems take.
const maxNameBytes = 200

// cleanFileName returns the name of an uploaded file in Unicode NFC, or fault.Invalid if it is not a plain name.
func cleanFileName(raw string) (string, error) {
	name := norm.NFC.String(raw)
	var why string
	switch {
	case !utf8.ValidString(raw):
		why = "is not valid UTF-8"
	case name == "":
		why = "is empty"
	case strings.ContainsAny(name, `/\`):
		why = "contains a folder; send the name alone"
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF }):
		why = "contains a control character"
	case name[0] == '.': // hidden, and a step out of the folder among them
		why = "begins with a dot"
	case len(name) > maxNameBytes:
		why = "is longer than " + strconv.Itoa(maxNameBytes) + " bytes"
	default:
		return name, nil
	}
	return "", fault.Invalid("files", "The file name '%s' %s", catalog.Shown(raw), why)
}

// freeName returns name, with _1, _2, … before its ending if it is taken (spec, "POST /admin/import/audio").
func freeName(name string, taken map[string]bool) string {
	ending := path.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	free := name
	for i := 1; taken[free]; i++ {
		free = stem + "_" + strconv.Itoa(i) + ending
	}
	return free
}
