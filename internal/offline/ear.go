package offline

import (
	"errors"
	"math"

	"github.com/englishapp/englishctl/internal/offline/neural"
)

// Ear is a neural network that says, for every 10 ms, which sound is heard there. The model's Gaussians say the same, but have learned it
// from native speakers on good microphones; the ear has learned it from the learners of the train split of speechocean762.
type Ear struct {
	Layers []neural.Layer

	net *neural.Net
}

// surroundings are the frames that the ear hears at once, from the one that it judges.
var surroundings = [...]int{-12, -8, -5, -3, -1, 0, 1, 3, 5, 8, 12}

// EarInputs is how many numbers the ear gets for a frame.
const EarInputs = len(surroundings) * filters

// StatesPerPhone is how many parts of a sound the ear tells apart.
const StatesPerPhone = statesPerPhone

// Spectrum is the logarithm of the power in each band, by frame.
type Spectrum [][filters]float32

func spectrumOf(bands []spectrum) Spectrum {
	out := make(Spectrum, len(bands))
	for t := range bands {
		for b, v := range bands[t] {
			out[t][b] = float32(v)
		}
	}
	return out
}

// Open makes the ear ready to hear so many sounds. It returns an error where it has learned others.
func (e *Ear) Open(phones int) error {
	var ok bool
	if e.net, ok = neural.New(e.Layers, EarInputs, phones*statesPerPhone); !ok {
		return errors.New("the judge's ear is for other sounds")
	}
	return nil
}

// most is how far a band is from its mean at most: silence of a telephone and silence that is all zeros are the same.
const most = 10

// Level takes the mean over the louder frames off each band: with it goes what microphone, room and gain add.
func (s Spectrum) Level() Spectrum {
	loudness := make([]float32, len(s))
	loudest := float32(math.Inf(-1))
	for t := range s {
		for _, v := range s[t] {
			loudness[t] += v / filters
		}
		loudest = max(loudest, loudness[t])
	}
	const within = speechRange * 0.2 // the zeroth coefficient is five times the mean of the bands
	var mean [filters]float32
	var n float32
	for t := range s {
		if loudness[t] < loudest-within {
			continue
		}
		n++
		for b, v := range s[t] {
			mean[b] += v
		}
	}
	out := make(Spectrum, len(s))
	for t := range s {
		for b, v := range s[t] {
			out[t][b] = min(max(v-mean[b]/n, -most), most)
		}
	}
	return out
}

// Around puts the frames around t into the ear's inputs; at the ends the first and last frames stand for those that are not there.
func (s Spectrum) Around(t int, in []float32) {
	for i, offset := range surroundings {
		copy(in[i*filters:], s[min(max(t+offset, 0), len(s)-1)][:])
	}
}

// Chances are, by frame and number of a sound, the logarithm of the probability that it is said there.
type Chances struct {
	phones int
	by     []float32
}

// Hear says what is heard in a recording.
func (e *Ear) Hear(raw Spectrum) *Chances {
	s := raw.Level()
	out := &Chances{}
	in := make([]float32, block*EarInputs)
	for from := 0; from < len(s); from += block {
		n := min(block, len(s)-from)
		for t := range n {
			s.Around(from+t, in[t*EarInputs:])
		}
		states := e.net.Apply(in[:n*EarInputs])
		for row := range n {
			of := len(states) / n
			out.phones = of / statesPerPhone
			out.by = append(out.by, chances(states[row*of:(row+1)*of])...)
		}
	}
	return out
}

// chances adds up the states of each sound.
func chances(states []float32) []float32 {
	top := states[0]
	for _, v := range states {
		top = max(top, v)
	}
	out := make([]float32, len(states)/statesPerPhone)
	total := 0.0
	for p := range out {
		sum := 0.0
		for _, v := range states[p*statesPerPhone : (p+1)*statesPerPhone] {
			sum += math.Exp(float64(v - top))
		}
		total += sum
		out[p] = float32(math.Log(sum + 1e-30))
	}
	for p := range out {
		out[p] -= float32(math.Log(total))
	}
	return out
}

func (c *Chances) at(t int) []float32 { return c.by[t*c.phones : (t+1)*c.phones] }

// leastChance is where the logarithm of a probability is cut off.
const leastChance = -15

// Tell puts into a reading of the same recording what the ear says of it.
func (c *Chances) Tell(m *Model, r *Reading) {
	for i := range r.Words {
		for k := range r.Words[i].Sounds {
			c.tell(&r.Words[i].Sounds[k])
		}
	}
	r.Quiet = nil
	if from, to := r.within(); to > from {
		r.Quiet = c.quiet(m, from, to)
	}
}

func (c *Chances) tell(s *Sound) {
	n := float32(s.Frames())
	s.Chances = make([]float32, c.phones)
	from, to := s.From+s.Frames()/4, s.To-s.Frames()/4
	share := 0.0
	s.Core = 0
	for t := s.From; t < s.To; t++ {
		for p, v := range c.at(t) {
			s.Chances[p] += v / n
		}
		own := float64(c.at(t)[s.Number])
		share += math.Exp(own) / float64(n)
		if t >= from && t < to {
			s.Core += own / float64(to-from)
		}
	}
	for p, v := range s.Chances {
		s.Chances[p] = max(v, leastChance)
	}
	s.Core, s.Share = max(s.Core, leastChance), math.Log(share+1e-4)
}

// quiet are the lengths of the runs of frames in which silence is likelier than not.
func (c *Chances) quiet(m *Model, from, to int) (runs []int) {
	length := 0
	for t := from; t <= to; t++ {
		if t < to && c.at(t)[m.silence] > -math.Ln2 {
			length++
			continue
		}
		if length > 0 {
			runs = append(runs, length)
		}
		length = 0
	}
	return runs
}

// within are the frames from the first sound of the text to the last one.
func (r *Reading) within() (from, to int) {
	from = -1
	for i := range r.Words {
		if w := &r.Words[i]; w.To > 0 {
			if from < 0 {
				from = w.From
			}
			to = w.To
		}
	}
	return max(from, 0), to
}
