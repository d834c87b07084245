package account

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"

	"github.com/englishapp/englishctl/internal/fault"
)

var compareCosts = cmp.AllowUnexported(argonCost{})

func TestLogin(t *testing.T) {
	tests := []struct {
		name, email, password string
		code                  string // of the refusal, or none
		work                  []argonCost
	}{
		{"the right password", goodEmail, goodPassword, "", []argonCost{currentCost}},
		{"the address ignores case and space around it", " AN@example.COM ", goodPassword, "", []argonCost{currentCost}},
		{"a wrong password", goodEmail, "SecurePass124", "invalid_credentials", []argonCost{currentCost}},
		{"the password minds case", goodEmail, "securepass123", "invalid_credentials", []argonCost{currentCost}},
		{"an unknown address costs the same", "bo@example.com", goodPassword, "invalid_credentials", []argonCost{currentCost}},
		{"an address that is none costs the same", "not an address", goodPassword, "invalid_credentials", []argonCost{currentCost}},
		{"an account without a password costs the same", "social@example.com", goodPassword, "invalid_credentials", []argonCost{currentCost}},
		{"an over-long password is not hashed", goodEmail, strings.Repeat("a1", 65), "invalid_credentials", nil},
	}
	var refusal string
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			social := User{ID: uuid.New(), Email: "social@example.com", Provider: Google, Role: Learner}
			h.store.users[social.ID] = social
			h.store.tokens = map[string]RefreshToken{}

			in, err := h.Login(t.Context(), tt.email, tt.password)
			if diff := cmp.Diff(tt.work, h.work, compareCosts); diff != "" {
				t.Errorf("work (-want +got):\n%s", diff)
			}
			if tt.code != "" {
				wantFault(t, err, fault.KindUnauthorized, tt.code)
				if refusal == "" {
					refusal = err.Error()
				}
				if err.Error() != refusal || len(h.store.tokens) != 0 {
					t.Errorf("%q with %d tokens; want %q, as for all refusals, and none", err, len(h.store.tokens), refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(user, in.User); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if _, err := h.Authenticate(t.Context(), in.AccessToken); err != nil {
				t.Errorf("the access token is refused: %v", err)
			}
			if _, err := h.Refresh(t.Context(), in.RefreshToken); err != nil {
				t.Errorf("the refresh token is refused: %v", err)
			}
		})
	}
}

func TestLoginRefusesWhatIsNoText(t *testing.T) {
	tests := []struct {
		name, email, password string
		want                  []string
	}{
		{"nothing at all", "", "", []string{"email", "password"}},
		{"no address", "", goodPassword, []string{"email"}},
		{"no password", goodEmail, "", []string{"password"}},
		{"NUL in the address", "an\x00@example.com", goodPassword, []string{"email"}},
		{"NUL in the password", goodEmail, "a\x00", []string{"password"}},
		{"an address that is no UTF-8", "\xff", goodPassword, []string{"email"}},
		{"a password that is no UTF-8", goodEmail, "\xff", []string{"password"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newHouse(t).Login(t.Context(), tt.email, tt.password)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoginAcceptsAnotherSpellingOfAnAccent(t *testing.T) {
	h := newHouse(t)
	r := Registration{Email: goodEmail, Password: "caf\u00e9 au lait 1", Name: "An"}
	if _, err := h.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Login(t.Context(), goodEmail, "cafe\u0301 au lait 1"); err != nil {
		t.Fatalf("the same password from another keyboard: %v", err)
	}
}

func TestLoginReplacesAnOutdatedHash(t *testing.T) {
	weak := argonCost{memoryKiB: 8, passes: 1, lanes: 1}
	tests := []struct {
		name string
		hash func(*testing.T, *house) string
		work []argonCost // after the check of a bcrypt hash, which is not counted
	}{
		{"weaker argon2id", func(t *testing.T, h *house) string {
			h.passwords.cost = weak
			hash, err := h.passwords.hash(t.Context(), goodPassword)
			if err != nil {
				t.Fatal(err)
			}
			h.passwords.cost, h.work = currentCost, nil
			return hash
		}, []argonCost{weak, currentCost}},
		{"bcrypt", func(t *testing.T, _ *house) string {
			hash, err := bcrypt.GenerateFromPassword([]byte(goodPassword), bcrypt.MinCost)
			if err != nil {
				t.Fatal(err)
			}
			return string(hash)
		}, []argonCost{currentCost}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			user.PasswordHash = tt.hash(t, h)
			h.store.users[user.ID] = user

			if _, err := h.Login(t.Context(), goodEmail, "SecurePass124"); !fault.Is(err, fault.KindUnauthorized) {
				t.Fatalf("wrong password: %v, want unauthorized", err)
			}
			if diff := cmp.Diff(user, h.store.users[user.ID]); diff != "" {
				t.Fatalf("a wrong password changes the user:\n%s", diff)
			}
			h.work = nil
			in, err := h.Login(t.Context(), goodEmail, goodPassword)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.work, h.work, compareCosts); diff != "" {
				t.Errorf("work (-want +got):\n%s", diff)
			}
			stored := h.store.users[user.ID]
			if h.passwords.outdated(stored.PasswordHash) || in.User.PasswordHash != stored.PasswordHash {
				t.Errorf("the hash is %s still", stored.PasswordHash)
			}
			stored.PasswordHash = user.PasswordHash
			if diff := cmp.Diff(user, stored); diff != "" {
				t.Errorf("more than the hash has changed:\n%s", diff)
			}
			if _, err := h.Login(t.Context(), goodEmail, goodPassword); err != nil {
				t.Errorf("with the new hash: %v", err)
			}
		})
	}
}

func TestLoginAgainstAChangeInBetween(t *testing.T) {
	setPassword := func(password string) func(*testing.T, *house, uuid.UUID) {
		return func(t *testing.T, h *house, id uuid.UUID) {
			if err := h.SetPassword(t.Context(), id, password); err != nil {
				t.Error(err)
			}
		}
	}
	tests := []struct {
		name   string
		change func(*testing.T, *house, uuid.UUID)
		code   string
		tokens int
	}{
		{"another hash of the same password is fine", setPassword(goodPassword), "", 1},
		{"a new password refuses the old one and leaves no token", setPassword("Another123"), "invalid_credentials", 0},
		{"a hash that keeps changing is refused", func(t *testing.T, h *house, id uuid.UUID) {
			setPassword(goodPassword)(t, h, id)
			h.store.before = func() { setPassword(goodPassword)(t, h, id) }
		}, "invalid_credentials", 0},
		{"a deleted account is refused", func(t *testing.T, h *house, id uuid.UUID) {
			if err := h.DeleteUser(t.Context(), id); err != nil {
				t.Error(err)
			}
		}, "invalid_credentials", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			h.store.before = func() { tt.change(t, h, user.ID) }
			_, err := h.Login(t.Context(), goodEmail, goodPassword)
			var code string
			if f, ok := fault.As(err); ok {
				code = f.Code
			}
			if code != tt.code || (err == nil) != (tt.code == "") {
				t.Errorf("error = %v, want code %q", err, tt.code)
			}
			if got := len(h.store.tokens); got != tt.tokens {
				t.Errorf("%d refresh tokens are good, want %d", got, tt.tokens)
			}
		})
	}
}
