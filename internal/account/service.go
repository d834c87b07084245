package account

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// minKeyBytes is the least length of an HS256 key (RFC 7518, section 3.2).
const minKeyBytes = 32

// Config holds the settings of accounts.
type Config struct {
	// SigningKey signs the tokens: at least 32 bytes.
	SigningKey []byte
	// PreviousKey is the key that signed before SigningKey did, or empty. What it has signed is good, as long as it would have
	// been; it signs nothing any longer.
	PreviousKey []byte
	// AccessTTL is how long an access token is good, RefreshTTL the same for a refresh token. Both are whole seconds.
	AccessTTL, RefreshTTL time.Duration
}

// keys are those whose signatures are good.
func (c Config) keys() [][]byte {
	if len(c.PreviousKey) == 0 {
		return [][]byte{c.SigningKey}
	}
	return [][]byte{c.SigningKey, c.PreviousKey}
}

// roleCache remembers for a short while which role an account has. Whatever it answers, no request fails because of it.
type roleCache interface {
	// Get reports false where the key is unknown or has run out.
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Delete(ctx context.Context, keys ...string) error
}

// Service is what one can do with accounts. It is safe for concurrent use.
type Service struct {
	store     Store
	cache     roleCache
	near      roleCache // nil: the cache is in this process
	lookups   singleflight.Group
	providers Providers
	passwords *passwords
	outbox    *outbox // nil: this server sends no mail
	operator  operator
	// logins keeps those who wait for a hash from asking the database all at once: while one hashes, the next may ask.
	logins gate
	tokens *tokens
	now    func() time.Time
	newID  func() uuid.UUID
}

// Option replaces something that New takes from the machine.
type Option func(*Service)

// WithClock makes the service read the time from now.
func WithClock(now func() time.Time) Option { return func(s *Service) { s.now = now } }

// WithIDs makes the service take ids from newID; they must be unique.
func WithIDs(newID func() uuid.UUID) Option { return func(s *Service) { s.newID = newID } }

// WithProviders makes the service take tokens of other providers; without it, none is configured.
func WithProviders(p Providers) Option { return func(s *Service) { s.providers = p } }

// WithNear makes the service remember in this process who is a learner, beside a cache that is elsewhere, for 15 of the 60 seconds.
func WithNear(near roleCache) Option { return func(s *Service) { s.near = near } }

// WithMailer makes the service send letters, which RunOutbox does; without it, what needs one is fault.Unavailable (code
// mail_not_configured). What becomes of letters is logged to log, without addresses or links.
func WithMailer(m Mailer, log *slog.Logger) Option {
	return func(s *Service) { s.outbox = newOutbox(m, log) }
}

// New returns the service. It panics if a key is shorter than 32 bytes, since every token would be worthless.
func New(store Store, cache roleCache, cfg Config, opts ...Option) *Service {
	for _, key := range cfg.keys() {
		if len(key) < minKeyBytes {
			panic(fmt.Sprintf("account: a signing key has %d bytes, at least %d are needed", len(key), minKeyBytes))
		}
	}
	s := &Service{
		store:     store,
		cache:     cache,
		providers: noProviders{},
		passwords: newPasswords(),
		logins:    make(gate, 2*hashing()),
		now:       time.Now,
		newID:     func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	for _, opt := range opts {
		opt(s)
	}
	s.tokens = newTokens(cfg, s.now, s.newID)
	return s
}

// Sweep forgets the refresh tokens, links and sessions of the panel that have expired and returns how many there were; and what requests that
// were at work during the deletion of an account have written of it since.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	now := s.moment()
	tokens, err := s.store.DeleteExpiredRefreshTokens(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("delete expired refresh tokens: %w", err)
	}
	links, err := s.store.DeleteExpiredEmailTokens(ctx, now)
	if err != nil {
		return tokens, fmt.Errorf("delete expired links of mails: %w", err)
	}
	panel, err := s.store.DeleteExpiredPanelSessions(ctx, now)
	if err != nil {
		return tokens + links, fmt.Errorf("delete expired sessions of the panel: %w", err)
	}
	return tokens + links + panel, s.forgetLatecomers(ctx)
}

// moment is the current time as it is stored: UTC, in microseconds, which every database keeps exactly.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// entry is a line of the audit log about a user. It names them by id only, so that deleting an account leaves
// nothing personal behind.
func (s *Service) entry(ctx context.Context, action string, user uuid.UUID, changes map[string]audit.Change) audit.Entry {
	return audit.Entry{
		ID:       s.newID(),
		At:       s.moment(),
		Origin:   audit.OriginFrom(ctx),
		Action:   action,
		ObjectID: user.String(),
		Changes:  changes,
	}
}

// ownEntry is entry for what a user does who has only just shown who they are. Their network address stays out: it is
// personal, and the log outlives the account; the request's id leads to it in the log of requests.
func (s *Service) ownEntry(ctx context.Context, action string, user uuid.UUID, changes map[string]audit.Change) audit.Entry {
	e := s.entry(ctx, action, user, changes)
	e.Origin.Actor, e.Origin.Address = audit.UserActor+user.String(), ""
	return e
}

// ownAccount translates the store's answer to somebody who asks for their own account: where it is missing, it was
// deleted after they signed in.
func ownAccount(err error) error {
	if fault.Is(err, fault.KindNotFound) {
		return accountGone()
	}
	return err
}

func accountGone() error {
	return fault.Unauthorized("the account of this token no longer exists").WithCode("account_gone")
}
