package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maskURL shows a valid secret address without what is secret in it. User, host and path stay.
func maskURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return mask
	}
	var b strings.Builder
	b.WriteString(u.Scheme + "://")
	b.WriteString(maskUser(u) + u.Host + u.Path)
	separator := "?"
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		if plain, err := url.QueryUnescape(name); err != nil || tellsSecret(plain) {
			value = mask
		}
		b.WriteString(separator + name + "=" + value)
		separator = "&"
	}
	return b.String()
}

func maskUser(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	name := u.User.Username()
	if _, has := u.User.Password(); has {
		return name + ":" + mask + "@"
	}
	if strings.HasPrefix(u.Scheme, "redis") {
		return mask + "@" // Redis passwords have no user: somebody forgot the colon
	}
	return name + "@"
}

// tellsSecret reports whether a query parameter's name promises a secret.
func tellsSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"pass", "pwd", "secret", "token", "key"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// shown returns the value of a setting as people may see it, in `config show` and in messages.
func (s setting) shown(text string, valid bool) string {
	switch {
	case text == "":
		return ""
	case s.secret && valid && s.value.kind == "url":
		return maskURL(text)
	case s.secret:
		return mask
	case valid:
		return text
	}
	return strconv.Quote(shorten(maskAnywhere(text)))
}

// maskAnywhere hides what may be secret in a text that should have been an address: what stands before an @, and
// the query.
func maskAnywhere(text string) string {
	text = beforeAt().ReplaceAllString(text, "${1}"+mask+"@")
	return query().ReplaceAllString(text, "?"+mask)
}

var (
	beforeAt = pattern(`(?s)\A(\w[\w+.-]*://)?.*@`)
	query    = pattern(`(?s)\?.+`)
)

// shorten keeps a message on one line; what is longer was pasted by mistake.
func shorten(text string) string {
	const most = 100 // characters
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
