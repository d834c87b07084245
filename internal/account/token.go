package account

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// issuer is the `iss` of every token (decisions.md, "Accounts").
	issuer = "englishctl"
	// maxTokenBytes ends the look at a token before it costs anything; ours have about 350 bytes.
	maxTokenBytes = 8 << 10
	// codeExpired marks a token that was good once.
	codeExpired = "token_expired"
)

// tokenType keeps a refresh token from being taken for an access token, and the other way round.
type tokenType string

const (
	accessToken  tokenType = "access"
	refreshToken tokenType = "refresh"
)

// claims is what a token says: iss, sub, iat, exp and jti, and the two of ours.
type claims struct {
	jwt.RegisteredClaims
	Role Role      `json:"role"`
	Type tokenType `json:"typ"`
}

// user returns whom the token is about.
func (c claims) user() uuid.UUID { return uuid.MustParse(c.Subject) }

// refreshHash returns what the server remembers of a refresh token.
func (c claims) refreshHash() []byte {
	sum := sha256.Sum256([]byte(c.ID))
	return sum[:]
}

// tokens signs and reads tokens: JSON Web Tokens with HS256 (RFC 7519).
type tokens struct {
	key    []byte                 // signs
	good   jwt.VerificationKeySet // whose signatures are good
	ttl    map[tokenType]time.Duration
	now    func() time.Time
	newID  func() uuid.UUID
	parser *jwt.Parser
	// known are access tokens that were good.
	known verified
}

func newTokens(cfg Config, now func() time.Time, newID func() uuid.UUID) *tokens {
	var good jwt.VerificationKeySet
	for _, key := range cfg.keys() {
		good.Keys = append(good.Keys, key)
	}
	return &tokens{
		key:   cfg.SigningKey,
		good:  good,
		ttl:   map[tokenType]time.Duration{accessToken: cfg.AccessTTL, refreshToken: cfg.RefreshTTL},
		now:   now,
		newID: newID,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithIssuer(issuer),
			jwt.WithExpirationRequired(),
			jwt.WithStrictDecoding(), // else several spellings of one signature are good
			jwt.WithTimeFunc(now),
		),
	}
}

// issue returns a signed token and what it says. Its times are whole seconds.
func (t *tokens) issue(u User, typ tokenType) (string, claims, error) {
	now := t.now().UTC().Truncate(time.Second)
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Subject:   u.ID.String(),
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(t.ttl[typ])),
			ID:        t.newID().String(),
		},
		Role: u.Role,
		Type: typ,
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	if err != nil {
		return "", claims{}, fmt.Errorf("sign the %s token: %w", typ, err)
	}
	return signed, c, nil
}

// issuePair returns a user with fresh tokens, and what is to be stored of the refresh token.
func (t *tokens) issuePair(u User) (SignedIn, RefreshToken, error) {
	access, _, err := t.issue(u, accessToken)
	if err != nil {
		return SignedIn{}, RefreshToken{}, err
	}
	refresh, c, err := t.issue(u, refreshToken)
	if err != nil {
		return SignedIn{}, RefreshToken{}, err
	}
	stored := RefreshToken{Hash: c.refreshHash(), UserID: u.ID, IssuedAt: c.IssuedAt.Time, ExpiresAt: c.ExpiresAt.Time}
	return SignedIn{User: u, AccessToken: access, RefreshToken: refresh}, stored, nil
}

// bearer returns whom an access token is about. Its errors are those of parse.
func (t *tokens) bearer(raw string) (uuid.UUID, error) {
	if len(raw) > maxTokenBytes {
		return uuid.Nil, invalidToken(nil)
	}
	if user, good := t.known.user(raw, t.now()); good {
		return user, nil
	}
	c, err := t.parse(raw, accessToken)
	if err != nil {
		return uuid.Nil, err
	}
	t.known.add(raw, c)
	return c.user(), nil
}

// parse returns what a token of the wanted type says. It returns fault.Unauthorized with code token_expired where the
// token was good once, and with code invalid_token for everything else.
func (t *tokens) parse(raw string, want tokenType) (claims, error) {
	if len(raw) > maxTokenBytes {
		return claims{}, invalidToken(nil)
	}
	var c claims
	_, err := t.parser.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return t.good, nil })
	expired := errors.Is(err, jwt.ErrTokenExpired)
	if err != nil && !expired {
		return claims{}, invalidToken(err)
	}
	// The signature is ours from here on.
	if c.Type != want {
		return claims{}, invalidToken(fmt.Errorf("the token's type is %q, not %q", c.Type, want))
	}
	if _, err := uuid.Parse(c.Subject); err != nil || c.ID == "" {
		return claims{}, invalidToken(errors.New("the token lacks a subject or an id"))
	}
	if expired {
		return claims{}, fault.Unauthorized("the token has expired").WithCode(codeExpired)
	}
	return c, nil
}

func invalidToken(cause error) error {
	return fault.Unauthorized("the token is not valid").WithCode("invalid_token").WithCause(cause)
}
