package account

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

func TestCreateUser(t *testing.T) {
	good := Registration{Email: "Op@Example.com", Password: goodPassword, Name: "Op"}
	tests := []struct {
		name string
		in   NewUser
		role Role
		want []string
	}{
		{"an admin", NewUser{good, Admin}, Admin, nil},
		{"a learner", NewUser{good, Learner}, Learner, nil},
		{"no role is a learner", NewUser{good, ""}, Learner, nil},
		{"an unknown role", NewUser{good, "root"}, "", []string{"role"}},
		{"all that is wrong is named", NewUser{Registration{}, "root"}, "", []string{"email", "password", "name", "role"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			user, err := h.CreateUser(t.Context(), tt.in)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if user.Role != tt.role || h.store.users[user.ID].Role != tt.role {
				t.Fatalf("role %q, stored %q; want %q", user.Role, h.store.users[user.ID].Role, tt.role)
			}
			if err != nil {
				return
			}
			if _, err := h.Login(t.Context(), "op@example.com", goodPassword); err != nil {
				t.Fatalf("the new user cannot log in: %v", err)
			}
		})
	}
}

func TestCreateUserTwice(t *testing.T) {
	h := newHouse(t)
	h.register(t)
	_, err := h.CreateUser(t.Context(), NewUser{Registration{strings.ToUpper(goodEmail), goodPassword, "An"}, Admin})
	wantFault(t, err, fault.KindConflict, "email_taken")
	if len(h.store.audit) != 0 {
		t.Fatalf("what did not happen is in the audit log: %v", h.store.audit)
	}
}

// operations are what operators do to a user, with the line that each leaves in the audit log.
var operations = []struct {
	name    string
	do      func(*testing.T, *house, uuid.UUID) error
	action  string
	changes map[string]audit.Change
}{
	{"set role", func(t *testing.T, h *house, id uuid.UUID) error {
		_, err := h.SetRole(t.Context(), id, Admin)
		return err
	}, "user.set_role", map[string]audit.Change{"role": {Before: "learner", After: "admin"}}},
	{"set password", func(t *testing.T, h *house, id uuid.UUID) error {
		return h.SetPassword(t.Context(), id, "Another123")
	}, "user.set_password", nil},
	{"revoke", func(t *testing.T, h *house, id uuid.UUID) error {
		_, err := h.Revoke(t.Context(), id)
		return err
	}, "user.revoke", map[string]audit.Change{"refresh_tokens": {Before: 1, After: 0}}},
	{"delete", func(t *testing.T, h *house, id uuid.UUID) error { return h.DeleteUser(t.Context(), id) }, "user.delete", nil},
}

func TestOperationsAreAudited(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			must(t, op.do(t, h, user.ID))
			want := []audit.Entry{{At: h.clock.Truncate(time.Microsecond), Origin: audit.Origin{Actor: "system"}, Action: op.action,
				ObjectID: user.ID.String(), Changes: op.changes}}
			if op.action == "user.delete" {
				want[0].ObjectID = opaqueID(t, h, user.ID)
			}
			for i := range h.store.audit {
				if h.store.audit[i].ID == uuid.Nil {
					t.Error("the entry has no id")
				}
				h.store.audit[i].ID = uuid.Nil
			}
			if diff := cmp.Diff(want, h.store.audit); diff != "" {
				t.Errorf("audit (-want +got):\n%s", diff)
			}
			if text := fmt.Sprint(h.store.audit); strings.Contains(text, goodEmail) || strings.Contains(text, "argon2") {
				t.Errorf("the audit log is personal or secret: %s", text)
			}
		})
	}
	t.Run("create", func(t *testing.T) {
		h := newHouse(t)
		user, err := h.CreateUser(t.Context(), NewUser{Registration{goodEmail, goodPassword, "An"}, Admin})
		must(t, err)
		e := h.store.audit[0]
		if e.Action != "user.create" || e.ObjectID != user.ID.String() || e.Changes["role"] != (audit.Change{After: "admin"}) {
			t.Fatalf("audit = %+v", e)
		}
	})
}

func TestOperationsNeedTheirAuditEntry(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			h.store.fails = "InsertAudit"
			if err := op.do(t, h, user.ID); !errors.Is(err, errDown) {
				t.Fatalf("error = %v, want the store's", err)
			}
			if diff := cmp.Diff(user, h.store.users[user.ID]); diff != "" || len(h.store.tokens) != 1 {
				t.Fatalf("%d tokens, want 1; the user has changed without an entry:\n%s", len(h.store.tokens), diff)
			}
		})
	}
}

func TestOperationsOnNobody(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			h := newHouse(t)
			wantFault(t, op.do(t, h, uuid.New()), fault.KindNotFound, "")
			if len(h.store.audit) != 0 {
				t.Fatal("what did not happen is in the audit log")
			}
		})
	}
}

