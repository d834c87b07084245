package account

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
)

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
	if err := s.logins.enter(ctx); err != nil {
		return SignedIn{}, fmt.Errorf("log in: %w", err)
	}
	defer s.logins.leave()
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
