package account

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// Identity is what a provider vouches for about whoever holds one of its tokens.
type Identity struct {
	Provider Provider
	// Subject is the provider's id for the person: 1 to 255 printable ASCII characters. It is the only thing by which a
	// provider's user is known again (OpenID Connect Core, section 5.7).
	Subject string
	// Email is as the provider wrote it; empty where it gave none.
	Email string
	// EmailVerified reports whether the provider says that it has checked the address.
	EmailVerified bool
	// HostedDomain is the Google Workspace domain that the person belongs to (`hd`); empty elsewhere.
	HostedDomain string
	// Name and AvatarURL are as the provider wrote them, and may be empty.
	Name, AvatarURL string
}

// Providers tells who holds a provider's token. It is safe for concurrent use.
type Providers interface {
	// Identify checks a token. A nonce that is not empty must be the one the token was asked for with.
	//
	// It returns fault.Invalid with code provider_not_configured, fault.Unauthorized (provider_token_invalid) for
	// whatever is no good token of the provider for one of our apps, and fault.Unavailable (provider_unavailable),
	// within 5 seconds, where the provider has to be asked and does not answer.
	Identify(ctx context.Context, provider Provider, token, nonce string) (Identity, error)
}

// noProviders is what a service has that was given none.
type noProviders struct{}

func (noProviders) Identify(_ context.Context, p Provider, _, _ string) (Identity, error) {
	return Identity{}, NotConfigured(p)
}

// NotConfigured is the fault.Invalid that says that the server takes no tokens of the provider.
func NotConfigured(p Provider) error {
	return fault.Invalid("provider", "signing in with %s is not set up on this server", p.Title()).
		WithCode("provider_not_configured")
}

// authoritative reports whether the provider is sure that the address is the person's today: it runs the mailbox, or
// forwards to it (decisions.md, "Accounts", rule 5). Others have checked the address once, long ago perhaps.
func (i Identity) authoritative() bool {
	switch i.Provider {
	case Apple:
		return true
	case Google:
		return i.HostedDomain != "" || strings.HasSuffix(i.Email, "@gmail.com")
	}
	return false
}

// cleaned returns the identity as it is stored: without an address or a picture that an account could not have, and with
// a name in any case, of which the provider's is the first choice and the given one the second.
func (i Identity) cleaned(given string) Identity {
	i.Email = providedEmail(i.Email)
	var c fault.Check
	if checkAvatar(&c, i.AvatarURL); c.Err() != nil {
		i.AvatarURL = ""
	}
	for _, name := range []string{providedName(i.Name), given, nameFrom(i.Email)} {
		if name != "" {
			i.Name = name
			break
		}
	}
	return i
}

// providedEmail returns the form in which an address is stored, or "" for what is none. So is an address that folding
// its case turns into ASCII (the Kelvin sign into "k"): it would be taken for another one.
func providedEmail(email string) string {
	clean := cleanEmail(email)
	if emailProblem(clean) != "" || (isASCII(clean) && !isASCII(email)) {
		return ""
	}
	return clean
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// providedName makes a name that the account may have out of a provider's, which nobody can be asked to mend.
func providedName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > maxNameRunes {
		name = string(runes[:maxNameRunes])
	}
	return strings.TrimSpace(name)
}

// appleRelay is where the addresses are that Apple makes up for who hides their own; nobody is called like one.
const appleRelay = "@privaterelay.appleid.com"

// nameFrom makes a name out of an address, for whom neither the provider nor the app has one. Apple tells a name only once.
func nameFrom(email string) string {
	local, _, _ := strings.Cut(email, "@")
	if local == "" || strings.HasSuffix(email, appleRelay) {
		return "Learner"
	}
	return local
}
