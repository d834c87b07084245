package account

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

func claimsUntil(user uuid.UUID, expires time.Time) claims {
	return claims{RegisteredClaims: jwt.RegisteredClaims{Subject: user.String(), ExpiresAt: jwt.NewNumericDate(expires)}}
}

// What was verified once is asked about as ever: whether it has run out, whose it is, and what they may do.
func TestARememberedTokenIsNoBetterThanANewOne(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	for range 2 {
		if p, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || p != (Principal{UserID: in.User.ID, Role: Learner}) {
			t.Fatalf("Authenticate = %v, %v", p, err)
		}
	}
	_, err := h.Authenticate(t.Context(), respell(in.AccessToken))
	wantFault(t, err, fault.KindUnauthorized, "invalid_token")
	if _, err := h.SetRole(t.Context(), in.User.ID, Admin); err != nil {
		t.Fatal(err)
	}
	if p, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || p.Role != Admin {
		t.Errorf("after the promotion: %v, %v", p, err)
	}
	h.clock = h.clock.Add(testConfig().AccessTTL)
	_, err = h.Authenticate(t.Context(), in.AccessToken)
	wantFault(t, err, fault.KindUnauthorized, codeExpired)
	h.clock = h.clock.Add(-time.Second)
	if err := h.DeleteUser(t.Context(), in.User.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.Authenticate(t.Context(), in.AccessToken)
	wantFault(t, err, fault.KindUnauthorized, "account_gone")
}

// However many tokens come, a bounded number is remembered, and those that are used stay.
func TestVerifiedTokensAreBounded(t *testing.T) {
	var v verified
	now, user := time.Unix(1e9, 0), uuid.New()
	v.add("used", claimsUntil(user, now.Add(time.Hour)))
	for range 3 * maxVerified {
		v.add(uuid.NewString(), claimsUntil(uuid.New(), now.Add(time.Hour)))
		if got, ok := v.user("used", now); !ok || got != user {
			t.Fatalf("a token that is used is forgotten: %v, %v", got, ok)
		}
	}
	if n := len(v.young) + len(v.aged); n > maxVerified {
		t.Errorf("%d tokens are remembered, want %d at most", n, maxVerified)
	}
}

// A token that is good from some time on would be good too early on a clock that was set back.
func TestTokensWithABeginningAreNotRemembered(t *testing.T) {
	var v verified
	now := time.Unix(1e9, 0)
	c := claimsUntil(uuid.New(), now.Add(time.Hour))
	c.NotBefore = jwt.NewNumericDate(now)
	v.add("token", c)
	if _, ok := v.user("token", now); ok {
		t.Error("it is remembered")
	}
}
