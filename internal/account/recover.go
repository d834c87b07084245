package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// RunOutbox sends the letters that the other methods promise, until ctx ends, and then what still waits, for 10 seconds
// at most. Without a mailer it returns at once.
func (s *Service) RunOutbox(ctx context.Context) {
	if s.outbox != nil {
		s.outbox.run(ctx)
	}
}

// Letters says what became of the letters so far; all zero without a mailer.
func (s *Service) Letters() LetterCounts {
	if s.outbox == nil {
		return LetterCounts{}
	}
	c := &s.outbox.counts
	return LetterCounts{Sent: c.sent.Load(), Failed: c.failed.Load(), Refused: c.refused.Load(), Waiting: len(s.outbox.waiting)}
}

// MailKey is by what letters to an address are counted. It is the same for all ways of writing the address, and does not
// give it away to whoever reads the counters.
func MailKey(email string) string {
	sum := sha256.Sum256([]byte(cleanEmail(email)))
	return hex.EncodeToString(sum[:16])
}

// ForgotPassword sends a link by which a new password can be set to whoever has an account with the address, be it one
// without a password so far. Nothing about the answer, its time included, depends on whether there is one: the address is
// looked up later, by RunOutbox.
//
// It returns fault.Invalid (field email) and fault.Unavailable (codes mail_not_configured, mail_busy).
func (s *Service) ForgotPassword(ctx context.Context, email string) error {
	if s.outbox == nil {
		return noMail()
	}
	email = cleanEmail(email)
	if problem := emailProblem(email); problem != "" {
		return fault.Invalid("email", "%s", problem)
	}
	return s.outbox.add(func(ctx context.Context) (Letter, error) {
		user, err := s.store.UserByEmail(ctx, email)
		if err != nil {
			return Letter{}, err
		}
		return s.write(ctx, user.ID, ResetPassword)
	})
}

// RequestVerification sends the user who asks a link by which they prove their address.
//
// It returns fault.Conflict (code email_already_verified), fault.Unauthorized (account_gone) and fault.Unavailable
// (mail_not_configured, mail_busy).
func (s *Service) RequestVerification(ctx context.Context, id uuid.UUID) error {
	if s.outbox == nil {
		return noMail()
	}
	user, err := s.Profile(ctx, id)
	if err != nil {
		return err
	}
	if user.EmailVerified {
		return fault.Conflict("the e-mail address %s is verified already", user.Email).WithCode("email_already_verified")
	}
	return s.sendVerification(id)
}

func (s *Service) sendVerification(id uuid.UUID) error {
	return s.outbox.add(func(ctx context.Context) (Letter, error) { return s.write(ctx, id, ProveEmail) })
}

// write makes the letter, whose link replaces all older ones of its purpose. It returns fault.NotFound where it has become
// pointless.
func (s *Service) write(ctx context.Context, id uuid.UUID, p Purpose) (letter Letter, err error) {
	err = s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.LockUser(ctx, id)
		if err != nil {
			return err
		}
		if p == ProveEmail && user.EmailVerified {
			return fault.NotFound("the address was verified meanwhile")
		}
		token, stored := newLink(user, p, s.moment())
		if err := tx.DeleteEmailTokens(ctx, id, p); err != nil {
			return err
		}
		letter = Letter{Purpose: p, To: user.Email, Token: token, ValidFor: linkTTL}
		return tx.InsertEmailToken(ctx, stored)
	})
	if err != nil {
		return Letter{}, fmt.Errorf("write a mail (%s) to user %s: %w", p, id, err)
	}
	return letter, nil
}

// VerifyEmail notes that the address of the account that the link was sent to is proven. It returns fault.Invalid (field
// token, code email_token_invalid) and fault.Unavailable (mail_not_configured).
func (s *Service) VerifyEmail(ctx context.Context, token string) error {
	if s.outbox == nil {
		return noMail()
	}
	var c fault.Check
	if checkLink(&c, token); c.Err() != nil {
		return c.Err()
	}
	err := s.store.InTx(ctx, func(tx Store) error {
		user, err := s.useLink(ctx, tx, token, ProveEmail)
		if err != nil || user.EmailVerified {
			return err
		}
		user.EmailVerified, user.UpdatedAt = true, s.moment()
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, s.ownEntry(ctx, "user.verify_email", user.ID,
			map[string]audit.Change{"email_verified": {Before: false, After: true}}))
	})
	if err != nil {
		return fmt.Errorf("verify an e-mail address: %w", err)
	}
	return nil
}

// ResetPassword sets the password of the account that the link was sent to, and ends all of its refresh tokens. Whoever
// follows the link reads the address's mail, so that is proven from then on; where it was not before, identities of other
// providers stop signing in, as they do when such an account is linked (docs/decisions/social-login.md).
//
// It returns fault.Invalid (fields token, password; code email_token_invalid for a token that does not work, before the password is
// hashed) and fault.Unavailable (mail_not_configured).
func (s *Service) ResetPassword(ctx context.Context, token, password string) error {
	if s.outbox == nil {
		return noMail()
	}
	var c fault.Check
	checkLink(&c, token)
	password = checkPassword(&c, password)
	if err := c.Err(); err != nil {
		return err
	}
	if _, err := s.goodLink(ctx, s.store, token, ResetPassword); err != nil {
		return fmt.Errorf("reset a password: %w", err) // before hashing: guesses must cost little
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		user, err := s.useLink(ctx, tx, token, ResetPassword)
		if err != nil {
			return err
		}
		return s.reset(ctx, tx, user, hash)
	})
	if err != nil {
		return fmt.Errorf("reset a password: %w", err)
	}
	return nil
}

func (s *Service) reset(ctx context.Context, tx Store, user User, hash string) error {
	changes := map[string]audit.Change{}
	if err := s.endSessions(ctx, tx, user.ID, changes); err != nil {
		return err
	}
	if !user.EmailVerified {
		if err := s.unlink(ctx, tx, user.ID, changes); err != nil {
			return err
		}
		changes["email_verified"] = audit.Change{Before: false, After: true}
	}
	user.PasswordHash, user.EmailVerified, user.UpdatedAt = hash, true, s.moment()
	if err := tx.UpdateUser(ctx, user); err != nil {
		return err
	}
	return tx.InsertAudit(ctx, s.ownEntry(ctx, "user.reset_password", user.ID, changes))
}
