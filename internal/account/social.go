package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// socialAttempts is how often a sign-in begins anew because another one was faster. Once is the rule.
	socialAttempts = 3
	// maxNonceBytes is more than any app sends: a UUID has 36, a SHA-256 in hexadecimal 64.
	maxNonceBytes = 255
)

// errOvertaken says that another sign-in, or a deletion, has changed what this one had read.
var errOvertaken = fault.Unavailable("too much happens to this account at once; try again")

// SocialProviders are the providers whose tokens sign in.
var SocialProviders = []Provider{Google, Apple, Facebook}

// Title is the provider's name for people.
func (p Provider) Title() string { return strings.ToUpper(string(p[:1])) + string(p[1:]) }

// SocialLogin is what an app sends to sign its user in with another provider's token.
type SocialLogin struct {
	Provider Provider
	Token    string
	// Name is for a new account of somebody whose name the provider does not tell; may be empty.
	Name string
	// Nonce is the random value that the app had asked for the token with; empty: it is not looked at.
	Nonce string
}

// checked returns what was sent in the form in which it is used, or fault.Invalid.
func (l SocialLogin) checked() (SocialLogin, error) {
	var c fault.Check
	c.Require(slices.Contains(SocialProviders, l.Provider), "provider",
		"%.50q is not a provider: %s, %s or %s", l.Provider, Google, Apple, Facebook)
	c.Require(l.Token != "", "token", "a token is required")
	if l.Name = strings.TrimSpace(l.Name); l.Name != "" {
		checkName(&c, l.Name)
	}
	c.Require(len(l.Nonce) <= maxNonceBytes, "nonce", "%d bytes are too many: at most %d", len(l.Nonce), maxNonceBytes)
	return l, c.Err()
}

// SocialLogin signs in whoever holds a token of a provider. The provider's id for the person decides; the e-mail address
// is looked at only where the id is new: then an account is created, or the one with the address is linked, by the rules
// of decisions.md, "Accounts".
//
// It returns fault.Invalid for fields that break a rule, with code provider_not_configured, and with code email_missing or
// email_unverified where there is no account to be had with the token; fault.Unauthorized (provider_token_invalid);
// fault.Conflict (account_exists) where the address has an account that is not linked without its owner; and
// fault.Unavailable (provider_unavailable).
func (s *Service) SocialLogin(ctx context.Context, l SocialLogin) (SignedIn, error) {
	l, err := l.checked()
	if err != nil {
		return SignedIn{}, err
	}
	who, err := s.providers.Identify(ctx, l.Provider, l.Token, l.Nonce)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in with %s: %w", l.Provider, err)
	}
	who = who.cleaned(l.Name)
	var signedIn SignedIn
	for range socialAttempts {
		signedIn, err = s.trySocialLogin(ctx, who)
		if !errors.Is(err, errOvertaken) {
			break
		}
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in with %s: %w", l.Provider, err)
	}
	return signedIn, nil
}

func (s *Service) trySocialLogin(ctx context.Context, who Identity) (signedIn SignedIn, err error) {
	err = s.store.InTx(ctx, func(tx Store) error {
		user, err := s.userOf(ctx, tx, who)
		if err != nil {
			return err
		}
		var token RefreshToken
		if signedIn, token, err = s.tokens.issuePair(user); err != nil {
			return err
		}
		return tx.InsertRefreshToken(ctx, token)
	})
	return signedIn, err
}

// userOf returns the user who signs in, known, linked or new, and keeps other writers of the user waiting.
func (s *Service) userOf(ctx context.Context, tx Store, who Identity) (User, error) {
	known, err := s.knownUser(ctx, tx, who)
	if !fault.Is(err, fault.KindNotFound) {
		return known, err
	}
	if who.Email == "" {
		return User{}, fault.Invalid("token", "%s tells no e-mail address: let the app see it, or sign in another way",
			who.Provider.Title()).WithCode("email_missing")
	}
	user, err := tx.UserByEmail(ctx, who.Email)
	if fault.Is(err, fault.KindNotFound) {
		return s.createFrom(ctx, tx, who)
	}
	if err != nil {
		return User{}, err
	}
	if user, err = tx.LockUser(ctx, user.ID); err != nil {
		return User{}, overtaken(err)
	}
	// Under the lock once more: the same sign-in, sent twice, must not end the session of its twin.
	if _, err := tx.IdentityUser(ctx, who.Provider, who.Subject); !fault.Is(err, fault.KindNotFound) {
		return User{}, overtaken(cmp.Or(err, error(errOvertaken)))
	}
	return s.link(ctx, tx, user, who)
}

// knownUser returns the user that the identity is linked to, under lock, or fault.NotFound. The link is read once more
// under the lock: whoever takes it away must not leave a session behind.
func (s *Service) knownUser(ctx context.Context, tx Store, who Identity) (User, error) {
	id, err := tx.IdentityUser(ctx, who.Provider, who.Subject)
	if err != nil {
		return User{}, err
	}
	user, err := tx.LockUser(ctx, id)
	if err != nil {
		return User{}, overtaken(err)
	}
	again, err := tx.IdentityUser(ctx, who.Provider, who.Subject)
	if err == nil && again != id {
		err = errOvertaken
	}
	return user, overtaken(err)
}

