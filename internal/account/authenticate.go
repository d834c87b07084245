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

// nearTTL is the part of it that a daemon of several believes by itself (see WithNear).
const nearTTL = 15 * time.Second

// lookupTimeout bounds a look at the store that requests share.
const lookupTimeout = 15 * time.Second

// forgetTimeout is how long a change of role waits for the cache to forget the old one.
const forgetTimeout = time.Second

// Authenticate returns who an access token stands for, with the role that the account had at most 60 seconds ago, whatever
// the token says.
//
// It returns fault.Unauthorized with code token_expired, account_gone (the account was deleted) or invalid_token.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	user, err := s.tokens.bearer(token)
	if err != nil {
		return Principal{}, err
	}
	role, err := s.role(ctx, user)
	if fault.Is(err, fault.KindNotFound) {
		return Principal{}, accountGone()
	}
	if err != nil {
		return Principal{}, fmt.Errorf("authenticate: %w", err)
	}
	return Principal{UserID: user, Role: role}, nil
}

// role returns the role of an account from this process, else from the cache, else from the store. A cache that fails counts as
// one that does not know.
//
// This process remembers learners only: what gives somebody power over others is asked for each time, so that taking it away
// counts for all daemons at once.
func (s *Service) role(ctx context.Context, user uuid.UUID) (Role, error) {
	if s.near == nil {
		return s.cachedRole(ctx, user, roleTTL)
	}
	if role, known := remembered(ctx, s.near, user); known {
		return role, nil
	}
	role, err := s.cachedRole(ctx, user, roleTTL-nearTTL)
	if err == nil && role == Learner {
		_ = s.near.Set(ctx, roleKey(user), []byte(role), nearTTL) // lost: the next request asks the cache again
	}
	return role, err
}

// cachedRole returns the role from the cache, else from the store, and then remembers it in the cache for ttl.
func (s *Service) cachedRole(ctx context.Context, user uuid.UUID, ttl time.Duration) (Role, error) {
	if role, known := remembered(ctx, s.cache, user); known {
		return role, nil
	}
	// Many requests of one user who has just come ask the store once, and it goes on if one of them gives up.
	looked := s.lookups.DoChan(roleKey(user), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
		defer cancel()
		u, err := s.store.User(ctx, user)
		if err != nil {
			return Role(""), err
		}
		_ = s.cache.Set(ctx, roleKey(user), []byte(u.Role), ttl) // lost: the next request asks the store again
		return u.Role, nil
	})
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the role of user %s: %w", user, ctx.Err())
	case found := <-looked:
		return found.Val.(Role), found.Err
	}
}

// remembered returns the role that a cache has of the user, if it has one.
func remembered(ctx context.Context, cache roleCache, user uuid.UUID) (Role, bool) {
	value, found, err := cache.Get(ctx, roleKey(user))
	role := Role(value)
	return role, err == nil && found && role.Valid()
}

// forgetRole makes the next request ask the store for the user's role. The change is already stored, so a caller who hangs up
// does not stop it; a cache that does not answer forgets by itself within roleTTL.
func (s *Service) forgetRole(ctx context.Context, user uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetTimeout)
	defer cancel()
	s.lookups.Forget(roleKey(user)) // a look that began before the change
	_ = s.cache.Delete(ctx, roleKey(user))
	if s.near != nil {
		_ = s.near.Delete(ctx, roleKey(user))
	}
}

func roleKey(user uuid.UUID) string { return "account:" + user.String() }
