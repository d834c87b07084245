package config

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The kinds of value that are no addresses; those are in urls.go.

var boolean = kind[bool]{"bool", "true, false, 1, 0, yes, no, on or off", func(text string) (bool, bool) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return true, true
	case "false", "0", "no", "off":
		return false, true
	}
	return false, false
}}

var port = kind[int]{"port", "a port from 1 to 65535, or 0 for any free one", intBetween(0, 65535).parse}

func intBetween(least, most int) kind[int] {
	return kind[int]{"int", fmt.Sprintf("a whole number from %d to %d", least, most), func(text string) (int, bool) {
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= least && n <= most
	}}
}

func minutes(least, most int) kind[time.Duration] { return whole(time.Minute, "minutes", least, most) }

func days(least, most int) kind[time.Duration] { return whole(24*time.Hour, "days", least, most) }

// whole is a whole number of a unit that the name of the setting says.
func whole(unit time.Duration, plural string, least, most int) kind[time.Duration] {
	number := intBetween(least, most)
	allowed := fmt.Sprintf("a whole number of %s from %d to %d", plural, least, most)
	return kind[time.Duration]{"int", allowed, func(text string) (time.Duration, bool) {
		n, ok := number.parse(text)
		return time.Duration(n) * unit, ok
	}}
}

// durationBetween takes Go durations, whose units keep 20 from meaning minutes to one reader and hours to another.
func durationBetween(least, most string) kind[time.Duration] {
	allowed := fmt.Sprintf("a duration with its unit (ms, s, m, h) from %s to %s, such as 90s or 1h30m", least, most)
	lo, hi := mustDuration(least), mustDuration(most)
	return kind[time.Duration]{"duration", allowed, func(text string) (time.Duration, bool) {
		d, err := time.ParseDuration(text)
		return d, err == nil && d >= lo && d <= hi
	}}
}

// secondsBetween takes what durationBetween takes, and bare numbers as seconds, which the specification uses.
func secondsBetween(least, most string) kind[time.Duration] {
	duration := durationBetween(least, most)
	allowed := fmt.Sprintf("a number of seconds, or a duration with its unit, from %s to %s", least, most)
	return kind[time.Duration]{"seconds", allowed, func(text string) (time.Duration, bool) {
		if strings.Trim(text, "0123456789.") == "" {
			text += "s"
		}
		return duration.parse(text)
	}}
}

// mustDuration reads the bounds that stand in the table.
func mustDuration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err) // a typing mistake in the table; every test of the package meets it
	}
	return d
}

// oneOf takes the words in any case and returns them as they stand here.
func oneOf(words ...string) kind[string] {
	allowed := strings.Join(words, ", ")
	if i := strings.LastIndex(allowed, ", "); i >= 0 {
		allowed = allowed[:i] + " or " + allowed[i+2:]
	}
	return kind[string]{"word", allowed, func(text string) (string, bool) {
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, text) })
		if i < 0 {
			return "", false
		}
		return words[i], true
	}}
}

// logLevel takes "warning" too, as the specification's list of levels has it.
var logLevel = kind[slog.Level]{"level", "debug, info, warn or error", func(text string) (slog.Level, bool) {
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug, true
	case "info":
		return slog.LevelInfo, true
	case "warn", "warning":
		return slog.LevelWarn, true
	case "error":
		return slog.LevelError, true
	}
	return 0, false
}}

// path takes anything that has no control characters, which Load refuses everywhere. Whether the file is there is
// the business of whoever opens it.
var path = kind[string]{"path", "a path", func(text string) (string, bool) { return text, true }}

// mailbox is one sender: an address, with or without a name.
var mailbox = kind[string]{"address", "an e-mail address, as no-reply@example.com or English App <no-reply@example.com>",
	func(text string) (string, bool) {
		parsed, err := mail.ParseAddress(text)
		return text, err == nil && strings.Contains(parsed.Address, "@")
	}}

var word = matching("string", `\A\S{1,128}\z`, "1 to 128 characters without spaces")

var hostName = kind[string]{"host", "a host name or an IP address, without a port", func(text string) (string, bool) {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return bare, true
	}
	return text, dnsName().MatchString(text)
}}

// dnsName is RFC 1123, section 2.1, and the underscores that container networks use.
var dnsName = pattern(`\A[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\z`)

var listenAddr = kind[string]{"host:port", "host:port, or :port for all addresses", func(text string) (string, bool) {
	host, number, err := net.SplitHostPort(text)
	if err != nil {
		return "", false
	}
	_, hostOK := hostName.parse(host)
	_, portOK := port.parse(number)
	return text, (host == "" || hostOK) && portOK
}}

// azureRegion becomes a part of a host name, so it must not be able to end it.
var azureRegion = matching("region", `\A[a-z0-9]{1,64}\z`, "a region's short name in small letters and digits, such as westeurope")

// bucketName is Amazon S3's rule for general purpose buckets, which MinIO shares.
var bucketName = matching("string", `\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z`,
	"3 to 63 small letters, digits, dots and hyphens, with a letter or digit at both ends")

