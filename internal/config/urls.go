package config

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// webURL is the address of a service. User names, passwords and queries have no business in one: they would end
// up in links and logs.
var webURL = kind[*url.URL]{"url", "an http:// or https:// address with a host, without user, query or fragment",
	func(text string) (*url.URL, bool) {
		u, err := url.Parse(text)
		if err != nil || !plainWeb(u) {
			return nil, false
		}
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
		return u, true
	}}

// server is the address of a daemon in the one form under which its sign-in is kept: small letters, no port that goes
// without saying, no slash at the end, and not the API's own path, which people copy with it.
var server = kind[string]{"url", "an https:// address (http:// on this machine) with a host, without user, query or fragment; or " + ServerLocal,
	func(text string) (string, bool) {
		if text == ServerLocal {
			return text, true
		}
		u, ok := webURL.parse(text)
		if !ok {
			return "", false
		}
		u.Host = strings.ToLower(u.Host)
		if u.Port() == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
			u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
		}
		u.Path = strings.TrimRight(strings.TrimSuffix(u.Path, "/api/v1"), "/")
		return u.String(), true
	}}

func plainWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && hostOK(u) &&
		u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && u.Opaque == ""
}

func hostOK(u *url.URL) bool {
	_, ok := hostName.parse(u.Hostname())
	if !ok || strings.HasSuffix(u.Host, ":") {
		return false
	}
	if u.Port() == "" {
		return true
	}
	n, ok := port.parse(u.Port())
	return ok && n > 0
}

// endpoint is the address of an S3 store. The specification writes it both as http://minio:9000 and as
// localhost:9000; the scheme of the latter is empty here and S3_USE_SSL decides. A path cannot be: S3 signs it.
var endpoint = kind[*url.URL]{"url", "http://host:port or https://host:port, or just host:port, without a path",
	func(text string) (*url.URL, bool) {
		bare := !strings.Contains(text, "://")
		if bare {
			text = "http://" + text
		}
		u, ok := webURL.parse(text)
		if !ok || u.Path != "" {
			return nil, false
		}
		if bare {
			u.Scheme = ""
		}
		return u, true
	}}

// storeURL is the address of an S3 store with its scheme.
var storeURL = kind[*url.URL]{"url", "http://host:port or https://host:port, without a path",
	func(text string) (*url.URL, bool) {
		u, ok := webURL.parse(text)
		return u, ok && u.Path == ""
	}}

// origins is what a browser sends as Origin: scheme, host and port, and no more. Web views inside apps have
// schemes of their own (capacitor://localhost).
var origins = kind[[]string]{"list", "origins such as https://app.example.com, separated by commas, or * alone for all",
	func(text string) ([]string, bool) {
		found, ok := listOf("", "", origin).parse(text)
		return found, ok && (len(found) == 1 || !slices.Contains(found, "*"))
	}}