func TestSetRole(t *testing.T) {
	h := newHouse(t)
	user := h.register(t).User
	h.clock = h.clock.Add(time.Hour)
	got, err := h.SetRole(t.Context(), user.ID, Admin)
	must(t, err)
	want := user
	want.Role, want.UpdatedAt = Admin, h.clock.Truncate(time.Microsecond)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, h.store.users[user.ID]); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	h.clock = h.clock.Add(time.Hour)
	if again, err := h.SetRole(t.Context(), user.ID, Admin); err != nil || !cmp.Equal(got, again) || len(h.store.audit) != 1 {
		t.Errorf("the role that they have: %v, %v, %d entries; want nothing new", again, err, len(h.store.audit))
	}
	_, err = h.SetRole(t.Context(), user.ID, "")
	if diff := cmp.Diff([]string{"role"}, broken(t, err)); diff != "" {
		t.Errorf("an empty role (-want +got):\n%s", diff)
	}
}

func TestSetPassword(t *testing.T) {
	h := newHouse(t)
	user := h.register(t).User
	h.clock = h.clock.Add(time.Hour)
	must(t, h.SetPassword(t.Context(), user.ID, "Another123"))
	if got := h.store.users[user.ID].UpdatedAt; !got.Equal(h.clock.Truncate(time.Microsecond)) {
		t.Errorf("updated_at = %v", got)
	}
	if _, err := h.Login(t.Context(), goodEmail, "Another123"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	_, err := h.Login(t.Context(), goodEmail, goodPassword)
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
	err = h.SetPassword(t.Context(), user.ID, "short")
	if diff := cmp.Diff([]string{"password"}, broken(t, err)); diff != "" {
		t.Errorf("a bad password (-want +got):\n%s", diff)
	}
}

func TestRevokeCounts(t *testing.T) {
	h := newHouse(t)
	user := h.register(t).User
	_, err := h.Login(t.Context(), goodEmail, goodPassword)
	must(t, err)
	for _, want := range []int{2, 0} {
		if got, err := h.Revoke(t.Context(), user.ID); err != nil || got != want {
			t.Fatalf("Revoke = %d, %v; want %d", got, err, want)
		}
	}
}

func TestUsers(t *testing.T) {
	first := paging.Page{Number: 1, Limit: 200}
	tests := []struct {
		name   string
		filter UserFilter
		page   paging.Page
		total  int
		broken []string
	}{
		{"everybody", UserFilter{}, first, 2, nil},
		{"by role", UserFilter{Role: Admin}, first, 1, nil},
		{"by address, ignoring case", UserFilter{Email: " OP@example.com "}, first, 1, nil},
		{"by an address that nobody has", UserFilter{Email: "nobody@example.com"}, first, 0, nil},
		{"by a part of an address", UserFilter{Email: "op@"}, first, 0, []string{"email"}},
		{"a search is trimmed", UserFilter{Search: " an@ "}, first, 1, nil},
		{"a search of 255 characters", UserFilter{Search: strings.Repeat("é", 255)}, first, 0, nil},
		{"a search of 256 characters", UserFilter{Search: strings.Repeat("e", 256)}, first, 0, []string{"search"}},
		{"a search with NUL", UserFilter{Search: "a\x00"}, first, 0, []string{"search"}},
		{"an unknown role", UserFilter{Role: "root"}, first, 0, []string{"role"}},
		{"page 0", UserFilter{}, paging.Page{Number: 0, Limit: 20}, 0, []string{"page"}},
		{"limit above 200", UserFilter{}, paging.Page{Number: 1, Limit: 201}, 0, []string{"limit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			h.register(t)
			_, err := h.CreateUser(t.Context(), NewUser{Registration{"op@example.com", goodPassword, "Op"}, Admin})
			must(t, err)
			users, total, err := h.Users(t.Context(), tt.filter, tt.page)
			if diff := cmp.Diff(tt.broken, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if total != tt.total || len(users) != tt.total {
				t.Fatalf("%d of %d users, want %d", len(users), total, tt.total)
			}
		})
	}
}

func TestFindUser(t *testing.T) {
	h := newHouse(t)
	want := h.register(t).User
	tests := []struct {
		name, by string
		found    bool
	}{
		{"by id", want.ID.String(), true},
		{"by id in capitals, with space around", " " + strings.ToUpper(want.ID.String()) + "\n", true},
		{"by address", goodEmail, true},
		{"by address in capitals", strings.ToUpper(goodEmail), true},
		{"by another id", uuid.NewString(), false},
		{"by another address", "bo@example.com", false},
		{"by neither", "An", false},
		{"by nothing", "", false},
		{"by NUL", "an\x00@example.com", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := h.FindUser(t.Context(), tt.by)
			if tt.found {
				must(t, err)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("user (-want +got):\n%s", diff)
				}
				return
			}
			wantFault(t, err, fault.KindNotFound, "")
		})
	}
}
