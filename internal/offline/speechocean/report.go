package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/englishapp/englishctl/internal/offline"
)

// marker marks a reading: with sounds from 0 to 2, all else in any unit.
type marker func(r *offline.Reading) offline.Opinion

// byFormula marks by goodness alone, and the sentence by the linear formulas.
func byFormula(r *offline.Reading) offline.Opinion {
	m := offline.Linear(r)
	o := offline.Opinion{Accuracy: m.Accuracy, Fluency: m.Fluency, Prosody: m.Fluency, Overall: m.Overall, Same: m.Goodness}
	for i := range r.Words {
		marks := make([]float64, len(r.Words[i].Sounds))
		for k := range marks {
			marks[k] = r.Words[i].Sounds[k].Goodness
		}
		o.Sounds = append(o.Sounds, marks)
		o.Words = append(o.Words, r.Words[i].Goodness())
		o.Said = append(o.Said, r.Words[i].Goodness())
	}
	return o
}

// agreement is how well marks agree with experts.
type agreement struct {
	name   string
	values map[string]float64
}

// measures are what is measured, with what others have published: GOPT (Gong, Chen, Chu and Gales, ICASSP 2022, table 2, for Librispeech's
// acoustic model). Those by means are against the means of the experts' marks, where these are known, instead of their whole medians.
var measures = []struct{ name, gopt string }{
	{"phone", "0.612"}, {"word", "0.533"}, {"accuracy", "0.714"}, {"fluency", "0.753"}, {"prosody", "0.760"}, {"total", "0.742"},
	{"accuracy, means", "-"}, {"fluency, means", "-"}, {"prosody, means", "-"}, {"total, means", "-"},
	{"other sentence, AUC", "-"}, {"unrelated word, AUC", "-"}, {"bad word, AUC", "-"},
}

func agree(all []lesson, mark marker) map[string]float64 {
	var p, w [2][]float64
	var published, means [offline.MarksPerSentence][2][]float64
	var right, other, said, unrelated, good, bad []float64
	add := func(to *[2][]float64, x, y float64) { to[0], to[1] = append(to[0], x), append(to[1], y) }
	for i := range all {
		l := &all[i]
		o := mark(l.Right)
		for k := range l.Words {
			addSounds(&p, &l.Words[k], &l.Right.Words[k], o.Sounds[k])
			add(&w, o.Words[k], l.Words[k].Accuracy)
			switch a := l.Words[k].Accuracy; {
			case a < 6:
				bad = append(bad, -o.Words[k])
			case a >= 9:
				good = append(good, -o.Words[k])
			}
		}
		for k, given := range [...]float64{o.Accuracy, o.Fluency, o.Prosody, o.Overall} {
			add(&published[k], given, l.published()[k])
			add(&means[k], given, l.means()[k])
		}
		if l.Other != nil {
			right, other = append(right, o.Same), append(other, mark(l.Other).Same)
		}
		if l.Swapped != nil {
			said, unrelated = append(said, o.Said[l.SwappedAt]), append(unrelated, mark(l.Swapped).Said[l.SwappedAt])
		}
	}
	values := map[string]float64{
		"phone": pearson(p[0], p[1]), "word": pearson(w[0], w[1]), "other sentence, AUC": auc(right, other),
		"unrelated word, AUC": auc(said, unrelated), "bad word, AUC": auc(bad, good),
	}
	for k, name := range sentenceMarks {
		values[name] = pearson(published[k][0], published[k][1])
		values[name+", means"] = pearson(means[k][0], means[k][1])
	}
	return values
}

// addSounds adds the marks of all sounds of the corpus. One that the model has not heard as such has the mean of its word.
func addSounds(to *[2][]float64, w *word, heard *offline.Word, marks []float64) {
	names, mean := make([]string, len(heard.Sounds)), 0.0
	for i := range heard.Sounds {
		names[i] = heard.Sounds[i].Phone
		mean += marks[i] / float64(len(marks))
	}
	for i, at := range pairs(w.Phones, names) {
		mark := mean
		if at >= 0 {
			mark = marks[at]
		}
		to[0], to[1] = append(to[0], mark), append(to[1], w.Marks[i])
	}
}

// report prints a line for each measure.
func report(out io.Writer, columns []agreement) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(t, "measure\tGOPT")
	for _, c := range columns {
		_, _ = fmt.Fprintf(t, "\t%s", c.name)
	}
	_, _ = fmt.Fprintln(t)
	for _, m := range measures {
		_, _ = fmt.Fprintf(t, "%s\t%s", m.name, m.gopt)
		for _, c := range columns {
			v, ok := c.values[m.name]
			if !ok || math.IsNaN(v) {
				_, _ = fmt.Fprint(t, "\t-")
				continue
			}
			_, _ = fmt.Fprintf(t, "\t%.3f", v)
		}
		_, _ = fmt.Fprintln(t)
	}
	return t.Flush()
}

// refusals prints how many get no marks from the program's own judge: of those who read the sentence, and of those who read another one.
func refusals(out io.Writer, m *offline.Model, all []lesson) {
	var refused, n [2]int
	for i := range all {
		for k, r := range []*offline.Reading{all[i].Right, all[i].Other} {
			if r == nil {
				continue
			}
			n[k]++
			if marks := m.Mark(r); marks.Check(r) != nil {
				refused[k]++
			}
		}
	}
	_, _ = fmt.Fprintf(out, "no marks: %d of %d who read the sentence, %d of %d who read another one\n", refused[0], n[0], refused[1], n[1])
}

// pace prints how long hearing took for a second of sound.
func pace(out io.Writer, all []lesson) {
	var took []time.Duration
	for _, l := range all {
		took = append(took, time.Duration(float64(l.Took)/l.Seconds*5))
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	_, _ = fmt.Fprintf(out, "5 s of sound took %s in the median, %s at the 95th percentile, with what else the machine did\n",
		took[len(took)/2].Round(time.Millisecond), took[len(took)*95/100].Round(time.Millisecond))
}
