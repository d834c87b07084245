package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// errMissing says that an issuer has nothing at an address.
var errMissing = errors.New("there is nothing at this address")

// keySource says where an issuer's keys are. At the public address that is known; elsewhere, for a stand-in, the keys are
// where the issuer itself has them, or where its discovery document says (OpenID Connect Discovery, section 4).
type keySource struct {
	web *client
	issuer
	at *url.URL
}

// fetch returns the key set as it was answered: status 200, or 304 where it is the one with the etag.
func (s keySource) fetch(ctx context.Context, etag string) (reply, error) {
	if s.at.String() == s.address {
		return s.ask(ctx, s.keys, etag)
	}
	first, second := s.fromOwnPath, s.fromDiscovery
	if s.discovers {
		first, second = second, first
	}
	r, err := first(ctx, etag)
	if errors.Is(err, errMissing) {
		r, err = second(ctx, etag)
	}
	return r, err
}

func (s keySource) fromOwnPath(ctx context.Context, etag string) (reply, error) {
	public, err := url.Parse(s.keys)
	if err != nil {
		return reply{}, err
	}
	return s.ask(ctx, s.at.String()+public.Path, etag)
}

func (s keySource) fromDiscovery(ctx context.Context, etag string) (reply, error) {
	r, err := s.ask(ctx, s.at.String()+"/.well-known/openid-configuration", "")
	if err != nil {
		return reply{}, err
	}
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if json.Unmarshal(r.body, &document) != nil || document.Keys == "" {
		return reply{}, fmt.Errorf("the discovery document names no keys: %w", errMissing)
	}
	return s.ask(ctx, document.Keys, etag)
}

func (s keySource) ask(ctx context.Context, address, etag string) (reply, error) {
	r, err := s.web.get(ctx, address, etag)
	switch {
	case err != nil:
		return reply{}, err
	case r.status == http.StatusNotFound:
		return reply{}, fmt.Errorf("ask %s for keys: %w", s.at.Host, errMissing)
	case r.status == http.StatusOK, r.status == http.StatusNotModified && etag != "":
		return r, nil
	}
	return reply{}, fmt.Errorf("ask %s for keys: status %d", s.at.Host, r.status)
}
