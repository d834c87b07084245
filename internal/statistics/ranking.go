package statistics

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// MinAttempts is how often a sentence must have been scored by a source in a period before its average says anything.
const MinAttempts = 5

// spare is how many sentences are ranked: some beyond those that are listed, since a deleted one leaves the list at once.
const spare = 2 * listed

// ranker makes lists of tallies that come sentence by sentence, and keeps no more than stands in them.
type ranker struct {
	// lists are those of each period by source; that of wrong answers has no source.
	lists []map[string]*top
	// incorrect are the answers of the sentence that is being read, over all sources.
	speech    uuid.UUID
	incorrect []TallyCount
}

func newRanker(periods int) *ranker {
	k := &ranker{lists: make([]map[string]*top, periods), incorrect: make([]TallyCount, periods)}
	for i := range k.lists {
		k.lists[i] = map[string]*top{}
	}
	return k
}

// add takes the next tally.
func (k *ranker) add(t Tally) {
	if t.SpeechID != k.speech {
		k.close()
		k.speech = t.SpeechID
	}
	for i, c := range t.Counts {
		k.incorrect[i].Attempts += c.Attempts
		k.incorrect[i].Incorrect += c.Incorrect
		if t.Source == "" || c.Attempts < MinAttempts {
			continue
		}
		k.list(i, t.Source, harder).add(candidate{t.SpeechID, c, c.Sum / float64(c.Attempts)})
	}
}

// close ends a sentence, whose wrong answers are all counted by now.
func (k *ranker) close() {
	for i, c := range k.incorrect {
		if c.Incorrect > 0 {
			k.list(i, "", moreOftenWrong).add(candidate{k.speech, c, 0})
		}
		k.incorrect[i] = TallyCount{}
	}
}

func (k *ranker) list(period int, source string, compare func(a, b candidate) int) *top {
	t := k.lists[period][source]
	if t == nil {
		t = &top{compare: compare}
		k.lists[period][source] = t
	}
	return t
}

// rankings returns the lists of a period of so many days, after the last tally.
func (k *ranker) rankings(i, days int) []Ranking {
	k.close()
	var all []Ranking
	for _, source := range slices.Sorted(maps.Keys(k.lists[i])) {
		for place, c := range k.lists[i][source].best {
			r := Ranking{
				Period: days, Measure: ByIncorrect, Source: source, Place: place + 1, SpeechID: c.speech,
				Attempts: c.count.Attempts, Incorrect: c.count.Incorrect,
			}
			if source != "" {
				r.Measure, r.Average = ByScore, average(c.count.Sum, c.count.Attempts)
			}
			all = append(all, r)
		}
	}
	return all
}

// candidate is a sentence that may be among the hardest.
type candidate struct {
	speech  uuid.UUID
	count   TallyCount
	average float64
}

// harder sorts by average score, the lowest first, then the one with more attempts, then the older one.
func harder(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.average, b.average), cmp.Compare(b.count.Attempts, a.count.Attempts), bytes.Compare(a.speech[:], b.speech[:]))
}

// moreOftenWrong sorts by wrong answers, the most first, then the one with fewer attempts, then the older one.
func moreOftenWrong(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.count.Incorrect, a.count.Incorrect), cmp.Compare(a.count.Attempts, b.count.Attempts), bytes.Compare(a.speech[:], b.speech[:]))
}

// top keeps the first few of what it is given, in order.
type top struct {
	compare func(a, b candidate) int
	best    []candidate
}

func (t *top) add(c candidate) {
	if len(t.best) == spare && t.compare(c, t.best[spare-1]) >= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(t.best, c, t.compare)
	t.best = slices.Insert(t.best, i, c)
	t.best = t.best[:min(len(t.best), spare)]
}
