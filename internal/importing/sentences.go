package importing

import (
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
)

// Sentence is what a recording should say.
type Sentence struct {
	// Row and Line are where it stands.
	Row, Line int
	// Value is the name of the recording as it is in the file.
	Value string
	Text  string
}

// Sentences returns what the recordings of a CSV file or workbook should say, by their names in Unicode NFC. Of rows that ask for the
// same recording the first one counts: the others are invalid. It returns the errors of AudioNames.
func (f Files) Sentences(content []byte) (map[string]Sentence, error) {
	records, err := f.parse(content)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Sentence, len(records))
	for _, rec := range records {
		value := rec.cell(columnAudio)
		name := norm.NFC.String(value)
		if _, twice := found[name]; !twice {
			found[name] = Sentence{Row: rec.number, Line: rec.line, Value: value, Text: rec.cell(columnText)}
		}
	}
	return found, nil
}

// Doubt is a warning about the recording of the sentence, or with Strict what rejects its row. message goes on after the recording's name.
func (s Sentence) Doubt(code, message string) PlanWarning {
	return PlanWarning{RowWarning{Row: s.Row, Line: s.Line, Code: code, Message: "'" + catalog.Shown(s.Value) + "' " + message}, s.Value}
}
