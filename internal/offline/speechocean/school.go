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
	soundGrowth    = forest.Growth{Trees: 160, Depth: 5, Rate: 0.08, Share: 0.6, Asked: 0.6, Leaf: 40, Shrink: 20, Seed: 1}
	wordGrowth     = forest.Growth{Trees: 160, Depth: 4, Rate: 0.07, Share: 0.6, Asked: 0.6, Leaf: 30, Shrink: 20, Seed: 2}
	sentenceGrowth = forest.Growth{Trees: 160, Depth: 3, Rate: 0.06, Share: 0.6, Asked: 0.5, Leaf: 20, Shrink: 20, Seed: 3}
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
}

func (t *table) add(row []float64, target float64, fold int) {
	t.rows, t.targets, t.folds = append(t.rows, row), append(t.targets, target), append(t.folds, fold)
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

// teach makes a judge of the lessons. The marks that words are judged by come from forests that have not seen their speakers, as it will
// be with everybody else. scores are the correlations by fold.
func teach(m *offline.Model, all []lesson) (*offline.Judge, map[string]float64, error) {
	hearing, err := trainEars(m, all)
	if err != nil {
		return nil, nil, err
	}
	in := foldsOf(all)
	j := &offline.Judge{Phones: m.Phones(), Priors: priors(m, all), Lengths: lengths(m, all), Ear: hearing.final}
	scores := map[string]float64{}

	var sounds table
	for i := range all {
		for k := range all[i].Right.Words {
			heard := &all[i].Right.Words[k]
			marks, ok := marksOf(&all[i].Words[k], heard)
			for s := range marks {
				target := marks[s]
				if !ok[s] {
					target = 2
				}
				sounds.add(m.SoundFeatures(all[i].Right, heard, s, j), target, in[i])
			}
		}
	}
	blind := sounds.blind(soundGrowth)
	j.Sound = sounds.grow(soundGrowth)
	scores["phone"] = pearson(blind, sounds.targets)

	var words, said table
	var wordTargets []float64   // the published ones
	var wordMarks [][][]float64 // by lesson, word: marks of its sounds
	at := 0
	for i := range all {
		wordMarks = append(wordMarks, nil)
		for k := range all[i].Right.Words {
			n := len(all[i].Right.Words[k].Sounds)
			marks := blind[at : at+n]
			at += n
			wordMarks[i] = append(wordMarks[i], marks)
			row := offline.WordFeatures(all[i].Right, k, marks)
			words.add(row, all[i].Words[k].Mean, in[i])
			wordTargets = append(wordTargets, all[i].Words[k].Accuracy)
			if all[i].Words[k].Accuracy >= 4 {
				said.add(row, 1, in[i])
			}
		}
		if swapped := all[i].Swapped; swapped != nil {
			k := all[i].SwappedAt
			said.add(offline.WordFeatures(swapped, k, marksBy(m, j, swapped, k)), 0, in[i])
		}
	}
	blindWords := words.blind(wordGrowth)
	j.Word, j.Said = words.grow(wordGrowth), said.grow(wordGrowth)
	scores["word"] = pearson(blindWords, wordTargets)

	var accuracy, fluency, prosody, total, same table
	at = 0
	for i := range all {
		n := len(all[i].Right.Words)
		var flat []float64
		for _, marks := range wordMarks[i] {
			flat = append(flat, marks...)
		}
		row := offline.SentenceFeatures(all[i].Right, j, flat, blindWords[at:at+n])
		at += n
		accuracy.add(row, all[i].Mean.Accuracy, in[i])
		fluency.add(row, all[i].Mean.Fluency, in[i])
		prosody.add(row, all[i].Mean.Prosody, in[i])
		total.add(row, all[i].Mean.Total, in[i])
		same.add(row, 1, in[i])
		if other := all[i].Other; other != nil {
			same.add(features(m, j, other), 0, in[i])
		}
	}
	for name, t := range map[string]struct {
		table     *table
		forest    *forest.Forest
		published func(*lesson) float64
	}{
		"accuracy": {&accuracy, &j.Accuracy, func(l *lesson) float64 { return l.Accuracy }}, "fluency": {&fluency, &j.Fluency, func(l *lesson) float64 { return l.Fluency }},
		"prosody": {&prosody, &j.Prosody, func(l *lesson) float64 { return l.Prosody }}, "total": {&total, &j.Overall, func(l *lesson) float64 { return l.Total }},
	} {
		scores[name] = pearson(t.table.blind(sentenceGrowth), publishedBy(all, t.published))
		*t.forest = t.table.grow(sentenceGrowth)
	}
	j.Same = same.grow(sentenceGrowth)
	sameBlind, saidBlind := same.blind(sentenceGrowth), said.blind(wordGrowth)
	scores["other sentence, AUC"], scores["unrelated word, AUC"] = split(sameBlind, same.targets), split(saidBlind, said.targets)
	bars(os.Stdout, "the sentence, another one", sameBlind, same.targets, 0.5, 0.5, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
	bars(os.Stdout, "the word, an unrelated one", saidBlind, said.targets, 0.5, 0.5, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
	bars(os.Stdout, "good words, bad ones", blindWords, wordTargets, 9, 6, 5, 6, 7, 7.5, 8, 8.5, 9)
	return j, scores, nil
}

func publishedBy(all []lesson, of func(*lesson) float64) (out []float64) {
	for i := range all {
		out = append(out, of(&all[i]))
	}
	return out
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
		marks[s] = j.Sound.Predict(m.SoundFeatures(r, w, s, j))
	}
	return marks
}

// features of a sentence as the judge makes them of its own marks.
func features(m *offline.Model, j *offline.Judge, r *offline.Reading) []float64 {
	var sounds, words []float64
	for k := range r.Words {
		marks := marksBy(m, j, r, k)
		sounds = append(sounds, marks...)
		words = append(words, j.Word.Predict(offline.WordFeatures(r, k, marks)))
	}
	return offline.SentenceFeatures(r, j, sounds, words)
}
