package spreadsheet

import (
	"encoding/xml"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/fault"
)

// sheet is a worksheet of a workbook.
type sheet struct {
	name string
	part string // its name in the archive
}

// firstSheet finds the first sheet that a person sees. Charts on a sheet of their own are none.
func firstSheet(book *excelize.File) (sheet, error) {
	if len(book.WorkBook.Sheets.Sheet) == 0 {
		return sheet{}, noWorkbook("it has no sheets")
	}
	workbook := ""
	for _, r := range relationships(book, "") {
		if r.is("officeDocument") {
			workbook = r.target("")
		}
	}
	for _, s := range book.WorkBook.Sheets.Sheet {
		if s.State != "" && s.State != "visible" {
			continue
		}
		for _, r := range relationships(book, workbook) {
			if r.ID == s.ID && r.is("worksheet") {
				return sheet{name: s.Name, part: r.target(workbook)}, nil
			}
		}
	}
	return sheet{}, fault.Invalid("file", "The workbook has no sheet that can be seen; put the table on its first sheet")
}

// relationship says where a part of the archive is that another one refers to (ECMA-376, part 2, section 9.3).
type relationship struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is tells the type by its last word: the rest of its address depends on the standard's edition.
func (r relationship) is(kind string) bool { return path.Base(r.Type) == kind }

// target is the name of the part that a part refers to.
func (r relationship) target(from string) string {
	name := strings.ReplaceAll(r.Target, "\\", "/")
	if !strings.HasPrefix(name, "/") {
		name = path.Join("/", path.Dir(from), name)
	}
	return strings.TrimPrefix(path.Clean(name), "/")
}

// relationships are those of a part; of the archive itself, if it has no name. What cannot be read has none.
func relationships(book *excelize.File, part string) []relationship {
	name := path.Join(path.Dir(part), "_rels", path.Base("/"+part)+".rels")
	if part == "" {
		name = "_rels/.rels"
	}
	var list struct {
		Relationships []relationship `xml:"Relationship"`
	}
	if err := xml.Unmarshal(partOf(book, name), &list); err != nil {
		return nil
	}
	return list.Relationships
}

// partOf returns a part of the archive; nothing if there is none with the name.
func partOf(book *excelize.File, name string) []byte {
	content, ok := book.Pkg.Load(name)
	if !ok {
		return nil
	}
	return content.([]byte)
}
