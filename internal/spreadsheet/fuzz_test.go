package spreadsheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/spreadsheet"
)

// checkRead reads anything and holds the answer against what Read promises.
func checkRead(t *testing.T, content []byte) {
	rows, err := spreadsheet.Read(content)
	if err != nil {
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.KindInvalid || len(f.Fields) != 1 || f.Fields[0].Name != "file" || rows != nil {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return
	}
	last := 0
	for _, r := range rows {
		if r.Number <= last || len(r.Cells) == 0 || len(r.Cells) > 100 || r.Cells[len(r.Cells)-1] == "" {
			t.Fatalf("after row %d: %+v", last, r)
		}
		last = r.Number
	}
}

// partOf unpacks one part of a workbook.
func partOf(t testing.TB, content []byte, name string) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = part.Close() }() // it was only read
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"lessons.xlsx", "lessons.xls", "lessons.ods"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(checkRead)
}

// FuzzParts changes what is in the archive: the check sums of changed bytes would be wrong.
func FuzzParts(f *testing.F) {
	whole := fixture(f, "lessons.xlsx")
	f.Add(partOf(f, whole, "xl/worksheets/sheet1.xml"), partOf(f, whole, "xl/sharedStrings.xml"), partOf(f, whole, "xl/styles.xml"), oneBook, oneRel)
	f.Add(`<worksheet><sheetData><row><c s="1"><f>1</f><v>1e300</v></c><c t="d" s="1"><v>2026-01-01T00:00:00Z</v></c></row></sheetData></worksheet>`, ``,
		`<styleSheet `+spread+`><numFmts><numFmt numFmtId="170" formatCode="[h]:mm;-# ?/?;@"/></numFmts><cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>`, oneBook, oneRel)
	f.Fuzz(func(t *testing.T, sheet, texts, styles, book, relations string) {
		checkRead(t, packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", relations,
			"xl/worksheets/sheet1.xml", sheet, "xl/sharedStrings.xml", texts, "xl/styles.xml", styles))
	})
}

// FuzzFormats makes excelize show values in all kinds of formats.
func FuzzFormats(f *testing.F) {
	for _, format := range []string{"General", "@", "0.00E+00", "[h]:mm:ss.00", "# ??/???", "[Red][<0]-0.0%;[$€-407] #,##0.00_);\"x\"@* ", "[$-411]ggge\\ 年m月d日 AM/PM"} {
		for _, value := range []string{"0", "-1.5", "46082.25", "1e300", "-1e-300", "text", "9007199254740993"} {
			f.Add(format, value, "n")
		}
	}
	f.Fuzz(func(t *testing.T, format, value, kind string) {
		var texts [3]bytes.Buffer
		for i, s := range []string{format, value, kind} {
			if err := xml.EscapeText(&texts[i], []byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		cell := `<row r="1"><c r="A1" s="1" t="` + texts[2].String() + `"><v>` + texts[1].String() + `</v></c></row>`
		checkRead(t, handmade(t, cell, "xl/styles.xml", `<styleSheet `+spread+`><numFmts><numFmt numFmtId="170" formatCode="`+texts[0].String()+
			`"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>`))
	})
}

// A fuzzer whose seeds are refused never reaches the cells, and looks just as green.
func TestFuzzersReachTheCells(t *testing.T) {
	whole := fixture(t, "lessons.xlsx")
	parts := packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", oneBook, "xl/_rels/workbook.xml.rels", oneRel,
		"xl/worksheets/sheet1.xml", partOf(t, whole, "xl/worksheets/sheet1.xml"), "xl/sharedStrings.xml", partOf(t, whole, "xl/sharedStrings.xml"),
		"xl/styles.xml", partOf(t, whole, "xl/styles.xml"))
	if got := read(t, parts); len(got) != 6 {
		t.Errorf("%d rows", len(got))
	}
}
