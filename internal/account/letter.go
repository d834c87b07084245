package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// Purpose is what the link in a letter is for.
type Purpose string

// The purposes.
const (
	// ProveEmail shows that whoever follows the link reads the mail of the account's address.
	ProveEmail Purpose = "verify"
	// ResetPassword lets whoever follows the link set a new password.
	ResetPassword Purpose = "reset"
)

const (
	// linkTTL is how long the link of a letter works (issue "Accounts a parent would trust", item 8).
	linkTTL = 30 * time.Minute
	// linkBytes is how random the token of a link is: 256 bits, where 128 would do.
	linkBytes = 32
	// codeLink marks a token of a letter that does not work, for whatever reason.
	codeLink = "email_token_invalid"
	// codeNoMail marks what this server cannot do because it has no mail server.
	codeNoMail = "mail_not_configured"
)

// Letter is a mail with a link. Nothing in it was written by a user but the address: whoever registers with somebody
// else's address must not be able to send them a text.
type Letter struct {
	Purpose Purpose
	// To is the address that the account has, in the form of User.Email.
	To string
	// Token is what the link carries: 43 letters, digits, hyphens and underscores.
	Token string
	// ValidFor is how long the link works, from the sending.
	ValidFor time.Duration
}

// Mailer sends letters. It is safe for concurrent use.
type Mailer interface {
	// Send returns once the mail server has taken the letter, or it is clear that it will not, or with ctx. Its error
	// names neither the address nor the token.
	Send(ctx context.Context, l Letter) error
}

// EmailToken is what the server remembers of a link: never the token itself.
type EmailToken struct {
	// Hash is the SHA-256 of the token.
	Hash    []byte
	UserID  uuid.UUID
	Purpose Purpose
	// Email is the address that the letter went to. The link is worth nothing once the account has another.
	Email     string
	ExpiresAt time.Time
}

// newLink returns a token for a letter to the user, and what is to be stored of it.
func newLink(u User, p Purpose, now time.Time) (token string, stored EmailToken) {
	random := make([]byte, linkBytes)
	rand.Read(random) // never fails: the runtime ends the process where there is no randomness
	token = base64.RawURLEncoding.EncodeToString(random)
	return token, EmailToken{Hash: linkHash(token), UserID: u.ID, Purpose: p, Email: u.Email, ExpiresAt: now.Add(linkTTL)}
}

// linkHash is what is stored and looked up. The database compares hashes, not tokens: however long that takes, it says
// nothing about the token to somebody who cannot turn SHA-256 around.
func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// useLink returns the user whom the link was sent to, under lock, and voids their links for the given purpose. It returns
// fault.Invalid (field token, code email_token_invalid), always in the same words, for a token that was never given out, was
// used or replaced, has expired, is for another purpose, or went to an address that the account no longer has.
func (s *Service) useLink(ctx context.Context, tx Store, token string, p Purpose) (User, error) {
	found, err := s.goodLink(ctx, tx, token, p)
	if err != nil {
		return User{}, err
	}
	user, err := tx.LockUser(ctx, found.UserID)
	if err != nil {
		return User{}, deadLink(err)
	}
	// Once more under the lock: of two who follow one link at once, one comes too late.
	if _, err := s.goodLink(ctx, tx, token, p); err != nil {
		return User{}, err
	}
	if found.Email != user.Email {
		return User{}, badLink()
	}
	return user, tx.DeleteEmailTokens(ctx, user.ID, p)
}

// goodLink returns what is stored of a token that works for the purpose, or fault.Invalid.
func (s *Service) goodLink(ctx context.Context, store Store, token string, p Purpose) (EmailToken, error) {
	found, err := store.EmailToken(ctx, linkHash(token))
	if err != nil {
		return EmailToken{}, deadLink(err)
	}
	if found.Purpose != p || !s.now().Before(found.ExpiresAt) {
		return EmailToken{}, badLink()
	}
	return found, nil
}

// deadLink translates the store's answer where what the link stands for is gone.
func deadLink(err error) error {
	if fault.Is(err, fault.KindNotFound) {
		return badLink()
	}
	return err
}

func badLink() error {
	return fault.Invalid("token", "this link does not work: it was used before, is older than %d minutes, or a newer one was sent; ask for a new one",
		int(linkTTL.Minutes())).WithCode(codeLink)
}

// checkLink notes in c a token that cannot be one of ours.
func checkLink(c *fault.Check, token string) {
	c.Require(token != "", "token", "the token of the link is required")
}
