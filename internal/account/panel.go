package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// PanelIdle is how long a session of the panel lives without a request.
	PanelIdle = 8 * time.Hour
	// panelStep is how stale the end of a session may be: not every request needs a write.
	panelStep = time.Minute
)

// PanelSession is what the server remembers of somebody who is signed in to the panel: never the token itself.
type PanelSession struct {
	// Hash is the SHA-256 of the token.
	Hash []byte
	// UserID is nil for the operator of the settings.
	UserID *uuid.UUID
	// Credential is the SHA-256 of the password hash that the password fitted.
	Credential []byte
	StartedAt  time.Time
	ExpiresAt  time.Time
}

// Editor is who is signed in to the panel.
type Editor struct {
	// UserID is uuid.Nil for the operator of the settings.
	UserID uuid.UUID
	// Name is what the panel calls them.
	Name string
	// Actor is who they are in the audit log.
	Actor string
}

// operator is who may use the panel without an account. Without a hash nobody is.
type operator struct{ name, hash string }

// WithOperator lets in to the panel, beside administrators with a password, whoever knows the password of a hash (bcrypt or
// argon2id); without a hash nobody.
func WithOperator(name, hash string) Option {
	return func(s *Service) { s.operator = operator{name, hash} }
}

// HashPassword returns the hash of a password for WithOperator, made like those of accounts: argon2id in PHC form.
//
// It returns fault.Invalid (field password) for a password that no account may have.
func HashPassword(ctx context.Context, password string) (string, error) {
	var c fault.Check
	password = checkPassword(&c, password)
	if err := c.Err(); err != nil {
		return "", err
	}
	return newPasswords().hash(ctx, password)
}

func (o operator) editor() Editor { return Editor{Name: o.name, Actor: audit.PanelActor + o.name} }

func editorOf(u User) Editor {
	return Editor{UserID: u.ID, Name: u.Name, Actor: audit.UserActor + u.ID.String()}
}

// SignInToPanel signs in with the name of the operator or the e-mail address of an administrator's account. The token is
// good until PanelIdle after its last use, SignOutOfPanel, a new password, a demotion or the account's deletion.
//
// It returns fault.Invalid (fields name, password) where one is empty or no text; fault.Unauthorized (code
// invalid_credentials), with the same words and after the same work, for an unknown name and a wrong password; and
// fault.Forbidden (code admin_required) for a learner's.
func (s *Service) SignInToPanel(ctx context.Context, name, password string) (token string, _ Editor, err error) {
	if err := checkPanelCredentials(name, password); err != nil {
		return "", Editor{}, err
	}
	if tooLong(password) {
		return "", Editor{}, invalidCredentials() // nobody has such a password: not worth a hash
	}
	if err := s.logins.enter(ctx); err != nil {
		return "", Editor{}, fmt.Errorf("sign in to the panel: %w", err)
	}
	defer s.logins.leave()
	editor, hash, err := s.recogniseEditor(ctx, name, norm.NFC.String(password))
	if err != nil {
		return "", Editor{}, err
	}
	token = rand.Text()
	now := s.moment()
	session := PanelSession{
		Hash: panelHash(token), Credential: credential(hash), StartedAt: now, ExpiresAt: now.Add(PanelIdle),
	}
	entry := s.entry(ctx, "panel.sign_in", uuid.Nil, nil)
	entry.Origin.Actor, entry.ObjectID = editor.Actor, editor.Name
	if editor.UserID != uuid.Nil {
		session.UserID, entry.ObjectID = &editor.UserID, editor.UserID.String()
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		if err := tx.InsertPanelSession(ctx, session); err != nil {
			return err
		}
		return tx.InsertAudit(ctx, entry)
	})
	if err != nil {
		return "", Editor{}, fmt.Errorf("sign in to the panel: %w", err)
	}
	return token, editor, nil
}

func checkPanelCredentials(name, password string) error {
	var c fault.Check
	c.Require(name != "", "name", "a user name or e-mail address is required")
	c.Require(isText(name), "name", "a name is UTF-8 text without NUL characters")
	c.Require(password != "", "password", "a password is required")
	c.Require(isText(password), "password", "a password is UTF-8 text without NUL characters")
	return c.Err()
}

