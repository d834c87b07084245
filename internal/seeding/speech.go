package seeding

import (
	"encoding/binary"

	"github.com/englishapp/englishctl/internal/catalog"
)

// speech returns number i of a seed's speeches, without its recording. Its tags have the ids that the seed gives them.
//
// The numbers go round all levels and types, and within each of them round its forms, so that every part of a seed is evenly
// mixed. A form makes its sentences in the order of a shuffle: none comes twice before all have come, which for the shortest
// form is after a million speeches.
func (s seed) speech(i int) catalog.Speech {
	turn, place := i%len(grammars()), i/len(grammars())
	g := grammars()[turn]
	which, n := place%len(g.forms), uint64(place/len(g.forms)) //nolint:gosec // not negative
	f := g.forms[which]
	sp := catalog.Speech{
		ID: s.id(Speeches, i), Text: f.sentence(shuffle(s.formKey(turn, which), n%f.size, f.size)),
		Level: g.level, Type: g.typ, CreatedAt: madeAt(i), UpdatedAt: madeAt(i),
	}
	for _, name := range f.tags {
		sp.Tags = append(sp.Tags, catalog.TagRef{ID: s.tagID(name), Name: name})
	}
	return sp
}

// formKey makes each form's shuffle another one.
func (s seed) formKey(turn, form int) uint64 {
	d := s.digest("form", turn<<8|form)
	return binary.BigEndian.Uint64(d[:])
}
