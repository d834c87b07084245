package offline

// node is a sound in a graph of what may be said.
type node struct {
	phone   phone
	word    int // which word of the text it belongs to; noWord for silence between words
	senones senones
	filler  bool  // any sound at all, for a word whose sounds are not known
	before  []int // the nodes that may come before; start means that it may be the first
}

const (
	start  = -1
	noWord = -1
)

// graph is what may be said: nodes, each after all that may come before it, and those that may be the last.
type graph struct {
	nodes []node
	ends  []int
}

func (g *graph) add(n node) int {
	g.nodes = append(g.nodes, n)
	return len(g.nodes) - 1
}

// graphOf makes a graph of words: each in one of its pronunciations, with silence before, between and after them, or without. A word
// without pronunciations may be anything. Where a part will do, it may begin and end with any word.
func (m *Model) graphOf(words [][][]phone, part bool) *graph {
	g := &graph{}
	before := m.maybeSilence(g, []int{start})
	opening := before
	for w, variants := range words {
		if part && w > 0 {
			before = append(before, opening...)
		}
		var ends []int
		for _, sounds := range variants {
			previous := before
			for _, p := range sounds {
				previous = []int{g.add(node{phone: p, word: w, senones: m.plain[p], before: previous})}
			}
			ends = append(ends, previous...)
		}
		if len(variants) == 0 {
			ends = []int{g.add(node{phone: m.silence, word: w, filler: true, before: before})}
		}
		before = m.maybeSilence(g, ends)
		if part || w == len(words)-1 {
			g.ends = append(g.ends, before...)
		}
	}
	return g
}

// maybeSilence returns what may come before the next word: the nodes themselves, or silence after one of them.
func (m *Model) maybeSilence(g *graph, nodes []int) []int {
	silence := g.add(node{phone: m.silence, word: noWord, senones: m.plain[m.silence], before: nodes})
	return append(append([]int(nil), nodes...), silence)
}

// chainOf makes a graph of the one way that was found, with each sound in its context.
func (m *Model) chainOf(found []segment) *graph {
	g := &graph{}
	for i, s := range found {
		n := node{phone: s.phone, word: s.word, filler: s.filler, senones: m.plain[s.phone], before: []int{i - 1}}
		if s.word != noWord && !s.filler {
			n.senones = m.between(s.phone, neighbour(m, found, i-1), neighbour(m, found, i+1), place(found, i))
		}
		g.add(n)
	}
	g.ends = []int{len(found) - 1}
	return g
}

// neighbour is the sound at i, or silence where there is none that is known.
func neighbour(m *Model, found []segment, i int) phone {
	if i < 0 || i >= len(found) || found[i].filler {
		return m.silence
	}
	return found[i].phone
}

// place is where in its word the sound at i stands.
func place(found []segment, i int) position {
	begins := i == 0 || found[i-1].word != found[i].word
	ends := i == len(found)-1 || found[i+1].word != found[i].word
	switch {
	case begins && ends:
		return alone
	case begins:
		return first
	case ends:
		return last
	default:
		return inside
	}
}
