package seeding

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"

	starterpack "github.com/englishapp/englishctl/examples/starter-pack"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// What no English sentence has.
var mistakes = map[string]*regexp.Regexp{
	"a before a vowel":    regexp.MustCompile(`\b[Aa] [aeioAEIO]`),
	"an before none":      regexp.MustCompile(`\b[Aa]n [^aeiouAEIOU]`),
	"two spaces":          regexp.MustCompile(`  `),
	"a space at an end":   regexp.MustCompile(`^\s|\s$| [.,?]`),
	"a brace":             regexp.MustCompile(`[{}|*]`),
	"a small beginning":   regexp.MustCompile(`^[^A-Z]`),
	"a mark in the midst": regexp.MustCompile(`[.?!].`),
}

// samples returns sentences of a form in which every word of every list stands.
func (f form) samples() []string {
	longest := 0
	for _, slot := range f.slots {
		longest = max(longest, len(slot))
	}
	var all []string
	for k := range longest {
		n, weight := uint64(0), uint64(1)
		for i, slot := range f.slots {
			n += weight * uint64((k+i)%len(slot)) // another partner each time
			weight *= uint64(len(slot))
		}
		all = append(all, f.sentence(n))
	}
	return all
}

// TestEnglish: sentences are written as sentences are, and pass the catalogue's rule for texts.
func TestEnglish(t *testing.T) {
	for _, g := range grammars() {
		mark := map[catalog.SentenceType]string{catalog.Question: "?", catalog.Answer: "."}[g.typ]
		for _, f := range g.forms {
			for _, text := range f.samples() {
				for mistake, found := range mistakes {
					if found.MatchString(text) {
						t.Errorf("%s %s: %s: %s", g.level, g.typ, mistake, text)
					}
				}
				if !strings.HasSuffix(text, mark) {
					t.Errorf("a %s does not end in %q: %s", g.typ, mark, text)
				}
				if word := doubled(text); word != "" {
					t.Errorf("%q stands twice in a row: %s", word, text)
				}
				var c fault.Check
				if catalog.CheckText(&c, "text", text) != text || c.Err() != nil {
					t.Errorf("the catalogue does not take it: %s (%v)", text, c.Err())
				}
			}
		}
	}
}

// doubled returns the word that comes twice in a row.
func doubled(text string) string {
	list := strings.Fields(strings.ToLower(text))
	for i := 1; i < len(list); i++ {
		if list[i] == list[i-1] {
			return list[i]
		}
	}
	return ""
}

// TestLevels: sentences grow with the level, and a beginner's are short.
func TestLevels(t *testing.T) {
	average := map[catalog.Level]float64{}
	for _, g := range grammars() {
		count, sum := 0, 0
		for _, f := range g.forms {
			for _, text := range f.samples() {
				n := len(strings.Fields(text))
				if g.level == "A1" && n > 14 {
					t.Errorf("%d words are too many for A1: %s", n, text)
				}
				count, sum = count+1, sum+n
			}
		}
		average[g.level] += float64(sum) / float64(count)
	}
	for i := 1; i < len(catalog.Levels); i++ {
		lower, higher := catalog.Levels[i-1], catalog.Levels[i]
		if average[lower] >= average[higher] {
			t.Errorf("sentences of %s have %.1f words, those of %s %.1f", lower, average[lower]/2, higher, average[higher]/2)
		}
	}
}

// TestForms: a form has sentences for its share of a million speeches, from lists without a word twice, and known tags.
func TestForms(t *testing.T) {
	known := map[string]bool{}
	for _, tag := range seed(1).tags() {
		known[tag.Name] = true
	}
	const million = 1_000_000
	for _, g := range grammars() {
		for i, f := range g.forms {
			share := uint64(million / len(grammars()) / len(g.forms))
			if f.size < share {
				t.Errorf("%s %s, form %d (%s…): %d sentences for a share of %d", g.level, g.typ, i, f.texts[0], f.size, share)
			}
			for _, slot := range f.slots {
				sorted := slices.Sorted(slices.Values(slot))
				if unique := slices.Compact(slices.Clone(sorted)); len(unique) != len(slot) {
					t.Errorf("%s %s, form %d: a list has a word twice: %q", g.level, g.typ, i, sorted)
				}
			}
			for _, tag := range f.tags {
				if !known[tag] {
					t.Errorf("%s %s, form %d: %q is no tag", g.level, g.typ, i, tag)
				}
			}
		}
	}
}

// TestUnusedLists: a list that no pattern names was forgotten.
func TestUnusedLists(t *testing.T) {
	for _, c := range courses {
		for name := range c.lists {
			named := func(p pattern) bool { return strings.Contains(p.text, "{"+name+"}") }
			if !slices.ContainsFunc(c.questions, named) && !slices.ContainsFunc(c.answers, named) {
				t.Errorf("%s: nothing names the list %q", c.level, name)
			}
		}
	}
}

func TestUnknownList(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a pattern that names no list goes unnoticed")
		}
	}()
	a1.form(pattern{text: "Is {nobody} there?"})
}

// TestTagsOfTheStarterPack: a tag has the category that the starter pack gives it.
func TestTagsOfTheStarterPack(t *testing.T) {
	content, err := starterpack.Files.Open("tags.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(content).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	category := map[string]string{}
	for _, row := range rows {
		category[row[0]] = row[1]
	}
	for _, tag := range seed(1).tags() {
		if category[tag.Name] != tag.Category {
			t.Errorf("%s is of the category %q, in the starter pack of %q", tag.Name, tag.Category, category[tag.Name])
		}
	}
}
