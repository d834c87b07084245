package pronunciation

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// rememberedFor is how long the same sound and text have the same scores without asking again: phones repeat what they have sent.
const rememberedFor = 10 * time.Minute

// Memory keeps a few values for a while.
type Memory interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// remembering answers from memory. See Remembering.
type remembering struct {
	Assessor
	memory Memory
	now    *joint
	meter  *Meter
}

// Remembering lets a provider score each utterance once within 10 minutes. The memory holds scores under a hash of the sound; what was
// said cannot be had from it. A memory that fails is one that remembers nothing. Who comes while the same utterance is being scored in
// this process waits for that answer, also if it is an error, which nobody remembers; nobody else's hanging up ends the waiting. Meter counts
// what is remembered and who has joined.
func Remembering(provider Assessor, memory Memory, meter *Meter) Assessor {
	return &remembering{provider, memory, newJoint(), meter}
}

// Assess implements Assessor.
func (r *remembering) Assess(ctx context.Context, u Utterance) (Assessment, error) {
	key := r.key(u)
	a, joined, err := r.now.do(ctx, key, func(ctx context.Context) (Assessment, error) { return r.once(ctx, key, u) })
	if joined {
		r.meter.joined.Add(1)
	}
	return a, err
}

// once answers from memory, or asks the provider.
func (r *remembering) once(ctx context.Context, key string, u Utterance) (Assessment, error) {
	if value, ok, err := r.memory.Get(ctx, key); err == nil && ok {
		var known Assessment
		if json.Unmarshal(value, &known) == nil {
			r.meter.remembered.Add(1)
			return known, nil
		}
	}
	a, err := r.Assessor.Assess(ctx, u)
	if err != nil {
		return Assessment{}, err
	}
	if value, err := json.Marshal(a); err == nil {
		_ = r.memory.Set(ctx, key, value, rememberedFor) // without it, the next one is asked for again
	}
	return a, nil
}

// key is a hash of all that the scores depend on. The text's length keeps text and sound apart.
func (r *remembering) key(u Utterance) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %q %t %d %s", r.Provider(), u.Language, u.Phonemes, len(u.Text), u.Text) // a hash takes everything
	piece := make([]byte, 0, 4096)                                                                     // not the whole, which would be as large as the sound itself
	for samples := range slices.Chunk(u.Samples, cap(piece)/2) {
		piece = piece[:0]
		for _, s := range samples {
			piece = binary.LittleEndian.AppendUint16(piece, uint16(s))
		}
		_, _ = h.Write(piece)
	}
	return "scores:" + hex.EncodeToString(h.Sum(nil))
}
