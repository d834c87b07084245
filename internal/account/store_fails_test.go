package account

import (
	"errors"
	"fmt"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// TestAStoreThatFails makes each method of the store fail under each method of the service that calls it: the error comes back
// as an internal one, whose text is for the log.
func TestAStoreThatFails(t *testing.T) {
	tests := []struct {
		method string
		call   func(*house, SignedIn) error
	}{
		{"InsertUser", func(h *house, _ SignedIn) error {
			_, err := h.Register(t.Context(), Registration{"bo@example.com", goodPassword, "Bo"})
			return err
		}},
		{"InTx", func(h *house, _ SignedIn) error {
			_, err := h.CreateUser(t.Context(), NewUser{Registration{"bo@example.com", goodPassword, "Bo"}, Admin})
			return err
		}},
		{"InsertUser", func(h *house, _ SignedIn) error {
			_, err := h.CreateUser(t.Context(), NewUser{Registration{"bo@example.com", goodPassword, "Bo"}, Admin})
			return err
		}},
		{"UserByEmail", func(h *house, _ SignedIn) error { _, err := h.Login(t.Context(), goodEmail, goodPassword); return err }},
		{"User", func(h *house, _ SignedIn) error { _, err := h.Login(t.Context(), goodEmail, goodPassword); return err }},
		{"InsertRefreshToken", func(h *house, _ SignedIn) error {
			_, err := h.Login(t.Context(), goodEmail, goodPassword)
			return err
		}},
		{"RefreshToken", func(h *house, in SignedIn) error { _, err := h.Refresh(t.Context(), in.RefreshToken); return err }},
		{"User", func(h *house, in SignedIn) error { _, err := h.Refresh(t.Context(), in.RefreshToken); return err }},
		{"DeleteRefreshToken", func(h *house, in SignedIn) error { return h.Logout(t.Context(), in.RefreshToken) }},
		{"DeleteRefreshTokens", func(h *house, in SignedIn) error { return h.LogoutAll(t.Context(), in.User.ID) }},
		{"DeleteRefreshTokens", func(h *house, in SignedIn) error { _, err := h.Revoke(t.Context(), in.User.ID); return err }},
		{"DeleteRefreshTokens", func(h *house, in SignedIn) error { return h.SetPassword(t.Context(), in.User.ID, goodPassword) }},
		{"UpdateUser", func(h *house, in SignedIn) error { return h.SetPassword(t.Context(), in.User.ID, goodPassword) }},
		{"UpdateUser", func(h *house, in SignedIn) error { _, err := h.SetRole(t.Context(), in.User.ID, Admin); return err }},
		{"UpdateUser", func(h *house, in SignedIn) error {
			_, err := h.UpdateProfile(t.Context(), in.User.ID, ProfileChange{Name: ptr("Bo")})
			return err
		}},
		{"User", func(h *house, in SignedIn) error { _, err := h.Authenticate(t.Context(), in.AccessToken); return err }},
		{"User", func(h *house, in SignedIn) error { _, err := h.Profile(t.Context(), in.User.ID); return err }},
		{"Identities", func(h *house, in SignedIn) error { _, err := h.Identities(t.Context(), in.User.ID); return err }},
		{"Users", func(h *house, _ SignedIn) error {
			_, _, err := h.Users(t.Context(), UserFilter{}, paging.Page{Number: 1, Limit: 1})
			return err
		}},
		{"EmailToken", func(h *house, _ SignedIn) error { return h.ResetPassword(t.Context(), "t", goodPassword) }},
		{"EmailToken", func(h *house, _ SignedIn) error { return h.VerifyEmail(t.Context(), "t") }},
		{"InTx", func(h *house, _ SignedIn) error { return h.VerifyEmail(t.Context(), "t") }},
		{"User", func(h *house, in SignedIn) error { return h.RequestVerification(t.Context(), in.User.ID) }},
		{"DeleteEmailTokens", func(h *house, in SignedIn) error { return h.SetPassword(t.Context(), in.User.ID, goodPassword) }},
		{"DeleteExpiredEmailTokens", func(h *house, _ SignedIn) error { _, err := h.Sweep(t.Context()); return err }},
		{"DeleteExpiredRefreshTokens", func(h *house, _ SignedIn) error { _, err := h.Sweep(t.Context()); return err }},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, " ", tt.method), func(t *testing.T) {
			h := newHouse(t)
			in := h.register(t)
			h.store.fails = tt.method
			err := tt.call(h, in)
			if _, kinded := fault.As(err); !errors.Is(err, errDown) || kinded {
				t.Fatalf("error = %v, want the store's, without a kind", err)
			}
		})
	}
}
