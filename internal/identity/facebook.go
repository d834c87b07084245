package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// graph checks classic access tokens with Facebook's Graph API: first whether a token is one for our app, since any
// app's would name its user, then who that is.
type graph struct {
	web    *client
	base   *url.URL
	appID  string
	secret string
	now    func() time.Time
}

// identify checks a token. A nil graph is one without an app or without its secret.
func (g *graph) identify(ctx context.Context, token, nonce string) (account.Identity, error) {
	if g == nil {
		return account.Identity{}, account.NotConfigured(account.Facebook)
	}
	if nonce != "" {
		return account.Identity{}, fault.Invalid("nonce", "a classic access token of Facebook holds none; leave it out")
	}
	if len(token) > maxTokenBytes || !visibleASCII(token) {
		return account.Identity{}, badToken(account.Facebook, errors.New("no access token looks like this"))
	}
	user, err := g.inspect(ctx, token)
	if err != nil {
		return account.Identity{}, graphFault(err)
	}
	who, err := g.me(ctx, token, user)
	return who, graphFault(err)
}

// inspection is the answer of /debug_token, as far as it matters.
type inspection struct {
	Data struct {
		AppID     looseID `json:"app_id"`
		Type      string  `json:"type"`
		Valid     bool    `json:"is_valid"`
		ExpiresAt int64   `json:"expires_at"` // Unix seconds; 0: never
		UserID    looseID `json:"user_id"`
	} `json:"data"`
}

// inspect returns the id of the user that the token is for, or errBadAccessToken.
func (g *graph) inspect(ctx context.Context, token string) (string, error) {
	var in inspection
	if err := g.call(ctx, "/debug_token", url.Values{"input_token": {token}, "access_token": {g.appID + "|" + g.secret}}, &in); err != nil {
		return "", err
	}
	d := in.Data
	switch {
	case !d.Valid:
		return "", bad("it is not valid")
	case string(d.AppID) != g.appID:
		return "", bad("it is for another app")
	case d.Type != "USER":
		return "", bad("it is not a user's")
	case d.ExpiresAt != 0 && !g.now().Before(time.Unix(d.ExpiresAt, 0)):
		return "", bad("it has expired")
	case d.UserID == "" || len(d.UserID) > maxSubjectBytes || !visibleASCII(string(d.UserID)):
		return "", bad("it has no user")
	}
	return string(d.UserID), nil
}

// profile is the answer of /me.
type profile struct {
	ID      looseID `json:"id"`
	Name    string  `json:"name"`
	Email   string  `json:"email"`
	Picture struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"picture"`
}

// me returns who the user is. An address that is there counts as verified (decisions.md, "Accounts").
func (g *graph) me(ctx context.Context, token, user string) (account.Identity, error) {
	var p profile
	err := g.call(ctx, "/me", url.Values{
		"fields": {"id,name,email,picture"}, "access_token": {token}, "appsecret_proof": {g.proof(token)},
	}, &p)
	if err != nil {
		return account.Identity{}, err
	}
	if string(p.ID) != user {
		return account.Identity{}, bad("it is another user's now")
	}
	return account.Identity{
		Provider: account.Facebook, Subject: user, Email: p.Email, EmailVerified: p.Email != "",
		Name: p.Name, AvatarURL: p.Picture.Data.URL,
	}, nil
}

// proof shows that whoever has the token has the app's secret too (Meta, "Securing Graph API calls").
func (g *graph) proof(token string) string {
	mac := hmac.New(sha256.New, []byte(g.secret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// call asks the Graph API and decodes its answer.
func (g *graph) call(ctx context.Context, path string, query url.Values, out any) error {
	r, err := g.web.get(ctx, g.base.String()+path+"?"+query.Encode(), "")
	if err != nil {
		return err
	}
	if r.status != http.StatusOK {
		return refusedBy(path, r)
	}
	if err := json.Unmarshal(r.body, out); err != nil {
		return fmt.Errorf("the answer of %s is not what it should be", path) // the decoder's words may hold a piece of it
	}
	return nil
}

// tokenCodes are the errors of the Graph API that are about the token: 190 for one that is invalid or expired, 100 for one
// of another app, 102 for a session that has ended (Meta, "Handle errors").
var tokenCodes = []int{100, 102, 190}

// refusedBy reads a failure. Its message is left out: it may hold a piece of the token.
func refusedBy(path string, r reply) error {
	var in struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(r.body, &in) // whatever it is, the status tells the rest
	if r.status < http.StatusInternalServerError && slices.Contains(tokenCodes, in.Error.Code) {
		return bad(fmt.Sprintf("%s answers with error %d", path, in.Error.Code))
	}
	return fmt.Errorf("%s answers with status %d, error %d", path, r.status, in.Error.Code)
}

var errBadAccessToken = errors.New("the access token is not good")

func bad(why string) error { return fmt.Errorf("%w: %s", errBadAccessToken, why) }

// graphFault gives an error its kind: the token's fault, or Facebook's.
func graphFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errBadAccessToken):
		return badToken(account.Facebook, err)
	}
	return unavailable(account.Facebook, err)
}

// looseID is an id that may be written as a text or as a number.
type looseID string

// UnmarshalJSON takes both.
func (l *looseID) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*l = looseID(text)
		return nil
	}
	var n json.Number
	err := json.Unmarshal(raw, &n)
	*l = looseID(n)
	return err
}
