package identity

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long keys are kept. Issuers say in Cache-Control how long theirs are good, Google about six hours.
const (
	usualLife = time.Hour // where the issuer says nothing
	leastLife = 5 * time.Minute
	mostLife  = 24 * time.Hour
	// graceLife is how long keys are used, from when they were confirmed last, while the issuer does not answer.
	graceLife = 24 * time.Hour
)

// How often an issuer is asked at most: a few times in a row, so that keys may change twice in a minute, and then every
// few seconds, whatever key ids strangers make up.
const (
	askBurst    = 5
	askInterval = 5 * time.Second
)

var (
	errUnknownKey = errors.New("the issuer has no such key")
	// errNoKeys says that a token cannot be judged, for it was not possible to get the keys.
	errNoKeys = errors.New("the issuer's keys cannot be had")
)

// keySet keeps an issuer's keys. It fetches them when they are needed first, when they get old, and when a token names
// one that is not there; many who wait at once wait for one fetch. Old keys serve on while new ones are fetched, and for
// a day if they cannot be. It is safe for concurrent use.
type keySet struct {
	source  keySource
	now     func() time.Time
	timeout time.Duration

	mu          sync.Mutex
	keys        map[string]*rsa.PublicKey
	etag        string
	freshUntil  time.Time
	usableUntil time.Time
	// fetching is closed when the fetch under way ends; nil: there is none.
	fetching chan struct{}
	// failure is why the last fetch failed; nil: it did not.
	failure error
	// nextAsk is when the issuer may be asked next if it is to be asked every askInterval.
	nextAsk time.Time
}

func newKeySet(source keySource, o options) *keySet {
	return &keySet{source: source, now: o.now, timeout: o.timeout}
}

// key returns the key with the id. It returns errUnknownKey if the issuer has none, and errNoKeys where that cannot be
// told, or not before ctx ends.
func (k *keySet) key(ctx context.Context, id string) (*rsa.PublicKey, error) {
	if key, pending := k.look(id); key == nil && pending != nil {
		select {
		case <-pending:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", errNoKeys, ctx.Err())
		}
	}
	return k.verdict(id)
}

// look returns the key, if it is here, and starts a fetch if one is due; pending is closed when it ends.
func (k *keySet) look(id string) (key *rsa.PublicKey, pending <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key = k.usable(id)
	if key != nil && k.now().Before(k.freshUntil) {
		return key, nil
	}
	if k.fetching == nil && k.mayAsk() {
		k.fetching = make(chan struct{})
		go k.fetch(k.fetching, k.etag) // on its own: whoever waits may hang up, the others need the keys
	}
	return key, k.fetching
}

func (k *keySet) verdict(id string) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.usable(id); key != nil {
		return key, nil
	}
	if k.failure != nil {
		return nil, fmt.Errorf("%w: %w", errNoKeys, k.failure)
	}
	return nil, errUnknownKey
}

func (k *keySet) usable(id string) *rsa.PublicKey {
	if !k.now().Before(k.usableUntil) {
		return nil
	}
	return k.keys[id]
}

// mayAsk counts a request to the issuer, or says that it would be one too many.
func (k *keySet) mayAsk() bool {
	now := k.now()
	if k.nextAsk.Before(now) {
		k.nextAsk = now
	}
	if k.nextAsk.Sub(now) > (askBurst-1)*askInterval {
		return false
	}
	k.nextAsk = k.nextAsk.Add(askInterval)
	return true
}

func (k *keySet) fetch(done chan struct{}, etag string) {
	ctx, cancel := context.WithTimeout(context.Background(), k.timeout)
	defer cancel()
	r, err := k.source.fetch(ctx, etag)
	var keys map[string]*rsa.PublicKey
	if err == nil && r.status == http.StatusOK {
		keys, err = parseKeys(r.body)
	}

	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failure = err; err == nil {
		k.keep(r, keys)
	}
	k.fetching = nil
	close(done)
}

// keep takes over what was fetched; nil keys have not changed.
func (k *keySet) keep(r reply, keys map[string]*rsa.PublicKey) {
	now := k.now()
	if keys != nil {
		k.keys, k.etag = keys, r.header.Get("ETag")
	}
	k.freshUntil = now.Add(lifeOf(r.header))
	k.usableUntil = now.Add(graceLife + lifeOf(r.header))
}

// lifeOf reads how long an answer may be kept (RFC 9111, section 5.2.2.1), within bounds of ours.
func lifeOf(header http.Header) time.Duration {
	for directive := range strings.SplitSeq(header.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if !strings.EqualFold(name, "max-age") {
			continue
		}
		if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
			return min(max(time.Duration(seconds)*time.Second, leastLife), mostLife)
		}
	}
	return usualLife
}
