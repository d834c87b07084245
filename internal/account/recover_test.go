package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

const newPassword = "Another1Pass"

// TestLinks is what both kinds of link have in common: how they are made, and when they stop working.
func TestLinks(t *testing.T) {
	use := map[Purpose]func(*house, string) error{
		ProveEmail:    func(h *house, token string) error { return h.VerifyEmail(t.Context(), token) },
		ResetPassword: func(h *house, token string) error { return h.ResetPassword(t.Context(), token, newPassword) },
	}
	other := map[Purpose]Purpose{ProveEmail: ResetPassword, ResetPassword: ProveEmail}
	for p, follow := range use {
		dead := map[string]func(*house, string) string{ // what happens to a good token before it is used
			"used":               func(h *house, token string) string { _ = follow(h, token); return token },
			"a newer one":        func(h *house, token string) string { h.link(t, p); return token },
			"30 minutes old":     func(h *house, token string) string { h.clock = h.clock.Add(linkTTL); return token },
			"for something else": func(h *house, _ string) string { return h.link(t, other[p]) },
			"made up":            func(*house, string) string { return strings.Repeat("A", 43) },
			"in capitals":        func(_ *house, token string) string { return strings.ToUpper(token) },
			"cut short":          func(_ *house, token string) string { return token[:42] },
			"longer":             func(_ *house, token string) string { return token + "A" },
			"with a line break":  func(_ *house, token string) string { return token + "\n" },
			"no UTF-8":           func(*house, string) string { return "\xff\x00" },
			"huge":               func(*house, string) string { return strings.Repeat("A", 1<<20) },
			"its hash": func(h *house, token string) string {
				return string(linkHash(token))
			},
			"the account is gone": func(h *house, token string) string {
				_ = h.DeleteSelf(t.Context(), owner(t, h).ID)
				return token
			},
			"the account has another address": func(h *house, token string) string {
				u := owner(t, h)
				u.Email = "bo@example.com"
				h.store.users[u.ID] = u
				return token
			},
		}
		for name, happens := range dead {
			t.Run(string(p)+"/"+name, func(t *testing.T) {
				h := newHouse(t)
				h.register(t)
				token := happens(h, h.link(t, p))
				h.work = nil
				err := follow(h, token)
				wantFault(t, err, fault.KindInvalid, codeLink)
				if len(h.work) > 0 && !strings.HasPrefix(name, "the account has") { // who finds that out holds a link of ours
					t.Error("a password was hashed for a link that does not work")
				}
				if !strings.HasSuffix(err.Error(), badLink().Error()) {
					t.Errorf("the error %q tells more than others", err)
				}
			})
		}
		t.Run(string(p)+"/works until the last moment, once", func(t *testing.T) {
			h := newHouse(t)
			h.register(t)
			token := h.link(t, p)
			if random, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(random) != 32 {
				t.Errorf("the token %q has %d bytes: %v", token, len(random), err)
			}
			for hash := range h.store.links {
				if strings.Contains(hash, token) {
					t.Error("the token itself is stored")
				}
			}
			h.clock = h.clock.Add(linkTTL - time.Microsecond)
			var won int
			var wait sync.WaitGroup
			results := make(chan error, 8)
			for range 8 {
				wait.Go(func() { results <- follow(h, token) })
			}
			wait.Wait()
			for range 8 {
				err := <-results
				if err == nil {
					won++
					continue
				}
				wantFault(t, err, fault.KindInvalid, codeLink)
			}
			if won != 1 {
				t.Errorf("the link worked %d times", won)
			}
		})
		t.Run(string(p)+"/an empty token", func(t *testing.T) {
			if got := broken(t, follow(newHouse(t), "")); !cmp.Equal(got, []string{"token"}) {
				t.Errorf("fields %q", got)
			}
		})
	}
}

