package seeding

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// tagCategories are the tags of a seed by category. The names and categories are those of the starter pack, so that one
// catalogue can hold both.
var tagCategories = map[string][]string{
	"tense": words("Present Simple|Present Continuous|Past Simple|Past Continuous|Past Perfect|Present Perfect|" +
		"Present Perfect Continuous|Future|Conditionals|Modals|Passive Voice|Reported Speech|Imperatives"),
	"topic": words("Food|Travel|Work|Home|Health|Weather|Shopping|Hobbies|School|Technology|Environment|Money|City Life|" +
		"Feelings"),
	"function": words("Requests|Invitations|Suggestions|Opinions|Directions|Apologies|Small Talk|Plans|Advice|Complaints"),
}

// tags returns the tags of a seed by category and name.
func (s seed) tags() []catalog.Tag {
	var tags []catalog.Tag
	for category, names := range tagCategories {
		for _, name := range names {
			tags = append(tags, catalog.Tag{ID: s.tagID(name), Name: name, Category: category, CreatedAt: epoch})
		}
	}
	slices.SortFunc(tags, func(a, b catalog.Tag) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name))
	})
	return tags
}

func (s seed) tagID(name string) uuid.UUID { return idAt(0, s.digest("tag "+name, 0)) }
