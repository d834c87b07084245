package app

import (
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/identity"
)

// providers checks the tokens of those providers that are set up.
func providers(cfg config.Social) *identity.Providers {
	return identity.New(identity.Config{
		GoogleClientIDs:   cfg.GoogleClientIDs,
		GoogleIssuer:      cfg.GoogleIssuerURL,
		AppleClientIDs:    cfg.AppleClientIDs,
		AppleIssuer:       cfg.AppleIssuerURL,
		FacebookAppID:     cfg.FacebookAppID,
		FacebookAppSecret: cfg.FacebookAppSecret.Reveal(),
		FacebookGraph:     cfg.FacebookGraphURL,
	})
}
