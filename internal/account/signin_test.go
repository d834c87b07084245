package account

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

func TestRegisterStoresALearner(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	now := h.clock.Truncate(time.Microsecond)
	want := User{ID: in.User.ID, Email: goodEmail, Name: "An", Provider: Email, PasswordHash: in.User.PasswordHash,
		Role: Learner, CreatedAt: now, UpdatedAt: now}
	if diff := cmp.Diff(want, h.store.users[in.User.ID]); diff != "" {
		t.Errorf("stored user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, in.User); diff != "" {
		t.Errorf("returned user (-want +got):\n%s", diff)
	}
	if len(h.store.audit) != 0 {
		t.Errorf("a learner's own doing is in the audit log: %v", h.store.audit)
	}
}

func TestRegisterIsOneTransaction(t *testing.T) {
	h := newHouse(t)
	h.store.fails = "InsertRefreshToken"
	_, err := h.Register(t.Context(), Registration{Email: goodEmail, Password: goodPassword, Name: "An"})
	if !errors.Is(err, errDown) || len(h.store.users) != 0 {
		t.Fatalf("error %v, %d users; want the store's error and nobody", err, len(h.store.users))
	}
}

func TestTwentyRegistrationsOfOneAddress(t *testing.T) {
	h := newHouse(t)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		email := []string{"An@Example.com", " an@example.com"}[i%2]
		wg.Go(func() {
			_, errs[i] = h.Register(context.Background(), Registration{Email: email, Password: goodPassword, Name: "An"})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantFault(t, err, fault.KindConflict, "email_taken")
	}
	if won != 1 || len(h.store.users) != 1 || len(h.store.tokens) != 1 {
		t.Fatalf("%d succeeded, %d users, %d tokens; want one of each", won, len(h.store.users), len(h.store.tokens))
	}
}

func TestRefreshReadsTheRoleFresh(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	if _, err := h.SetRole(t.Context(), in.User.ID, Admin); err != nil {
		t.Fatal(err)
	}
	for range 2 { // no rotation: the same token is good again
		access, err := h.Refresh(t.Context(), in.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.tokens.parse(access, accessToken)
		if err != nil || c.Role != Admin || c.user() != in.User.ID {
			t.Fatalf("new token = %+v, %v; want the user's, as admin", c, err)
		}
	}
}

func TestRefreshIsRefused(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*testing.T, *house, *SignedIn)
	}{
		{"an access token", func(_ *testing.T, _ *house, in *SignedIn) { in.RefreshToken = in.AccessToken }},
		{"garbage", func(_ *testing.T, _ *house, in *SignedIn) { in.RefreshToken = "x" }},
		{"an expired token", func(_ *testing.T, h *house, _ *SignedIn) { h.clock = h.clock.Add(7 * 24 * time.Hour) }},
		{"after logout", func(t *testing.T, h *house, in *SignedIn) { must(t, h.Logout(t.Context(), in.RefreshToken)) }},
		{"after logout everywhere", func(t *testing.T, h *house, in *SignedIn) { must(t, h.LogoutAll(t.Context(), in.User.ID)) }},
		{"after a new password", func(t *testing.T, h *house, in *SignedIn) {
			must(t, h.SetPassword(t.Context(), in.User.ID, goodPassword))
		}},
		{"after an operator's revoke", func(t *testing.T, h *house, in *SignedIn) {
			_, err := h.Revoke(t.Context(), in.User.ID)
			must(t, err)
		}},
		{"after the account's deletion", func(t *testing.T, h *house, in *SignedIn) { must(t, h.DeleteSelf(t.Context(), in.User.ID)) }},
		{"of an account that goes at this moment", func(_ *testing.T, h *house, in *SignedIn) { delete(h.store.users, in.User.ID) }},
		{"stored for somebody else", func(_ *testing.T, h *house, _ *SignedIn) {
			h.editTokens(func(t *RefreshToken) { t.UserID = uuid.New() })
		}},
		{"stored as expired", func(_ *testing.T, h *house, _ *SignedIn) {
			h.editTokens(func(t *RefreshToken) { t.ExpiresAt = h.clock })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in := h.register(t)
			tt.spoil(t, h, &in)
			access, err := h.Refresh(t.Context(), in.RefreshToken)
			wantFault(t, err, fault.KindUnauthorized, "invalid_token")
			if access != "" {
				t.Fatal("there is an access token beside the error")
			}
		})
	}
}

func (h *house) editTokens(edit func(*RefreshToken)) {
	for key, token := range h.store.tokens {
		edit(&token)
		h.store.tokens[key] = token
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLogoutEndsThatTokenOnly(t *testing.T) {
	h := newHouse(t)
	phone := h.register(t)
	tablet, err := h.Login(t.Context(), goodEmail, goodPassword)
	must(t, err)
	for range 2 { // logging out twice is fine
		must(t, h.Logout(t.Context(), phone.RefreshToken))
	}
	if _, err := h.Refresh(t.Context(), tablet.RefreshToken); err != nil {
		t.Fatalf("the other device is logged out too: %v", err)
	}
	if _, err := h.Authenticate(t.Context(), phone.AccessToken); err != nil {
		t.Fatalf("the access token ends early: %v", err)
	}
}

func TestLogoutOfAToken(t *testing.T) {
	tests := []struct {
		name  string
		token func(*house, SignedIn) string
		code  string
	}{
		{"that has expired is fine", func(h *house, in SignedIn) string {
			h.clock = h.clock.Add(8 * 24 * time.Hour)
			return in.RefreshToken
		}, ""},
		{"of a deleted account is fine", func(h *house, in SignedIn) string {
			_ = h.DeleteUser(context.Background(), in.User.ID)
			return in.RefreshToken
		}, ""},
		{"that is an access token is refused", func(_ *house, in SignedIn) string { return in.AccessToken }, "invalid_token"},
		{"that is an expired access token is refused", func(h *house, in SignedIn) string {
			h.clock = h.clock.Add(2 * time.Hour)
			return in.AccessToken
		}, "invalid_token"},
		{"that is forged is refused", func(_ *house, in SignedIn) string { return in.RefreshToken[:len(in.RefreshToken)-4] + "AAAA" },
			"invalid_token"},
		{"that is garbage is refused", func(*house, SignedIn) string { return "x" }, "invalid_token"},
		{"that is missing is refused", func(*house, SignedIn) string { return "" }, "invalid_token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in := h.register(t)
			err := h.Logout(t.Context(), tt.token(h, in))
			if tt.code == "" {
				must(t, err)
				return
			}
			wantFault(t, err, fault.KindUnauthorized, tt.code)
			if len(h.store.tokens) != 1 {
				t.Fatal("the good token has ended")
			}
		})
	}
}

func TestSweepForgetsExpiredTokensOnly(t *testing.T) {
	h := newHouse(t)
	h.register(t)
	h.clock = h.clock.Add(7 * 24 * time.Hour) // a bit past the end, which is a whole second
	_, err := h.Login(t.Context(), goodEmail, goodPassword)
	must(t, err)
	if count, err := h.Sweep(t.Context()); err != nil || count != 1 || len(h.store.tokens) != 1 {
		t.Fatalf("Sweep = %d, %v, %d are left; want 1 and 1", count, err, len(h.store.tokens))
	}
}
