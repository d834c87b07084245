package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
)

// Register creates a learner's account and signs it in.
//
// It returns fault.Invalid (fields email, password, name) and fault.Conflict (code email_taken).
func (s *Service) Register(ctx context.Context, r Registration) (SignedIn, error) {
	user, err := s.newUser(ctx, NewUser{Registration: r, Role: Learner})
	if err != nil {
		return SignedIn{}, err
	}
	signedIn, token, err := s.tokens.issuePair(user)
	if err != nil {
		return SignedIn{}, err
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		if err := tx.InsertUser(ctx, user); err != nil {
			return err
		}
		return tx.InsertRefreshToken(ctx, token)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("register: %w", err)
	}
	return signedIn, nil
}

// newUser makes a user out of what was entered; storing it is the caller's. It returns fault.Invalid (fields email,
// password, name, role), before it spends any work on hashing.
func (s *Service) newUser(ctx context.Context, n NewUser) (User, error) {
	var c fault.Check
	r := n.Registration.check(&c)
	checkRole(&c, n.Role)
	if err := c.Err(); err != nil {
		return User{}, err
	}
	hash, err := s.passwords.hash(ctx, r.Password)
	if err != nil {
		return User{}, err
	}
	now := s.moment()
	return User{
		ID:           s.newID(),
		Email:        r.Email,
		Name:         r.Name,
		Provider:     Email,
		PasswordHash: hash,
		Role:         n.Role,
		CreatedAt:    now,
		UpdatedAt:    now,
	}, nil
}

// errHashChanged says that the password's hash became another one between the check and the signing in.
var errHashChanged = errors.New("the password hash has changed meanwhile")

// Login signs in with an e-mail address and a password. A hash of another kind or cost than new ones have is replaced.
//
// It returns fault.Invalid where a field is empty or no text, and fault.Unauthorized (code invalid_credentials), with the
// same words and after the same work, for an unknown address, a wrong password and an account without a password.
func (s *Service) Login(ctx context.Context, email, password string) (SignedIn, error) {
	if err := checkCredentials(email, password); err != nil {
		return SignedIn{}, err
	}
	if tooLong(password) {
		return SignedIn{}, invalidCredentials() // no account has such a password: not worth a hash
	}
	email, password = cleanEmail(email), norm.NFC.String(password)
	signedIn, err := s.tryLogin(ctx, email, password)
	if errors.Is(err, errHashChanged) {
		// Another login has replaced the hash by a costlier one of the same password, or the password is new.
		signedIn, err = s.tryLogin(ctx, email, password)
	}
	if errors.Is(err, errHashChanged) {
		return SignedIn{}, invalidCredentials()
	}
	return signedIn, err
}

func checkCredentials(email, password string) error {
	var c fault.Check
	c.Require(email != "", "email", "an e-mail address is required")
	c.Require(isText(email), "email", "an e-mail address is UTF-8 text without NUL characters")
	c.Require(password != "", "password", "a password is required")
	c.Require(isText(password), "password", "a password is UTF-8 text without NUL characters")
	return c.Err()
}

func (s *Service) tryLogin(ctx context.Context, email, password string) (SignedIn, error) {
	user, err := s.store.UserByEmail(ctx, email)
	if err != nil && !fault.Is(err, fault.KindNotFound) {
		return SignedIn{}, fmt.Errorf("log in: %w", err)
	}
	// Without a user the hash is empty, which matches nothing and takes as long.
	ok, err := s.passwords.matches(ctx, user.PasswordHash, password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("log in: %w", err)
	}
	if !ok {
		return SignedIn{}, invalidCredentials()
	}
	hash := user.PasswordHash
	if s.passwords.outdated(hash) {
		if hash, err = s.passwords.hash(ctx, password); err != nil {
			return SignedIn{}, fmt.Errorf("log in: %w", err)
		}
	}
	return s.signIn(ctx, user, hash)
}

// signIn stores a refresh token for a user who has just shown their password, and the hash if it is a better one. The user
// is read again under lock: a password that was changed meanwhile must not leave a token behind.
func (s *Service) signIn(ctx context.Context, checked User, hash string) (SignedIn, error) {
	var signedIn SignedIn
	err := s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.LockUser(ctx, checked.ID)
		if err != nil {
			return err
		}
		if user.PasswordHash != checked.PasswordHash {
			return errHashChanged
		}
		if hash != user.PasswordHash {
			user.PasswordHash = hash // updated_at stays: nothing that the user sees has changed
			if err := tx.UpdateUser(ctx, user); err != nil {
				return err
			}
		}
		var token RefreshToken
		if signedIn, token, err = s.tokens.issuePair(user); err != nil {
			return err
		}
		return tx.InsertRefreshToken(ctx, token)
	})
	if fault.Is(err, fault.KindNotFound) {
		return SignedIn{}, invalidCredentials() // deleted meanwhile
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("log in: %w", err)
	}
	return signedIn, nil
}

func invalidCredentials() error {
	return fault.Unauthorized("e-mail address or password is wrong").WithCode("invalid_credentials")
}

// Refresh returns a new access token for a refresh token, with the role that the account has now. The refresh token stays
// good (decisions.md, "Accounts": no rotation).
//
// It returns fault.Unauthorized (code invalid_token) where the token is not a refresh token of ours, has expired or was
// ended.
func (s *Service) Refresh(ctx context.Context, token string) (string, error) {
	c, err := s.tokens.parse(token, refreshToken)
	if err != nil {
		return "", invalidToken(err)
	}
	stored, err := s.store.RefreshToken(ctx, c.refreshHash())
	if err == nil && (stored.UserID != c.user() || !s.now().Before(stored.ExpiresAt)) {
		return "", invalidToken(errors.New("the stored refresh token is somebody else's or has expired"))
	}
	if err != nil {
		return "", endedToken(err)
	}
	user, err := s.store.User(ctx, stored.UserID)
	if err != nil {
		return "", endedToken(err)
	}
	access, _, err := s.tokens.issue(user, accessToken)
	return access, err
}

// endedToken translates the store's answer about a refresh token that we have signed once.
func endedToken(err error) error {
	if fault.Is(err, fault.KindNotFound) {
		return invalidToken(err)
	}
	return fmt.Errorf("refresh: %w", err)
}

// Logout ends one refresh token. A token of ours that has expired or was ended before is fine.
//
// It returns fault.Unauthorized (code invalid_token) for whatever is not a refresh token of ours.
func (s *Service) Logout(ctx context.Context, token string) error {
	c, err := s.tokens.parse(token, refreshToken)
	if f, ok := fault.As(err); ok && f.Code == codeExpired {
		return nil // it cannot be used any more; Sweep removes what is stored of it
	}
	if err != nil {
		return err
	}
	if err := s.store.DeleteRefreshToken(ctx, c.refreshHash()); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	return nil
}

// LogoutAll ends all refresh tokens of a user. Access tokens stay good until they expire, an hour by default.
func (s *Service) LogoutAll(ctx context.Context, user uuid.UUID) error {
	if _, err := s.store.DeleteRefreshTokens(ctx, user); err != nil {
		return fmt.Errorf("log out everywhere: %w", err)
	}
	return nil
}
