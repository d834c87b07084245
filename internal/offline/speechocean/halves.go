package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// leastHalved is how many words a text has at least whose half is a part of it.
const leastHalved = 4

// half is what became of a learner who stops after half of the words, and of one who reads another sentence.
type half struct {
	tried, understood bool
	other             bool // another sentence has marks
}

// measureHalves tells how many learners who stop after half of the sentence have marks for it, and how many who read another sentence.
func measureHalves(ctx context.Context, out io.Writer, m *offline.Model, dir string, split []utterance, clips int) error {
	step := max(len(split)/clips, 1)
	halves := make([]half, min(clips, len(split)))
	a := offline.New(dir, nil)
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i := range halves {
		work.Go(func() (err error) {
			halves[i], err = halve(ctx, m, a, split, i*step)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	tried, understood, others := 0, 0, 0
	for _, h := range halves {
		if h.tried {
			tried++
		}
		if h.understood {
			understood++
		}
		if h.other {
			others++
		}
	}
	_, err := fmt.Fprintf(out, "marks for half of the sentence: %d of %d; for another one: %d of %d\n", understood, tried, others, len(halves))
	return err
}

func halve(ctx context.Context, m *offline.Model, a *offline.Assessor, split []utterance, at int) (out half, err error) {
	samples, err := readWave(split[at].Path)
	if err != nil {
		return out, err
	}
	if out.other, err = hasMarks(ctx, a, samples, split[(at+len(split)/2+7)%len(split)].Text); err != nil {
		return out, err
	}
	h, err := m.Listen(ctx, samples)
	if err != nil {
		return out, err
	}
	r, err := h.Read(ctx, split[at].Text)
	if err != nil || len(r.Words) < leastHalved {
		return out, err
	}
	const frame = 160 // samples
	out.tried = true
	out.understood, err = hasMarks(ctx, a, samples[:min(r.Words[len(r.Words)/2-1].To*frame, len(samples))], split[at].Text)
	return out, err
}

// hasMarks reports whether a recording has marks for a text. Refusals are no errors.
func hasMarks(ctx context.Context, a *offline.Assessor, samples []int16, text string) (bool, error) {
	_, err := a.Assess(ctx, pronunciation.Utterance{Samples: samples, Text: text})
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return false, nil
	}
	return err == nil, err
}
