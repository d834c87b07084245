package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// Profile returns the user who asks. It returns fault.Unauthorized (code account_gone) where the account was deleted.
func (s *Service) Profile(ctx context.Context, id uuid.UUID) (User, error) {
	user, err := s.store.User(ctx, id)
	if err != nil {
		return User{}, fmt.Errorf("read the profile: %w", ownAccount(err))
	}
	return user, nil
}

// Identities returns the accounts at other providers that sign in as the user, the earliest first; none where nobody has the
// id.
func (s *Service) Identities(ctx context.Context, id uuid.UUID) ([]LinkedIdentity, error) {
	linked, err := s.store.Identities(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list the identities of user %s: %w", id, err)
	}
	return linked, nil
}

// UpdateProfile changes the given fields of the user who asks and returns the user as stored; no field at all changes
// nothing.
//
// It returns fault.Invalid (fields name, avatar_url) and fault.Unauthorized (code account_gone).
func (s *Service) UpdateProfile(ctx context.Context, id uuid.UUID, change ProfileChange) (User, error) {
	if change == (ProfileChange{}) {
		return s.Profile(ctx, id)
	}
	change, err := change.checked()
	if err != nil {
		return User{}, err
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) error {
		if user, err = tx.LockUser(ctx, id); err != nil {
			return err
		}
		change.apply(&user)
		user.UpdatedAt = s.moment()
		return tx.UpdateUser(ctx, user)
	})
	if err != nil {
		return User{}, fmt.Errorf("update the profile: %w", ownAccount(err))
	}
	return user, nil
}

// checked returns the change as it is stored, or fault.Invalid.
func (p ProfileChange) checked() (ProfileChange, error) {
	var c fault.Check
	if p.Name != nil {
		name := strings.TrimSpace(*p.Name)
		checkName(&c, name)
		p.Name = &name
	}
	if p.AvatarURL != nil && *p.AvatarURL != "" {
		checkAvatar(&c, *p.AvatarURL)
	}
	return p, c.Err()
}

func (p ProfileChange) apply(u *User) {
	if p.Name != nil {
		u.Name = *p.Name
	}
	if p.AvatarURL != nil {
		u.AvatarURL = p.AvatarURL
		if *p.AvatarURL == "" {
			u.AvatarURL = nil
		}
	}
}