func owner(t testing.TB, h *house) User {
	t.Helper()
	u, err := h.store.UserByEmail(t.Context(), goodEmail)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestResetPassword(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	verify := h.link(t, ProveEmail)
	token := h.link(t, ResetPassword)
	if got := broken(t, h.ResetPassword(t.Context(), token, "short")); !cmp.Equal(got, []string{"password"}) {
		t.Fatalf("fields %q", got)
	}
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: "anonymous", RequestID: "r-1", Address: "192.0.2.7"})
	if err := h.ResetPassword(ctx, token, newPassword); err != nil { // the weak password has not used it up
		t.Fatal(err)
	}
	if _, err := h.Refresh(t.Context(), in.RefreshToken); err == nil {
		t.Error("the old session goes on")
	}
	_, err := h.Login(t.Context(), goodEmail, goodPassword)
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
	if _, err := h.Login(t.Context(), goodEmail, newPassword); err != nil {
		t.Error(err)
	}
	if u := owner(t, h); !u.EmailVerified || !u.UpdatedAt.Equal(h.moment()) {
		t.Errorf("the user is %+v: who reads the mail has proven the address", u)
	}
	last := h.store.audit[len(h.store.audit)-1]
	want := audit.Entry{
		ID: last.ID, At: h.moment(), Action: "user.reset_password", ObjectID: in.User.ID.String(),
		Origin: audit.Origin{Actor: "user:" + in.User.ID.String(), RequestID: "r-1"},
		Changes: map[string]audit.Change{
			"refresh_tokens": {Before: 1, After: 0}, "identities": {Before: 0, After: 0}, "email_verified": {Before: false, After: true},
		},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	if err := h.VerifyEmail(t.Context(), verify); err != nil {
		t.Errorf("the other link of the same address: %v", err)
	}
}

// TestResetOfSocialAccounts: a first password. Identities stay where the address was proven, and go where it was not: whoever
// made the account may be somebody else.
func TestResetOfSocialAccounts(t *testing.T) {
	for _, proven := range []bool{true, false} {
		t.Run(fmt.Sprint("proven ", proven), func(t *testing.T) {
			h := newHouse(t)
			h.providers.people["t"] = Identity{Provider: Facebook, Subject: "1", Email: goodEmail, EmailVerified: true, Name: "An"}
			in, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Facebook, Token: "t"})
			if err != nil {
				t.Fatal(err)
			}
			if proven {
				if err := h.VerifyEmail(t.Context(), h.link(t, ProveEmail)); err != nil {
					t.Fatal(err)
				}
			}
			if err := h.ResetPassword(t.Context(), h.link(t, ResetPassword), newPassword); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Login(t.Context(), goodEmail, newPassword); err != nil {
				t.Error(err)
			}
			if _, err := h.Refresh(t.Context(), in.RefreshToken); err == nil {
				t.Error("the old session goes on")
			}
			_, err = h.SocialLogin(t.Context(), SocialLogin{Provider: Facebook, Token: "t"})
			if proven && err != nil {
				t.Error(err)
			}
			if !proven {
				wantFault(t, err, fault.KindConflict, "account_exists")
			}
		})
	}
}

// TestPasswordChangedInBetween: a link is dead once its account's password was changed in another way.
func TestPasswordChangedInBetween(t *testing.T) {
	for name, change := range map[string]func(*house, User) error{
		"by an operator": func(h *house, u User) error { return h.SetPassword(t.Context(), u.ID, "Operator1Pass") },
		"by linking": func(h *house, _ User) error {
			h.providers.people["t"] = Identity{Provider: Apple, Subject: "1", Email: goodEmail, EmailVerified: true}
			_, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Apple, Token: "t"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			in := h.register(t)
			token := h.link(t, ResetPassword)
			if err := change(h, in.User); err != nil {
				t.Fatal(err)
			}
			wantFault(t, h.ResetPassword(t.Context(), token, newPassword), fault.KindInvalid, codeLink)
		})
	}
	t.Run("while it is followed", func(t *testing.T) {
		h := newHouse(t)
		in := h.register(t)
		token := h.link(t, ResetPassword)
		h.store.before = func() { _ = h.SetPassword(t.Context(), in.User.ID, "Operator1Pass") }
		wantFault(t, h.ResetPassword(t.Context(), token, newPassword), fault.KindInvalid, codeLink)
	})
}

