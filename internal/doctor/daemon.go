package doctor

import (
	"fmt"
	"net/netip"
	"net/url"
	"time"
)

// Seen is what a running daemon says of a request of ours, which came the way that phones' requests come.
type Seen struct {
	// At is the daemon's public address.
	At *url.URL
	// Err is why nobody answers there; Status is that of an answer by somebody who is not our daemon, 0 if it is.
	Err    error
	Status int
	// Location is where a redirect leads.
	Location string
	// Client is whom the daemon takes us for, Peer who stood at the other end of its connection.
	Client, Peer netip.Addr
	// Trusted says that the peer is among TRUSTED_PROXIES.
	Trusted bool
	// HandedOn are the addresses of X-Forwarded-For as they arrived; Claimed is the one that we had put there.
	HandedOn []string
	Claimed  netip.Addr
	// HTTPS says that the daemon takes the request for one by https.
	HTTPS bool
	// Version is the daemon's, Ours this program's.
	Version, Ours string
	Clock         Clock
}

// Findings judges how a daemon sees its clients.
func (s Seen) Findings() []Finding {
	switch {
	case s.Err != nil:
		return []Finding{warn("no daemon answers at %s: %v", s.At, s.Err).
			to("start the daemon and look again; which address the limits see can only be asked of one that runs", "PUBLIC_URL")}
	case s.Location != "":
		return []Finding{fail("%s sends us on to %s: the proxy does not say that it was reached by https", s.At, s.Location).
			to("let the proxy set X-Forwarded-Proto, or set the address that it has", "PUBLIC_URL")}
	case s.Status != 0:
		return []Finding{fail("%s answers with %d, and is not this daemon: it does not know our key", s.At, s.Status).
			to("let that address lead to this daemon, and run it with the same settings", "PUBLIC_URL", "JWT_SECRET_KEY")}
	}
	found := []Finding{s.client(), s.Clock.compare("the daemon")}
	if s.At.Scheme == "https" && !s.HTTPS {
		found = append(found, warn("the daemon takes https for http: its answers lack what browsers are told of https").
			to("let the proxy set X-Forwarded-Proto, and name the proxy", "TRUSTED_PROXIES"))
	}
	if s.Version != s.Ours {
		found = append(found, warn("the daemon is version %s, this program %s", s.Version, s.Ours).to("use the same version for both"))
	}
	return found
}

// client judges whom the limits count.
func (s Seen) client() Finding {
	const setting = "TRUSTED_PROXIES"
	appended := len(s.HandedOn) > 0 && s.HandedOn[len(s.HandedOn)-1] != s.Claimed.String() // by a proxy: we have sent nothing else
	switch {
	case s.Client == s.Claimed && appended:
		return ok("behind the proxy %s; this machine's own address is believed like a proxy's", s.Peer)
	case s.Client == s.Claimed && loopback(s.At.Hostname()):
		return warn("this machine is believed like a proxy, and we have asked without one").to("set the address by which phones reach the proxy", "PUBLIC_URL")
	case s.Client == s.Claimed:
		return fail("everybody can choose the address that the limits count: %s is believed, and hands on what clients write into X-Forwarded-For", s.Peer).
			to("let the proxy append the client's address, and name proxies only", setting)
	case appended && !s.Trusted:
		return fail("all clients look like %s to the limits: that proxy is not believed", s.Peer).
			to("name the proxy: "+s.Peer.String(), setting)
	case appended:
		return ok("behind the proxy %s the limits see the client %s", s.Peer, s.Client)
	}
	return ok("the limits see us as %s; no proxy stands between", s.Client)
}

// Certificate is what a TLS server shows.
type Certificate struct {
	// From says where it was seen: "TLS_CERT_FILE", "https://api.example.com".
	From                string
	NotBefore, NotAfter time.Time
	// Host is what it should be for; Covers says that it is. An empty Host is not compared.
	Host   string
	Covers bool
}

// renewal is when a certificate should have been renewed: those of Let's Encrypt are, 30 days before their end.
const renewal = 14 * 24 * time.Hour

// Findings judges a certificate at a time.
func (c Certificate) Findings(now time.Time, settings ...string) []Finding {
	left := c.NotAfter.Sub(now)
	day := c.NotAfter.UTC().Format(time.DateOnly)
	f := ok("%s is good until %s", c.From, day)
	switch {
	case left <= 0:
		f = fail("%s has run out on %s", c.From, day).to("renew the certificate", settings...)
	case now.Before(c.NotBefore):
		f = fail("%s is not good before %s", c.From, c.NotBefore.UTC().Format(time.DateOnly)).to("see whether the clock is right, or wait", settings...)
	case c.Host != "" && !c.Covers:
		f = fail("%s is not for %s", c.From, c.Host).to("get a certificate for that name", settings...)
	case left < renewal:
		f = warn("%s runs out on %s, in %d days", c.From, day, int(left.Hours()/24)).to("renew the certificate", settings...)
	}
	return []Finding{f}
}

// loopback tells names and addresses of this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// OpenFiles is how many files a process may open, and how many clients the daemon therefore lets connect at a time.
type OpenFiles struct{ Limit, Clients int }

// fewClients is what a small school's phones take: kept connections last two minutes.
const fewClients = 2000

// Findings judges the limit of open files.
func (o OpenFiles) Findings() []Finding {
	said := fmt.Sprintf("a process started like this one may open %d files, so a daemon lets %d clients connect at a time", o.Limit, o.Clients)
	if o.Clients < fewClients {
		return []Finding{warn("%s; the next ones wait", said).to("raise the limit where the daemon is started: LimitNOFILE= of a unit, --ulimit nofile= of a container, ulimit -n of a shell")}
	}
	return []Finding{ok("%s", said)}
}
