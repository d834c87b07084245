package azure

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

const (
	// standardPath is that of the regional hosts.
	standardPath = "/speech/recognition/conversation/cognitiveservices/v1"
	// maxReplyBytes is many times what an answer about 30 seconds with all phonemes has, about 100 KB.
	maxReplyBytes = 2 << 20
	// idleTime is shorter than that of the load balancers in front of Azure, 4 minutes: a connection that is reused is alive.
	idleTime = 3 * time.Minute
)

// Config is what a client needs.
type Config struct {
	// Key is that of the Azure Speech resource. It works in its region only.
	Key string
	// Region is the resource's, such as "westeurope". It is not used where Endpoint is set.
	Region string
	// Endpoint replaces the address made from the region (sovereign clouds, private endpoints). Its path, if it has one, is the
	// whole path; otherwise the standard one is added. It must be https, except on this machine.
	Endpoint *url.URL
	// Connections is how many idle connections are kept for reuse: as many as calls are made at a time. 0 means 2.
	Connections int
}

// Client asks Azure Speech. It implements pronunciation.Assessor and is safe for concurrent use.
type Client struct {
	address url.URL
	key     string
	http    *http.Client
	now     func() time.Time
}

// New returns a client. It asks Azure nothing yet.
func New(cfg Config) (*Client, error) {
	address, err := address(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Key == "" {
		return nil, errors.New("there is no key for Azure Speech")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = cfg.Connections
	transport.MaxIdleConns = 0 // there is one host
	transport.IdleConnTimeout = idleTime
	transport.MaxResponseHeaderBytes = 64 << 10
	return &Client{address: address, key: cfg.Key, now: time.Now, http: &http.Client{
		Transport: transport,
		// A redirect would carry the key to a stranger.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// address is where the resource is.
func address(cfg Config) (url.URL, error) {
	if cfg.Endpoint == nil {
		if cfg.Region == "" {
			return url.URL{}, errors.New("neither the region nor the address of Azure Speech is known")
		}
		return url.URL{Scheme: "https", Host: cfg.Region + ".stt.speech.microsoft.com", Path: standardPath}, nil
	}
	u := *cfg.Endpoint
	if u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return url.URL{}, fmt.Errorf("%s would show the key and what learners say to everybody on the way; the address must begin with https://", u.Redacted())
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = standardPath
	}
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Provider implements pronunciation.Assessor.
func (c *Client) Provider() string { return "azure" }

// Languages implements pronunciation.Assessor.
func (c *Client) Languages() []string { return languages }

// Close lets go of the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Assess implements pronunciation.Assessor, with one attempt.
func (c *Client) Assess(ctx context.Context, u pronunciation.Utterance) (pronunciation.Assessment, error) {
	req, err := c.request(ctx, u)
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return pronunciation.Assessment{}, unreachable(ctx, "ask", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBytes+1))
	switch {
	case err != nil:
		return pronunciation.Assessment{}, unreachable(ctx, "read the answer of", err)
	case len(body) > maxReplyBytes:
		return pronunciation.Assessment{}, broken("the answer of Azure Speech has more than %d bytes", maxReplyBytes)
	case resp.StatusCode != http.StatusOK:
		return pronunciation.Assessment{}, refusal{resp.StatusCode, resp.Header, body, c.now()}.failure()
	}
	assessment, err := Decode(body)
	if f, ok := errors.AsType[*pronunciation.Failure](err); ok {
		f.Cause = fmt.Errorf("%w%s", f.Cause, trace(resp.Header))
	}
	return assessment, err
}

// request is one attempt. Nothing of it is kept, so it may be built again.
func (c *Client) request(ctx context.Context, u pronunciation.Utterance) (*http.Request, error) {
	wanted, err := parameters(u)
	if err != nil {
		return nil, err
	}
	to := c.address
	query := to.Query()
	query.Set("language", u.Language)
	query.Set("format", "detailed")
	query.Set("profanity", "raw") // otherwise asterisks would be compared with the text
	query.Set("X-ConnectionId", connectionID())
	to.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(wave(u.Samples)))
	if err != nil {
		return nil, errors.New("the address of Azure Speech is none") // the cause would have the whole of it
	}
	req.Header.Set("Ocp-Apim-Subscription-Key", c.key)
	req.Header.Set("Content-Type", "audio/wav; codecs=audio/pcm; samplerate=16000")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Pronunciation-Assessment", wanted)
	return req, nil
}

// connectionID has the only shape that Azure takes: 32 hexadecimal digits. Its support asks for it.
func connectionID() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// prosodyLanguage is the only one whose stress and intonation Azure scores.
const prosodyLanguage = "en-US"

// parameters is the header that asks for an assessment: base64 of JSON.
//
// Without miscues, which are off by default, the text that "was recognised" is the text that should have been read, whatever was
// said; without Comprehensive there is one score; without HundredMark they end at 5.
func parameters(u pronunciation.Utterance) (string, error) {
	granularity := "Word"
	if u.Phonemes {
		granularity = "Phoneme"
	}
	text, err := json.Marshal(struct {
		ReferenceText           string
		GradingSystem           string
		Granularity             string
		Dimension               string
		EnableMiscue            bool
		EnableProsodyAssessment bool
	}{u.Text, "HundredMark", granularity, "Comprehensive", true, u.Language == prosodyLanguage})
	if err != nil {
		return "", fmt.Errorf("encode the parameters of an assessment: %w", err)
	}
	return base64.StdEncoding.EncodeToString(text), nil
}

// unreachable says that no whole answer came, without the address, which has the connection's id.
func unreachable(ctx context.Context, doing string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%s Azure Speech: %w", doing, ended)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	reason := pronunciation.Broken
	if wrongPlace(err) {
		reason = pronunciation.Refused
	}
	return &pronunciation.Failure{Reason: reason, Cause: fmt.Errorf("%s Azure Speech: %w", doing, err)}
}

// wrongPlace reports whether what is there cannot be Azure, so that trying again does not help: nobody has the name (a region that is
// none), or whoever answers has no certificate for it that this machine trusts, or none at all.
func wrongPlace(err error) bool {
	dns, _ := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return dns != nil && dns.IsNotFound || untrusted || errors.Is(err, http.ErrSchemeMismatch)
}

func broken(format string, args ...any) error {
	return &pronunciation.Failure{Reason: pronunciation.Broken, Cause: fmt.Errorf(format, args...)}
}
