package account

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// roleTTL is how long a role is believed without asking the database (decisions.md, "Accounts").
const roleTTL = 60 * time.Second

// forgetTimeout is how long a change of role waits for the cache to forget the old one.
const forgetTimeout = time.Second

// Authenticate returns who an access token stands for, with the role that the account had at most 60 seconds ago, whatever
// the token says.
//
// It returns fault.Unauthorized with code token_expired, account_gone (the account was deleted) or invalid_token.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	c, err := s.tokens.parse(token, accessToken)
	if err != nil {
		return Principal{}, err
	}
	role, err := s.role(ctx, c.user())
	if fault.Is(err, fault.KindNotFound) {
		return Principal{}, accountGone()
	}
	if err != nil {
		return Principal{}, fmt.Errorf("authenticate: %w", err)
	}
	return Principal{UserID: c.user(), Role: role}, nil
}

// role returns the role of an account from the cache, else from the store. A cache that fails counts as one that does
// not know.
func (s *Service) role(ctx context.Context, user uuid.UUID) (Role, error) {
	value, found, err := s.cache.Get(ctx, roleKey(user))
	if role := Role(value); err == nil && found && role.Valid() {
		return role, nil
	}
	u, err := s.store.User(ctx, user)
	if err != nil {
		return "", err
	}
	_ = s.cache.Set(ctx, roleKey(user), []byte(u.Role), roleTTL) // lost: the next request asks the store again
	return u.Role, nil
}

// forgetRole makes the next request ask the store for the user's role. The change is already stored, so a caller who hangs up
// does not stop it; a cache that does not answer forgets by itself within roleTTL.
func (s *Service) forgetRole(ctx context.Context, user uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetTimeout)
	defer cancel()
	_ = s.cache.Delete(ctx, roleKey(user))
}

func roleKey(user uuid.UUID) string { return "account:" + user.String() }