func origin(text string) (string, bool) {
	if text == "*" {
		return text, true
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || !hostOK(u) || (u.Path != "" && u.Path != "/") {
		return "", false
	}
	clean := strings.ToLower(u.Scheme + "://" + u.Host)
	return withoutDefaultPort(clean), strings.EqualFold(strings.TrimSuffix(text, "/"), clean)
}

// withoutDefaultPort is how a browser writes an origin (RFC 6454, section 6.2).
func withoutDefaultPort(origin string) string {
	if plain, ok := strings.CutSuffix(origin, ":443"); ok && strings.HasPrefix(origin, "https://") {
		return plain
	}
	if plain, ok := strings.CutSuffix(origin, ":80"); ok && strings.HasPrefix(origin, "http://") {
		return plain
	}
	return origin
}

var redisURL = kind[Secret]{"url", "redis://[user:password@]host:port/number, or rediss:// for TLS",
	func(text string) (Secret, bool) {
		u, ok := secretURL(text, "redis", "rediss")
		if !ok || !hostOK(u) {
			return "", false
		}
		number := strings.Trim(u.Path, "/")
		_, numberOK := intBetween(0, 1<<16).parse(number)
		return Secret(text), number == "" || numberOK
	}}

var smtpURL = kind[Secret]{"url",
	"smtp://[user:password@]host[:port] for port 587 and STARTTLS, or smtps:// for port 465 and TLS from the beginning " +
		"(percent-encode special characters of the password; smtp may end in ?starttls=require, prefer or disable; a password needs TLS or this machine)",
	func(text string) (Secret, bool) {
		_, ok := parseSMTP(text)
		return Secret(text), ok
	}}

// Server takes SMTP_URL apart; the zero value where it is not set. Without a parameter starttls, a server on this machine is
// asked for STARTTLS and any other must have it.
func (m Mail) Server() SMTP {
	server, _ := parseSMTP(m.SMTPURL.Reveal())
	return server
}

func parseSMTP(text string) (SMTP, bool) {
	u, ok := secretURL(text, "smtp", "smtps")
	if !ok || !hostOK(u) || strings.Trim(u.Path, "/") != "" {
		return SMTP{}, false
	}
	server := SMTP{Host: u.Hostname(), User: u.User.Username(), Security: SMTPImplicit}
	password, _ := u.User.Password()
	server.Password = Secret(password)
	usual := "465"
	if u.Scheme == "smtp" {
		usual, server.Security = "587", SMTPRequire
		if thisMachine(server.Host) {
			server.Security = SMTPPrefer
		}
	}
	for name, values := range u.Query() {
		if name != "starttls" || u.Scheme != "smtp" || len(values) != 1 || !slices.Contains([]string{SMTPRequire, SMTPPrefer, SMTPDisable}, values[0]) {
			return SMTP{}, false
		}
		server.Security = values[0]
	}
	server.Port, ok = port.parse(cmp.Or(u.Port(), usual))
	private := server.Security == SMTPImplicit || server.Security == SMTPRequire || thisMachine(server.Host)
	return server, ok && (server.User != "") == (server.Password != "") && (server.User == "" || private)
}

var postgresURL = kind[Secret]{"url",
	"postgres:// or postgresql://user:password@host:port/database (percent-encode special characters of the " +
		"password; drop +asyncpg and the like; sslmode is one of " + strings.Join(sslModes, ", ") + ")",
	func(text string) (Secret, bool) {
		u, ok := secretURL(text, "postgres", "postgresql")
		if !ok || strings.Contains(strings.Trim(u.Path, "/"), "/") {
			return "", false
		}
		mode, given := u.Query()["sslmode"]
		return Secret(text), !given || (len(mode) == 1 && slices.Contains(sslModes, mode[0]))
	}}

// sslModes are those that lib/pq knows.
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// secretURL refuses what a password with unescaped characters turns into: its rest would count as path, query or
// fragment, which are shown.
func secretURL(text string, schemes ...string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Opaque != "" || u.Fragment != "" {
		return nil, false
	}
	if strings.Contains(u.Path, "@") || strings.Contains(u.RawQuery, "@") || strings.HasSuffix(u.Host, ":") {
		return nil, false
	}
	_, err = url.ParseQuery(u.RawQuery)
	return u, err == nil
}

// PostgresDSN completes a postgres:// address for lib/pq. What the address says itself is kept. Added are
//
//   - sslmode: disable where all hosts are this machine (loopback, Unix sockets), require elsewhere;
//   - binary_parameters=yes, which makes a query with parameters one round trip instead of two;
//   - application_name=englishctl, for pg_stat_activity;
//   - localhost as the host where none is named, so that the variable PGHOST cannot move a connection without TLS
//     to another machine;
//   - where there are several servers, target_session_attrs=read-write, since only one of them is the primary, and
//     connect_timeout=2 (seconds), so that one that is gone does not keep the next from being asked.
//
// Several servers (host1:5432,host2:5432) are written as libpq reads them; lib/pq wants their ports as a parameter.
//
// It returns false for an address that DATABASE_URL would refuse too.
func PostgresDSN(address string) (dsn string, ok bool) {
	if _, ok := postgresURL.parse(address); !ok {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	query := u.Query()
	if u.Hostname() == "" && !query.Has("host") && !query.Has("hostaddr") {
		u.Host = net.JoinHostPort("localhost", u.Port())
		u.Host = strings.TrimSuffix(u.Host, ":")
	}
	defaults := map[string]string{
		"sslmode":           defaultSSLMode(u),
		"binary_parameters": "yes",
		"application_name":  "englishctl",
	}
	if severalServers(u) {
		defaults["target_session_attrs"] = "read-write"
		defaults["connect_timeout"] = "2"
	}
	if hosts, ports := authority(u); len(hosts) > 1 && !query.Has("host") && !query.Has("port") {
		u.Host = ""
		defaults["host"], defaults["port"] = strings.Join(hosts, ","), strings.Join(ports, ",")
	}
	for name, value := range defaults {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), true
}

func dsnOf(address Secret) string {
	dsn, _ := PostgresDSN(address.Reveal())
	return dsn
}

func defaultSSLMode(u *url.URL) string {
	hosts, _ := authority(u)
	for _, name := range []string{"host", "hostaddr"} {
		hosts = append(hosts, strings.Split(u.Query().Get(name), ",")...)
	}
	for _, host := range hosts {
		if !thisMachine(host) {
			return "require"
		}
	}
	return "disable"
}

// severalServers reports whether a postgres:// address names more than one.
func severalServers(u *url.URL) bool {
	return strings.Contains(u.Host+u.Query().Get("host")+u.Query().Get("hostaddr"), ",")
}

// authority returns the hosts before the path of an address, and their ports: "" where there is none.
func authority(u *url.URL) (hosts, ports []string) {
	for server := range strings.SplitSeq(u.Host, ",") {
		one := url.URL{Host: server}
		hosts, ports = append(hosts, one.Hostname()), append(ports, one.Port())
	}
	return hosts, ports
}

// thisMachine reports whether the host is loopback, a Unix socket ("/run/postgresql", "@abstract") or not named.
func thisMachine(host string) bool {
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// sentryDSN is an address with a key in place of a user's name, and a project at the end of its path.
var sentryDSN = kind[Secret]{"url", "an address such as https://KEY@sentry.example.com/1, as Sentry shows it", func(text string) (Secret, bool) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !hostOK(u) || u.User.Username() == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	project := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	return Secret(text), project != ""
}}
