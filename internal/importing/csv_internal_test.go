package importing

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
)

const header = "audio_filename,text,level,type,tags\n"

func TestParseCSV(t *testing.T) {
	one := []map[string]string{{"audio_filename": "a.mp3", "text": "Hi, you.", "level": "A1", "type": "answer", "tags": "Food,Travel"}}
	tests := []struct {
		name, content string
		want          []map[string]string
	}{
		{"as in the specification", header + `a.mp3,"Hi, you.",A1,answer,"Food,Travel"`, one},
		{"with a byte order mark", "\ufeff" + header + `a.mp3,"Hi, you.",A1,answer,"Food,Travel"` + "\n", one},
		{"a quoted header after a byte order mark", "\ufeff\"audio_filename\",\"text\",\"level\",type,tags\n" + `a.mp3,"Hi, you.",A1,answer,"Food,Travel"`, one},
		{"lines ending in CRLF", strings.ReplaceAll(header+`a.mp3,"Hi, you.",A1,answer,"Food,Travel"`+"\n", "\n", "\r\n"), one},
		{"semicolons", "audio_filename;text;level;type;tags\na.mp3;Hi, you.;A1;answer;Food,Travel", one},
		{"tabs", "audio_filename\ttext\tlevel\ttype\ttags\na.mp3\tHi, you.\tA1\tanswer\tFood,Travel", one},
		{"columns in another order and case, with space around them", " Tags ,LEVEL,type,Text,Audio_Filename\n\"Food,Travel\",A1,answer,\"Hi, you.\",a.mp3", one},
		{"blank lines and rows are no rows", "\n\n" + header + "\r\n,,,,\n  \n" + `a.mp3,"Hi, you.",A1,answer,"Food,Travel"` + "\n\n ,\t,,,\n", one},
		{"only the required columns", "level,text,audio_filename\nA1,Hi.,a.mp3", []map[string]string{{"audio_filename": "a.mp3", "text": "Hi.", "level": "A1"}}},
		{"doubled quotation marks", header + `a.mp3,"Say ""hi"".",A1,,`, []map[string]string{{"audio_filename": "a.mp3", "text": `Say "hi".`, "level": "A1", "type": "", "tags": ""}}},
		{"a row with too few fields", header + "a.mp3,Hi.,A1,answer", []map[string]string{nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			records, err := Files{}.parse([]byte(tt.content))
			if err != nil {
				t.Fatal(err)
			}
			var got []map[string]string
			for i, r := range records {
				if r.number != i+1 {
					t.Errorf("record %d = %+v", i, r)
				}
				got = append(got, cells(r))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

// cells maps the record's columns to its values; nil where nobody can tell.
func cells(r record) map[string]string {
	if r.wrong != "" {
		return nil
	}
	found := map[string]string{}
	for _, column := range r.header {
		found[column] = r.cell(column)
	}
	return found
}

// inUTF16 encodes s, low byte first.
func inUTF16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestParseCSVRefuses(t *testing.T) {
	const excel = `In Excel, save the file as "CSV UTF-8 (Comma delimited)"`
	tests := []struct {
		name, content string
		want          []string
	}{
		{"UTF-16 with a byte order mark", inUTF16("\ufeff" + header), []string{`The file is in UTF-16, not UTF-8. In Excel, save it as "CSV UTF-8 (Comma delimited)"`}},
		{"UTF-16, high byte first", "\xfe\xff\x00a", []string{`The file is in UTF-16, not UTF-8. In Excel, save it as "CSV UTF-8 (Comma delimited)"`}},
		{"UTF-16 without a byte order mark", inUTF16(header), []string{`The file is in UTF-16, not UTF-8. In Excel, save it as "CSV UTF-8 (Comma delimited)"`}},
		{"Latin-1", header + "a.mp3,Hi.,A1,,\nb.mp3,Caf\xe9.,A1,,", []string{"Line 3 is not valid UTF-8. " + excel}},
		{"an empty file", "", []string{"The file is empty; its first line names the columns: audio_filename, text, level, type, tags"}},
		{"a byte order mark alone", "\ufeff", []string{"The file is empty; its first line names the columns: audio_filename, text, level, type, tags"}},
		{"no data row", header + "\n,,,,\n", []string{"The file has no data row below its header"}},
		{"unknown, missing and repeated columns are all named", "audio_filename,colour,type,Type,", []string{
			"Unknown column 'colour'; the columns are audio_filename, text, level, type, tags",
			"The column 'type' is there twice",
			"Column 5 has no name; the columns are audio_filename, text, level, type, tags",
			"The column 'text' is missing", "The column 'level' is missing",
		}},
		{"no header at all", "a.mp3|Hi.|A1", []string{
			"Unknown column 'a.mp3|hi.|a1'; the columns are audio_filename, text, level, type, tags",
			"The column 'audio_filename' is missing", "The column 'text' is missing", "The column 'level' is missing",
		}},
		{"a quotation mark within a field", header + "a.mp3,Hi.,A1,,\nb.mp3,Say \"hi\".,A1,,", []string{"Line 3: a quotation mark within a field must be doubled, and the field put into quotation marks"}},
		{"a quotation that does not end", header + "a.mp3,\"Hi.,A1,,\nb.mp3,Hi.,A1,,", []string{"Line 2: a field in quotation marks does not end, or is followed by something other than a separator"}},
		{"a broken header", "audio_filename,\"text", []string{"Line 1: a field in quotation marks does not end, or is followed by something other than a separator"}},
		{"50,001 rows", header + strings.Repeat("a.mp3,Hi.,A1,,\n", 50_001), []string{"The file has more than 50000 data rows; split it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Files{}.parse([]byte(tt.content))
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.KindInvalid {
				t.Fatalf("err = %v, want invalid", err)
			}
			var got []string
			for _, field := range f.Fields {
				if field.Name != "file" {
					t.Errorf("field %q", field.Name)
				}
				got = append(got, field.Message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestCSVSize(t *testing.T) {
	if _, err := readCSV(strings.NewReader(strings.Repeat("x", MaxCSVBytes+1))); !fault.Is(err, fault.KindTooLarge) {
		t.Errorf("reading one byte too many: err = %v", err)
	}
	if content, err := readCSV(strings.NewReader(strings.Repeat("x", MaxCSVBytes))); err != nil || len(content) != MaxCSVBytes {
		t.Errorf("reading the largest file: %d bytes, %v", len(content), err)
	}
	if _, err := (Files{}).AudioNames(make([]byte, MaxCSVBytes+1)); !fault.Is(err, fault.KindTooLarge) {
		t.Errorf("parsing one byte too many: err = %v", err)
	}
	rows := header + strings.Repeat("a.mp3,Hi.,A1,,\n", 50_000)
	if records, err := (Files{}).parse([]byte(rows)); err != nil || len(records) != 50_000 {
		t.Errorf("50,000 rows: %d, %v", len(records), err)
	}
}

func TestAudioNames(t *testing.T) {
	got, err := Files{}.AudioNames([]byte(header + "b.mp3,x,,,\ncafe\u0301.mp3,x,,,\nb.mp3,x,,,\n,x,,,\nshort,row\n"))
	if diff := cmp.Diff([]string{"b.mp3", "caf\u00e9.mp3"}, got); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
}

func TestCheckRows(t *testing.T) {
	files := map[string]UploadFile{}
	for _, name := range []string{"a.mp3", "b.mp3", "caf\u00e9.mp3", " c.mp3"} {
		files[name] = UploadFile{Name: name, Size: 1}
	}
	const levels = "Must be one of: A1, A2, B1, B2, C1"
	tests := []struct {
		name, row string
		want      []RowError
	}{
		{"a good row", "a.mp3,Hi.,A1,question,Food", nil},
		{"type and tags may be missing", "a.mp3,Hi.,A1,,", nil},
		{"space around level and type does not count", "a.mp3,Hi., A1 , answer ,", nil},
		{"a decomposed file name", "cafe\u0301.mp3,Hi.,A1,,", nil},
		{"a missing recording", "missing.mp3,Hi.,A1,,", []RowError{{1, 2, "audio_filename", "Audio file 'missing.mp3' not found in upload session"}}},
		{"case counts in file names", "A.mp3,Hi.,A1,,", []RowError{{1, 2, "audio_filename", "Audio file 'A.mp3' not found in upload session"}}},
		{"space counts in file names", "c.mp3,Hi.,A1,,", []RowError{{1, 2, "audio_filename", "Audio file 'c.mp3' not found in upload session"}}},
		{"an unknown level", "a.mp3,Hi.,D1,,", []RowError{{1, 2, "level", "Invalid level 'D1'. " + levels}}},
		{"an unknown type", "a.mp3,Hi.,A1,song,", []RowError{{1, 2, "type", "Invalid type 'song'. Must be one of: question, answer"}}},
		{"a line break in the text", "a.mp3,\"Hi.\nBye.\",A1,,", []RowError{{1, 2, "text", "The text contains a control character, such as a line break or a tab"}}},
		{"a bad tag", "a.mp3,Hi.,A1,,\"Food," + strings.Repeat("x", 101) + "\"", []RowError{{1, 2, "tags", "The tag name has 101 characters; at most 100 are allowed"}}},
		{"101 tags", "a.mp3,Hi.,A1,,\"" + manyTags(101) + "\"", []RowError{{1, 2, "tags", "101 tags are too many: at most 100 are allowed"}}},
		{"the wrong number of fields", "a.mp3,Hi,you,A1,,Food", []RowError{{1, 2, "", "The row has 6 fields, the header has 5; put text that contains the separator into quotation marks"}}},
		{"all errors of a row, in the order of columns", ",,,x,\"\x00\"", []RowError{
			{1, 2, "audio_filename", "The audio_filename is missing"},
			{1, 2, "text", "The text is missing"},
			{1, 2, "level", "The level is missing. " + levels},
			{1, 2, "type", "Invalid type 'x'. Must be one of: question, answer"},
			{1, 2, "tags", "The tag name contains a control character, such as a line break or a tab"},
		}},
		{"a recording used twice names the first row, good or bad", "a.mp3,,A1,,\nb.mp3,Hi.,A1,,\na.mp3,Hi.,A1,,\nx,Hi.,A1,,\nx,Hi.,A1,,", []RowError{
			{1, 2, "text", "The text is missing"},
			{3, 4, "audio_filename", "Audio file 'a.mp3' is already used by row 1"},
			{4, 5, "audio_filename", "Audio file 'x' not found in upload session"},
			{5, 6, "audio_filename", "Audio file 'x' not found in upload session"},
			{5, 6, "audio_filename", "Audio file 'x' is already used by row 4"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			records, err := Files{}.parse([]byte(header + tt.row))
			if err != nil {
				t.Fatal(err)
			}
			rows, errs := checkRows(records, shelf{files: files, place: "in upload session"})
			if diff := cmp.Diff(tt.want, errs); diff != "" {
				t.Fatal(diff)
			}
			bad := map[int]bool{}
			for _, e := range errs {
				bad[e.Row] = true
			}
			if len(rows)+len(bad) != len(records) {
				t.Fatalf("%d good and %d bad of %d rows", len(rows), len(bad), len(records))
			}
		})
	}
}

func manyTags(n int) string {
	var tags []string
	for i := range n {
		tags = append(tags, fmt.Sprint("tag", i))
	}
	return strings.Join(tags, ",")
}

func TestGoodRowIsCleaned(t *testing.T) {
	records, err := Files{}.parse([]byte(header + "a.mp3,  Hi. ,B1,,\" Food ,, food,FOOD,Cafe\u0301,Travel,\""))
	if err != nil {
		t.Fatal(err)
	}
	file := UploadFile{Name: "a.mp3", Size: 1}
	rows, errs := checkRows(records, shelf{files: map[string]UploadFile{"a.mp3": file}})
	want := []row{{number: 1, line: 2, file: file, text: "Hi.", level: "B1", typ: "answer", tags: []string{"Food", "Caf\u00e9", "Travel"}}}
	if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" || errs != nil {
		t.Fatal(errs, diff)
	}
}

func TestFileNames(t *testing.T) {
	tests := []struct {
		name, raw, want string
	}{
		{"a plain name", "one two.mp3", "one two.mp3"},
		{"a name without ending", "one", "one"},
		{"a decomposed name is composed", "cafe\u0301.mp3", "caf\u00e9.mp3"},
		{"200 bytes", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"201 bytes", strings.Repeat("x", 201), ""},
		{"201 bytes before composing", strings.Repeat("x", 197) + "e\u0301", strings.Repeat("x", 197) + "\u00e9"},
		{"nothing", "", ""},
		{"this folder", ".", ""},
		{"the folder above", "..", ""},
		{"a hidden file", ".a.mp3", ""},
		{"a folder", "x/a.mp3", ""},
		{"a folder of Windows", `x\a.mp3`, ""},
		{"a NUL", "a\x00.mp3", ""},
		{"a line break", "a\n.mp3", ""},
		{"not UTF-8", "a\xff.mp3", ""},
		{"a character that XML does not have", "a\ufffe.mp3", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cleanFileName(tt.raw)
			if got != tt.want || (tt.want == "") != fault.Is(err, fault.KindInvalid) {
				t.Fatalf("= %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestStoredFileName(t *testing.T) {
	for raw, want := range map[string]string{
		"lessons.csv":                          "lessons.csv",
		"/home/ann/lessons.csv":                "lessons.csv",
		`C:\Users\Ann\lessons.csv`:             "lessons.csv",
		"a\x00\n\xff.csv":                      "a\ufffd\ufffd\ufffd.csv",
		strings.Repeat("\u00e9", 300) + ".csv": strings.Repeat("\u00e9", 255),
		"":                                     "",
	} {
		if got := storedFileName(raw); got != want {
			t.Errorf("storedFileName(%q) = %q, want %q", raw, got, want)
		}
	}
}

// FuzzParseCSV looks for input that makes the parser panic, or that it miscounts.
func FuzzParseCSV(f *testing.F) {
	for _, seed := range []string{
		header + "a.mp3,Hi.,A1,question,\"Food,Travel\"\n", "\ufeff" + header + "a.mp3,Hi.\r\n,,,,\r\n", "text;level;audio_filename\n\"x\"\"y\";A1;a\n",
		inUTF16(header), header + "\"", "\x00", "audio_filename\ttext\tlevel\n\t\t\n\xff", "audio_filename,text,level\n a , b ,C1\n",
	} {
		f.Add([]byte(seed))
	}
	files := map[string]UploadFile{"a.mp3": {Name: "a.mp3", Size: 1}, "a": {Name: "a", Size: 1}}
	f.Fuzz(func(t *testing.T, content []byte) {
		records, err := Files{}.parse(content)
		if err != nil {
			if !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("err = %v, want invalid", err)
			}
			return
		}
		if len(records) == 0 {
			t.Fatal("no rows and no error")
		}
		rows, errs := checkRows(records, shelf{files: files, place: "in upload session"})
		bad := map[int]bool{}
		for _, e := range errs {
			bad[e.Row] = true
		}
		if len(rows)+len(bad) != len(records) {
			t.Fatalf("%d good and %d bad of %d rows", len(rows), len(bad), len(records))
		}
		for i, r := range records {
			if r.number != i+1 || (i < len(rows) && bad[rows[i].number]) {
				t.Fatalf("record %d has the number %d", i, r.number)
			}
		}
	})
}
