package catalog

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// FoldName returns the form in which tag names are compared: Unicode NFC, case folded. Two names with the same
// folded form are one name (decisions.md, "Content": tag names are unique ignoring case).
func FoldName(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}
