package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/offline/neural"
)

// How ears learn. Chosen on the train split, by what they say of the fold that they have not heard.
const (
	axes      = 80 // directions in which what an ear gets differs most
	whitening = 0.7
	passes    = 10  // over a part of the frames each
	portion   = 0.3 // of the frames, chosen by chance
	batch     = 256 // frames
	pace0     = 2e-3
	// goodFrom and fairFrom are experts' marks of a sound: from the one on it teaches with its whole weight, from the other on with little.
	goodFrom, fairFrom, fairWeight, silenceWeight = 1.75, 1.2, 0.3, 0.5
)

var hidden = []int{160, 128}

// sample is all frames of all lessons.
type sample struct {
	inputs  blas32.General // by frame: what is left of the ear's inputs
	first   neural.Layer   // that makes them
	targets []int          // by frame: the state that is said
	weights []float32
	folds   []int // by frame, of the ears
	states  int
}

// listeners are ears: one that has heard all lessons, and some that have each not heard some folds.
type listeners struct {
	final offline.Ear
	blind [earFolds]offline.Ear
}

// earFolds is how many parts the folds are in for ears, which take long to learn.
const earFolds = 3

// earFold is the part that a fold is in.
func earFold(fold int) int { return fold * earFolds / folds }

// trainEars teaches the ears, as many at a time as there are processors, and tells each lesson what the ear hears there that has not learned from it.
func trainEars(m *offline.Model, all []lesson) (*listeners, error) {
	s := gather(m, all)
	var out listeners
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for f := range earFolds + 1 {
		work.Go(func() error {
			layers := s.learn(f, uint64(f)) //nolint:gosec // a few
			if f < earFolds {
				out.blind[f].Layers = layers
				return out.blind[f].Open(len(m.Phones()))
			}
			out.final.Layers = layers
			return out.final.Open(len(m.Phones()))
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	for i, f := range foldsOf(all) {
		work.Go(func() error {
			all[i].hearWith(m, &out.blind[earFold(f)])
			return nil
		})
	}
	return &out, work.Wait()
}

// hearWith tells the readings of a lesson what an ear says of them.
func (l *lesson) hearWith(m *offline.Model, e *offline.Ear) {
	chances := e.Hear(l.Spectrum)
	for _, r := range []*offline.Reading{l.Right, l.Other, l.Swapped} {
		if r != nil {
			chances.Tell(m, r)
		}
	}
}

// gather collects the frames of all lessons.
func gather(m *offline.Model, all []lesson) *sample {
	s := &sample{states: len(m.Phones()) * offline.StatesPerPhone}
	silence := slices.Index(m.Phones(), "SIL")*offline.StatesPerPhone + 1
	in := foldsOf(all)
	var levels []offline.Spectrum
	for i := range all {
		level := all[i].Spectrum.Level()
		levels = append(levels, level)
		at := len(s.targets)
		for range level {
			s.targets, s.weights, s.folds = append(s.targets, silence), append(s.weights, silenceWeight), append(s.folds, earFold(in[i]))
		}
		s.label(&all[i], at)
	}
	s.reduce(levels)
	return s
}

// label says of the frames of a lesson, which begin at a place, which sound they belong to, by its alignment.
func (s *sample) label(l *lesson, at int) {
	for k := range l.Right.Words {
		heard := &l.Right.Words[k]
		marks, ok := marksOf(&l.Words[k], heard)
		for i := range heard.Sounds {
			sound := &heard.Sounds[i]
			t := at + sound.From
			for state, n := range sound.States {
				for range n {
					s.targets[t], s.weights[t] = sound.Number*offline.StatesPerPhone+state, worth(marks[i], ok[i])
					t++
				}
			}
		}
	}
}

// worth is how much an ear learns from a sound: nothing from one that is something else.
func worth(mark float64, known bool) float32 {
	switch {
	case !known || mark >= goodFrom:
		return 1
	case mark >= fairFrom:
		return fairWeight
	}
	return 0
}

// reduce keeps of the inputs the directions in which they differ most (principal components), and brings these nearer to each other.
func (s *sample) reduce(levels []offline.Spectrum) {
	const step = 61 // every so many-th frame is enough for that
	var rows []float64
	n, row := 0, make([]float32, offline.EarInputs)
	for _, l := range levels {
		for t := 0; t < len(l); t += step {
			l.Around(t, row)
			for _, v := range row {
				rows = append(rows, float64(v))
			}
			n++
		}
	}
	x := mat.NewDense(n, offline.EarInputs, rows)
	mean := make([]float64, offline.EarInputs)
	for c := range mean {
		for r := range n {
			mean[c] += x.At(r, c) / float64(n)
		}
		for r := range n {
			x.Set(r, c, x.At(r, c)-mean[c])
		}
	}
	var covariance mat.SymDense
	covariance.SymOuterK(1/float64(n), x.T())
	var eigen mat.EigenSym
	eigen.Factorize(&covariance, true)
	values := eigen.Values(nil) // the least first
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	weights, biases := make([]float32, 0, axes*offline.EarInputs), make([]float32, axes)
	for a := range axes {
		at := len(values) - 1 - a
		scale := math.Pow(max(values[at], 1e-9), -whitening/2)
		for c := range mean {
			w := vectors.At(c, at) * scale
			weights = append(weights, float32(w))
			biases[a] -= float32(w * mean[c])
		}
	}
	s.first = neural.Pack(weights, biases, true)
	net, _ := neural.New([]neural.Layer{s.first}, offline.EarInputs, axes)
	s.inputs = blas32.General{Rows: len(s.targets), Cols: axes, Stride: axes}
	for _, l := range levels {
		in := make([]float32, len(l)*offline.EarInputs)
		for t := range l {
			l.Around(t, in[t*offline.EarInputs:])
		}
		s.inputs.Data = append(s.inputs.Data, net.Apply(in)...)
	}
}

// learn teaches a net with the frames that are not in a fold.
func (s *sample) learn(fold int, seed uint64) []neural.Layer {
	random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // no secret
	var frames []int
	for i, w := range s.weights {
		if w > 0 && s.folds[i] != fold {
			frames = append(frames, i)
		}
	}
	l := newLearner(random, batch, append(append([]int{axes}, hidden...), s.states)...)
	in, total := matrix(batch, axes), int(passes*portion*float64(len(frames)))/batch
	loss, seen := 0.0, 0.0
	for step, at := 0, len(frames); step < total; step++ {
		if at += batch; at+batch > len(frames) {
			random.Shuffle(len(frames), func(a, b int) { frames[a], frames[b] = frames[b], frames[a] })
			at = 0
		}
		chosen := frames[at : at+batch]
		for r, f := range chosen {
			copy(in.Data[r*axes:], s.inputs.Data[f*axes:(f+1)*axes])
		}
		l.forward(in)
		loss += s.compare(l.layers[len(l.layers)-1].out, chosen)
		seen++
		l.backward()
		l.adam(pace0*slower(step, total), 0)
		if step%1000 == 999 || step == total-1 {
			fmt.Fprintf(os.Stderr, "ear %d: step %d of %d, loss %.3f\n", fold, step+1, total, loss/seen)
			loss, seen = 0, 0
		}
	}
	return append([]neural.Layer{s.first}, l.packed()...)
}

// compare turns the last layer's outputs into the gradient of the cross entropy by them, and returns that.
func (s *sample) compare(out blas32.General, frames []int) (loss float64) {
	for r, f := range frames {
		row := out.Data[r*out.Cols : (r+1)*out.Cols]
		top, sum := slices.Max(row), 0.0
		for _, v := range row {
			sum += math.Exp(float64(v - top))
		}
		w, target := s.weights[f], s.targets[f]
		loss += float64(w) * (math.Log(sum) - float64(row[target]-top)) / batch
		for k, v := range row {
			row[k] = w / batch * float32(math.Exp(float64(v-top))/sum)
		}
		row[target] -= w / batch
	}
	return loss
}
