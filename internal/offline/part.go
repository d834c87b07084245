package offline

import (
	"context"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Somebody who stops in the middle of a sentence, or begins there, has not read another one: what was read gets its marks, and the rest is
// left out.

const (
	// partFrom is the share of the words that have to be read, and partWords how many of them.
	partFrom  = 0.4
	partWords = 2
	// doubtfulWhole is how complete, in percent, a reading is at most that may be of a part.
	doubtfulWhole = 75
	// surePart is the judge's opinion from which on a part was read. It is higher than for whole texts: a part is easier found where it is not.
	// Of 500 of the train split, 83 % of those who stop after half of the words are above it, and 4 % of those who read another sentence have marks at all.
	surePart = 0.85
	// mostSpeech is the share of what sounds like speech that the part has to cover.
	mostSpeech = 0.5
)

// readPart marks the words of the text that were read in a row, as part of the whole; ok is false where that are too few.
func (h *Hearing) readPart(ctx context.Context, text string) (marks Marks, ok bool, err error) {
	m := h.model
	tokens := m.speak(text)
	from, to, err := h.stretch(ctx, tokens)
	if err != nil || to-from == len(tokens) || to-from < partWords || float64(to-from) < partFrom*float64(len(tokens)) {
		return marks, false, err
	}
	r, err := h.read(ctx, tokens[from:to])
	if err != nil {
		return marks, false, err
	}
	marks = m.Mark(r)
	ok = marks.Check(r) == nil && marks.Confidence >= surePart && float64(r.Voiced) >= mostSpeech*float64(r.Speech)
	marks.within(tokens, from, to)
	return marks, ok, nil
}

// stretch finds the tokens in a row that fit the recording best.
func (h *Hearing) stretch(ctx context.Context, tokens []token) (from, to int, err error) {
	words, owner := spokenWords(tokens)
	found, err := h.viterbi(ctx, h.model.graphOf(words, true))
	if err != nil {
		return 0, 0, err
	}
	from = len(tokens)
	for _, s := range found {
		if s.word != noWord {
			from, to = min(from, owner[s.word]), owner[s.word]+1
		}
	}
	return min(from, to), to, nil
}

// within makes marks of the tokens from one number up to another those of all: the others were left out, and the whole is worth as much as
// the share of it that was said.
func (m *Marks) within(tokens []token, from, to int) {
	var words []WordMark
	for i, t := range tokens {
		if i >= from && i < to {
			words = append(words, m.Words[i-from])
			continue
		}
		words = append(words, WordMark{Text: t.written, Known: t.known(), Left: true, Band: pronunciation.Poor})
	}
	share := float64(to-from) / float64(len(tokens))
	m.Words = words
	m.Completeness *= share
	m.Overall *= share
}
