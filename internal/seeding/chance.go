package seeding

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// seed is the number that everything follows from.
type seed uint64

// digest is where all that looks accidental comes from: SHA-256 over the seed, what is made, and its number. It is the same
// on every machine and with every version of Go.
func (s seed) digest(what string, number int) [sha256.Size]byte {
	b := []byte("englishctl seed\n" + what + "\n")
	b = binary.BigEndian.AppendUint64(b, uint64(s))
	b = binary.BigEndian.AppendUint64(b, uint64(number)) //nolint:gosec // numbers count from 0
	return sha256.Sum256(b)
}

// dice gives the accidental choices within one thing.
type dice struct{ source *rand.PCG }

// dice returns the dice for one thing. PCG is specified exactly; nothing else of math/rand/v2 is used.
func (s seed) dice(what string, number int) dice {
	d := s.digest(what, number)
	return dice{rand.NewPCG(binary.BigEndian.Uint64(d[16:]), binary.BigEndian.Uint64(d[24:]))}
}

// below returns a number in [0, n), n > 0.
func (d dice) below(n int) int {
	high, _ := bits.Mul64(d.source.Uint64(), uint64(n)) //nolint:gosec // n is positive
	return int(high)                                    //nolint:gosec // below n
}

// between returns a number in [low, high].
func (d dice) between(low, high int) int { return low + d.below(high-low+1) }

// shuffle is a permutation of [0, size), chosen by the key: whoever counts n up meets each number once, in no visible
// order.
//
// It is a Feistel network of four rounds over the smallest even number of bits that holds size; what falls outside is
// sent through again until it falls inside, which keeps it a permutation (J. Black and P. Rogaway, "Ciphers with
// Arbitrary Finite Domains", 2002).
func shuffle(key, n, size uint64) uint64 {
	half := (bits.Len64(size-1) + 1) / 2
	mask := uint64(1)<<half - 1
	for {
		left, right := n>>half, n&mask
		for round := range uint64(4) {
			left, right = right, left^mix(key+round, right)&mask
		}
		if n = left<<half | right; n < size {
			return n
		}
	}
}

// mix scrambles the bits of a number with a key: the finalizer of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast
// Splittable Pseudorandom Number Generators", 2014).
func mix(key, n uint64) uint64 {
	n += key * 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
