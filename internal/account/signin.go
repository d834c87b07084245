package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// Register creates a learner's account and signs it in. Where there is a mailer, it also sends a link by which the learner
// proves the address.
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
	_ = s.sendVerification(user.ID) // the account is there in any case; its owner can ask for another mail
	return signedIn, nil
}

// newUser makes a user out of what was entered; storing it is the caller's. It returns fault.Invalid (fields email,
// password, name, role), before it spends any work on hashing.
func (s *Service) newUser(ctx context.Context, n NewUser) (User, error) {
	var c fault.Check
	r := n.check(&c)
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

// LogoutAll ends all refresh tokens and sessions of the panel of a user. Access tokens stay good until they expire, an hour by default.
func (s *Service) LogoutAll(ctx context.Context, user uuid.UUID) error {
	err := s.store.InTx(ctx, func(tx Store) error {
		_, err := endTokens(ctx, tx, user)
		return err
	})
	if err != nil {
		return fmt.Errorf("log out everywhere: %w", err)
	}
	return nil
}