func matching(name, expr, allowed string) kind[string] {
	re := pattern(expr)
	return kind[string]{name, allowed, func(text string) (string, bool) { return text, re().MatchString(text) }}
}

// pattern compiles an expression when it is first asked for: every command starts with this package, and few of them need
// any of it.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var list = listOf("list", "a list of words without spaces, separated by commas", word.parse)

// limitNames are the limits of the specification ("API Rate Limits") and of its additions; what has none of its own has RATE_LIMIT_PER_MINUTE.
var limitNames = []string{"login", "guess", "register", "forgot", "reset", "mail", "random", "sessions", "history", "score", "admin"}

// rateLimits is name=number pairs, each name once.
var rateLimits = kind[map[string]int]{"list",
	"pairs such as login=60, separated by commas, of " + strings.Join(limitNames, ", ") + " and a whole number from 1 to 1000000",
	func(text string) (map[string]int, bool) {
		pairs, ok := listOf("", "", func(text string) ([2]string, bool) {
			name, number, ok := strings.Cut(text, "=")
			return [2]string{strings.TrimSpace(name), strings.TrimSpace(number)}, ok
		}).parse(text)
		limits := make(map[string]int, len(pairs))
		for _, pair := range pairs {
			n, valid := intBetween(1, 1_000_000).parse(pair[1])
			if _, twice := limits[pair[0]]; twice || !valid || !slices.Contains(limitNames, pair[0]) {
				return nil, false
			}
			limits[pair[0]] = n
		}
		return limits, ok
	}}

var prefixes = listOf("list", "IP addresses and networks such as 10.0.0.0/8, separated by commas",
	func(text string) (netip.Prefix, bool) {
		if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
			addr = addr.Unmap()
			return netip.PrefixFrom(addr, addr.BitLen()), true
		}
		prefix, err := netip.ParsePrefix(text)
		if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96) // as the addresses that are compared with it
		}
		return prefix.Masked(), err == nil
	})

// listOf splits at commas; spaces around items and a trailing comma do no harm, an empty list is a mistake.
func listOf[T any](name, allowed string, item func(string) (T, bool)) kind[[]T] {
	return kind[[]T]{name, allowed, func(text string) ([]T, bool) {
		var items []T
		for part := range strings.SplitSeq(text, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			value, ok := item(part)
			if !ok {
				return nil, false
			}
			items = append(items, value)
		}
		return items, len(items) > 0
	}}
}

// secretOf takes anything of at least so many bytes.
func secretOf(least int) kind[Secret] {
	allowed := fmt.Sprintf("at least %d bytes that nobody can guess, such as the output of openssl rand -hex 32", least)
	if least == 1 {
		allowed = "any text"
	}
	return kind[Secret]{"secret", allowed, func(text string) (Secret, bool) { return Secret(text), len(text) >= least }}
}

var (
	bcryptHash = pattern(`\A\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z`)
	argon2Hash = pattern(`\A\$argon2id\$v=19\$m=([1-9][0-9]*),t=([1-9][0-9]*),p=([1-9][0-9]*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)\z`)
)

// The most that a login checks: a hash may not cost more than 1 GiB, 64 passes and 255 lanes, and has 16 bytes at least.
const (
	maxArgonKiB    = 1 << 20
	maxArgonPasses = 64
	maxArgonLanes  = 255
	minArgonBytes  = 16
)

// passwordHash takes what package account can check: PHC strings for argon2id, crypt strings for bcrypt.
var passwordHash = kind[Secret]{"hash", "a hash, not the password: bcrypt ($2b$…) or argon2id ($argon2id$v=19$…, at most 1 GiB)",
	func(text string) (Secret, bool) {
		if bcryptHash().MatchString(text) {
			return Secret(text), true
		}
		parts := argon2Hash().FindStringSubmatch(text)
		if parts == nil {
			return "", false
		}
		for i, most := range []int{maxArgonKiB, maxArgonPasses, maxArgonLanes} {
			if _, ok := intBetween(1, most).parse(parts[1+i]); !ok {
				return "", false
			}
		}
		_, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[4])
		key, errKey := base64.RawStdEncoding.Strict().DecodeString(parts[5])
		return Secret(text), errSalt == nil && errKey == nil && len(key) >= minArgonBytes
	}}

var ratio = kind[float64]{"number", "a number from 0 to 1, such as 0.1", func(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0 && n <= 1
}}

// otlpHeaders takes what OpenTelemetry's own variable takes (W3C Baggage without properties): values may be percent-encoded.
var otlpHeaders = kind[map[string]Secret]{"headers", "headers such as api-key=KEY, separated by commas", func(text string) (map[string]Secret, bool) {
	headers := make(map[string]Secret)
	pairs, ok := listOf("", "", func(pair string) (string, bool) { return pair, strings.Contains(pair, "=") }).parse(text)
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		name = strings.TrimSpace(name)
		if err != nil || !headerName().MatchString(name) || strings.ContainsAny(value, "\r\n\x00") {
			return nil, false
		}
		headers[name] = Secret(value)
	}
	return headers, ok
}}

var headerName = pattern(`\A[A-Za-z0-9!#$%&'*+.^_|~-]+\z`)
