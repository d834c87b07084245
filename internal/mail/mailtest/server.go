// Package mailtest is a mail server for tests. It speaks SMTP strictly (emersion/go-smtp), keeps what it takes, and fails as
// it is told to.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// User and Password are who may send where the server asks for that.
const (
	User     = "sender"
	Password = "the-sender's-password"
)

// Options say how the server is. The zero value takes mail from everybody, in the clear.
type Options struct {
	// STARTTLS offers TLS after the greeting; TLS begins with it.
	STARTTLS, TLS bool
	// Auth demands User and Password.
	Auth bool
	// NoUTF8 leaves SMTPUTF8 out of what the server can do.
	NoUTF8 bool
}

// Server is a running mail server at 127.0.0.1 and localhost.
type Server struct {
	// Port is where it listens; Roots trusts its certificate, which is for "localhost".
	Port  int
	Roots *x509.CertPool

	options Options
	server  *smtp.Server
	stop    func()
	mails   chan Mail
	mu      sync.Mutex
	failing []error // what the next mails are answered with
	seen    int
}

// Mail is what the server took.
type Mail struct {
	From, To string
	UTF8     bool // whether the sender asked for SMTPUTF8
	TLS      bool
	User     string
	Raw      string
	Header   mail.Header
	Subject  string
	// Text and HTML are the two forms, decoded.
	Text, HTML string
}

// token is what the link of a letter of ours carries.
var token = regexp.MustCompile(`[?&]token=([A-Za-z0-9_-]{43})(?:\s|$)`)

// Token returns the token in the link of the mail's text, or fails the test.
func (m Mail) Token(tb testing.TB) string {
	tb.Helper()
	found := token.FindAllStringSubmatch(m.Text, -1)
	if len(found) != 1 {
		tb.Fatalf("the mail has %d links, want one:\n%s", len(found), m.Text)
	}
	return found[0][1]
}

// New starts a server that stops with the test.
func New(tb testing.TB, o Options) *Server {
	tb.Helper()
	s := &Server{options: o, mails: make(chan Mail, 1000), Roots: x509.NewCertPool()}
	s.server = smtp.NewServer(s)
	s.server.Domain = "mail.test"
	s.server.AllowInsecureAuth = !o.STARTTLS && !o.TLS
	s.server.EnableSMTPUTF8 = !o.NoUTF8
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	s.server.ErrorLog = quiet{}
	security := s.certificate(tb)
	if o.STARTTLS {
		s.server.TLSConfig = security
	}
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	if o.TLS {
		l = tls.NewListener(l, security)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.server.Serve(l) // ends with the listener
	}()
	s.stop = func() {
		_ = l.Close() // the server may not know it yet
		_ = s.server.Close()
	}
	tb.Cleanup(func() {
		s.stop()
		<-served
	})
	return s
}

// Stop ends the server as if it had died: connections break, and new ones are refused.
func (s *Server) Stop() { s.stop() }

// Fail makes the server answer the next mails, after their address, with these errors (*smtp.SMTPError), one each.
func (s *Server) Fail(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = append(s.failing, errs...)
}

// Attempts is how often somebody named an address to send to.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Next returns the next mail, for which it waits as long as the test lasts, a minute at most.
func (s *Server) Next(tb testing.TB) Mail {
	tb.Helper()
	select {
	case m := <-s.mails:
		return m
	case <-time.After(time.Minute):
		tb.Fatal("no mail came")
	case <-tb.Context().Done():
		tb.Fatal("no mail came before the test ended")
	}
	return Mail{}
}

// Taken returns how many mails wait to be read by Next.
func (s *Server) Taken() int { return len(s.mails) }

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &session{server: s, mail: Mail{TLS: encrypted}}, nil
}

type session struct {
	server *Server
	mail   Mail
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.options.Auth {
		return []string{sasl.Plain}
	}
	return nil
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.mail.User = user
		return nil
	}), nil
}

func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	if s.server.options.Auth && s.mail.User == "" {
		return smtp.ErrAuthRequired
	}
	s.mail.From, s.mail.UTF8 = from, opts.UTF8
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.seen++
	s.mail.To = to
	if !s.mail.UTF8 && strings.ContainsFunc(to, func(r rune) bool { return r > unicode.MaxASCII }) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 6, 7}, Message: to + " needs SMTPUTF8"} // RFC 6531, section 3.5
	}
	if len(s.server.failing) == 0 {
		return nil
	}
	err := s.server.failing[0]
	s.server.failing = s.server.failing[1:]
	return err
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := s.mail
	m.Raw = string(raw)
	if err := m.parse(); err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	s.server.mails <- m
	return nil
}

func (s *session) Reset()        { s.mail = Mail{TLS: s.mail.TLS, User: s.mail.User} }
func (s *session) Logout() error { return nil }

// parse takes a mail apart: multipart/alternative of a text and HTML, and nothing else.
func (m *Mail) parse() error {
	parsed, err := mail.ReadMessage(bytes.NewReader([]byte(m.Raw)))
	if err != nil {
		return err
	}
	m.Header = parsed.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return err
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return errors.New("the mail is no multipart/alternative")
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for _, form := range []struct {
		kind string
		into *string
	}{{"text/plain", &m.Text}, {"text/html", &m.HTML}} {
		if *form.into, err = readPart(parts, form.kind); err != nil {
			return err
		}
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		return errors.New("the mail has a third part")
	}
	return nil
}

func readPart(parts *multipart.Reader, kind string) (string, error) {
	part, err := parts.NextRawPart()
	if err != nil {
		return "", err
	}
	got, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || got != kind || params["charset"] != "UTF-8" || part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
		return "", errors.New("a part is not " + kind + " in UTF-8 and quoted-printable")
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), err
}

// certificate makes one for "localhost" that Roots trusts.
func (s *Server) certificate(tb testing.TB) *tls.Config {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	s.Roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// quiet drops what go-smtp says of connections that break, which is what many tests are about.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
