package httpapi

import (
	"context"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/mail"
	"github.com/englishapp/englishctl/internal/mail/mailtest"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// newMailHouse is a house whose letters go to a mail server, and run until the test ends.
func newMailHouse(t *testing.T, db *sqlstore.DB, opts ...account.Option) (*house, *mailtest.Server) {
	t.Helper()
	server := mailtest.New(t, mailtest.Options{})
	app, err := url.Parse("https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	sender := mail.NewSender(mail.Config{
		Host: "localhost", Port: server.Port, Security: mail.Prefer, From: netmail.Address{Address: "app@example.com"}, AppURL: app,
	})
	h := newHouse(t, db, append(opts, account.WithMailer(sender, slog.New(slog.NewTextHandler(t.Output(), nil))))...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { h.accounts.RunOutbox(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return h, server
}

// TestLostPassword is the whole way, from registering to a new password, by mails and on both databases.
func TestLostPassword(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h, server := newMailHouse(t, db)
		invalid := func(path string, b body) {
			t.Helper()
			if got := h.json(400, post, path, "", b); got["code"] != "email_token_invalid" {
				t.Errorf("%s: %v", path, got)
			}
		}
		access, refresh := h.learner("ann@bücher.example")
		first := server.Next(t)
		if first.To != "ann@xn--bcher-kva.example" || !strings.Contains(first.Text, "https://app.example.com/verify-email?token=") {
			t.Errorf("to %s:\n%s", first.To, first.Text)
		}
		h.send(202, request{method: post, path: "/auth/email/verification", token: access})
		second := server.Next(t)
		invalid("/auth/email/verify", body{"token": first.Token(t)})
		if h.json(200, get, "/users/me", access, nil)["email_verified"] != false {
			t.Error("proven by a link that was replaced")
		}
		h.json(204, post, "/auth/email/verify", "", body{"token": second.Token(t)})
		if h.json(200, get, "/users/me", access, nil)["email_verified"] != true {
			t.Error("not proven")
		}
		invalid("/auth/email/verify", body{"token": second.Token(t)})
		if got := h.json(409, post, "/auth/email/verification", access, nil); got["code"] != "email_already_verified" {
			t.Errorf("once more: %v", got)
		}

		known := h.send(202, request{method: post, path: "/auth/password/forgot", body: `{"email": "Ann@BÜCHER.example"}`})
		unknown := h.send(202, request{method: post, path: "/auth/password/forgot", body: `{"email": "nobody@example.com"}`})
		known.header.Del("X-Request-ID")
		unknown.header.Del("X-Request-ID")
		if known.body != unknown.body || encodeJSON(t, known.header) != encodeJSON(t, unknown.header) {
			t.Errorf("the answers differ: %v, %v", known, unknown)
		}
		reset := server.Next(t)
		invalid("/auth/email/verify", body{"token": reset.Token(t)})
		h.json(400, post, "/auth/password/reset", "", body{"token": reset.Token(t), "password": "short"})
		h.json(204, post, "/auth/password/reset", "", body{"token": reset.Token(t), "password": "Another1Pass"})
		invalid("/auth/password/reset", body{"token": reset.Token(t), "password": "Another2Pass"})
		h.json(401, post, "/auth/refresh", "", body{"refresh_token": refresh})
		h.json(401, post, "/auth/login", "", body{"email": "ann@bücher.example", "password": "SecurePass123"})
		h.json(200, post, "/auth/login", "", body{"email": "ann@bücher.example", "password": "Another1Pass"})
		if server.Taken() > 0 {
			t.Error("somebody else got a mail")
		}
		for _, m := range []mailtest.Mail{first, second, reset} {
			if strings.Contains(h.log.String(), m.Token(t)) {
				t.Error("the log has a token")
			}
			if strings.Contains(m.Raw, "Nguyen") {
				t.Error("the mail repeats what a stranger may have written: the name")
			}
		}
	})
}

// TestWithoutAMailServer: the endpoints say so, and everything else works.
func TestWithoutAMailServer(t *testing.T) {
	h := newHouse(t, sqltest.SQLite(t))
	access, _ := h.learner("ann@example.com")
	for path, b := range map[string]body{
		"/auth/password/forgot":    {"email": "ann@example.com"},
		"/auth/password/reset":     {"token": "t", "password": "SecurePass123"},
		"/auth/email/verify":       {"token": "t"},
		"/auth/email/verification": nil,
	} {
		if got := h.json(503, post, path, access, b); got["code"] != "mail_not_configured" {
			t.Errorf("%s: %v", path, got)
		}
	}
}