// recogniseEditor returns whose name and password these are, and the hash that the password fits.
func (s *Service) recogniseEditor(ctx context.Context, name, password string) (Editor, string, error) {
	var user User
	hash, isOperator := s.operator.hash, s.operator.hash != "" && name == s.operator.name
	if !isOperator {
		var err error
		if user, err = s.store.UserByEmail(ctx, cleanEmail(name)); err != nil && !fault.Is(err, fault.KindNotFound) {
			return Editor{}, "", fmt.Errorf("sign in to the panel: %w", err)
		}
		hash = user.PasswordHash // of nobody: empty, which matches nothing and takes as long
	}
	ok, err := s.passwords.matches(ctx, hash, password)
	switch {
	case err != nil:
		return Editor{}, "", fmt.Errorf("sign in to the panel: %w", err)
	case !ok:
		return Editor{}, "", fault.Unauthorized("user name or password is wrong").WithCode("invalid_credentials")
	case isOperator:
		return s.operator.editor(), hash, nil
	case user.Role != Admin:
		return Editor{}, "", fault.Forbidden("only an administrator may use the panel").WithCode("admin_required")
	}
	return editorOf(user), hash, nil
}

// PanelEditor returns who is signed in with a token, and lets the session live for another PanelIdle. It asks the database each
// time, so that a new password, a demotion or a deletion takes effect at once, on every daemon.
//
// It returns fault.Unauthorized where nobody is.
func (s *Service) PanelEditor(ctx context.Context, token string) (Editor, error) {
	session, err := s.store.PanelSession(ctx, panelHash(token))
	if fault.Is(err, fault.KindNotFound) {
		return Editor{}, signedOut()
	}
	if err != nil {
		return Editor{}, fmt.Errorf("read a session of the panel: %w", err)
	}
	now := s.moment()
	if !now.Before(session.ExpiresAt) {
		return Editor{}, signedOut()
	}
	editor, err := s.editorOfSession(ctx, session)
	if err != nil {
		return Editor{}, err
	}
	if end := now.Add(PanelIdle); end.Sub(session.ExpiresAt) >= panelStep {
		if err := s.store.ExtendPanelSession(ctx, session.Hash, end); err != nil {
			return Editor{}, fmt.Errorf("extend a session of the panel: %w", err)
		}
	}
	return editor, nil
}

// editorOfSession returns whose session it is, if they still may.
func (s *Service) editorOfSession(ctx context.Context, session PanelSession) (Editor, error) {
	if session.UserID == nil {
		if s.operator.hash == "" || !fits(session, s.operator.hash) {
			return Editor{}, signedOut()
		}
		return s.operator.editor(), nil
	}
	user, err := s.store.User(ctx, *session.UserID)
	if fault.Is(err, fault.KindNotFound) {
		return Editor{}, signedOut()
	}
	if err != nil {
		return Editor{}, fmt.Errorf("read whose session of the panel it is: %w", err)
	}
	if user.Role != Admin || !fits(session, user.PasswordHash) {
		return Editor{}, signedOut()
	}
	return editorOf(user), nil
}

// SignOutOfPanel ends a session; one that has ended before is fine.
func (s *Service) SignOutOfPanel(ctx context.Context, token string) error {
	if err := s.store.DeletePanelSession(ctx, panelHash(token)); err != nil {
		return fmt.Errorf("sign out of the panel: %w", err)
	}
	return nil
}

// endTokens ends all that a user is signed in with, here and in the panel, and returns how many refresh tokens there were.
func endTokens(ctx context.Context, tx Store, user uuid.UUID) (int, error) {
	if err := tx.DeletePanelSessions(ctx, user); err != nil {
		return 0, err
	}
	return tx.DeleteRefreshTokens(ctx, user)
}

func fits(session PanelSession, hash string) bool {
	return subtle.ConstantTimeCompare(session.Credential, credential(hash)) == 1
}

// credential stands for a password hash where the hash itself need not be.
func credential(hash string) []byte {
	sum := sha256.Sum256([]byte("panel credential\x00" + hash))
	return sum[:]
}

// panelHash is what is stored of a token, which has 130 random bits: it needs no salt and no slow hash.
func panelHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func signedOut() error {
	return fault.Unauthorized("sign in to the panel")
}
