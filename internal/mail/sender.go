package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/englishapp/englishctl/internal/account"
)

// Security says how the connection to the mail server is kept private.
type Security string

// The kinds of Security.
const (
	// Implicit begins with TLS (RFC 8314, section 3.3).
	Implicit Security = "implicit"
	// Require begins in the clear and goes on with STARTTLS, or not at all.
	Require Security = "require"
	// Prefer is Require where the server offers it, and goes on in the clear where it does not.
	Prefer Security = "prefer"
	// Disable stays in the clear.
	Disable Security = "disable"
)

// sendTime is how long one attempt may take: a server that greets slowly on purpose needs some seconds.
const sendTime = 20 * time.Second

// Config says where mail goes out, and what it says of itself.
type Config struct {
	Host     string
	Port     int
	Security Security
	// User and Password are for AUTH; without a user there is none.
	User, Password string
	// From is the sender.
	From mail.Address
	// AppURL is where the pages of the app are that the links open: AppURL/verify-email and AppURL/reset-password.
	AppURL *url.URL
	// TLS replaces what is trusted, for tests; nil means the system's roots.
	TLS *tls.Config
}

// Sender sends each letter over a connection of its own. It is safe for concurrent use.
type Sender struct {
	cfg  Config
	time time.Duration
}

var _ account.Mailer = (*Sender)(nil)

// NewSender returns a sender. It does not look for the server.
func NewSender(cfg Config) *Sender { return &Sender{cfg, sendTime} }

// Send implements account.Mailer with a single attempt, which takes 20 seconds at most.
func (s *Sender) Send(ctx context.Context, l account.Letter) error {
	msg, err := s.message(l)
	if err != nil {
		return &Failure{Final: true, Cause: "it cannot be written"}
	}
	ctx, cancel := context.WithTimeout(ctx, s.time)
	defer cancel()
	conn := watched{ctx: ctx}
	defer conn.done() // the library leaves it open where the conversation breaks off before the mail
	client, err := s.client(&conn)
	if err != nil {
		return &Failure{Final: true, Cause: "the settings of the mail server are wrong"}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what goes wrong after the mail was taken must not send it twice
		return nil
	}
	return failure(ctx, err)
}

func (s *Sender) message(l account.Letter) (*gomail.Msg, error) {
	content, err := render(l, s.cfg.AppURL)
	if err != nil {
		return nil, err
	}
	to, err := recipient(l.To)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&s.cfg.From)
	m.ToMailAddress(to)
	m.Subject(content.subject)
	m.SetDate()
	// Not the library's own, which tells the name of the machine.
	m.SetMessageIDWithValue(rand.Text() + s.cfg.From.Address[strings.LastIndexByte(s.cfg.From.Address, '@'):])
	m.SetGenHeader("Auto-Submitted", "auto-generated") // no answers from who is on holiday: RFC 3834, section 5
	m.SetBodyString(gomail.TypeTextPlain, content.text)
	m.AddAlternativeString(gomail.TypeTextHTML, content.html)
	return m, nil
}

// recipient returns the address as mail servers know it. A domain in letters beyond ASCII goes out in its ASCII form, which
// every server takes; what stands before the @ has none, and needs a server with SMTPUTF8 (RFC 6531).
func recipient(address string) (*mail.Address, error) {
	// The rules for accounts let nothing else through. Once more here, since a line break would be a command or a header.
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return nil, errors.New("the address is none")
	}
	at := strings.LastIndexByte(address, '@')
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return nil, errors.New("the address has a domain that cannot be")
	}
	return &mail.Address{Address: address[:at+1] + domain}, nil
}

func (s *Sender) client(conn *watched) (*gomail.Client, error) {
	security := s.tls()
	options := []gomail.Option{
		gomail.WithPort(s.cfg.Port),
		gomail.WithTimeout(s.time),
		gomail.WithTLSConfig(security),
		gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			if s.cfg.Security == Implicit {
				return conn.dial(ctx, network, address, security)
			}
			return conn.dial(ctx, network, address, nil)
		}),
		gomail.WithTLSPolicy(map[Security]gomail.TLSPolicy{
			Implicit: gomail.NoTLS, // it is there already
			Require:  gomail.TLSMandatory, Prefer: gomail.TLSOpportunistic, Disable: gomail.NoTLS,
		}[s.cfg.Security]),
	}
	if s.cfg.User != "" {
		options = append(options, gomail.WithUsername(s.cfg.User), gomail.WithPassword(s.cfg.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)) // both refuse to go in the clear
	}
	return gomail.NewClient(s.cfg.Host, options...)
}

func (s *Sender) tls() *tls.Config {
	c := &tls.Config{}
	if s.cfg.TLS != nil {
		c = s.cfg.TLS.Clone()
	}
	c.ServerName, c.MinVersion = s.cfg.Host, tls.VersionTLS12
	return c
}

// watched is a connection that is closed when ctx ends: the library bounds each step, and not all of them together.
type watched struct {
	ctx context.Context
	raw net.Conn
}

func (w *watched) dial(ctx context.Context, network, address string, security *tls.Config) (_ net.Conn, err error) {
	var d net.Dialer
	if w.raw, err = d.DialContext(ctx, network, address); err != nil {
		return nil, err
	}
	context.AfterFunc(w.ctx, w.done)
	if security == nil {
		return w.raw, nil
	}
	conn := tls.Client(w.raw, security)
	return conn, conn.HandshakeContext(ctx)
}

// done closes the connection. Whether the mail was taken is known by then, so nothing depends on how that goes.
func (w *watched) done() {
	if w.raw != nil {
		_ = w.raw.Close()
	}
}

// Failure is why a letter was not sent. What the mail server said is not part of it, since servers like to repeat the
// address.
type Failure struct {
	// Final is set where another attempt would end the same way.
	Final bool
	// Code is the server's answer (RFC 5321, section 4.2), and Enhanced its finer form (RFC 3463); 0 and "" where it gave none.
	Code     int
	Enhanced string
	// Cause says in words what happened.
	Cause string
}

// Error says what happened without saying to whom.
func (f *Failure) Error() string {
	if f.Code == 0 {
		return f.Cause
	}
	answer := "the mail server answered " + strconv.Itoa(f.Code)
	if f.Enhanced != "" {
		answer += " " + f.Enhanced
	}
	return answer + " (" + f.Cause + ")"
}

// failure sorts what the library says. Where the server has answered, its code decides: 5xx is final. All else is the
// network's doing and may be over soon.
func failure(ctx context.Context, err error) *Failure {
	if sent, ok := errors.AsType[*gomail.SendError](err); ok && sent.ErrorCode() != 0 {
		return &Failure{sent.ErrorCode() >= 500, sent.ErrorCode(), sent.EnhancedStatusCode(), sent.Reason.String()}
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return &Failure{answer.Code >= 500, answer.Code, "", "before the mail, when greeting or signing in"}
	}
	if ctx.Err() != nil {
		return &Failure{Cause: "the mail server took too long"}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return &Failure{Cause: fmt.Sprint("no connection to the mail server: ", op)}
	}
	if sent, ok := errors.AsType[*gomail.SendError](err); ok {
		return &Failure{Cause: "the connection broke while " + sent.Reason.String()}
	}
	return &Failure{Cause: err.Error()} // of the dialogue's beginning: TLS, AUTH
}
