package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
)

// opaqueID returns the id by which the last entry, of a deletion, knows the user.
func opaqueID(t testing.TB, h *house, user uuid.UUID) string {
	t.Helper()
	e := h.store.audit[len(h.store.audit)-1]
	if _, err := uuid.Parse(e.ObjectID); err != nil || e.Action != "user.delete" || e.ObjectID == user.String() {
		t.Fatalf("the last entry is %+v: %v", e, err)
	}
	return e.ObjectID
}

// TestDeletionLeavesOnlyAnOpaqueID: the same for all lines of a person, and not theirs.
func TestDeletionLeavesOnlyAnOpaqueID(t *testing.T) {
	for name, remove := range map[string]func(context.Context, *house, uuid.UUID) error{
		"by oneself":     func(ctx context.Context, h *house, id uuid.UUID) error { return h.DeleteSelf(ctx, id) },
		"by an operator": func(ctx context.Context, h *house, id uuid.UUID) error { return h.DeleteUser(ctx, id) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			user := h.register(t).User
			other, err := h.CreateUser(t.Context(), NewUser{Registration{"bo@example.com", goodPassword, "Bo"}, Admin})
			must(t, err)
			ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: audit.UserActor + user.ID.String(), RequestID: "r1", Address: "192.0.2.1"})
			_, err = h.SetRole(ctx, other.ID, Learner)
			must(t, err)
			h.store.audit = append(h.store.audit, audit.Entry{Origin: audit.Origin{Actor: "cli:ada", Address: "192.0.2.2"}, ObjectID: other.ID.String()})
			must(t, remove(ctx, h, user.ID))
			if len(h.store.users) != 1 || len(h.store.tokens) != 0 {
				t.Errorf("%d users and %d tokens are left", len(h.store.users), len(h.store.tokens))
			}
			opaque := opaqueID(t, h, user.ID)
			gone := audit.Origin{Actor: audit.DeletedActor + opaque, RequestID: "r1"}
			want := []audit.Origin{{Actor: "system"}, gone, {Actor: "cli:ada", Address: "192.0.2.2"}, gone}
			var got []audit.Origin
			for _, e := range h.store.audit {
				got = append(got, e.Origin)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("origins (-want +got):\n%s", diff)
			}
			if strings.Contains(fmt.Sprint(h.store.audit), user.ID.String()) {
				t.Errorf("the id is still in the audit log: %v", h.store.audit)
			}
		})
	}
	t.Run("all or nothing", func(t *testing.T) {
		h := newHouse(t)
		user := h.register(t).User
		h.store.fails = "Forget"
		if err := h.DeleteSelf(t.Context(), user.ID); !errors.Is(err, errDown) || len(h.store.users) != 1 || len(h.store.audit) != 0 {
			t.Errorf("error %v, %d users, %d entries", err, len(h.store.users), len(h.store.audit))
		}
	})
}

// TestLatecomersAreForgotten: what a request writes after the deletion of its user goes with the next sweep; the living,
// operators and those whom nobody can look up now stay.
func TestLatecomersAreForgotten(t *testing.T) {
	h := newHouse(t)
	user := h.register(t).User
	late := func(actor string, age time.Duration) {
		h.store.audit = append(h.store.audit, audit.Entry{At: h.moment().Add(-age), Origin: audit.Origin{Actor: actor}})
	}
	gone := uuid.UUID{0: 0xaa}
	late(audit.UserActor+gone.String(), time.Minute)
	late(audit.UserActor+user.ID.String(), time.Minute)
	late("cli:"+gone.String(), 0)
	late("user:nobody", 0)
	late("system", 0)
	h.store.fails = "User"
	_, err := h.Sweep(t.Context())
	must(t, err)
	if got := h.store.audit[0].Origin.Actor; got != audit.UserActor+gone.String() {
		t.Errorf("without an answer of the database: %s", got)
	}
	h.store.fails = ""
	_, err = h.Sweep(t.Context())
	must(t, err)
	if got := h.store.audit[0].Origin.Actor; !strings.HasPrefix(got, audit.DeletedActor) || strings.Contains(got, gone.String()) {
		t.Errorf("the deleted user is %s", got)
	}
	for i, want := range []string{audit.UserActor + user.ID.String(), "cli:" + gone.String(), "user:nobody", "system"} {
		if got := h.store.audit[i+1].Origin.Actor; got != want {
			t.Errorf("entry %d: %s, want %s", i+1, got, want)
		}
	}
	for _, method := range []string{"Actors", "Forget"} {
		h.store.fails = method
		late(audit.UserActor+gone.String(), 0)
		if _, err := h.Sweep(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("%s fails: %v", method, err)
		}
	}
}
