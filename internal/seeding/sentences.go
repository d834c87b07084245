package seeding

import "github.com/englishapp/englishctl/internal/catalog"

// pattern makes many sentences of one kind. Its text names lists in braces; whatever is chosen from them, the sentence is
// grammatical and all the tags fit.
type pattern struct {
	text string
	tags []string
}

// course is what the sentences of a level are made from.
type course struct {
	level catalog.Level
	// lists are the words and phrases that only this level has.
	lists              map[string][]string
	questions, answers []pattern
}

// courses are the levels, easiest first.
var courses = []course{a1, a2, b1, b2, c1}
