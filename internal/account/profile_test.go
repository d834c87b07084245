package account

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

func TestUpdateProfile(t *testing.T) {
	const old, fresh = "https://example.com/old.jpg", "https://example.com/new.jpg"
	tests := []struct {
		name   string
		change ProfileChange
		want   func(*User)
		broken []string
	}{
		{"nothing is changed by nothing", ProfileChange{}, func(u *User) {}, nil},
		{"a missing avatar is kept", ProfileChange{Name: ptr(" Binh ")}, func(u *User) { u.Name = "Binh" }, nil},
		{"a missing name is kept", ProfileChange{AvatarURL: ptr(fresh)}, func(u *User) { u.AvatarURL = ptr(fresh) }, nil},
		{"an empty avatar clears it", ProfileChange{AvatarURL: ptr("")}, func(u *User) { u.AvatarURL = nil }, nil},
		{"both", ProfileChange{Name: ptr("Binh"), AvatarURL: ptr(fresh)}, func(u *User) {
			u.Name, u.AvatarURL = "Binh", ptr(fresh)
		}, nil},
		{"an empty name is refused", ProfileChange{Name: ptr(""), AvatarURL: ptr(fresh)}, func(u *User) {}, []string{"name"}},
		{"all that is wrong is named", ProfileChange{Name: ptr(" "), AvatarURL: ptr("x")}, func(u *User) {},
			[]string{"name", "avatar_url"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			want := h.register(t).User
			want.AvatarURL = ptr(old)
			h.store.users[want.ID] = want
			h.clock = h.clock.Add(time.Hour)
			if tt.broken == nil && tt.change != (ProfileChange{}) {
				want.UpdatedAt = h.clock.Truncate(time.Microsecond)
			}
			tt.want(&want)

			got, err := h.UpdateProfile(t.Context(), want.ID, tt.change)
			if diff := cmp.Diff(tt.broken, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			stored := h.store.users[want.ID]
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(stored, got); err == nil && diff != "" {
				t.Errorf("the answer is not what is stored:\n%s", diff)
			}
		})
	}
}

func TestADeletedAccountIsGoneForItsOwner(t *testing.T) {
	nobody := uuid.New()
	tests := []struct {
		name string
		ask  func(*house) error
	}{
		{"profile", func(h *house) error { _, err := h.Profile(t.Context(), nobody); return err }},
		{"empty change", func(h *house) error { _, err := h.UpdateProfile(t.Context(), nobody, ProfileChange{}); return err }},
		{"change", func(h *house) error {
			_, err := h.UpdateProfile(t.Context(), nobody, ProfileChange{Name: ptr("An")})
			return err
		}},
		{"delete", func(h *house) error { return h.DeleteSelf(t.Context(), nobody) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantFault(t, tt.ask(newHouse(t)), fault.KindUnauthorized, "account_gone")
		})
	}
}

func TestProfile(t *testing.T) {
	h := newHouse(t)
	want := h.register(t).User
	got, err := h.Profile(t.Context(), want.ID)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("profile (-want +got):\n%s", diff)
	}
}