// TestVerifyEmail, and what it means for linking: a proven address keeps its password when it is linked, and is linked to
// authoritative evidence only.
func TestVerifyEmail(t *testing.T) {
	h := newHouse(t)
	in := h.register(t)
	letters := h.post(t)
	if len(letters) != 1 || letters[0].Purpose != ProveEmail || letters[0].To != goodEmail || letters[0].ValidFor != 30*time.Minute {
		t.Fatalf("registering sends %+v", letters)
	}
	if err := h.VerifyEmail(t.Context(), letters[0].Token); err != nil {
		t.Fatal(err)
	}
	if !owner(t, h).EmailVerified {
		t.Fatal("not proven")
	}
	wantFault(t, h.RequestVerification(t.Context(), in.User.ID), fault.KindConflict, "email_already_verified")
	if last := h.store.audit[len(h.store.audit)-1]; last.Action != "user.verify_email" || last.Origin.Actor != "user:"+in.User.ID.String() {
		t.Errorf("audit: %+v", last)
	}

	h.providers.people["facebook"] = Identity{Provider: Facebook, Subject: "1", Email: goodEmail, EmailVerified: true}
	_, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Facebook, Token: "facebook"})
	wantFault(t, err, fault.KindConflict, "account_exists")
	h.providers.people["apple"] = Identity{Provider: Apple, Subject: "1", Email: goodEmail, EmailVerified: true}
	if _, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Apple, Token: "apple"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Login(t.Context(), goodEmail, goodPassword); err != nil {
		t.Errorf("the password of a proven address is gone: %v", err)
	}
}

// TestNobodyLearnsWhoHasAnAccount: whatever the address, the answer is the same and comes before the store is asked.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	h := newHouse(t)
	h.register(t)
	h.post(t)
	h.store.fails = "UserByEmail" // whoever asked it would notice
	for _, email := range []string{goodEmail, " AN@Example.com ", "nobody@example.com"} {
		if err := h.ForgotPassword(t.Context(), email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	h.store.fails = ""
	letters := h.post(t)
	if len(letters) != 2 || letters[0].To != goodEmail || letters[1].To != goodEmail {
		t.Fatalf("letters: %+v", letters)
	}
	works := 0
	for _, l := range letters {
		if h.ResetPassword(t.Context(), l.Token, newPassword) == nil {
			works++
		}
	}
	if works != 1 {
		t.Errorf("%d of two links work, want the newer one", works)
	}
	for _, email := range []string{"", "nobody", "an@example.com\r\nBcc: all@example.com", "an@example.com,bo@example.com", "\xff@example.com"} {
		if got := broken(t, h.ForgotPassword(t.Context(), email)); !cmp.Equal(got, []string{"email"}) {
			t.Errorf("%q breaks %q", email, got)
		}
	}
	t.Run("nor does who is deleted before the letter is written", func(t *testing.T) {
		h := newHouse(t)
		in := h.register(t)
		h.post(t)
		if err := errors.Join(h.ForgotPassword(t.Context(), goodEmail), h.DeleteSelf(t.Context(), in.User.ID)); err != nil {
			t.Fatal(err)
		}
		if letters := h.post(t); len(letters) > 0 || h.Letters().Failed > 0 {
			t.Errorf("letters %v, counts %+v", letters, h.Letters())
		}
	})
	t.Run("a letter goes to the account's address, not to one that looks like it", func(t *testing.T) {
		h := newHouse(t)
		h.register(t)
		h.post(t)
		if err := h.ForgotPassword(t.Context(), "an@exampl\u0435.com"); err != nil { // a Cyrillic е
			t.Fatal(err)
		}
		if letters := h.post(t); len(letters) > 0 {
			t.Errorf("letters: %v", letters)
		}
	})
}

func TestWithoutMail(t *testing.T) {
	h := newHouse(t)
	h.outbox = nil
	in := h.register(t)
	for name, err := range map[string]error{
		"forgot":       h.ForgotPassword(t.Context(), goodEmail),
		"reset":        h.ResetPassword(t.Context(), "t", goodPassword),
		"verify":       h.VerifyEmail(t.Context(), "t"),
		"verification": h.RequestVerification(t.Context(), in.User.ID),
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, err, fault.KindUnavailable, codeNoMail) })
	}
	h.RunOutbox(t.Context()) // returns
	if h.Letters() != (LetterCounts{}) {
		t.Errorf("counts: %+v", h.Letters())
	}
}

