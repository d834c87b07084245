package seeding

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/catalog"
)

// grammar makes the sentences of one level and type.
type grammar struct {
	level catalog.Level
	typ   catalog.SentenceType
	forms []form
}

// form is a pattern with its lists found.
type form struct {
	// texts and slots alternate: a text, a slot, a text, …, a text.
	texts []string
	slots [][]string
	tags  []string
	// size is how many different sentences it makes.
	size uint64
}

// grammars are the levels and types in the order in which a seed goes round them: questions of all levels, then answers.
var grammars = sync.OnceValue(func() []grammar {
	var all []grammar
	for _, typ := range catalog.SentenceTypes {
		for _, c := range courses {
			patterns := c.questions
			if typ == catalog.Answer {
				patterns = c.answers
			}
			g := grammar{level: c.level, typ: typ}
			for _, p := range patterns {
				g.forms = append(g.forms, c.form(p))
			}
			all = append(all, g)
		}
	}
	return all
})

// form finds the lists that the pattern names. It panics where there is no such list: patterns are part of the program.
func (c course) form(p pattern) form {
	f := form{tags: p.tags, size: 1}
	rest := p.text
	for {
		text, after, found := strings.Cut(rest, "{")
		f.texts = append(f.texts, text)
		if !found {
			return f
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		list := c.lists[name]
		if list == nil {
			list = shared[name]
		}
		if list == nil {
			panic(fmt.Sprintf("seeding: %q names no list %q", p.text, name))
		}
		f.slots = append(f.slots, list)
		f.size *= uint64(len(list))
	}
}

// sentence returns sentence n, which is below f.size. Different numbers are different sentences.
func (f form) sentence(n uint64) string {
	var b strings.Builder
	for i, slot := range f.slots {
		b.WriteString(f.texts[i])
		b.WriteString(slot[n%uint64(len(slot))])
		n /= uint64(len(slot))
	}
	b.WriteString(f.texts[len(f.slots)])
	return capitalized(b.String())
}

func capitalized(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
