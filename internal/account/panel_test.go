package account

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// newPanel is a house with an operator, "root", and an administrator's account.
func newPanel(t *testing.T) (*house, User) {
	t.Helper()
	h := newHouse(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("OperatorPass1"), bcrypt.MinCost)
	must(t, err)
	WithOperator("root", string(hash))(h.Service)
	admin, err := h.CreateUser(t.Context(), NewUser{Registration{"ed@example.com", goodPassword, "Ed"}, Admin})
	must(t, err)
	return h, admin
}

func TestSignInToPanel(t *testing.T) {
	tests := []struct {
		name, who, password string
		kind                fault.Kind
		actor               string // "user:" stands for the account's
	}{
		{"the operator of the settings", "root", "OperatorPass1", "", "panel:root"},
		{"an administrator, whatever the case", "ED@example.com", goodPassword, "", "user:"},
		{"the operator's name is not folded", "ROOT", "OperatorPass1", fault.KindUnauthorized, ""},
		{"the operator with another password", "root", goodPassword, fault.KindUnauthorized, ""},
		{"an administrator with another password", "ed@example.com", "OperatorPass1", fault.KindUnauthorized, ""},
		{"a learner", goodEmail, goodPassword, fault.KindForbidden, ""},
		{"a learner with another password learns nothing", goodEmail, "OtherPass123", fault.KindUnauthorized, ""},
		{"nobody", "nobody@example.com", goodPassword, fault.KindUnauthorized, ""},
		{"a password that nobody has", "root", strings.Repeat("x", 10_000), fault.KindUnauthorized, ""},
		{"nothing", "", "", fault.KindInvalid, ""},
		{"no text", "a\x00b", "\xff", fault.KindInvalid, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, admin := newPanel(t)
			h.register(t)
			before := len(h.store.audit)
			token, editor, err := h.SignInToPanel(t.Context(), tt.who, tt.password)
			if tt.kind != "" {
				if !fault.Is(err, tt.kind) || len(h.store.panel) != 0 || len(h.store.audit) != before {
					t.Fatalf("error %v with %d sessions, want %s without", err, len(h.store.panel), tt.kind)
				}
				return
			}
			must(t, err)
			want := strings.Replace(tt.actor, "user:", "user:"+admin.ID.String(), 1)
			if entry := h.store.audit[before]; entry.Action != "panel.sign_in" || entry.Origin.Actor != want || editor.Actor != want {
				t.Errorf("%+v is in the audit log as %+v, want the actor %s", editor, entry, want)
			}
			if got, err := h.PanelEditor(t.Context(), token); err != nil || got != editor {
				t.Errorf("the token is %+v's, %v; want %+v", got, err, editor)
			}
			for hash := range h.store.panel {
				if strings.Contains(hash, token) {
					t.Error("the token itself is stored")
				}
			}
		})
	}
}

// The hash that is made for the settings lets its password in, whichever way an accent was typed, and no weak one is made.
func TestHashPassword(t *testing.T) {
	h := newHouse(t)
	hash, err := HashPassword(t.Context(), "Cafe\u0301Creme1")
	must(t, err)
	WithOperator("root", hash)(h.Service)
	h.passwords = newPasswords() // the fake one of tests knows no other hashes
	_, editor, err := h.SignInToPanel(t.Context(), "root", "Caf\u00e9Creme1")
	if err != nil || editor.Name != "root" {
		t.Errorf("signed in as %+v, %v", editor, err)
	}
	_, _, err = h.SignInToPanel(t.Context(), "root", "CafeCreme1")
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
	for _, weak := range []string{"", "short1", "nodigitsatall", "a1\x00345678"} {
		if hash, err := HashPassword(t.Context(), weak); hash != "" || !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%q has the hash %q, %v; want a refusal", weak, hash, err)
		}
	}
}

// Whether there is such an account, the clock does not tell.
func TestSignInToPanelTakesAsLongForNobody(t *testing.T) {
	h, _ := newPanel(t)
	h.work = nil
	_, _, err := h.SignInToPanel(t.Context(), "nobody@example.com", goodPassword)
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
	_, _, err = h.SignInToPanel(t.Context(), "ed@example.com", "OtherPass123")
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
	if len(h.work) != 2 || h.work[0] != h.work[1] {
		t.Errorf("the work was %v, want twice the same", h.work)
	}
}

// A setting that is not there lets nobody in, whatever is entered.
func TestNoOperator(t *testing.T) {
	h := newHouse(t)
	WithOperator("admin", "")(h.Service)
	for _, password := range []string{"", "admin", goodPassword} {
		if _, _, err := h.SignInToPanel(t.Context(), "admin", password); err == nil {
			t.Errorf("the password %q lets in", password)
		}
	}
}

func TestPanelSessionEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(t *testing.T, h *house, admin uuid.UUID, token string)
	}{
		{"by signing out", func(t *testing.T, h *house, _ uuid.UUID, token string) { must(t, h.SignOutOfPanel(t.Context(), token)) }},
		{"by a new password", func(t *testing.T, h *house, admin uuid.UUID, _ string) {
			must(t, h.SetPassword(t.Context(), admin, "OtherPass123"))
		}},
		{"by a demotion", func(t *testing.T, h *house, admin uuid.UUID, _ string) {
			_, err := h.SetRole(t.Context(), admin, Learner)
			must(t, err)
		}},
		{"by the account's deletion", func(t *testing.T, h *house, admin uuid.UUID, _ string) { must(t, h.DeleteUser(t.Context(), admin)) }},
		{"by a revocation", func(t *testing.T, h *house, admin uuid.UUID, _ string) {
			_, err := h.Revoke(t.Context(), admin)
			must(t, err)
		}},
		{"by logging out everywhere", func(t *testing.T, h *house, admin uuid.UUID, _ string) {
			must(t, h.LogoutAll(t.Context(), admin))
		}},
		{"by a hash that another process has written", func(_ *testing.T, h *house, admin uuid.UUID, _ string) {
			u := h.store.users[admin]
			u.PasswordHash = "$2b$other"
			h.store.users[admin] = u
		}},
		{"after eight hours without a request", func(_ *testing.T, h *house, _ uuid.UUID, _ string) { h.clock = h.clock.Add(PanelIdle) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, admin := newPanel(t)
			token, _, err := h.SignInToPanel(t.Context(), "ed@example.com", goodPassword)
			must(t, err)
			operators, _, err := h.SignInToPanel(t.Context(), "root", "OperatorPass1")
			must(t, err)
			tt.end(t, h, admin.ID, token)
			_, err = h.PanelEditor(t.Context(), token)
			wantFault(t, err, fault.KindUnauthorized, "")
			if _, err = h.PanelEditor(t.Context(), operators); err != nil && h.clock.Sub(admin.CreatedAt) < PanelIdle {
				t.Errorf("the operator's session ended too: %v", err)
			}
		})
	}
}

func TestPanelSessionOfAnOperatorEndsWithTheirHash(t *testing.T) {
	h, _ := newPanel(t)
	token, _, err := h.SignInToPanel(t.Context(), "root", "OperatorPass1")
	must(t, err)
	for _, hash := range []string{"$2b$another", ""} {
		WithOperator("root", hash)(h.Service)
		_, err = h.PanelEditor(t.Context(), token)
		wantFault(t, err, fault.KindUnauthorized, "")
	}
}

// Each request moves the end; what is written of that is at most a minute late.
func TestPanelSessionLivesOn(t *testing.T) {
	h, _ := newPanel(t)
	token, _, err := h.SignInToPanel(t.Context(), "root", "OperatorPass1")
	must(t, err)
	for range 4 {
		h.clock = h.clock.Add(7 * time.Hour)
		_, err := h.PanelEditor(t.Context(), token)
		must(t, err)
	}
	h.store.fails = "ExtendPanelSession"
	h.clock = h.clock.Add(59 * time.Second)
	if _, err := h.PanelEditor(t.Context(), token); err != nil {
		t.Errorf("the end was written again within a minute: %v", err)
	}
	h.clock = h.clock.Add(time.Second)
	if _, err := h.PanelEditor(t.Context(), token); err == nil {
		t.Error("the end was not written after a minute")
	}
}

func TestPanelNeedsItsStore(t *testing.T) {
	for _, method := range []string{"UserByEmail", "InsertPanelSession", "InTx"} {
		h, _ := newPanel(t)
		h.store.fails = method
		if _, _, err := h.SignInToPanel(t.Context(), "ed@example.com", goodPassword); err == nil || fault.Is(err, fault.KindUnauthorized) {
			t.Errorf("%s fails: %v", method, err)
		}
	}
	for _, method := range []string{"PanelSession", "User"} {
		h, _ := newPanel(t)
		token, _, err := h.SignInToPanel(t.Context(), "ed@example.com", goodPassword)
		must(t, err)
		h.store.fails = method
		if _, err := h.PanelEditor(t.Context(), token); err == nil || fault.Is(err, fault.KindUnauthorized) {
			t.Errorf("%s fails: %v; a database that is down signs nobody out", method, err)
		}
	}
	h, _ := newPanel(t)
	h.store.fails = "DeletePanelSession"
	if err := h.SignOutOfPanel(t.Context(), "x"); err == nil {
		t.Error("signing out failed and nobody heard of it")
	}
}

func TestUpdateUser(t *testing.T) {
	h := newHouse(t)
	user := h.register(t).User
	name, avatar, none := " Anh ", "https://avatars.example/a.jpg", ""
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: "panel:root"})
	got, err := h.UpdateUser(ctx, user.ID, ProfileChange{Name: &name, AvatarURL: &avatar})
	must(t, err)
	if got.Name != "Anh" || got.AvatarURL == nil || *got.AvatarURL != avatar || h.store.users[user.ID].Name != "Anh" {
		t.Errorf("the user is %+v", got)
	}
	entry := h.store.audit[len(h.store.audit)-1]
	if entry.Action != "user.update" || entry.Origin.Actor != "panel:root" || len(entry.Changes) != 2 ||
		entry.Changes["name"] != (audit.Change{After: "changed"}) {
		t.Errorf("the entry is %+v; it says which fields changed, and not what they say", entry)
	}
	before := len(h.store.audit)
	_, err = h.UpdateUser(ctx, user.ID, ProfileChange{Name: &name, AvatarURL: &avatar})
	must(t, err)
	if len(h.store.audit) != before {
		t.Error("what changed nothing is in the audit log")
	}
	_, err = h.UpdateUser(ctx, user.ID, ProfileChange{Name: &none, AvatarURL: &name})
	if f, ok := fault.As(err); !ok || len(f.Fields) != 2 {
		t.Errorf("an empty name and a bad address: %v", err)
	}
	_, err = h.UpdateUser(ctx, uuid.UUID{9}, ProfileChange{AvatarURL: &none})
	wantFault(t, err, fault.KindNotFound, "")
}
