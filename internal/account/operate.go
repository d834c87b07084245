package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// maxUsersPerPage is the longest page of a list for operators, as for speeches (spec, "GET /admin/speeches").
const maxUsersPerPage = 200

// CreateUser creates an account of any role; an empty role is a learner.
//
// It returns fault.Invalid (fields email, password, name, role) and fault.Conflict (code email_taken).
func (s *Service) CreateUser(ctx context.Context, n NewUser) (User, error) {
	if n.Role == "" {
		n.Role = Learner
	}
	user, err := s.newUser(ctx, n)
	if err != nil {
		return User{}, err
	}
	entry := s.entry(ctx, "user.create", user.ID, map[string]audit.Change{"role": {After: string(user.Role)}})
	err = s.store.InTx(ctx, func(tx Store) error {
		if err := tx.InsertUser(ctx, user); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, entry)
	})
	if err != nil {
		return User{}, fmt.Errorf("create the user: %w", err)
	}
	return user, nil
}

// HashPassword returns the hash of a new password for accounts that are made in bulk, or fault.Invalid (field password).
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	var c fault.Check
	password = checkPassword(&c, password)
	if err := c.Err(); err != nil {
		return "", err
	}
	return s.passwords.hash(ctx, password)
}

// Users returns one page of the users, newest first, and the number of all matches. It returns fault.Invalid (fields page,
// limit, role, email, auth_provider, search); a page has at most 200 users.
func (s *Service) Users(ctx context.Context, f UserFilter, p paging.Page) ([]User, int, error) {
	var c fault.Check
	p.Check(&c, maxUsersPerPage)
	f = f.check(&c)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	users, total, err := s.store.Users(ctx, f, p)
	if err != nil {
		return nil, 0, fmt.Errorf("list users: %w", err)
	}
	return users, total, nil
}

// check returns the filter as the store takes it and notes in c every rule that it breaks.
func (f UserFilter) check(c *fault.Check) UserFilter {
	if f.Role != "" {
		checkRole(c, f.Role)
	}
	c.Require(f.Provider == "" || slices.Contains(AllProviders, f.Provider), "auth_provider",
		"%q is not a provider: email, google, apple or facebook", f.Provider)
	if f.Email != "" {
		f.Email = cleanEmail(f.Email)
		if problem := emailProblem(f.Email); problem != "" {
			c.Addf("email", "%s", problem)
		}
	}
	f.Search = strings.TrimSpace(f.Search)
	c.Require(isText(f.Search) && utf8.RuneCountInString(f.Search) <= maxSearchRunes, "search",
		"a search is UTF-8 text of at most %d characters, without NUL", maxSearchRunes)
	return f
}

// User returns the user with the id, or fault.NotFound.
func (s *Service) User(ctx context.Context, id uuid.UUID) (User, error) {
	return s.store.User(ctx, id)
}

// FindUser returns the user with an id or an e-mail address, or fault.NotFound.
func (s *Service) FindUser(ctx context.Context, idOrEmail string) (User, error) {
	id, email, err := ParseHandle(idOrEmail)
	switch {
	case err != nil:
		return User{}, err
	case email == "":
		return s.store.User(ctx, id)
	}
	return s.store.UserByEmail(ctx, email)
}

// ParseHandle reads what operators call a user by: an e-mail address, which it returns as it is stored, or else, where
// email is empty, an id. Whatever is neither is nobody's: fault.NotFound.
func ParseHandle(idOrEmail string) (id uuid.UUID, email string, err error) {
	if id, err = uuid.Parse(strings.TrimSpace(idOrEmail)); err == nil {
		return id, "", nil
	}
	email = cleanEmail(idOrEmail)
	if emailProblem(email) != "" {
		return uuid.Nil, "", fault.NotFound("%q is neither a user's id nor an e-mail address", idOrEmail)
	}
	return uuid.Nil, email, nil
}

// NobodyHas is fault.NotFound for an e-mail address that no account has.
func NobodyHas(email string) error {
	return fault.NotFound("no user has the e-mail address %s", email)
}

// SetRole gives a user a role and returns the user as stored. A demotion takes effect within 60 seconds everywhere.
//
// It returns fault.Invalid (field role) and fault.NotFound.
func (s *Service) SetRole(ctx context.Context, id uuid.UUID, role Role) (User, error) {
	var c fault.Check
	checkRole(&c, role)
	if err := c.Err(); err != nil {
		return User{}, err
	}
	var user User
	err := s.store.InTx(ctx, func(tx Store) (err error) {
		if user, err = tx.LockUser(ctx, id); err != nil || user.Role == role {
			return err
		}
		entry := s.entry(ctx, "user.set_role", id,
			map[string]audit.Change{"role": {Before: string(user.Role), After: string(role)}})
		user.Role, user.UpdatedAt = role, s.moment()
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, entry)
	})
	if err != nil {
		return User{}, fmt.Errorf("set the role of user %s: %w", id, err)
	}
	s.forgetRole(ctx, id)
	return user, nil
}

// UpdateUser changes the given fields of somebody's profile and returns the user as stored. The audit log says which fields
// were changed, and not what they say: it outlives the account.
//
// It returns fault.Invalid (fields name, avatar_url) and fault.NotFound.
func (s *Service) UpdateUser(ctx context.Context, id uuid.UUID, change ProfileChange) (User, error) {
	change, err := change.checked()
	if err != nil {
		return User{}, err
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) error {
		if user, err = tx.LockUser(ctx, id); err != nil {
			return err
		}
		before := user
		change.apply(&user)
		changes := map[string]audit.Change{}
		if user.Name != before.Name {
			changes["name"] = audit.Change{After: "changed"}
		}
		if !sameText(user.AvatarURL, before.AvatarURL) {
			changes["avatar_url"] = audit.Change{After: "changed"}
		}
		if len(changes) == 0 {
			return nil
		}
		user.UpdatedAt = s.moment()
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, s.entry(ctx, "user.update", id, changes))
	})
	if err != nil {
		return User{}, fmt.Errorf("update user %s: %w", id, err)
	}
	return user, nil
}

func sameText(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// SetPassword gives a user a new password and ends all of their refresh tokens, sessions of the panel and links that would
// set another.
//
// It returns fault.Invalid (field password) and fault.NotFound.
func (s *Service) SetPassword(ctx context.Context, id uuid.UUID, password string) error {
	hash, err := s.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.LockUser(ctx, id)
		if err != nil {
			return err
		}
		user.PasswordHash, user.UpdatedAt = hash, s.moment()
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		if _, err := endTokens(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.DeleteEmailTokens(ctx, id, ResetPassword); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, s.entry(ctx, "user.set_password", id, nil))
	})
	if err != nil {
		return fmt.Errorf("set the password of user %s: %w", id, err)
	}
	return nil
}

// Revoke ends all refresh tokens and sessions of the panel of a user and returns how many tokens there were, expired ones included. It returns
// fault.NotFound.
func (s *Service) Revoke(ctx context.Context, id uuid.UUID) (int, error) {
	var count int
	err := s.store.InTx(ctx, func(tx Store) (err error) {
		if _, err = tx.LockUser(ctx, id); err != nil {
			return err
		}
		if count, err = endTokens(ctx, tx, id); err != nil {
			return err
		}
		changes := map[string]audit.Change{"refresh_tokens": {Before: count, After: 0}}
		return tx.InsertAudit(ctx, s.entry(ctx, "user.revoke", id, changes))
	})
	if err != nil {
		return 0, fmt.Errorf("revoke the tokens of user %s: %w", id, err)
	}
	return count, nil
}