// TestMailKey: one budget for all ways of writing one address.
func TestMailKey(t *testing.T) {
	if MailKey(" AN@Example.com") != MailKey(goodEmail) || MailKey(goodEmail) == MailKey("bo@example.com") {
		t.Error("the key does not follow the address")
	}
	if strings.Contains(MailKey(goodEmail), "an") && strings.Contains(MailKey(goodEmail), "@") {
		t.Error("the key tells the address")
	}
}

// TestOutbox: what happens to letters when the mail server is slow, refuses or is out, and when the daemon stops.
func TestOutbox(t *testing.T) {
	run := func(t *testing.T, h *house) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { h.RunOutbox(ctx); close(ended) }()
		return func() { cancel(); <-ended }
	}
	t.Run("a slow server holds up the outbox, and no request", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			h.register(t)
			h.letters.hold = make(chan struct{})
			stop := run(t, h)
			synctest.Wait()
			asked := 1 // registering
			for ; h.ForgotPassword(t.Context(), goodEmail) == nil; asked++ {
				synctest.Wait()
			}
			if asked != outboxSize+outboxSenders {
				t.Errorf("%d letters found room", asked)
			}
			wantFault(t, h.ForgotPassword(t.Context(), "nobody@example.com"), fault.KindUnavailable, "mail_busy")
			if _, err := h.Register(t.Context(), Registration{"bo@example.com", goodPassword, "Bo"}); err != nil {
				t.Errorf("registering needs no mail: %v", err)
			}
			if got := h.Letters(); got.Waiting != outboxSize || got.Refused != 3 {
				t.Errorf("counts: %+v", got)
			}
			close(h.letters.hold)
			stop()
			if got := h.Letters(); got.Sent != uint64(asked) || got.Waiting != 0 {
				t.Errorf("counts: %+v", got)
			}
		})
	})
	t.Run("a stop waits ten seconds, and says what is lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			h.register(t)
			h.letters.hold = make(chan struct{})
			stop := run(t, h)
			for range 9 {
				if err := h.ForgotPassword(t.Context(), goodEmail); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			start := time.Now()
			stop()
			if took := time.Since(start); took != outboxGrace {
				t.Errorf("the stop took %s", took)
			}
			if !strings.Contains(h.log.String(), `"mails were not sent before the stop" count=6`) {
				t.Errorf("log:\n%s", h.log.String())
			}
		})
	})
	t.Run("a server that refuses, and a database that is out, are for the operator", func(t *testing.T) {
		h := newHouse(t)
		h.register(t)
		h.letters.err = errors.New("the mail server answered 550 (no)")
		h.post(t)
		if err := h.ForgotPassword(t.Context(), goodEmail); err != nil {
			t.Error(err)
		}
		h.store.fails = "InsertEmailToken"
		h.post(t)
		if got := h.Letters(); got.Failed != 2 || got.Sent != 0 {
			t.Errorf("counts: %+v", got)
		}
		for _, want := range []string{"550", "purpose=verify", errDown.Error()} {
			if !strings.Contains(h.log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, h.log.String())
			}
		}
	})
	t.Run("the log tells neither address nor token", func(t *testing.T) {
		h := newHouse(t)
		h.register(t)
		token := h.link(t, ResetPassword)
		if got := h.log.String(); got == "" || strings.Contains(got, token) || strings.Contains(got, goodEmail) {
			t.Errorf("log:\n%s", got)
		}
	})
}

// TestSweepOfLinks counts links with the tokens.
func TestSweepOfLinks(t *testing.T) {
	h := newHouse(t)
	h.register(t)
	h.link(t, ResetPassword)
	h.link(t, ProveEmail)
	h.clock = h.clock.Add(linkTTL + time.Second)
	if count, err := h.Sweep(t.Context()); err != nil || count != 2 || len(h.store.links) != 0 {
		t.Errorf("Sweep = %d, %v; %d links are left", count, err, len(h.store.links))
	}
}
