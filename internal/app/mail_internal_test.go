package app

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/mail"
	"github.com/englishapp/englishctl/internal/mail/mailtest"
)

// TestMailing sends from the settings to the mail server, and to one address not more than its mailbox may get.
func TestMailing(t *testing.T) {
	server := mailtest.New(t, mailtest.Options{})
	appURL, err := url.Parse("https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	memory := cache.NewMemory(1000, nil)
	mailer, err := mailing(config.Mail{
		SMTPURL: config.Secret("smtp://localhost:" + strconv.Itoa(server.Port)), From: "English App <app@example.com>", AppURL: appURL,
	}, newLimits(memory))
	if err != nil {
		t.Fatal(err)
	}
	letter := account.Letter{Purpose: account.ResetPassword, To: "ann@example.com", Token: strings.Repeat("t", 43), ValidFor: time.Minute}
	for range mailbox.Requests {
		if err := mailer.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	if got := server.Next(t); got.Header.Get("From") != `"English App" <app@example.com>` || !strings.Contains(got.Text, "https://app.example.com/reset-password?token=t") {
		t.Errorf("mail: %s", got.Raw)
	}
	err = mailer.Send(t.Context(), letter)
	if f, ok := errors.AsType[*mail.Failure](err); !ok || !f.Final || strings.Contains(err.Error(), "ann") {
		t.Errorf("one too many: %v", err)
	}
	if server.Attempts() != mailbox.Requests {
		t.Errorf("the server was asked %d times", server.Attempts())
	}
	letter.To = "bob@example.com"
	if err := mailer.Send(t.Context(), letter); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}