// createFrom creates a learner's account of the identity, whose address nobody has.
func (s *Service) createFrom(ctx context.Context, tx Store, who Identity) (User, error) {
	if !who.EmailVerified {
		return User{}, fault.Invalid("token", "%s has not verified the e-mail address: verify it there, or sign in another way",
			who.Provider.Title()).WithCode("email_unverified")
	}
	now := s.moment()
	user := User{
		ID:            s.newID(),
		Email:         who.Email,
		EmailVerified: who.authoritative(),
		Name:          who.Name,
		Provider:      who.Provider,
		ProviderID:    &who.Subject,
		Role:          Learner,
		CreatedAt:     now,
		UpdatedAt:     now,
	}
	if who.AvatarURL != "" {
		user.AvatarURL = &who.AvatarURL
	}
	if err := tx.InsertUser(ctx, user); err != nil {
		return User{}, overtaken(err)
	}
	return user, s.insertIdentity(ctx, tx, user, who)
}

func (s *Service) insertIdentity(ctx context.Context, tx Store, user User, who Identity) error {
	return overtaken(tx.InsertIdentity(ctx, LinkedIdentity{
		Provider: who.Provider, Subject: who.Subject, UserID: user.ID, LinkedAt: s.moment(),
	}))
}

// link lets the identity sign in as a user who has its address, or says why not.
//
// Where the address was never proven, everything by which one could get in until now goes: whoever set that up did not
// show that the address is theirs (docs/decisions/social-login.md).
func (s *Service) link(ctx context.Context, tx Store, user User, who Identity) (User, error) {
	if err := linkRefused(user, who); err != nil {
		return User{}, err
	}
	changes := map[string]audit.Change{"identity": {After: string(who.Provider)}}
	if !user.EmailVerified {
		if err := s.lockOut(ctx, tx, &user, changes); err != nil {
			return User{}, err
		}
	}
	if who.authoritative() && !user.EmailVerified {
		user.EmailVerified = true
		changes["email_verified"] = audit.Change{Before: false, After: true}
	}
	user.UpdatedAt = s.moment()
	if err := tx.UpdateUser(ctx, user); err != nil {
		return User{}, err
	}
	if err := s.insertIdentity(ctx, tx, user, who); err != nil {
		return User{}, err
	}
	return user, tx.InsertAudit(ctx, s.ownEntry(ctx, "user.link", user.ID, changes))
}

// linkRefused says why the identity does not sign in as the user by itself, or nil.
func linkRefused(user User, who Identity) error {
	switch provider := who.Provider.Title(); {
	case user.Role == Admin:
		return accountExists("this e-mail address belongs to an administrator, whose account is not linked to %s by itself: "+
			"sign in the way you did before", provider)
	case !who.EmailVerified:
		return accountExists("this e-mail address has an account, and %s has not verified that it is yours: "+
			"sign in the way you did before", provider)
	case user.EmailVerified && !who.authoritative():
		return accountExists("this e-mail address has an account, and %s alone does not prove that it is still yours: "+
			"sign in the way you did before", provider)
	}
	return nil
}

func accountExists(format string, args ...any) error {
	return fault.Conflict(format, args...).WithCode("account_exists")
}

// lockOut removes the user's password, refresh tokens, links and linked identities, and notes in changes what there was.
// The user is stored by the caller.
func (s *Service) lockOut(ctx context.Context, tx Store, user *User, changes map[string]audit.Change) error {
	if err := s.unlink(ctx, tx, user.ID, changes); err != nil {
		return err
	}
	if err := s.endSessions(ctx, tx, user.ID, changes); err != nil {
		return err
	}
	if user.PasswordHash != "" {
		user.PasswordHash = ""
		changes["password"] = audit.Change{Before: true, After: false}
	}
	return nil
}

// unlink removes the user's linked identities, and notes in changes how many there were.
func (s *Service) unlink(ctx context.Context, tx Store, user uuid.UUID, changes map[string]audit.Change) error {
	count, err := tx.DeleteIdentities(ctx, user)
	changes["identities"] = audit.Change{Before: count, After: 0}
	return err
}

// endSessions removes the user's refresh tokens, and the links by which a password could be set; it notes in changes how
// many tokens there were.
func (s *Service) endSessions(ctx context.Context, tx Store, user uuid.UUID, changes map[string]audit.Change) error {
	count, err := endTokens(ctx, tx, user)
	if err != nil {
		return err
	}
	changes["refresh_tokens"] = audit.Change{Before: count, After: 0}
	return tx.DeleteEmailTokens(ctx, user, ResetPassword)
}

// overtaken translates the store's answer where, at this point of a transaction, a conflict or a missing row is the work
// of somebody faster.
func overtaken(err error) error {
	if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
		return errOvertaken
	}
	return err
}
