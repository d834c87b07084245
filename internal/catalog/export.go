package catalog

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// maxSlugBytes is how much of a text goes into a file name.
const maxSlugBytes = 40

// Exported is a speech with the name of its recording's file in an export.
type Exported struct {
	Speech
	// FileName is unique in the export, in lower-case ASCII: "a1-question-do-you-like-soup.mp3".
	FileName string
}

// Export returns the speeches that match as rows of an import file, and those that an import cannot take since their
// recording is somebody else's. Order and names depend on nothing but the content, so that what was exported, imported
// and exported again is the same. It returns fault.Invalid as Speeches does.
func (s *Service) Export(ctx context.Context, q SpeechQuery) (rows []Exported, elsewhere []Speech, err error) {
	speeches, err := s.AllSpeeches(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(speeches, byContent)
	taken := make(map[string]bool, len(speeches))
	for _, speech := range speeches {
		if !speech.Stored() {
			elsewhere = append(elsewhere, speech)
			continue
		}
		rows = append(rows, Exported{Speech: speech, FileName: freeFileName(speech, taken)})
	}
	return rows, elsewhere, nil
}

// byContent orders speeches that differ in anything an import file has; ids only decide between equal rows.
func byContent(a, b Speech) int {
	return cmp.Or(
		strings.Compare(string(a.Level), string(b.Level)),
		-strings.Compare(string(a.Type), string(b.Type)), // questions first
		strings.Compare(FoldName(a.Text), FoldName(b.Text)),
		strings.Compare(a.Text, b.Text),
		strings.Compare(path.Ext(a.Audio), path.Ext(b.Audio)),
		strings.Compare(a.TagNames(), b.TagNames()),
		strings.Compare(a.AudioSHA256, b.AudioSHA256),
		slices.Compare(a.ID[:], b.ID[:]),
	)
}

// TagNames are the names of the speech's tags as an import file has them, separated by commas.
func (s Speech) TagNames() string {
	names := make([]string, len(s.Tags))
	for i, tag := range s.Tags {
		names[i] = tag.Name
	}
	return strings.Join(names, ",")
}

// freeFileName returns a name for the speech's recording and notes it in taken.
func freeFileName(s Speech, taken map[string]bool) string {
	stem := strings.ToLower(string(s.Level)) + "-" + string(s.Type)
	if words := slug(s.Text); words != "" {
		stem += "-" + words
	}
	ext := strings.ToLower(path.Ext(s.Audio))
	name := stem + ext
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s_%d%s", stem, n, ext)
	}
	taken[name] = true
	return name
}

// slug returns the first words of a text in ASCII letters and digits, with hyphens between them.
func slug(text string) string {
	text = strings.NewReplacer("'", "", "’", "").Replace(strings.ToLower(text)) // don't is one word
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	joined := strings.Join(words, "-")
	if len(joined) <= maxSlugBytes {
		return joined
	}
	cut := joined[:maxSlugBytes+1]
	if end := strings.LastIndex(cut, "-"); end > 0 {
		return cut[:end]
	}
	return joined[:maxSlugBytes]
}
