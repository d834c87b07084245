package offline

import (
	"context"
	"slices"
)

// segment is a sound with the frames that belong to it.
type segment struct {
	phone   phone
	word    int // or noWord
	filler  bool
	senones senones
	from    int                 // first frame
	to      int                 // the frame after the last one
	states  [statesPerPhone]int // how many frames each state has
	score   float32             // log-likelihood of its frames, without transitions
}

func (s *segment) frames() int { return s.to - s.from }

// align finds which frames belong to which sound of the words: first with the sounds as they are by themselves, to choose among
// pronunciations and pauses, then with the sounds in their context. It returns nothing where the recording is too short for the words.
func (e *evidence) align(ctx context.Context, words [][][]phone) ([]segment, error) {
	found, err := e.viterbi(ctx, e.model.graphOf(words, false))
	if err != nil || found == nil {
		return nil, err
	}
	return e.viterbi(ctx, e.model.chainOf(found))
}

// fillerPenalty is what a frame of a word whose sounds are not known loses against the best sound there.
const fillerPenalty = 4

// viterbi finds the likeliest way through a graph (Viterbi, 1967). Nothing is returned where no way has as few frames.
func (e *evidence) viterbi(ctx context.Context, g *graph) ([]segment, error) {
	v := newSearch(e, g)
	for t := range e.frames {
		if err := ctx.Err(); t%block == 0 && err != nil {
			return nil, err
		}
		v.step(t)
	}
	return v.trace(), nil
}

// search is the state of a Viterbi search. Where each state's best way came from is kept in a byte: how many states back in the
// same sound, or, from viaStart on, by which exit of which node before.
type search struct {
	*evidence
	graph     *graph
	now, next []float32 // by node·3+state: log-likelihood of the best way there
	back      []uint8   // by frame, node·3+state
	anything  []float32 // by frame: what the best sound of all scores
	known     []float32 // by senone: its score at a frame
	knownAt   []int32   // by senone: at which frame, from 1 on
}

const (
	viaStart = 8  // the way begins here
	viaNode  = 16 // plus 2·(which of the nodes before) + (which exit)
)

func newSearch(e *evidence, g *graph) *search {
	n := len(g.nodes) * statesPerPhone
	v := &search{
		evidence: e, graph: g, now: make([]float32, n), next: make([]float32, n), back: make([]uint8, n*e.frames), anything: make([]float32, e.frames),
		known: make([]float32, e.model.mix.n), knownAt: make([]int32, e.model.mix.n),
	}
	for i := range v.now {
		v.now[i] = impossible
	}
	return v
}

// step goes on by one frame.
func (v *search) step(t int) {
	v.anything[t] = slices.Max(v.slots(t))
	back := v.back[t*len(v.now) : (t+1)*len(v.now)]
	for i := range v.graph.nodes {
		v.stepNode(t, i, back[i*statesPerPhone:(i+1)*statesPerPhone])
	}
	v.now, v.next = v.next, v.now
}

func (v *search) stepNode(t, i int, back []uint8) {
	n := &v.graph.nodes[i]
	moves, now, next := &v.model.moves[n.phone], v.now[i*statesPerPhone:], v.next[i*statesPerPhone:]
	entry, via := v.enter(t, n)
	for k := range statesPerPhone {
		best, how := impossible, uint8(0)
		if k == 0 {
			best, how = entry, via
		}
		for from := 0; from <= k; from++ {
			if s := now[from] + moves[from][k]; s > best {
				best, how = s, uint8(k-from)
			}
		}
		if best > impossible/2 {
			best += v.emission(t, n, k)
		}
		next[k], back[k] = max(best, impossible), how
	}
}

// enter is the best way into the first state of a node.
func (v *search) enter(t int, n *node) (best float32, via uint8) {
	best = impossible
	for j, b := range n.before {
		if b == start {
			if t == 0 {
				return 0, viaStart
			}
			continue
		}
		if viaNode+2*j+1 > 255 {
			break // more ways than a byte can name; see maxVariants
		}
		moves, now := &v.model.moves[v.graph.nodes[b].phone], v.now[b*statesPerPhone:]
		for exit := range 2 {
			if s := now[exit+1] + moves[exit+1][statesPerPhone]; s > best {
				best, via = s, uint8(viaNode+2*j+exit)
			}
		}
	}
	return best, via
}

func (v *search) emission(t int, n *node, state int) float32 {
	if n.filler {
		return v.anything[t] - fillerPenalty
	}
	senone := n.senones[state]
	if v.knownAt[senone] != int32(t+1) {
		v.known[senone], v.knownAt[senone] = v.score(t, senone), int32(t+1)
	}
	return v.known[senone]
}

// trace follows the best way back.
func (v *search) trace() []segment {
	best, at := impossible/2, -1
	for _, n := range v.graph.ends {
		for k := 1; k < statesPerPhone; k++ {
			if s := v.now[n*statesPerPhone+k]; s > best {
				best, at = s, n*statesPerPhone+k
			}
		}
	}
	if at < 0 {
		return nil
	}
	var reversed []segment
	for t, fresh := v.frames-1, true; t >= 0; t-- {
		i, k := at/statesPerPhone, at%statesPerPhone
		n := &v.graph.nodes[i]
		if fresh {
			reversed = append(reversed, segment{phone: n.phone, word: n.word, filler: n.filler, senones: n.senones, to: t + 1})
		}
		s := &reversed[len(reversed)-1]
		s.from = t
		s.states[k]++
		s.score += v.emission(t, n, k)
		how := int(v.back[t*len(v.now)+at])
		if fresh = how >= viaNode; fresh {
			at = n.before[(how-viaNode)/2]*statesPerPhone + 1 + (how-viaNode)%2
		} else if how < viaStart {
			at -= how
		}
	}
	slices.Reverse(reversed)
	return reversed
}
