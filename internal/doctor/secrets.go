package doctor

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
)

// Secret is a value that only we should know.
type Secret struct {
	// Setting is its name; Value is never shown.
	Setting, Value string
	// Key says that it is a key that nobody types, and so should be random.
	Key bool
}

// File is a file that holds secrets.
type File struct {
	Path string
	Mode fs.FileMode
	// Settings are those whose values stand there.
	Settings []string
}

// usual are what examples, images and guides write in place of a secret, in small letters, without what separates words.
var usual = []string{
	"minioadmin", "minioadminpassword", "miniosecretkey", "minioaccesskey", "postgres", "password", "secret", "admin", "changeme", "default",
	"yoursecretkeyhere", "yoursecretkey", "example", "test", "letmein", "123456", "englishapp", "englishctl",
}

// distinct is how many different characters a random key of 32 hexadecimal digits has at least, in all but a millionth of cases.
const distinct = 8

// name is that of the setting, or says that the secret is a part of it.
func (s Secret) name() string {
	if strings.HasSuffix(s.Setting, "_URL") {
		return "the password in " + s.Setting
	}
	return s.Setting
}

// weak says what is wrong with a secret, or nothing.
func (s Secret) weak() string {
	plain := strings.NewReplacer("-", "", "_", "", " ", "", "<", "", ">", "").Replace(strings.ToLower(s.Value))
	for _, word := range usual {
		if plain == word || s.Key && strings.Trim(strings.ReplaceAll(plain, word, ""), "0123456789.!") == "" && strings.Contains(plain, word) {
			return "is what examples write there"
		}
	}
	if !s.Key {
		return ""
	}
	if strings.Contains(plain, "secretkey") || strings.Contains(plain, "changeme") {
		return "is what examples write there"
	}
	seen := map[rune]bool{}
	for _, r := range s.Value {
		seen[r] = true
	}
	switch {
	case len(seen) == 1:
		return "is one character again and again"
	case len(seen) < distinct:
		return fmt.Sprintf("has only %d different characters", len(seen))
	case len(s.Value) < 32:
		return fmt.Sprintf("has only %d bytes", len(s.Value))
	}
	return ""
}

// Secrets judges secrets and the files that they are in.
func Secrets(secrets []Secret, files []File) []Finding {
	var found []Finding
	for _, s := range secrets {
		if why := s.weak(); why != "" {
			found = append(found, fail("%s %s: others can guess it", s.name(), why).to("set a random one, such as the output of openssl rand -hex 32", s.Setting))
		}
	}
	for _, f := range files {
		if f.Mode.Perm()&0o007 != 0 {
			found = append(found, fail("everybody on this machine can read %s, which holds %s", f.Path, strings.Join(f.Settings, ", ")).
				to("chmod 600 "+f.Path, f.Settings...))
		}
	}
	if len(found) == 0 {
		return Fine("none is one that examples have, and no file shows one to everybody")
	}
	return found
}

// Client ids as the providers make them: https://developers.google.com/identity, Apple's bundle and services ids ("reverse-DNS"),
// Facebook's app ids and secrets.
var (
	googleID       = pattern(`^\d+-[a-z0-9]+\.apps\.googleusercontent\.com$`)
	appleID        = pattern(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	facebookID     = pattern(`^\d{5,20}$`)
	facebookSecret = pattern(`^[0-9a-f]{32}$`)
)

func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// Social is who may be signed in with. What is empty is not set up.
type Social struct {
	Google, Apple              []string
	FacebookID, FacebookSecret string
}

// Findings judges client ids by their shape. A stand-in's may have any.
func (s Social) Findings() []Finding {
	var found []Finding
	for _, id := range s.Google {
		if !googleID().MatchString(id) {
			found = append(found, warn("%q is no client id of Google", id).to("copy it from the Google Cloud console, Credentials: it ends in .apps.googleusercontent.com", "GOOGLE_CLIENT_ID"))
		}
	}
	for _, id := range s.Apple {
		if !appleID().MatchString(id) {
			found = append(found, warn("%q is no bundle or services id of Apple", id).to("copy it from the Apple developer account, Identifiers, without the team id", "APPLE_CLIENT_ID"))
		}
	}
	if s.FacebookID != "" && !facebookID().MatchString(s.FacebookID) {
		found = append(found, warn("%q is no app id of Facebook", s.FacebookID).to("copy the number from Meta for Developers, App settings", "FACEBOOK_APP_ID"))
	}
	if s.FacebookSecret != "" && !facebookSecret().MatchString(s.FacebookSecret) {
		found = append(found, warn("it has not the shape of an app secret of Facebook, 32 hexadecimal digits").to("copy it from Meta for Developers, App settings", "FACEBOOK_APP_SECRET"))
	}
	if len(found) > 0 {
		return found
	}
	names := s.names()
	if len(names) == 0 {
		return Fine("no provider is set up: accounts have passwords")
	}
	return Fine("client ids are set for " + strings.Join(names, ", "))
}

func (s Social) names() []string {
	var names []string
	for _, p := range []struct {
		name string
		set  bool
	}{{"Google", len(s.Google) > 0}, {"Apple", len(s.Apple) > 0}, {"Facebook", s.FacebookID != ""}} {
		if p.set {
			names = append(names, p.name)
		}
	}
	return names
}
