package mail_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"flag"
	"net"
	stdmail "net/mail"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/mail"
	"github.com/englishapp/englishctl/internal/mail/mailtest"
)

var update = flag.Bool("update", false, "rewrite the golden mails")

const token = "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNO-"

func letter(p account.Purpose) account.Letter {
	return account.Letter{Purpose: p, To: "ann@example.com", Token: token, ValidFor: 30 * time.Minute}
}

func config(s *mailtest.Server, security mail.Security) mail.Config {
	app, _ := url.Parse("https://app.example.com/en/")
	return mail.Config{
		Host: "localhost", Port: s.Port, Security: security, AppURL: app,
		From: stdmail.Address{Name: "English App", Address: "no-reply@mail.example.com"},
		TLS:  &tls.Config{RootCAs: s.Roots},
	}
}

// TestLetters sends each letter, and compares what arrives with what people are to read.
func TestLetters(t *testing.T) {
	server := mailtest.New(t, mailtest.Options{})
	sender := mail.NewSender(config(server, mail.Prefer))
	for _, p := range []account.Purpose{account.ProveEmail, account.ResetPassword} {
		t.Run(string(p), func(t *testing.T) {
			if err := sender.Send(t.Context(), letter(p)); err != nil {
				t.Fatal(err)
			}
			got := server.Next(t)
			if got.From != "no-reply@mail.example.com" || got.To != "ann@example.com" || got.Token(t) != token {
				t.Errorf("from %s to %s with the token %s", got.From, got.To, got.Token(t))
			}
			h := got.Header
			if h.Get("From") != `"English App" <no-reply@mail.example.com>` || h.Get("To") != "<ann@example.com>" ||
				h.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(h.Get("Message-Id"), "@mail.example.com>") {
				t.Errorf("header: %v", h)
			}
			if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(got.Raw, host) {
				t.Errorf("the mail tells the name of the machine:\n%s", got.Raw)
			}
			golden(t, "testdata/"+string(p)+".golden", "Subject: "+got.Subject+"\n\n"+got.Text+"\n--- HTML ---\n"+got.HTML)
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", path, diff)
	}
}

// TestSecurity is what the connection is like for each kind of server, and which servers get no mail.
func TestSecurity(t *testing.T) {
	for name, tt := range map[string]struct {
		server   mailtest.Options
		security mail.Security
		change   func(*mail.Config)
		wantTLS  bool
		refused  string // in the error; empty: the mail arrives
	}{
		"TLS from the beginning":                {server: mailtest.Options{TLS: true}, security: mail.Implicit, wantTLS: true},
		"STARTTLS":                              {server: mailtest.Options{STARTTLS: true}, security: mail.Require, wantTLS: true},
		"STARTTLS where it is offered":          {server: mailtest.Options{STARTTLS: true}, security: mail.Prefer, wantTLS: true},
		"in the clear where it is not":          {security: mail.Prefer},
		"in the clear where that is wanted":     {server: mailtest.Options{STARTTLS: true}, security: mail.Disable},
		"no mail where STARTTLS is missing":     {security: mail.Require, refused: "STARTTLS"},
		"no mail for a certificate of nobody's": {server: mailtest.Options{STARTTLS: true}, security: mail.Require, change: strangers, refused: "certificate"},
		"nor with TLS from the beginning":       {server: mailtest.Options{TLS: true}, security: mail.Implicit, change: strangers, refused: "certificate"},
		"nor where it was only preferred":       {server: mailtest.Options{STARTTLS: true}, security: mail.Prefer, change: strangers, refused: "certificate"},
		"with a password":                       {server: mailtest.Options{STARTTLS: true, Auth: true}, security: mail.Require, change: signedIn, wantTLS: true},
		"with a password, TLS from the start":   {server: mailtest.Options{TLS: true, Auth: true}, security: mail.Implicit, change: signedIn, wantTLS: true},
		"a wrong password is final": {
			server: mailtest.Options{STARTTLS: true, Auth: true}, security: mail.Require,
			change: func(c *mail.Config) { c.User, c.Password = mailtest.User, "wrong" }, refused: "535",
		},
		"a server that wants one": {server: mailtest.Options{STARTTLS: true, Auth: true}, security: mail.Require, refused: "502"},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.New(t, tt.server)
			cfg := config(server, tt.security)
			if tt.change != nil {
				tt.change(&cfg)
			}
			err := mail.NewSender(cfg).Send(t.Context(), letter(account.ProveEmail))
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) || server.Taken() > 0 {
					t.Fatalf("error %v with %d mails, want %q", err, server.Taken(), tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := server.Next(t); got.TLS != tt.wantTLS || got.User != cfg.User {
				t.Errorf("TLS %v, user %q", got.TLS, got.User)
			}
		})
	}
}

func strangers(c *mail.Config) { c.TLS = nil }

func signedIn(c *mail.Config) { c.User, c.Password = mailtest.User, mailtest.Password }

// TestAddresses: what is in letters beyond ASCII arrives, and nothing in an address becomes a line of the mail.
func TestAddresses(t *testing.T) {
	for name, tt := range map[string]struct {
		to, want string
		server   mailtest.Options
		utf8     bool
	}{
		"as it is":                          {to: "ann+x.y'z@example.com", want: "ann+x.y'z@example.com"},
		"a domain of any script":            {to: "ann@bücher.example", want: "ann@xn--bcher-kva.example", server: mailtest.Options{NoUTF8: true}},
		"Vietnamese before the @":           {to: "nguyễn@example.com", want: "nguyễn@example.com"},
		"both":                              {to: "ユーザー@例え.テスト", want: "ユーザー@xn--r8jz45g.xn--zckzah"},
		"not where the server cannot":       {to: "nguyễn@example.com", server: mailtest.Options{NoUTF8: true}},
		"no second header":                  {to: "ann@example.com\r\nBcc: all@example.com"},
		"no second header before the @":     {to: "ann\r\nBcc: all@example.com"},
		"no second recipient":               {to: "ann@example.com, bob@example.com"},
		"no command":                        {to: "ann@example.com>\nRCPT TO:<bob@example.com"},
		"no name":                           {to: "Ann <ann@example.com>"},
		"nothing":                           {to: ""},
		"only a domain":                     {to: "@example.com"},
		"a line break of Unicode":           {to: "ann\u2028x@example.com", want: "ann\u2028x@example.com"},
		"a domain that only looks like one": {to: "ann@exam ple.com"},
		"a full stop that is none in ASCII": {to: "ann@example。com", want: "ann@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.New(t, tt.server)
			l := letter(account.ResetPassword)
			l.To = tt.to
			err := mail.NewSender(config(server, mail.Prefer)).Send(t.Context(), l)
			if tt.want == "" {
				if err == nil || server.Taken() > 0 {
					t.Fatalf("%d mails, error %v", server.Taken(), err)
				}
				if tt.to != "" && strings.Contains(err.Error(), tt.to) {
					t.Errorf("the error names the address: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := server.Next(t)
			if got.To != tt.want {
				t.Errorf("to %s, want %s", got.To, tt.want)
			}
			if len(got.Header["Bcc"])+len(got.Header["Cc"]) > 0 || len(got.Header["To"]) != 1 {
				t.Errorf("header: %v", got.Header)
			}
		})
	}
}

// TestFailures: which answers are final, and that no error repeats what the server said, which may be the address.
func TestFailures(t *testing.T) {
	answer := func(code int, enhanced smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<ann@example.com> is not here, token " + token}
	}
	for name, tt := range map[string]struct {
		err   error
		final bool
		says  string
	}{
		"no such mailbox": {answer(550, smtp.EnhancedCode{5, 1, 1}), true, "550 5.1.1"},
		"mailbox full":    {answer(452, smtp.EnhancedCode{4, 2, 2}), false, "452 4.2.2"},
		"greylisting":     {answer(451, smtp.NoEnhancedCode), false, "451"},
		"forbidden":       {answer(554, smtp.NoEnhancedCode), true, "554"},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.New(t, mailtest.Options{})
			server.Fail(tt.err)
			wantFailure(t, mail.NewSender(config(server, mail.Prefer)).Send(t.Context(), letter(account.ProveEmail)), tt.final, tt.says)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		server := mailtest.New(t, mailtest.Options{})
		server.Stop()
		wantFailure(t, mail.NewSender(config(server, mail.Prefer)).Send(t.Context(), letter(account.ProveEmail)), false, "connection refused")
	})
	t.Run("a server that is no mail server", func(t *testing.T) {
		wantFailure(t, sendTo(t, t.Context(), "HTTP/1.1 400 Bad Request\r\n\r\n", true), false, "")
	})
	t.Run("a server that hangs up", func(t *testing.T) {
		wantFailure(t, sendTo(t, t.Context(), "220 mail.test\r\n", true), false, "")
	})
	t.Run("a server that is too busy", func(t *testing.T) {
		wantFailure(t, sendTo(t, t.Context(), "421 4.3.2 ann@example.com too many connections\r\n", true), false, "421")
	})
	t.Run("a server that says nothing more", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		wantFailure(t, sendTo(t, ctx, "220 mail.test\r\n", false), false, "too long")
	})
}

func wantFailure(t *testing.T, err error, final bool, says string) {
	t.Helper()
	f, ok := err.(*mail.Failure) //nolint:errorlint // Send returns it bare
	if !ok || f.Final != final || !strings.Contains(f.Error(), says) {
		t.Fatalf("error = %#v (%v), want final %v, %q", err, err, final, says)
	}
	if strings.Contains(f.Error(), "ann@") || strings.Contains(f.Error(), token) {
		t.Errorf("the error tells too much: %v", f)
	}
}

// sendTo sends to somebody who says this and then hangs up or waits.
func sendTo(t *testing.T, ctx context.Context, says string, hangUp bool) error {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte(says))
		if !hangUp {
			_, _ = new(bytes.Buffer).ReadFrom(conn) // until the other side gives up
		}
	}()
	server := &mailtest.Server{Port: l.Addr().(*net.TCPAddr).Port}
	err = mail.NewSender(config(server, mail.Prefer)).Send(ctx, letter(account.ProveEmail))
	<-ended
	return err
}
