package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/offline/forest"
)

// lesson is an utterance with what was heard of it.
type lesson struct {
	utterance
	heard
}

// join puts experts and model together. It returns an error where the words of an utterance are not those of the experts.
func join(split []utterance, all []heard) (out []lesson, err error) {
	byID := map[string]utterance{}
	for _, u := range split {
		byID[u.ID] = u
	}
	for _, h := range all {
		u := byID[h.ID]
		if h.Right == nil || len(u.Words) != len(h.Right.Words) {
			return nil, fmt.Errorf("%s: what was heard of it has other words than the experts have marked", h.ID)
		}
		out = append(out, lesson{u, h})
	}
	return out, nil
}

// marksOf are the experts' marks of the sounds of a word as the model heard them; ok is false where the corpus has none.
func marksOf(w *word, heard *offline.Word) (marks []float64, ok []bool) {
	names := make([]string, len(heard.Sounds))
	for i, s := range heard.Sounds {
		names[i] = s.Phone
	}
	marks, ok = make([]float64, len(names)), make([]bool, len(names))
	for i, at := range pairs(names, w.Phones) {
		if at >= 0 {
			marks[i], ok[i] = w.Marks[at], true
		}
	}
	return marks, ok
}

// How the forests grow. Chosen on the train split by folds.
var (
	soundGrowth = forest.Growth{Trees: 160, Depth: 5, Rate: 0.08, Share: 0.6, Asked: 0.6, Leaf: 40, Shrink: 20, Seed: 1}
	wordGrowth  = forest.Growth{Trees: 160, Depth: 4, Rate: 0.07, Share: 0.6, Asked: 0.6, Leaf: 30, Shrink: 20, Seed: 2}
	sameGrowth  = forest.Growth{Trees: 160, Depth: 3, Rate: 0.06, Share: 0.6, Asked: 0.5, Leaf: 20, Shrink: 20, Seed: 3}
)

// folds is how many parts the speakers are dealt into.
const folds = 5

// fold is the part that a speaker belongs to.
func foldsOf(all []lesson) []int {
	var speakers []string
	for _, l := range all {
		speakers = append(speakers, l.Speaker)
	}
	order := slices.Compact(slices.Sorted(slices.Values(speakers)))
	out := make([]int, len(all))
	for i, l := range all {
		at, _ := slices.BinarySearch(order, l.Speaker)
		out[i] = at % folds
	}
	return out
}

// table is what a forest learns from: rows of features, what experts say, and whose fold each row belongs to.
type table struct {
	rows    [][]float64
	targets []float64
	folds   []int
	copied  []bool // which are of recordings that were made worse; what is measured are the others
}

func (t *table) add(row []float64, target float64, fold int, copied bool) {
	t.rows, t.targets, t.folds, t.copied = append(t.rows, row), append(t.targets, target), append(t.folds, fold), append(t.copied, copied)
}

// clean are those of some values, by row, that are of recordings as they are.
func (t *table) clean(values []float64) (out []float64) {
	for i, v := range values {
		if !t.copied[i] {
			out = append(out, v)
		}
	}
	return out
}

// blind predicts each row by a forest that has not seen its fold.
func (t *table) blind(g forest.Growth) []float64 {
	out := make([]float64, len(t.rows))
	for f := range folds {
		var rows [][]float64
		var targets []float64
		for i, of := range t.folds {
			if of != f {
				rows, targets = append(rows, t.rows[i]), append(targets, t.targets[i])
			}
		}
		grown := g.Grow(rows, targets, nil)
		for i, of := range t.folds {
			if of == f {
				out[i] = grown.Predict(t.rows[i])
			}
		}
	}
	return out
}

func (t *table) grow(g forest.Growth) forest.Forest { return *g.Grow(t.rows, t.targets, nil) }

// panel makes a forest and an examiner.
func (t *table) panel(g forest.Growth, c course) offline.Panel {
	return offline.Panel{Forest: t.grow(g), Examiner: *c.examine(t.rows, t.single())}
}

// blindPanel predicts each row by a panel that has not seen its fold.
func (t *table) blindPanel(g forest.Growth, c course) []float64 {
	out := t.blind(g)
	for i, mark := range c.blind(t.rows, t.single(), t.folds) {
		out[i] = (out[i] + mark[0]) / 2
	}
	return out
}

// single makes a row of each target.
func (t *table) single() (rows [][]float64) {
	for _, target := range t.targets {
		rows = append(rows, []float64{target})
	}
	return rows
}

