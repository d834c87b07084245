package app

import (
	"context"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/mail"
)

// mailbox is how many letters an address gets from us, whatever made us write them: registering with somebody's address
// and deleting the account again is one way around the limits of single endpoints.
var mailbox = httpapi.Rate{Requests: 10, Per: time.Hour}

// mailing lets the accounts send mail where a mail server is set up.
func mailing(cfg config.Mail, counted limits) (account.Mailer, error) {
	sender, err := newSender(cfg)
	if err != nil {
		return nil, err
	}
	return sparing{mail.Retrying{Mailer: sender}, counted}, nil
}

// newSender makes the sender that the settings describe. The server is not asked yet.
func newSender(cfg config.Mail) (*mail.Sender, error) {
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("read MAIL_FROM: %w", err) // config has looked already
	}
	server := cfg.Server()
	return mail.NewSender(mail.Config{
		Host: server.Host, Port: server.Port, Security: mail.Security(server.Security),
		User: server.User, Password: server.Password.Reveal(), From: *from, AppURL: cfg.AppURL,
	}), nil
}

// sparing sends no more letters to one address than mailbox allows.
type sparing struct {
	account.Mailer
	counted limits
}

// Send implements account.Mailer.
func (s sparing) Send(ctx context.Context, l account.Letter) error {
	v, err := s.counted.Take(ctx, "mailbox:"+account.MailKey(l.To), mailbox)
	if err != nil {
		return err
	}
	if !v.Allowed {
		return &mail.Failure{Final: true, Cause: "the address has had too many mails within the hour"}
	}
	return s.Mailer.Send(ctx, l)
}
