package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"

	"github.com/englishapp/englishctl/internal/offline"
)

// measureConditions prints a line for each condition.
func measureConditions(ctx context.Context, m *offline.Model, split []utterance, clips int) error {
	all := possible(ctx, conditions())
	chosen, attempts, err := underConditions(ctx, m, split, clips, all)
	if err != nil {
		return err
	}
	fmt.Printf("%d utterances of the test split\n", len(chosen))
	return reportConditions(os.Stdout, all, chosen, attempts)
}

// possible leaves the conditions out that cannot be made here, and says so.
func possible(ctx context.Context, all []condition) (out []condition) {
	for _, c := range all {
		if _, err := c.worsen(ctx, make([]int16, 16_000), nil, 1); err != nil {
			fmt.Fprintf(os.Stderr, "not measured: %s: %v\n", c.name, err)
			continue
		}
		out = append(out, c)
	}
	return out
}

// robustness is what a condition does to the marks.
type robustness struct {
	total, accuracy   float64 // correlation with the experts, of the recordings that have marks
	shift, distance   float64 // of the overall mark from the clean one's: mean, and mean without sign
	sentence, word    float64 // AUC against another sentence, and against an unrelated word
	different, noisy  float64 // share of the recordings that are refused as another sentence, and for other reasons
	otherRefused      float64 // share of the readings of other sentences that are refused
	falselyLeft, good float64 // share of words that are said not to have been said, and that are called good
}

func robustnessOf(chosen []utterance, attempts [][]attempt, at int) (r robustness) {
	var total, accuracy, experts, expertsAccuracy, same, otherSame, said, unrelated []float64
	others, words := 0, 0.0
	n := float64(len(attempts))
	for i := range attempts {
		a, clean := &attempts[i][at], &attempts[i][0]
		switch a.right.refused {
		case "":
			total, experts = append(total, a.right.marks.Overall), append(experts, chosen[i].Total)
			accuracy, expertsAccuracy = append(accuracy, a.right.marks.Accuracy), append(expertsAccuracy, chosen[i].Accuracy)
			d := a.right.marks.Overall - clean.right.marks.Overall
			r.shift += d
			r.distance += math.Abs(d)
		case "different_sentence":
			r.different += 1 / n
		default:
			r.noisy += 1 / n
		}
		same = append(same, a.right.same)
		for _, w := range a.right.marks.Words {
			words++
			if !w.Said {
				r.falselyLeft++
			}
			if w.Band == "good" {
				r.good++
			}
		}
		if a.other != nil {
			others++
			otherSame = append(otherSame, a.other.same)
			if a.other.refused != "" {
				r.otherRefused++
			}
		}
		if a.swapped != nil {
			said, unrelated = append(said, a.right.said), append(unrelated, a.swapped.said)
		}
	}
	r.falselyLeft /= words
	r.good /= words
	r.otherRefused /= float64(max(others, 1))
	r.shift /= float64(max(len(total), 1))
	r.distance /= float64(max(len(total), 1))
	r.total, r.accuracy = pearson(total, experts), pearson(accuracy, expertsAccuracy)
	r.sentence, r.word = auc(same, otherSame), auc(said, unrelated)
	return r
}

func reportConditions(out io.Writer, all []condition, chosen []utterance, attempts [][]attempt) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "condition\ttotal, r\taccuracy, r\tshift\tdistance\tother sentence, AUC\tunrelated word, AUC\tsaid to be another\trefused as noisy\tother ones refused\twords not said\twords good")
	for i, c := range all {
		r := robustnessOf(chosen, attempts, i)
		_, _ = fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%+.1f\t%.1f\t%.3f\t%.3f\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\n", c.name, r.total, r.accuracy, r.shift, r.distance, r.sentence, r.word,
			100*r.different, 100*r.noisy, 100*r.otherRefused, 100*r.falselyLeft, 100*r.good)
	}
	return t.Flush()
}
