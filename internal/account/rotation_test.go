package account

import (
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// TestRotation: what the key before has signed is good for as long as it would have been, and nothing more is signed with it.
func TestRotation(t *testing.T) {
	h := newHouse(t)
	before, after := testConfig(), testConfig()
	after.SigningKey, after.PreviousKey = []byte(strings.Repeat("n", minKeyBytes)), before.SigningKey
	alone := after
	alone.PreviousKey = nil
	use := func(cfg Config) { h.tokens = newTokens(cfg, h.now, h.newID) }

	old := h.register(t)
	use(after)
	if _, err := h.Authenticate(t.Context(), old.AccessToken); err != nil {
		t.Errorf("an access token of the key before: %v", err)
	}
	renewed, err := h.Refresh(t.Context(), old.RefreshToken)
	if err != nil {
		t.Fatalf("a refresh token of the key before: %v", err)
	}
	use(alone)
	if _, err := h.Authenticate(t.Context(), renewed); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	for name, token := range map[string]string{"access": old.AccessToken, "refresh": old.RefreshToken} {
		if _, err := h.tokens.parse(token, tokenType(name)); !fault.Is(err, fault.KindUnauthorized) {
			t.Errorf("an %s token of a key that is gone: %v", name, err)
		}
	}
	use(before)
	if _, err := h.Authenticate(t.Context(), renewed); !fault.Is(err, fault.KindUnauthorized) {
		t.Errorf("with the new key in place the old one still signs: %v", err)
	}
	use(after)
	h.clock = h.clock.Add(time.Hour + time.Second)
	if _, err := h.Authenticate(t.Context(), old.AccessToken); err == nil {
		t.Error("a token of the key before outlives its time")
	}
	t.Run("a short one panics", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("a previous key of 31 bytes is taken")
			}
		}()
		after.PreviousKey = after.PreviousKey[:31]
		New(h.store, h.cache, after)
	})
}
