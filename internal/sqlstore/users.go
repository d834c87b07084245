package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

const (
	selectUsers = `
	SELECT id, email, email_verified, name, avatar_url, auth_provider, auth_provider_id, password_hash, role,
	       created_at, updated_at
	  FROM users`

	countUsers = `SELECT count(*) FROM users`

	insertUsers = `
	INSERT INTO users (id, email, email_verified, name, avatar_url, auth_provider, auth_provider_id, password_hash, role,
	                   created_at, updated_at)`

	// A taken address is no error to the database, so that the transaction around it can go on.
	insertUser = insertUsers + `
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (email) DO NOTHING`

	updateUser = `
	UPDATE users
	   SET name = ?, avatar_url = ?, email_verified = ?, password_hash = ?, role = ?, updated_at = ?
	 WHERE id = ?`

	// Everything that is the user's goes with them: ON DELETE CASCADE.
	deleteUser = `DELETE FROM users WHERE id = ?`
)

// maxUserText is how many characters an address or a name may have. Nothing longer is part of one, and SQLite refuses
// very long patterns.
const maxUserText = 255

type userRow struct {
	ID             uuid.UUID `db:"id"`
	Email          string    `db:"email"`
	EmailVerified  bool      `db:"email_verified"`
	Name           string    `db:"name"`
	AvatarURL      *string   `db:"avatar_url"`
	AuthProvider   string    `db:"auth_provider"`
	AuthProviderID *string   `db:"auth_provider_id"`
	PasswordHash   *string   `db:"password_hash"`
	Role           string    `db:"role"`
	CreatedAt      timestamp `db:"created_at"`
	UpdatedAt      timestamp `db:"updated_at"`
}

func (r userRow) user() account.User {
	return account.User{
		ID: r.ID, Email: r.Email, EmailVerified: r.EmailVerified, Name: r.Name, AvatarURL: r.AvatarURL,
		Provider: account.Provider(r.AuthProvider), ProviderID: r.AuthProviderID, PasswordHash: orEmpty(r.PasswordHash),
		Role: account.Role(r.Role), CreatedAt: r.CreatedAt.time(), UpdatedAt: r.UpdatedAt.time(),
	}
}

// User implements account.Store.
func (a *Accounts) User(ctx context.Context, id uuid.UUID) (account.User, error) {
	return a.userByID(ctx, id, "")
}

// LockUser implements account.Store.
func (a *Accounts) LockUser(ctx context.Context, id uuid.UUID) (account.User, error) {
	return a.userByID(ctx, id, a.c.db.dialect.forUpdate)
}

func (a *Accounts) userByID(ctx context.Context, id uuid.UUID, lock string) (account.User, error) {
	var row userRow
	if err := a.c.get(ctx, &row, selectUsers+` WHERE id = ?`+lock, id); err != nil {
		return account.User{}, noRowf(err, errNoUser(id), "select user %s", id)
	}
	return row.user(), nil
}

// UserByEmail implements account.Store.
func (a *Accounts) UserByEmail(ctx context.Context, email string) (account.User, error) {
	var row userRow
	if err := a.c.get(ctx, &row, selectUsers+` WHERE email = ?`, email); err != nil {
		return account.User{}, noRowf(err, account.NobodyHas(email), "select a user by e-mail address")
	}
	return row.user(), nil
}

// Users implements account.Store.
func (a *Accounts) Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error) {
	var where filter
	if f.Role != "" {
		where.and(`role = ?`, f.Role)
	}
	if f.Provider != "" {
		where.and(`auth_provider = ?`, f.Provider)
	}
	if f.Email != "" {
		where.and(`email = ?`, f.Email)
	}
	if utf8.RuneCountInString(f.Search) > maxUserText {
		return nil, 0, nil
	}
	if f.Search != "" {
		// Both columns have the collation "C", in which lower() changes ASCII letters only, as in SQLite.
		pattern := containing(f.Search)
		where.and(`(lower(email) LIKE ? ESCAPE '!' OR lower(name) LIKE ? ESCAPE '!')`, pattern, pattern)
	}
	var total int
	if err := a.c.get(ctx, &total, countUsers+where.sql(), where.args...); err != nil {
		return nil, 0, fmt.Errorf("count users: %w", err)
	}
	var rows []userRow
	err := a.c.all(ctx, &rows, selectUsers+where.sql()+` ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
		where.with(p.Limit, p.Offset())...)
	if err != nil {
		return nil, 0, fmt.Errorf("select users: %w", err)
	}
	return convert(rows, userRow.user), total, nil
}

// InsertUser implements account.Store.
func (a *Accounts) InsertUser(ctx context.Context, u account.User) error {
	n, err := a.c.exec(ctx, insertUser, newUserRow(u)...)
	if err != nil {
		return fmt.Errorf("insert user %s: %w", u.ID, err)
	}
	if n == 0 {
		return fault.Conflict("the e-mail address %s is taken by another account", u.Email).WithCode("email_taken")
	}
	return nil
}

func newUserRow(u account.User) []any {
	return []any{
		u.ID, u.Email, u.EmailVerified, u.Name, u.AvatarURL, u.Provider, u.ProviderID, orNull(u.PasswordHash), u.Role,
		timestamp(u.CreatedAt), timestamp(u.UpdatedAt),
	}
}

// UpdateUser implements account.Store. The e-mail address itself and how the account was created stay.
func (a *Accounts) UpdateUser(ctx context.Context, u account.User) error {
	n, err := a.c.exec(ctx, updateUser, u.Name, u.AvatarURL, u.EmailVerified, orNull(u.PasswordHash), u.Role,
		timestamp(u.UpdatedAt), u.ID)
	if err != nil {
		return fmt.Errorf("update user %s: %w", u.ID, err)
	}
	if n == 0 {
		return errNoUser(u.ID)
	}
	return nil
}

// DeleteUser implements account.Store.
func (a *Accounts) DeleteUser(ctx context.Context, id uuid.UUID) error {
	n, err := a.c.exec(ctx, deleteUser, id)
	if err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	if n == 0 {
		return errNoUser(id)
	}
	return nil
}

func errNoUser(id uuid.UUID) error { return fault.NotFound("no user has the id %s", id) }

// containing is the LIKE pattern, with the escape character '!', of texts that contain part, in lower case.
func containing(part string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(lowerASCII(part)) + "%"
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