// school is what one judge learns from, and how well it does by folds.
type school struct {
	m      *offline.Model
	all    []lesson
	in     []int // the fold of each lesson
	j      *offline.Judge
	scores map[string]float64
}

// teach makes a judge of the lessons. The marks that words are judged by come from forests that have not seen their speakers, as it will
// be with everybody else. scores are the correlations by fold.
func teach(m *offline.Model, all []lesson) (_ *offline.Judge, scores map[string]float64, err error) {
	hearing, err := trainEars(m, all)
	if err != nil {
		return nil, nil, err
	}
	s := &school{
		m: m, all: all, in: foldsOf(all), scores: map[string]float64{},
		j: &offline.Judge{Phones: m.Phones(), Priors: priors(m, all), Lengths: lengths(m, all), Ear: hearing.final},
	}
	sounds := s.sounds()
	s.sentences(sounds, s.words(sounds))
	return s.j, s.scores, nil
}

// sounds teaches sounds, and returns their marks by lesson, word and sound.
func (s *school) sounds() [][][]float64 {
	var t table
	for i := range s.all {
		for k := range s.all[i].Right.Words {
			heard := &s.all[i].Right.Words[k]
			marks, ok := marksOf(&s.all[i].Words[k], heard)
			for n := range marks {
				target := marks[n]
				if !ok[n] {
					target = 2
				}
				t.add(s.m.SoundFeatures(s.all[i].Right, heard, n, s.j), target, s.in[i], s.all[i].Copy)
			}
		}
	}
	blind := t.blindPanel(soundGrowth, soundCourse)
	s.j.Sound = t.panel(soundGrowth, soundCourse)
	s.scores["phone"] = pearson(t.clean(blind), t.clean(t.targets))

	out := make([][][]float64, len(s.all))
	for i := range s.all {
		for _, w := range s.all[i].Right.Words {
			out[i] = append(out[i], blind[:len(w.Sounds)])
			blind = blind[len(w.Sounds):]
		}
	}
	return out
}

