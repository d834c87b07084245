package account

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
)

// The limits of what people enter.
const (
	maxEmailBytes     = 254 // RFC 5321, section 4.5.3.1.3, without the angle brackets
	maxLocalPartBytes = 64  // RFC 5321, section 4.5.3.1.1
	maxLabelBytes     = 63  // RFC 1035, section 2.3.4
	maxNameRunes      = 255 // spec, "Appendix: Sample Database Schema"
	maxAvatarBytes    = 2048
	minPasswordRunes  = 8   // decisions.md, "Accounts"
	maxPasswordRunes  = 128 // decisions.md, "Accounts"
	// maxPasswordBytes ends the look at a password before it costs anything; no 128 characters are longer.
	maxPasswordBytes = 16 * maxPasswordRunes
	maxSearchRunes   = 255
)

// Valid reports whether r is one of Roles.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// check returns the registration as it is stored and notes in c every rule that it breaks.
func (r Registration) check(c *fault.Check) Registration {
	r.Email = cleanEmail(r.Email)
	r.Name = strings.TrimSpace(r.Name)
	if problem := emailProblem(r.Email); problem != "" {
		c.Addf("email", "%s", problem)
	}
	r.Password = checkPassword(c, r.Password)
	checkName(c, r.Name)
	return r
}

// cleanEmail returns the form in which addresses are stored and compared.
func cleanEmail(email string) string {
	if !utf8.ValidString(email) {
		return email // lower-casing would hide what is wrong with it
	}
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(email)))
}

// emailProblem says why a cleaned address is none, or "". Whether somebody reads its mail is another question.
func emailProblem(email string) string {
	switch {
	case email == "":
		return "an e-mail address is required"
	case len(email) > maxEmailBytes:
		return "an e-mail address has at most 254 bytes"
	case !isPrintable(email):
		return "an e-mail address holds no control characters"
	}
	// The parser also reads display names, comments and quoted local parts: what it makes of them differs from the input.
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email {
		return "this is not an e-mail address like name@example.com"
	}
	at := strings.LastIndexByte(email, '@')
	if at > maxLocalPartBytes {
		return "the part before the @ has at most 64 bytes"
	}
	if !isDomain(email[at+1:]) {
		return "the part after the @ is not a domain like example.com"
	}
	return ""
}

// isDomain reports whether s looks like a host name of two labels at least. Letters beyond ASCII are fine (RFC 5890), a
// bare host or an IP address is not: nobody on the internet could answer from there.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > maxLabelBytes || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return r != '-' && !isWordRune(r) }) {
			return false
		}
	}
	return len(labels) >= 2 && strings.ContainsFunc(labels[len(labels)-1], unicode.IsLetter)
}

func isWordRune(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.Nd) }

// checkPassword returns the password as it is hashed (Unicode NFC, as RFC 8265 section 4.2 has it, since keyboards differ
// in how they write "é") and notes in c every rule that it breaks.
func checkPassword(c *fault.Check, password string) string {
	if tooLong(password) {
		c.Addf("password", "a password has at most %d characters", maxPasswordRunes)
		return ""
	}
	if !isText(password) {
		c.Addf("password", "a password is UTF-8 text without NUL characters")
		return ""
	}
	password = norm.NFC.String(password)
	c.Require(utf8.RuneCountInString(password) >= minPasswordRunes, "password",
		"a password has at least %d characters", minPasswordRunes)
	c.Require(strings.ContainsFunc(password, unicode.IsLetter), "password", "a password has at least one letter")
	c.Require(strings.ContainsFunc(password, unicode.IsDigit), "password", "a password has at least one digit")
	return password
}

// tooLong reports whether a password has more characters than any password may have.
func tooLong(password string) bool {
	return len(password) > maxPasswordBytes || utf8.RuneCountInString(norm.NFC.String(password)) > maxPasswordRunes
}

// checkName notes in c every rule that a trimmed display name breaks.
func checkName(c *fault.Check, name string) {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		c.Addf("name", "a name is UTF-8 text without control characters")
		return
	}
	runes := utf8.RuneCountInString(name)
	c.Require(runes >= 1, "name", "a name is required")
	c.Require(runes <= maxNameRunes, "name", "%d characters are too many: at most %d", runes, maxNameRunes)
}

// checkAvatar notes in c every rule that an avatar's address breaks.
func checkAvatar(c *fault.Check, address string) {
	if len(address) > maxAvatarBytes {
		c.Addf("avatar_url", "%d bytes are too many: at most %d", len(address), maxAvatarBytes)
		return
	}
	u, err := url.Parse(address)
	ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		isPrintable(address) && !strings.Contains(address, " ")
	c.Require(ok, "avatar_url", "this is not an absolute http or https URL")
}

// checkRole notes in c a role that the product does not know.
func checkRole(c *fault.Check, role Role) {
	c.Require(role.Valid(), "role", "%q is not a role: %s or %s", role, Learner, Admin)
}

// isText reports whether every database can store s.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// isPrintable reports whether s is UTF-8 without control, format and other invisible characters; spaces are fine.
func isPrintable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
