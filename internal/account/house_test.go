package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// house is a service with everything around it.
type house struct {
	*Service
	store *fakeStore
	cache *fakeCache
	// providers knows the tokens that the test gives out.
	providers *fakeProviders
	letters   *fakeMailer
	clock     time.Time
	mu        sync.Mutex
	log       bytes.Buffer // what became of letters
	// work lists the cost of every key that was derived.
	work []argonCost
}

const (
	goodEmail    = "an@example.com"
	goodPassword = "SecurePass123"
)

func testConfig() Config {
	return Config{
		SigningKey: []byte(strings.Repeat("k", minKeyBytes)),
		AccessTTL:  time.Hour,
		RefreshTTL: 7 * 24 * time.Hour,
	}
}

// newHouse returns a service whose keys are derived quickly; what they would cost is written down.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{store: newFakeStore(), clock: time.Date(2025, 12, 10, 12, 0, 0, 123_456_789, time.UTC)}
	now := func() time.Time { return h.clock }
	h.cache = &fakeCache{now: now, values: map[string]cached{}}
	var last uint16
	newID := func() uuid.UUID {
		h.mu.Lock()
		defer h.mu.Unlock()
		last++
		return uuid.UUID{14: byte(last >> 8), 15: byte(last)}
	}
	h.providers = &fakeProviders{people: map[string]Identity{}}
	h.letters = &fakeMailer{sent: make(chan Letter, 1000)}
	h.Service = New(h.store, h.cache, testConfig(), WithClock(now), WithIDs(newID), WithProviders(h.providers),
		WithMailer(h.letters, slog.New(slog.NewTextHandler(&h.log, nil))))
	h.passwords.derive = func(password, salt []byte, passes, memoryKiB uint32, lanes uint8, size uint32) []byte {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.work = append(h.work, argonCost{memoryKiB, passes, lanes})
		sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %d", password, salt, passes, memoryKiB, lanes))
		return slices.Repeat(sum[:], int(size)/len(sum)+1)[:size]
	}
	return h
}

// register signs up the usual learner and forgets the work of it.
func (h *house) register(t testing.TB) SignedIn {
	t.Helper()
	in, err := h.Register(t.Context(), Registration{Email: goodEmail, Password: goodPassword, Name: "An"})
	if err != nil {
		t.Fatal(err)
	}
	h.work = nil
	return in
}

// post sends what waits, and returns the letters.
func (h *house) post(t testing.TB) []Letter {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // what waits is sent before the stop
	h.RunOutbox(ctx)
	var got []Letter
	for len(h.letters.sent) > 0 {
		got = append(got, <-h.letters.sent)
	}
	return got
}

// link asks for a letter and returns the token in it.
func (h *house) link(t testing.TB, p Purpose) string {
	t.Helper()
	h.post(t)
	var err error
	switch p {
	case ResetPassword:
		err = h.ForgotPassword(t.Context(), goodEmail)
	case ProveEmail:
		user, missing := h.store.UserByEmail(t.Context(), goodEmail)
		err = errors.Join(missing, h.RequestVerification(t.Context(), user.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	letters := h.post(t)
	if len(letters) != 1 || letters[0].Purpose != p || letters[0].To != goodEmail {
		t.Fatalf("letters: %+v", letters)
	}
	return letters[0].Token
}

// fakeMailer takes every letter, unless it is told not to.
type fakeMailer struct {
	sent chan Letter
	err  error
	// hold, if there is one, is what each letter waits for.
	hold chan struct{}
}

func (f *fakeMailer) Send(ctx context.Context, l Letter) error {
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.err == nil {
		f.sent <- l
	}
	return f.err
}

// wantFault demands an error of a kind and code.
func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != kind || f.Code != code {
		t.Fatalf("error = %v, want %s with code %q", err, kind, code)
	}
}

// broken returns the names of the fields that an Invalid error names, once each.
func broken(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindInvalid {
		t.Fatalf("error = %v, want an invalid fault", err)
	}
	var names []string
	for _, field := range f.Fields {
		names = append(names, field.Name)
	}
	return slices.Compact(names)
}

func ptr[T any](v T) *T { return &v }
