package offline

import "math"

// skipPenalty is what a rival loses that leaves its middle state out.
const skipPenalty = 3

// rivals returns how well each sound of the model would have fitted the frames, in its best contexts: the log-likelihood of the best
// way through its three states.
func (e *evidence) rivals(from, to int) []float32 {
	out := make([]float32, e.phones)
	for p := range out {
		first := p * statesPerPhone
		a, b, c := e.slots(from)[first], impossible, impossible
		for t := from + 1; t < to; t++ {
			s := e.slots(t)[first : first+statesPerPhone]
			b, c = max(b, a)+s[1], max(c, b, a-skipPenalty)+s[2]
			a += s[0]
		}
		out[p] = max(b, c)
		if to-from < statesPerPhone {
			out[p] = max(a, b, c)
		}
	}
	return out
}

// posteriorScale flattens likelihoods to probabilities that mean something: frames that follow one another are not independent.
const posteriorScale = 0.1

// posterior is the mean, over the frames, of the logarithm of the probability of a sound, among all sounds.
func (e *evidence) posterior(p phone, from, to int) float64 {
	sum := 0.0
	for t := from; t < to; t++ {
		slots, total := e.slots(t), 0.0
		own := topState(slots, int(p))
		for q := range e.phones {
			total += math.Exp(posteriorScale * float64(topState(slots, q)-own))
		}
		sum -= math.Log(total)
	}
	return sum / float64(to-from)
}

// topState is what the best state of a sound scores.
func topState(slots []float32, p int) float32 {
	s := slots[p*statesPerPhone:][:statesPerPhone]
	return max(s[0], s[1], s[2])
}

// changePenalty is what a way through all sounds loses with every new one, so that it does not jump about.
const changePenalty = 15

// free returns, by frame, the score and the sound of the likeliest way through any sounds at all: what would have been heard by somebody
// who knows no words.
func (e *evidence) free() (scores []float32, sounds []phone) {
	n := e.phones * statesPerPhone
	now, next := make([]float32, n), make([]float32, n)
	back := make([]uint8, n*e.frames) // the slot before
	for i := range now {
		now[i] = impossible
	}
	for t := range e.frames {
		entry, from := float32(0), 0
		if t > 0 {
			entry, from = e.exit(now)
			entry -= changePenalty
		}
		e.freeStep(t, entry, from, now, next, back[t*n:(t+1)*n])
		now, next = next, now
	}
	at := 0
	for i, s := range now {
		if s > now[at] {
			at = i
		}
	}
	scores, sounds = make([]float32, e.frames), make([]phone, e.frames)
	for t := e.frames - 1; t >= 0; t-- {
		scores[t], sounds[t] = e.slots(t)[at], phone(at/statesPerPhone)
		at = int(back[t*n+at])
	}
	return scores, sounds
}

// exit is the best way out of any sound.
func (e *evidence) exit(now []float32) (best float32, from int) {
	best = impossible
	for p := range e.phones {
		for k := 1; k < statesPerPhone; k++ {
			if s := now[p*statesPerPhone+k] + e.model.moves[p][k][statesPerPhone]; s > best {
				best, from = s, p*statesPerPhone+k
			}
		}
	}
	return best, from
}

func (e *evidence) freeStep(t int, entry float32, from int, now, next []float32, back []uint8) {
	slots := e.slots(t)
	for p := range e.phones {
		moves := &e.model.moves[p]
		for k := range statesPerPhone {
			slot := p*statesPerPhone + k
			best, how := impossible, slot
			if k == 0 {
				best, how = entry, from
			}
			for j := 0; j <= k; j++ {
				if s := now[slot-k+j] + moves[j][k]; s > best {
					best, how = s, slot-k+j
				}
			}
			next[slot], back[slot] = max(best+slots[slot], impossible), uint8(how)
		}
	}
}