// words teaches words by the marks of their sounds, and which words were said, and returns the marks of the words by lesson.
func (s *school) words(sounds [][][]float64) [][]float64 {
	var words, said table
	var published []float64
	for i := range s.all {
		for k := range s.all[i].Right.Words {
			row := offline.WordFeatures(s.all[i].Right, k, sounds[i][k])
			words.add(row, s.all[i].Words[k].Mean, s.in[i], s.all[i].Copy)
			published = append(published, s.all[i].Words[k].Accuracy)
			if s.all[i].Words[k].Accuracy >= 4 {
				said.add(row, 1, s.in[i], s.all[i].Copy)
			}
		}
		if swapped := s.all[i].Swapped; swapped != nil {
			k := s.all[i].SwappedAt
			said.add(offline.WordFeatures(swapped, k, marksBy(s.m, s.j, swapped, k)), 0, s.in[i], s.all[i].Copy)
		}
	}
	blind, blindSaid := words.blindPanel(wordGrowth, wordCourse), said.blind(wordGrowth)
	s.j.Word, s.j.Said = words.panel(wordGrowth, wordCourse), said.grow(wordGrowth)
	cleanSaid, wasSaid, cleanWords := said.clean(blindSaid), said.clean(said.targets), words.clean(blind)
	published = words.clean(published)
	s.scores["word"] = pearson(cleanWords, published)
	s.scores["unrelated word, AUC"] = split(cleanSaid, wasSaid)
	bars(os.Stdout, "the word, an unrelated one", cleanSaid, wasSaid, 0.5, 0.5, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
	bars(os.Stdout, "good words, bad ones", cleanWords, published, 9, 6, 5, 6, 7, 7.5, 8, 8.5, 9)

	out := make([][]float64, len(s.all))
	for i := range s.all {
		n := len(s.all[i].Right.Words)
		out[i], blind = blind[:n], blind[n:]
	}
	return out
}

// sentences teaches what is said of the whole, by the marks of sounds and words.
func (s *school) sentences(sounds [][][]float64, words [][]float64) {
	var rows, experts [][]float64
	var same table
	for i := range s.all {
		row := offline.SentenceFeatures(s.all[i].Right, s.j, slices.Concat(sounds[i]...), words[i])
		rows, experts = append(rows, row), append(experts, s.all[i].means())
		same.add(row[:offline.SameNumbers], 1, s.in[i], s.all[i].Copy)
		if other := s.all[i].Other; other != nil {
			same.add(features(s.m, s.j, other)[:offline.SameNumbers], 0, s.in[i], s.all[i].Copy)
		}
	}
	s.j.Sentence = *sentenceCourse.examine(rows, experts)
	given := sentenceCourse.blind(rows, experts, s.in)
	for k, name := range sentenceMarks {
		var got, published []float64
		for i := range s.all {
			if !s.all[i].Copy {
				got, published = append(got, given[i][k]), append(published, s.all[i].published()[k])
			}
		}
		s.scores[name] = pearson(got, published)
	}
	blind, targets := same.clean(same.blind(sameGrowth)), same.clean(same.targets)
	s.j.Same = same.grow(sameGrowth)
	s.scores["other sentence, AUC"] = split(blind, targets)
	bars(os.Stdout, "the sentence, another one", blind, targets, 0.5, 0.5, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
}

// sentenceMarks are the names of the marks of a sentence, in the examiner's order.
var sentenceMarks = [offline.MarksPerSentence]string{"accuracy", "fluency", "prosody", "total"}

// means are the means of the experts' marks, in the same order.
func (u *utterance) means() []float64 {
	return []float64{u.Mean.Accuracy, u.Mean.Fluency, u.Mean.Prosody, u.Mean.Total}
}

// published are the marks as the corpus sums them up, in the same order.
func (u *utterance) published() []float64 {
	return []float64{u.Accuracy, u.Fluency, u.Prosody, u.Total}
}

// bars prints how many of those whose targets are from high on, and below low, are below some bars.
func bars(out io.Writer, names string, predicted, targets []float64, high, low float64, at ...float64) {
	for _, bar := range at {
		var below, n [2]float64
		for i, t := range targets {
			k := 0
			switch {
			case t >= high:
			case t < low:
				k = 1
			default:
				continue
			}
			n[k]++
			if predicted[i] < bar {
				below[k]++
			}
		}
		_, _ = fmt.Fprintf(out, "below %4.2f: %5.1f %%, %5.1f %% (%s)\n", bar, 100*below[0]/n[0], 100*below[1]/n[1], names)
	}
}

// split is the AUC of predictions for targets of 1 and 0.
func split(predicted, targets []float64) float64 {
	var high, low []float64
	for i, p := range predicted {
		if targets[i] > 0 {
			high = append(high, p)
		} else {
			low = append(low, p)
		}
	}
	return auc(high, low)
}

// priors are the mean marks of the sounds, drawn to the mean of all where there are few.
func priors(m *offline.Model, all []lesson) []float64 {
	const few = 20
	phones := m.Phones()
	sum, n := make([]float64, len(phones)), make([]float64, len(phones))
	for i := range all {
		for k := range all[i].Right.Words {
			heard := &all[i].Right.Words[k]
			marks, ok := marksOf(&all[i].Words[k], heard)
			for s := range marks {
				if ok[s] {
					sum[heard.Sounds[s].Number] += marks[s]
					n[heard.Sounds[s].Number]++
				}
			}
		}
	}
	for p := range sum {
		sum[p] = (sum[p] + few*1.9) / (n[p] + few)
	}
	return sum
}

// lengths are the mean logarithms of the lengths of the sounds in frames, drawn to the mean of all where there are few.
func lengths(m *offline.Model, all []lesson) []float64 {
	const few = 20
	sum, n := make([]float64, len(m.Phones())), make([]float64, len(m.Phones()))
	total, count := 0.0, 0.0
	for i := range all {
		for k := range all[i].Right.Words {
			for _, s := range all[i].Right.Words[k].Sounds {
				l := math.Log(float64(s.Frames()))
				sum[s.Number] += l
				n[s.Number]++
				total += l
				count++
			}
		}
	}
	for p := range sum {
		sum[p] = (sum[p] + few*total/count) / (n[p] + few)
	}
	return sum
}

func marksBy(m *offline.Model, j *offline.Judge, r *offline.Reading, k int) []float64 {
	w := &r.Words[k]
	marks := make([]float64, len(w.Sounds))
	for s := range marks {
		marks[s] = j.Sound.Mark(m.SoundFeatures(r, w, s, j))
	}
	return marks
}

// features of a sentence as the judge makes them of its own marks.
func features(m *offline.Model, j *offline.Judge, r *offline.Reading) []float64 {
	var sounds, words []float64
	for k := range r.Words {
		marks := marksBy(m, j, r, k)
		sounds = append(sounds, marks...)
		words = append(words, j.Word.Mark(offline.WordFeatures(r, k, marks)))
	}
	return offline.SentenceFeatures(r, j, sounds, words)
}
