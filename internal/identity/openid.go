package identity

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/englishapp/englishctl/internal/account"
)

// leeway is how far the issuer's clock and ours may be apart.
const leeway = 10 * time.Second

// openID verifies ID tokens of one issuer for some apps (OpenID Connect Core, section 3.1.3.7).
type openID struct {
	issuer
	clientIDs []string
	keys      *keySet
	parser    *jwt.Parser
}

// newOpenID takes tokens by the issuer's public names, and by that of the address where its keys are fetched, which
// differs where a stand-in signs.
func newOpenID(known issuer, address *url.URL, clientIDs []string, web *client, o options) *openID {
	if name := address.String(); name != known.address {
		known.names = append(slices.Clone(known.names), name)
		if known.discovers {
			known.names = append(known.names, strings.TrimPrefix(name, address.Scheme+"://"))
		}
	}
	return &openID{
		issuer:    known,
		clientIDs: clientIDs,
		keys:      newKeySet(keySource{web, known, address}, o),
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), // all three sign so, and with nothing else
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(leeway),
			jwt.WithTimeFunc(o.now),
		),
	}
}

// identify verifies a token. A nil openID is a provider that is off.
func (o *openID) identify(ctx context.Context, provider account.Provider, token, nonce string) (account.Identity, error) {
	if o == nil {
		return account.Identity{}, account.NotConfigured(provider)
	}
	c, err := o.verify(ctx, token)
	if errors.Is(err, errNoKeys) {
		return account.Identity{}, unavailable(provider, err)
	}
	if err != nil {
		return account.Identity{}, badToken(provider, err)
	}
	subject, err := c.subject()
	if err == nil {
		err = checkNonce(c.text("nonce"), nonce)
	}
	if err != nil {
		return account.Identity{}, badToken(provider, err)
	}
	who := o.read(c)
	who.Provider, who.Subject = provider, subject
	return who, nil
}

// verify returns what a token says once its signature, issuer, audience and times are right.
func (o *openID) verify(ctx context.Context, token string) (claims, error) {
	if err := checkForm(token); err != nil {
		return claims{}, err
	}
	var c claims
	_, err := o.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if err := checkHeader(t.Header); err != nil {
			return nil, err
		}
		return o.keys.key(ctx, t.Header["kid"].(string))
	})
	if err != nil {
		return claims{}, err
	}
	if !slices.Contains(o.names, c.text("iss")) {
		return claims{}, errors.New("the issuer is another one")
	}
	return c, o.checkAudience(c)
}

// checkHeader refuses what would make the token something else than an ID token signed with a key of the set.
func checkHeader(header map[string]any) error {
	if kid, ok := header["kid"].(string); !ok || kid == "" {
		return errors.New("the token names no key")
	}
	if _, critical := header["crit"]; critical {
		return errors.New("the token asks for extensions") // RFC 7515, section 4.1.11: we know none
	}
	typ, given := header["typ"]
	if text, _ := typ.(string); given && !strings.EqualFold(text, "JWT") {
		return errors.New("the token is of another type") // RFC 8725, section 3.11: at+jwt, logout+jwt
	}
	return nil
}

// checkAudience demands that the token is made out for our apps and for nobody else, whom we could not trust with it.
func (o *openID) checkAudience(c claims) error {
	audience, err := c.GetAudience()
	if err != nil || len(audience) == 0 {
		return fmt.Errorf("the token is made out for nobody: %w", errors.Join(err, jwt.ErrTokenInvalidAudience))
	}
	for _, id := range audience {
		if !slices.Contains(o.clientIDs, id) {
			return jwt.ErrTokenInvalidAudience
		}
	}
	return nil
}

// checkNonce compares the nonce of a token with the one that the app has sent, if it has sent one. iPhone apps give Apple
// the SHA-256 of it, in hexadecimal.
func checkNonce(inToken, sent string) error {
	if sent == "" {
		return nil
	}
	hash := sha256.Sum256([]byte(sent))
	plain := subtle.ConstantTimeCompare([]byte(inToken), []byte(sent))
	hashed := subtle.ConstantTimeCompare([]byte(inToken), []byte(hex.EncodeToString(hash[:])))
	if plain|hashed != 1 {
		return errors.New("the nonce is another one, or missing")
	}
	return nil
}
