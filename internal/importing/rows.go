package importing

import (
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// row is a data row that breaks no rule.
type row struct {
	number, line int
	file         UploadFile
	text         string
	level        catalog.Level
	typ          catalog.SentenceType
	// tags are names in the order met, no two of them equal ignoring case.
	tags []string
	// speechID is the id of the speech if the row creates one, and key where its recording goes.
	speechID uuid.UUID
	key      string
}

// inPlace reports whether the recording is where it belongs already.
func (r row) inPlace() bool { return r.file.Key == r.key }

func (r row) identity() identity { return identity{r.text, r.level, r.typ, r.file.SHA256} }

// shelf is where rows look for their recordings.
type shelf struct {
	// files are the recordings by name.
	files map[string]UploadFile
	// wrong says of recordings that are there, but not among files, what is the matter with them.
	wrong map[string]string
	// place is where they are, in words that follow "not found".
	place string
}

// checkRows returns the rows that may be imported, and every broken rule of the others: rows in their order, errors of
// a row in the order of columns.
func checkRows(records []record, recordings shelf) (rows []row, errs []RowError) {
	firstUse := make(map[string]int, len(records))
	for _, rec := range records {
		var c fault.Check
		r := checkRow(&c, rec, recordings, firstUse)
		if c.Err() == nil {
			rows = append(rows, r)
			continue
		}
		for _, f := range c.Fields() {
			errs = append(errs, RowError{Row: rec.number, Line: rec.line, Field: f.Name, Message: f.Message})
		}
	}
	return rows, errs
}

// checkRow notes in c every rule that the row breaks. firstUse maps the names of recordings to the rows that asked for
// them first, good or bad.
func checkRow(c *fault.Check, rec record, recordings shelf, firstUse map[string]int) row {
	if rec.wrong != "" {
		c.Addf("", "%s", rec.wrong)
		return row{}
	}
	return row{
		number: rec.number,
		line:   rec.line,
		file:   checkFile(c, rec.cell(columnAudio), recordings, rec.number, firstUse),
		text:   catalog.CheckText(c, columnText, rec.cell(columnText)),
		level:  catalog.CheckLevel(c, columnLevel, strings.TrimSpace(rec.cell(columnLevel))),
		typ:    catalog.CheckType(c, columnType, strings.TrimSpace(rec.cell(columnType))),
		tags:   checkTags(c, rec.cell(columnTags)),
	}
}

// checkFile finds the row's recording. Names are compared in Unicode NFC, ignoring nothing else (decisions.md, "Import").
func checkFile(c *fault.Check, name string, recordings shelf, number int, firstUse map[string]int) UploadFile {
	name = norm.NFC.String(name)
	if strings.TrimSpace(name) == "" {
		c.Addf(columnAudio, "The audio_filename is missing")
		return UploadFile{}
	}
	file, ok := recordings.files[name]
	if why := recordings.wrong[name]; why != "" {
		c.Addf(columnAudio, "%s", why)
	} else {
		c.Require(ok, columnAudio, "Audio file '%s' not found %s", catalog.Shown(name), recordings.place)
	}
	if ok {
		name = file.Name // two names may lead to one file
	}
	if first, used := firstUse[name]; used {
		c.Addf(columnAudio, "Audio file '%s' is already used by row %d", catalog.Shown(name), first)
	} else {
		firstUse[name] = number
	}
	return file
}

// checkTags splits the cell by commas, dropping what is empty or there twice (ignoring case).
func checkTags(c *fault.Check, cell string) []string {
	var tags []string
	seen := map[string]bool{}
	for name := range strings.SplitSeq(cell, ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		name = catalog.CheckTagName(c, columnTags, name)
		if folded := catalog.FoldName(name); !seen[folded] {
			seen[folded] = true
			tags = append(tags, name)
		}
	}
	c.Require(len(tags) <= catalog.MaxTags, columnTags, "%d tags are too many: at most %d are allowed", len(tags), catalog.MaxTags)
	return tags
}
