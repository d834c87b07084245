package importing

import (
	"fmt"

	"github.com/englishapp/englishctl/internal/catalog"
)

// warnings says what is unusual about the recordings of rows that would create a speech; the others have been listened
// to before. live are the speeches that have one of the recordings already.
func warnings(fates []fate, live []catalog.Speech) []RowWarning {
	var found []RowWarning
	first := firstTexts(live)
	for _, f := range fates {
		if f.outcome != Created {
			continue
		}
		for _, note := range append(f.findings(), first.note(f.row)...) {
			found = append(found, RowWarning{
				Row: f.number, Line: f.line, Code: note.code,
				Message: fmt.Sprintf("'%s' %s", catalog.Shown(f.file.Name), note.message),
			})
		}
	}
	return found
}

func (r row) findings() []finding {
	if r.file.Sound == nil {
		return nil
	}
	return append(r.file.Sound.findings(), r.file.Sound.pace(r.text)...)
}

// heard maps the digest of a recording to the text that it was first met with, and where.
type heard map[string]struct{ text, where string }

func firstTexts(live []catalog.Speech) heard {
	first := heard{}
	for _, s := range live {
		first.meet(s.AudioSHA256, s.Text, "of a sentence in the catalogue")
	}
	return first
}

func (h heard) meet(sha256, text, where string) {
	if _, met := h[sha256]; !met {
		h[sha256] = struct{ text, where string }{text, where}
	}
}

// note finds a recording that says something else elsewhere: of two different texts it can hold only one.
func (h heard) note(r row) []finding {
	h.meet(r.file.SHA256, r.text, fmt.Sprintf("of row %d", r.number))
	met := h[r.file.SHA256]
	if met.text == r.text {
		return nil
	}
	return []finding{{"same_recording", fmt.Sprintf("is also the recording %s: '%s'", met.where, catalog.Shown(met.text))}}
}

// refuse makes errors of the rows that there are warnings about, and leaves those rows out.
func refuse(rows []row, warned []RowWarning) (good []row, errs []RowError) {
	refused := map[int]bool{}
	for _, w := range warned {
		refused[w.Row] = true
		errs = append(errs, RowError{Row: w.Row, Line: w.Line, Field: columnAudio, Message: w.Message})
	}
	for _, r := range rows {
		if !refused[r.number] {
			good = append(good, r)
		}
	}
	return good, errs
}
