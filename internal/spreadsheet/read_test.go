package spreadsheet_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/spreadsheet"
)

// fixture reads a file that testdata/make.sh made with LibreOffice.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// written is a workbook that excelize writes. fill gets it with one sheet, "Sheet1".
func written(t testing.TB, fill func(book *excelize.File), options ...excelize.Options) []byte {
	t.Helper()
	book := excelize.NewFile()
	fill(book)
	var out bytes.Buffer
	if err := book.Write(&out, options...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed is an archive with the parts, in the order of pairs of name and content.
func packed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		w, err := archive.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The parts of a workbook as small programs write it: no styles, no shared texts.
const (
	types   = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	rels    = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	kinds   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	spread  = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	root    = rels + `<Relationship Id="rId1" Type="` + kinds + `officeDocument" Target="xl/workbook.xml"/></Relationships>`
	oneRel  = rels + `<Relationship Id="rId1" Type="` + kinds + `worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	oneBook = `<workbook ` + spread + `><sheets><sheet name="Lessons" sheetId="1" r:id="rId1"/></sheets></workbook>`
)

// handmade is a workbook whose sheet has the rows, in XML, and more parts.
func handmade(t testing.TB, rows string, more ...string) []byte {
	t.Helper()
	return packed(t, append([]string{"[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", oneBook, "xl/_rels/workbook.xml.rels", oneRel,
		"xl/worksheets/sheet1.xml", `<worksheet ` + spread + `><sheetData>` + rows + `</sheetData></worksheet>`}, more...)...)
}

func read(t testing.TB, content []byte) []importing.SheetRow {
	t.Helper()
	rows, err := spreadsheet.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestReadWhatLibreOfficeWrites(t *testing.T) {
	want := []importing.SheetRow{
		{Number: 1, Cells: []string{"audio_filename", "text", "level", "tags"}},
		{Number: 4, Cells: []string{"café.mp3", "I never drink tea.", "A1", "audio_filename, level"}}, // rich text; a formula
		{Number: 5, Cells: []string{"merged", "", "日本語 & 😀", "two\nlines"}},                           // hidden by a filter
		{Number: 6, Cells: []string{"42", "2026-03-01", "12.5%", "TRUE"}},
		{Number: 7, Cells: []string{"#DIV/0!", "#N/A", "", "105"}},
		{Number: 9, Cells: []string{"", "behind an empty cell"}},
	}
	if diff := cmp.Diff(want, read(t, fixture(t, "lessons.xlsx"))); diff != "" {
		t.Error(diff)
	}
}

func TestReadWhatExcelizeWrites(t *testing.T) {
	content := written(t, func(book *excelize.File) {
		style := func(format string) int {
			id, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		set := func(cell string, value any, styles ...int) {
			if err := book.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
			for _, s := range styles {
				_ = book.SetCellStyle("Sheet1", cell, cell, s)
			}
		}
		set("A1", "a.mp3")
		set("B1", "  blanks at both ends ")
		set("C1", "a\tb_x000D_\nc")
		set("A2", 0.1+0.2)
		set("B2", 1234.5, style("#,##0.00"))
		set("C2", time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC), style("d mmm yyyy hh:mm"))
		set("D2", 12345678901234567)
		set("E2", false)
		set("A3", "00123", style("@"))
		set("C3", "")
		set("E3", nil, style("0.00")) // a format without a value
		_ = book.SetRowVisible("Sheet1", 3, false)
		_ = book.SetCellRichText("Sheet1", "B5", []excelize.RichTextRun{{Text: "two "}, {Text: "runs", Font: &excelize.Font{Bold: true}}})
		_ = book.MergeCell("Sheet1", "B5", "C7")
		set("A9", "last")
		_ = book.SetRowHeight("Sheet1", 20, 30) // a row that is only high
	})
	want := []importing.SheetRow{
		{Number: 1, Cells: []string{"a.mp3", "  blanks at both ends ", "a\tb\r\nc"}},
		{Number: 2, Cells: []string{"0.3", "1,234.50", "1 Mar 2026 09:30", "1.23456789012346E+16", "FALSE"}},
		{Number: 3, Cells: []string{"00123"}},
		{Number: 5, Cells: []string{"", "two runs"}},
		{Number: 9, Cells: []string{"last"}},
	}
	if diff := cmp.Diff(want, read(t, content)); diff != "" {
		t.Error(diff)
	}
}

func TestReadWhatSmallProgramsWrite(t *testing.T) {
	for _, tt := range []struct {
		rule string
		file []byte
		want []importing.SheetRow
	}{
		{"texts within the cells, no numbers of rows and cells",
			handmade(t, `<row><c t="inlineStr"><is><t>one</t></is></c><c t="inlineStr"><is><r><t>t</t></r><r><t>wo</t></r></is></c></row><row/><row><c><v>3</v></c></row>`),
			[]importing.SheetRow{{Number: 1, Cells: []string{"one", "two"}}, {Number: 3, Cells: []string{"3"}}}},
		{"a formula with an empty result at the end", handmade(t, `<row><c><v>1</v></c><c t="str"><f>B9</f><v></v></c></row><row><c t="str"><f>B9</f><v/></c></row>`),
			[]importing.SheetRow{{Number: 1, Cells: []string{"1"}}}},
		{"no cells at all", handmade(t, ``), nil},
		{"styled cells far away, without values", handmade(t, `<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>`),
			[]importing.SheetRow{{Number: 1, Cells: []string{"1"}}}},
		{"a reading in Japanese is not the text", handmade(t, `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`,
			"xl/sharedStrings.xml", `<sst `+spread+`><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>`),
			[]importing.SheetRow{{Number: 1, Cells: []string{"東京"}}}},
		{"prefixes", packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", oneBook, "xl/_rels/workbook.xml.rels", oneRel, "xl/worksheets/sheet1.xml",
			`<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="2"><x:c r="B2" t="str"><x:v>b</x:v></x:c></x:row></x:sheetData></x:worksheet>`),
			[]importing.SheetRow{{Number: 2, Cells: []string{"", "b"}}}},
		{"absolute and Windows names", packed(t, "[Content_Types].xml", types, "_rels/.rels", root, `xl\workbook.xml`, oneBook, "xl/_rels/workbook.xml.rels",
			rels+`<Relationship Id="rId1" Type="`+kinds+`worksheet" Target="/xl/worksheets/one.xml"/></Relationships>`,
			`xl\worksheets\one.xml`, `<worksheet `+spread+`><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`),
			[]importing.SheetRow{{Number: 1, Cells: []string{"1"}}}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, read(t, tt.file)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadTakesTheFirstSheetThatCanBeSeen(t *testing.T) {
	content := written(t, func(book *excelize.File) {
		for _, name := range []string{"Second", "Third"} {
			if _, err := book.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			_ = book.SetCellStr(name, "A1", name)
		}
		_ = book.SetCellStr("Sheet1", "A1", "hidden")
		book.SetActiveSheet(2)
		if err := book.SetSheetVisible("Sheet1", false); err != nil {
			t.Fatal(err)
		}
	})
	if rows := read(t, content); len(rows) != 1 || rows[0].Cells[0] != "Second" {
		t.Errorf("%v, want the second sheet", rows)
	}
}
