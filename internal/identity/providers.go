package identity

import (
	"context"
	"net/url"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

// answerTime is how long a provider may take for everything that one sign-in needs of it. With the work of the server
// itself the whole stays under 5 seconds.
const answerTime = 4 * time.Second

// Config says which apps of ours there are at the providers. A provider without an id is off.
type Config struct {
	// GoogleClientIDs are for whom Google's tokens may be made out: the ids of the iOS, Android and web apps.
	GoogleClientIDs []string
	GoogleIssuer    *url.URL
	// AppleClientIDs are bundle ids and services ids.
	AppleClientIDs []string
	AppleIssuer    *url.URL
	FacebookAppID  string
	// FacebookAppSecret is needed for classic access tokens; without it only Limited Login works.
	FacebookAppSecret string
	// FacebookGraph is the Graph API, with or without a version.
	FacebookGraph *url.URL
}

// Providers implements account.Providers. It is safe for concurrent use.
type Providers struct {
	google, apple, limited *openID // nil: off
	graph                  *graph  // nil: off
	timeout                time.Duration
}

var _ account.Providers = (*Providers)(nil)

// Option replaces something that New takes from the machine.
type Option func(*options)

type options struct {
	now     func() time.Time
	timeout time.Duration
}

// WithClock makes lives of tokens and keys count by now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithTimeout gives providers another time to answer than 4 seconds.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// New returns the providers that are configured. It asks nobody anything yet: keys are fetched when the first token comes.
func New(cfg Config, opts ...Option) *Providers {
	o := options{now: time.Now, timeout: answerTime}
	for _, opt := range opts {
		opt(&o)
	}
	p := &Providers{timeout: o.timeout}
	web := newClient()
	if len(cfg.GoogleClientIDs) > 0 {
		p.google = newOpenID(google, cfg.GoogleIssuer, cfg.GoogleClientIDs, web, o)
	}
	if len(cfg.AppleClientIDs) > 0 {
		p.apple = newOpenID(apple, cfg.AppleIssuer, cfg.AppleClientIDs, web, o)
	}
	if cfg.FacebookAppID != "" {
		p.limited = newOpenID(limitedLogin, limitedIssuer(cfg.FacebookGraph), []string{cfg.FacebookAppID}, web, o)
	}
	if cfg.FacebookAppID != "" && cfg.FacebookAppSecret != "" {
		p.graph = &graph{web: web, base: cfg.FacebookGraph, appID: cfg.FacebookAppID, secret: cfg.FacebookAppSecret, now: o.now}
	}
	return p
}

// Identify implements account.Providers.
func (p *Providers) Identify(ctx context.Context, provider account.Provider, token, nonce string) (account.Identity, error) {
	bounded, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	who, err := p.identify(bounded, provider, token, nonce)
	if err != nil && ctx.Err() != nil {
		return account.Identity{}, ctx.Err() // the caller is gone; it is not the provider's fault
	}
	return who, err
}

func (p *Providers) identify(ctx context.Context, provider account.Provider, token, nonce string) (account.Identity, error) {
	switch provider {
	case account.Google:
		return p.google.identify(ctx, provider, token, nonce)
	case account.Apple:
		return p.apple.identify(ctx, provider, token, nonce)
	case account.Facebook:
		// iPhones whose owners refuse to be tracked have Limited Login's tokens only, under the same name.
		if looksSigned(token) {
			return p.limited.identify(ctx, provider, token, nonce)
		}
		return p.graph.identify(ctx, token, nonce)
	}
	return account.Identity{}, account.NotConfigured(provider)
}

// badToken says no more than that the token is not good; why, is for the log.
func badToken(provider account.Provider, cause error) error {
	return fault.Unauthorized("this is not a valid token of %s for this app", provider.Title()).
		WithCode("provider_token_invalid").WithCause(cause)
}

func unavailable(provider account.Provider, cause error) error {
	return fault.Unavailable("%s does not answer; try again, or sign in another way", provider.Title()).
		WithCode("provider_unavailable").WithCause(cause)
}
