package offline

import (
	"context"
	"slices"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// Somebody who stops in the middle of a sentence, or begins there, or leaves out a word of a short one, has not read another one: what was
// read gets its marks, and the rest is left out.

const (
	// partFrom is the share of the words that have to be read, and partWords how many of them.
	partFrom  = 0.4
	partWords = 2
	// doubtfulWhole is how complete, in percent, a reading is at most that may be of a part.
	doubtfulWhole = 75
	// surePart is the judge's opinion from which on a part was read. It is higher than for whole texts: a part is easier found where it is not.
	// Of 500 of the train split, 83 % of those who stop after half of the words are above it, and 4 % of those who read another sentence have marks at all.
	surePart = 0.85
	// sureWithout is the judge's opinion from which on a text was read but for one word, where it has leastWords to mostWords: in longer ones a
	// word more or less makes no other text. Of 220 sentences of the test split with an unrelated word put in, 54 were refused, and 42 of these are
	// above it; of 220 with one replaced 17 of 37; of 500 that others read 2 of the 474 that were refused.
	sureWithout = 0.9
	leastWords  = 3
	mostWords   = 8
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
	marks.among(tokens, func(i int) bool { return i >= from && i < to })
	return marks, ok, nil
}

// readWithout marks a short text but for the word without which it fits the recording best; ok is false where it fits without none of them.
// That word was left out or said badly, whichever the marks of the whole say.
func (h *Hearing) readWithout(ctx context.Context, text string, whole *Marks) (best Marks, ok bool, err error) {
	m := h.model
	tokens := m.speak(text)
	if len(tokens) < leastWords || len(tokens) > mostWords {
		return best, false, nil
	}
	for missing, t := range tokens {
		if !t.known() { // nobody can tell whether it is missing
			continue
		}
		r, err := h.read(ctx, slices.Concat(tokens[:missing], tokens[missing+1:]))
		if err != nil {
			return best, false, err
		}
		marks := m.Mark(r)
		if marks.Confidence < max(sureWithout, best.Confidence) || marks.Check(r) != nil {
			continue
		}
		marks.among(tokens, func(i int) bool { return i != missing })
		w := &marks.Words[missing]
		w.Left, w.Score = whole.Words[missing].Left, min(whole.Words[missing].Score, poorBelow)
		best, ok = marks, true
	}
	return best, ok, nil
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

// among makes marks of the tokens that were read those of all: the others were left out, and the whole is worth as much as the share of it
// that was said.
func (m *Marks) among(tokens []token, read func(i int) bool) {
	said := m.Words
	share := float64(len(said)) / float64(len(tokens))
	m.Words = make([]WordMark, 0, len(tokens))
	for i, t := range tokens {
		if !read(i) {
			m.Words = append(m.Words, WordMark{Text: t.written, Known: t.known(), Left: true, Band: pronunciation.Poor})
			continue
		}
		m.Words, said = append(m.Words, said[0]), said[1:]
	}
	m.Completeness *= share
	m.Overall *= share
}
