package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// argonCost is what one argon2id hash costs (RFC 9106, section 3.1).
type argonCost struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint8
}

// currentCost is the cost of new hashes (decisions.md, "Accounts": 19 MiB, two passes, one lane).
var currentCost = argonCost{memoryKiB: 19456, passes: 2, lanes: 1}

// The sizes of new hashes (RFC 9106, section 3.1).
const (
	saltBytes = 16
	keyBytes  = 32
)

// calm is how long after the last hash the memory of all goes back to the system.
const calm = 5 * time.Second

// passwords hashes and checks passwords, a few at once (see hashing).
type passwords struct {
	cost  argonCost
	turns gate
	// tidy runs once it has been calm for a while. Left to itself, the runtime would keep 100 MB for minutes after a few
	// logins, since a program that does nothing collects no garbage.
	tidy   *time.Timer
	derive func(password, salt []byte, passes, memoryKiB uint32, lanes uint8, keyBytes uint32) []byte
}

func newPasswords() *passwords {
	tidy := time.AfterFunc(calm, debug.FreeOSMemory)
	tidy.Stop()
	return &passwords{
		tidy:   tidy,
		cost:   currentCost,
		turns:  make(gate, hashing()),
		derive: argon2.IDKey,
	}
}

// hash returns the hash of a new password in PHC form. It fails if ctx ends before its turn comes.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	h := argonHash{cost: p.cost, salt: make([]byte, saltBytes)}
	rand.Read(h.salt) // never fails: the runtime ends the process where there is no randomness
	key, err := p.key(ctx, password, h.cost, h.salt, keyBytes)
	if err != nil {
		return "", err
	}
	h.key = key
	return h.String(), nil
}

// matches reports whether password is the one that was hashed. An empty hash matches nothing, and takes as long as one
// of the current cost to find out, so that nobody learns from the clock which accounts exist.
func (p *passwords) matches(ctx context.Context, hash, password string) (bool, error) {
	if isBcrypt(hash) {
		return p.matchesBcrypt(ctx, hash, password)
	}
	h := argonHash{cost: p.cost, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	if hash != "" {
		var err error
		if h, err = parseArgon(hash); err != nil {
			return false, err
		}
	}
	key, err := p.key(ctx, password, h.cost, h.salt, uint32(len(h.key)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1 && hash != "", nil
}

func (p *passwords) matchesBcrypt(ctx context.Context, hash, password string) (bool, error) {
	if err := p.turns.enter(ctx); err != nil {
		return false, err
	}
	defer p.turns.leave()
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check a bcrypt hash: %w", err)
	}
	return true, nil
}

// outdated reports whether a hash is not of the kind and cost that a new one would have.
func (p *passwords) outdated(hash string) bool {
	h, err := parseArgon(hash)
	return err != nil || h.cost != p.cost || len(h.salt) != saltBytes || len(h.key) != keyBytes
}

func (p *passwords) key(ctx context.Context, password string, c argonCost, salt []byte, size uint32) ([]byte, error) {
	if err := p.turns.enter(ctx); err != nil {
		return nil, err
	}
	defer p.turns.leave()
	defer p.tidy.Reset(calm)
	makeRoom(uint64(c.memoryKiB) << 10)
	return p.derive([]byte(password), salt, c.passes, c.memoryKiB, c.lanes, size), nil
}

// argonHash is an argon2id hash with what is needed to make it again.
type argonHash struct {
	cost argonCost
	salt []byte
	key  []byte
}

// String returns the PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (h argonHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.memoryKiB, h.cost.passes, h.cost.lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

var errBadHash = errors.New("the stored password hash is neither argon2id in PHC form nor bcrypt")

// parseArgon reads the PHC form. A hash that would cost more than 1 GiB or 64 passes is refused: it cannot be ours.
func parseArgon(hash string) (argonHash, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return argonHash{}, errBadHash
	}
	var h argonHash
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.memoryKiB, &h.cost.passes, &h.cost.lanes)
	if err != nil {
		return argonHash{}, errBadHash
	}
	var errSalt, errKey error
	h.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, errKey = base64.RawStdEncoding.DecodeString(parts[5])
	c := h.cost
	affordable := c.memoryKiB <= 1<<20 && c.passes >= 1 && c.passes <= 64 && c.lanes >= 1
	// Writing it again catches what Sscanf lets pass: another algorithm or version, words after the numbers.
	if errSalt != nil || errKey != nil || len(h.key) < keyBytes/2 || !affordable || h.String() != hash {
		return argonHash{}, errBadHash
	}
	return h, nil
}

func isBcrypt(hash string) bool { return strings.HasPrefix(hash, "$2") }

// PasswordFits reports whether a hash, of argon2id or bcrypt, is that of the password. An error says that the hash is none, or that ctx
// has ended.
func PasswordFits(ctx context.Context, hash, password string) (bool, error) {
	return newPasswords().matches(ctx, hash, password)
}
