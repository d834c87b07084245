package spreadsheet_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/spreadsheet"
)

func TestRefusals(t *testing.T) {
	const (
		instead = ". Save the table as one, or as CSV UTF-8"
		again   = ". Open it in Excel or LibreOffice and save it again"
		one     = `<row r="1"><c r="A1"><v>1</v></c></row>`
	)
	whole := fixture(t, "lessons.xlsx")
	flipped := slices.Clone(whole)
	flipped[bytes.Index(flipped, []byte("xl/worksheets/sheet1.xml"))+200] ^= 0xFF
	secret := written(t, func(*excelize.File) {}, excelize.Options{Password: "Passw0rd"})
	empty := written(t, func(book *excelize.File) {
		if err := book.AddChartSheet("Chart1", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "Sheet1!$A$1:$A$2"}}}); err != nil {
			t.Fatal(err)
		}
		book.SetActiveSheet(1)
		_ = book.SetSheetVisible("Sheet1", false)
	})
	inBook := func(rows string, more ...string) []byte { return handmade(t, rows, more...) }
	for _, tt := range []struct {
		rule string
		file []byte
		want string
	}{
		{"nothing", nil, "The file is no Excel workbook (.xlsx): it is no archive" + instead},
		{"text", []byte("audio_filename,text\n"), "The file is no Excel workbook (.xlsx): it is no archive" + instead},
		{"the old kind", fixture(t, "lessons.xls"), "The file is no Excel workbook (.xlsx): it is of the old kind (.xls)" + instead},
		{"OpenDocument", fixture(t, "lessons.ods"), "The file is no Excel workbook (.xlsx): it is an OpenDocument file (.ods)" + instead},
		{"Word", packed(t, "[Content_Types].xml", types, "word/document.xml", "<w/>"), "The file is no Excel workbook (.xlsx): it is a Word document" + instead},
		{"PowerPoint", packed(t, "[Content_Types].xml", types, "ppt/presentation.xml", "<p/>"), "The file is no Excel workbook (.xlsx): it is a PowerPoint presentation" + instead},
		{"a binary workbook", packed(t, "[Content_Types].xml", types, "xl/workbook.bin", "x"), "The file is no Excel workbook (.xlsx): it is a binary workbook (.xlsb)" + instead},
		{"Numbers", packed(t, "Index/Document.iwa", "x"), "The file is no Excel workbook (.xlsx): it is a workbook of Apple Numbers" + instead},
		{"recordings in an archive", packed(t, "a.mp3", "x"), "The file is no Excel workbook (.xlsx): it is a ZIP archive of something else" + instead},
		{"another kind of Office file", packed(t, "[Content_Types].xml", types, "visio/document.xml", "<v/>"), "The file is no Excel workbook (.xlsx): it is a ZIP archive of something else" + instead},
		{"no sheets", packed(t, "_rels/.rels", root, "xl/workbook.xml", "<workbook "+spread+"><sheets/></workbook>", "xl/_rels/workbook.xml.rels", oneRel), "The file is no Excel workbook (.xlsx): it has no sheets" + instead},
		{"a password", secret, "The workbook is protected with a password; remove it (in Excel: File, Info, Protect Workbook, Encrypt with Password) and save it again"},
		{"cut off", whole[:4000], "The workbook is damaged: its end is missing" + again},
		{"a byte changed", flipped, `The workbook is damaged: its part "xl/worksheets/sheet1.xml" cannot be unpacked` + again},
		{"a chart only", empty, "The workbook has no sheet that can be seen; put the table on its first sheet"},
		{"a formula that was never calculated", written(t, func(book *excelize.File) { _ = book.SetCellFormula("Sheet1", "B7", "A1&A2") }),
			"The cell B7 has a formula without a result; open the file in Excel or LibreOffice and save it"},

		{"XML that ends early", inBook(one + `<row r="2">`), "The workbook is damaged: its sheet cannot be read after row 2" + again},
		{"XML of another kind", inBook(one + `<row r="2"/><c r="A2"><v>&nbsp;</v></c>`), "The workbook is damaged: its sheet cannot be read after row 2" + again},
		{"bytes that are no text", inBook(one + "<row><c><v>\xff</v></c></row>"), "The workbook is damaged: its sheet cannot be read after row 2" + again},
		{"a row twice", inBook(one + one), `The workbook is damaged: its row "1" comes after row 1` + again},
		{"a row beyond the last", inBook(`<row r="1048577"/>`), `The workbook is damaged: its row "1048577" comes after row 0` + again},
		{"a row with a word for a number", inBook(`<row r="one"/>`), `The workbook is damaged: its row "one" comes after row 0` + again},
		{"a cell twice", inBook(`<row r="1"><c r="B1"/><c r="B1"/></row>`), `The workbook is damaged: its cell "B1" is in row 1 after column 2` + again},
		{"a cell of another row", inBook(`<row r="1"><c r="B2"/></row>`), `The workbook is damaged: its cell "B2" is in row 1 after column 0` + again},
		{"a cell without a column", inBook(`<row r="1"><c r="1"/></row>`), `The workbook is damaged: its cell "1" is in row 1 after column 0` + again},
		{"a text that is not there", inBook(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`), `The workbook is damaged: its cell A1 refers to the text "0", which is not there` + again},
		{"a text that has no number", inBook(`<row><c t="s"><v>x</v></c></row>`), `The workbook is damaged: its cell 1 in row 1 refers to the text "x", which is not there` + again},
		{"a number that is none", inBook(`<row r="1"><c r="A1"><v>NaN</v></c></row>`), `The workbook is damaged: its cell A1 holds the number "NaN"` + again},
		{"an error that is a number", inBook(`<row r="1"><c r="A1" t="e"><v>-Inf</v></c></row>`), `The workbook is damaged: its cell A1 holds the number "-Inf"` + again},
		{"texts that end early", inBook(one, "xl/sharedStrings.xml", "<sst><si><t>a"), "The workbook is damaged: its texts (sharedStrings) cannot be read" + again},
		{"a text of a megabyte", inBook(one, "xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("a", 1<<20)+"</t></si></sst>"), "The workbook is damaged: its text 1 is longer than a cell can hold" + again},
		{"styles that end early", inBook(one, "xl/styles.xml", "<styleSheet>"), "The workbook is damaged: it cannot be opened" + again},
		{"a sheet that is not there", packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", oneBook, "xl/_rels/workbook.xml.rels", oneRel),
			"The workbook is damaged: its sheet has no cells" + again},
		{"relations that are not there", packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", oneBook),
			"The workbook has no sheet that can be seen; put the table on its first sheet"},
		{"a sheet with an impossible name", packed(t, "[Content_Types].xml", types, "_rels/.rels", root, "xl/workbook.xml", strings.Replace(oneBook, "Lessons", "a/b", 1),
			"xl/_rels/workbook.xml.rels", oneRel, "xl/worksheets/sheet1.xml", `<worksheet><sheetData/></worksheet>`), "The workbook is damaged: its sheet cannot be read" + again},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			rows, err := spreadsheet.Read(tt.file)
			checkFault(t, err, tt.want)
			if rows != nil {
				t.Errorf("%d rows beside the error", len(rows))
			}
		})
	}
}

// checkFault wants one field, "file", with the sentence.
func checkFault(t *testing.T, err error, want string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindInvalid || len(f.Fields) != 1 || f.Fields[0].Name != "file" {
		t.Fatalf("%v is not what an import says about its file", err)
	}
	if f.Fields[0].Message != want {
		t.Errorf("%q, want %q", f.Fields[0].Message, want)
	}
}

func TestLimits(t *testing.T) {
	cells := func(n int, value string) string {
		return "<row>" + strings.Repeat(`<c t="str"><v>`+value+`</v></c>`, n) + "</row>"
	}
	long := strings.Repeat("a", 100_000)
	shared := `<sst ` + spread + `><si><t>` + long + `</t></si></sst>`
	for _, tt := range []struct {
		rule string
		file []byte
		rows int
		want string
	}{
		{"50,001 rows, the header among them", handmade(t, strings.Repeat(cells(1, "a"), 50_001)), 50_001, ""},
		{"one row more", handmade(t, strings.Repeat(cells(1, "a"), 50_002)), 0, "The file has more than 50000 data rows; split it"},
		{"empty rows do not count", handmade(t, cells(1, "a")+strings.Repeat("<row/>", 50_001)+cells(1, "a")), 2, ""},
		{"100 columns", handmade(t, cells(100, "a")), 1, ""},
		{"101 columns", handmade(t, cells(1, "a")+cells(101, "a")), 0, "Row 2 of the sheet has something in column 101; only 100 columns can be read"},
		{"20 MB in 200 cells", handmade(t, strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 200), "xl/sharedStrings.xml", shared), 200, ""},
		{"21 MB in 210 cells", handmade(t, strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 210), "xl/sharedStrings.xml", shared), 0,
			"The sheet holds more than 20 MiB of text; split it"},
		{"a picture of 65 MiB", handmade(t, cells(1, "a"), "xl/media/a.bmp", strings.Repeat("\x00", 65<<20)), 0,
			"The workbook unpacks to more than 64 MiB; leave out pictures and other sheets, or split it"},
		{"three parts of 22 MiB", handmade(t, cells(1, "a"), "a", strings.Repeat("a", 22<<20), "b", strings.Repeat("b", 22<<20), "c", strings.Repeat("c", 22<<20)), 0,
			"The workbook unpacks to more than 64 MiB; leave out pictures and other sheets, or split it"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			rows, err := spreadsheet.Read(tt.file)
			if tt.want != "" {
				checkFault(t, err, tt.want)
			} else if err != nil || len(rows) != tt.rows {
				t.Errorf("%d rows, %v; want %d", len(rows), err, tt.rows)
			}
		})
	}
}

// The size that an archive gives for a part need not be true.
func TestUnpackedSizeThatIsALie(t *testing.T) {
	file := handmade(t, `<row><c><v>1</v></c></row>`, "xl/media/a.bmp", strings.Repeat("\x00", 1<<20))
	directory := bytes.LastIndex(file, []byte("PK\x01\x02"))
	copy(file[directory+24:], "\x10\x00\x00\x00") // 16 bytes
	_, err := spreadsheet.Read(file)
	checkFault(t, err, `The workbook is damaged: its part "xl/media/a.bmp" cannot be unpacked. Open it in Excel or LibreOffice and save it again`)
}

// Excelize puts parts of over 16 MiB into temporary files, unless it is told not to.
func TestNothingIsWrittenToDisk(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	large := handmade(t, `<row><c><v>1</v></c></row></sheetData>`+strings.Repeat(" ", 17<<20)+`<sheetData>`)
	before := time.Unix(1e9, 0)
	if err := os.Chtimes(temporary, before, before); err != nil {
		t.Fatal(err)
	}
	if rows := read(t, large); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
	info, err := os.Stat(temporary)
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(before) {
		t.Error("a temporary file was made")
	}
}

// Formats with which excelize would be busy for hours, or for ever.
func TestHarmfulFormats(t *testing.T) {
	styles := func(formats string, style int) string {
		return `<styleSheet ` + spread + `><numFmts>` + formats + `</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="` + fmt.Sprint(style) + `"/></cellXfs></styleSheet>`
	}
	format := func(id int, code string) string {
		return fmt.Sprintf(`<numFmt numFmtId="%d" formatCode="%s"/>`, id, code)
	}
	const cell = `<row><c s="1"><v>0.14159265358979</v></c></row>`
	for _, tt := range []struct {
		rule, styles, want string
	}{
		{"a fraction", styles(format(170, "# ??/??"), 170), "0  1/7 "},
		{"a fraction of 18 digits", styles(format(170, "# ?/??????????????????"), 170), "0.1415926536"},
		{"a format of 100,000 characters", styles(format(170, strings.Repeat("0", 100_000)), 170), "0.1415926536"},
		{"the last of 1,001 formats", styles(strings.Repeat(format(170, "0"), 1000)+format(171, "0.0"), 171), "0.14159265358979"},
		{"a date", styles(format(170, "dd/mm/yyyy"), 170), "00/01/1900"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			rows := read(t, handmade(t, cell, "xl/styles.xml", tt.styles))
			if len(rows) != 1 || rows[0].Cells[0] != tt.want {
				t.Errorf("%v, want %q", rows, tt.want)
			}
		})
	}
}
