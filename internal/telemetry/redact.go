package telemetry

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// masked stands where a secret would have stood. It is as long for every secret.
const masked = "••••••"

// telling are the words that promise a secret when they occur in the name of an attribute.
var telling = []string{
	"password", "passwd", "passphrase", "secret", "token", "authorization", "cookie", "credential", "apikey", "dsn",
}

// harmlessKeys end in "key" but name things: where an object lies, what a cache holds.
var harmlessKeys = map[string]bool{
	"objectkey": true, "audiokey": true, "cachekey": true, "uniquekey": true, "foreignkey": true, "primarykey": true,
}

// userinfoPassword finds the password in an address: scheme://user:password@host.
var userinfoPassword = regexp.MustCompile(`(://[^/\s:@]*:)[^\s/?#]+@`)

// Redact masks the value of an attribute whose name, or the name of a group it is in, promises a secret, and the
// passwords of addresses in texts and errors. It has the shape of slog.HandlerOptions.ReplaceAttr.
//
// It is the second line of defence. The first is not to log secrets at all: Redact cannot look inside structs.
func Redact(groups []string, a slog.Attr) slog.Attr {
	if mayHoldSecret(a.Value) && (tellsSecret(a.Key) || slices.ContainsFunc(groups, tellsSecret)) {
		return slog.String(a.Key, masked)
	}
	text, ok := textOf(a.Value)
	if !ok || !strings.Contains(text, "://") {
		return a
	}
	if clean := userinfoPassword.ReplaceAllString(text, "${1}"+masked+"@"); clean != text {
		return slog.String(a.Key, clean)
	}
	return a
}

// mayHoldSecret is false for what only counts or measures: revoked_tokens=3 is worth reading.
func mayHoldSecret(v slog.Value) bool {
	return v.Kind() == slog.KindString || v.Kind() == slog.KindAny
}

// separators are taken out of names. Making a replacer costs more than all that a log line costs otherwise.
var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// judged remembers what tellsSecret has said of names, which are the same few in all lines. A program whose names were made up as it
// goes would not fill the memory: beyond maxJudged nothing more is remembered.
var (
	judged   sync.Map // of string to bool
	judgedNo atomic.Int64
)

const maxJudged = 1000

// tellsSecret reports whether a name promises a secret.
func tellsSecret(name string) bool {
	if known, ok := judged.Load(name); ok {
		return known.(bool)
	}
	tells := soundsSecret(name)
	if judgedNo.Add(1) <= maxJudged {
		judged.Store(strings.Clone(name), tells)
	}
	return tells
}

// soundsSecret compares names without case and separators, so that apiKey, api_key and API-KEY are one.
func soundsSecret(name string) bool {
	name = separators.Replace(strings.ToLower(name))
	for _, word := range telling {
		if strings.Contains(name, word) {
			return true
		}
	}
	return strings.HasSuffix(name, "key") && !harmlessKeys[name]
}

// textOf returns what a handler may print for v, where that is a text.
func textOf(v slog.Value) (text string, ok bool) {
	// A nil pointer in an interface panics in its own method; the handlers cope with that, so must we.
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	switch v.Kind() {
	case slog.KindString:
		return v.String(), true
	case slog.KindAny:
		switch x := v.Any().(type) {
		case error:
			return x.Error(), true
		case fmt.Stringer:
			return x.String(), true
		}
	}
	return "", false
}
