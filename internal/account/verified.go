package account

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxVerified is how many access tokens are remembered as good before the older half is forgotten: with 10,000 learners who play, all of
// them, in about 2 MB.
const maxVerified = 16384

// verified remembers of access tokens whose signature was good whom they are about and until when they are good, so that a player's token is
// verified once and not with each request. A token is known by its SHA-256 alone: what is compared says nothing about a token that is not known. Nothing
// that can be taken back is remembered: whether the account exists, and what it may do, is asked as ever. It is safe for concurrent use.
type verified struct {
	mu          sync.Mutex
	young, aged map[[sha256.Size]byte]bearer
}

// bearer is what is remembered of a token.
type bearer struct {
	user    uuid.UUID
	expires time.Time
}

// user returns whom the token is about, unless it is not known, or no longer good.
func (v *verified) user(token string, now time.Time) (uuid.UUID, bool) {
	sum := sha256.Sum256([]byte(token))
	v.mu.Lock()
	defer v.mu.Unlock()
	b, known := v.young[sum]
	if !known {
		if b, known = v.aged[sum]; !known {
			return uuid.Nil, false
		}
		v.put(sum, b)
	}
	return b.user, now.Before(b.expires)
}

// add remembers a token that is good now.
func (v *verified) add(token string, c claims) {
	if c.NotBefore != nil { // ours have none; a clock that is set back would make it wrong to remember
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.put(sha256.Sum256([]byte(token)), bearer{c.user(), c.ExpiresAt.Time})
}

// put makes a token one of the young, and where those are too many, them the aged. The caller holds the lock.
func (v *verified) put(sum [sha256.Size]byte, b bearer) {
	if v.young == nil || len(v.young) >= maxVerified/2 {
		v.aged, v.young = v.young, make(map[[sha256.Size]byte]bearer)
	}
	v.young[sum] = b
}
