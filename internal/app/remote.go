package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/remote"
	"github.com/englishapp/englishctl/internal/signature"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// Remote is the services of a daemon elsewhere.
type Remote = remote.Services

// Keyring is where sign-ins to daemons are kept.
type Keyring = remote.Keyring

// SignIns returns the keyring in the folder: the daemons that the user has signed in to.
func SignIns(dir string) *Keyring {
	return remote.NewKeyring(filepath.Join(dir, "credentials.json"))
}

// OpenRemote returns the services of the daemon that the user has signed in to. It asks the daemon for nothing yet. A new
// access token goes back into the keyring. Requests are signed with REQUEST_SIGNING_SECRET, or else with the secret that is
// kept with the sign-in.
func OpenRemote(cfg *config.Config, keyring *Keyring, signIn remote.SignIn) (*Remote, error) {
	sign, err := signer(cmp.Or(cfg.HTTP.RequestSigningSecret, config.Secret(signIn.SigningSecret)))
	if err != nil {
		return nil, fmt.Errorf("the signing secret that is kept with the sign-in: %w", err)
	}
	decoder, err := openDecoder(cfg)
	if err != nil {
		return nil, err
	}
	return remote.New(remote.Config{
		Server: signIn.Server, Agent: agent(), Access: signIn.AccessToken, Refresh: signIn.RefreshToken, Sign: sign,
		Files: importing.NewFiles(importFiles(decoder)),
		Keep:  func(access string) error { return keyring.Renew(signIn.Server, access) },
	}), nil
}

// signer signs requests with a secret; it is nil where there is none.
func signer(secret config.Secret) (func(r *http.Request, body []byte) error, error) {
	if secret == "" {
		return nil, nil
	}
	if len(secret) < signature.MinSecret {
		return nil, fmt.Errorf("it has %d bytes, at least %d are needed", len(secret), signature.MinSecret)
	}
	return signature.NewSigner(secret.Reveal()).Sign, nil
}

// SignIn signs an administrator in to a daemon; see remote.SignInAs.
func SignIn(ctx context.Context, server, email, password string) (remote.SignIn, error) {
	return remote.SignInAs(ctx, remote.Config{Server: server, Agent: agent()}, email, password)
}

// SignOut ends a sign-in at its daemon.
func SignOut(ctx context.Context, signIn remote.SignIn) error {
	return remote.SignOut(ctx, agent(), signIn)
}

// Overheard reports whether what is sent to the server can be read on the way.
func Overheard(server string) bool { return remote.Overheard(server) }

// agent is how the program calls itself where it is a client.
func agent() string { return "englishctl/" + telemetry.Version().Version }
