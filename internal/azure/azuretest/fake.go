// Package azuretest is a stand-in for Azure Speech's REST API for short audio. It is as strict as the documentation says the real
// one is, scores by comparing words, and fails as it is told to.
package azuretest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Path is where the API is.
const Path = "/speech/recognition/conversation/cognitiveservices/v1"

// Key is the one that the fake takes where its Config names none.
const Key = "a-key-of-the-fake-0123456789abcd"

// maxSound is how much of a recording is listened to: 30 s, whatever was sent. What follows is cut silently.
const maxSound = 30 * time.Second

// Config says how the fake is. The zero value hears what should be read, spoken well.
type Config struct {
	// Key is the only one that is taken; empty means the constant Key.
	Key string
	// Transcript is what is heard, instead of the reference text. A star after a word mispronounces it: "good morning everyone*".
	Transcript string
	// Nested serves the Speech SDK's form of the answer, Strings has numbers as strings.
	Nested, Strings bool
	// EmptyIsBad answers 400 where there is no sound, instead of {}.
	EmptyIsBad bool
	// Delay is how long each answer takes.
	Delay time.Duration
}

// Fake is the API. It is safe for concurrent use.
type Fake struct {
	cfg Config

	mu     sync.Mutex
	faults []Fault
	calls  []Call
	noted  chan struct{} // closed with the next call
}

// Call is one request that had a key.
type Call struct {
	Query   url.Values
	Header  http.Header
	Wanted  Wanted
	Sound   time.Duration // of the recording that was sent
	Chunked bool          // whether the body came without its length
	From    string        // address and port of the caller: calls over one connection share it
}

// New returns the API as a handler.
func New(cfg Config) *Fake {
	cfg.Key = cmp.Or(cfg.Key, Key)
	return &Fake{cfg: cfg, noted: make(chan struct{})}
}

// Serve starts the API at an address of its own, until the test ends.
func (f *Fake) Serve(tb testing.TB) *url.URL {
	tb.Helper()
	return addressOf(tb, httptest.NewServer(f))
}

// ServeTLS starts the API at an address of its own, until the test ends, with a certificate that only signer vouches for.
func (f *Fake) ServeTLS(tb testing.TB) (at *url.URL, signer *x509.Certificate) {
	tb.Helper()
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	server.StartTLS()
	return addressOf(tb, server), server.Certificate()
}

func addressOf(tb testing.TB, server *httptest.Server) *url.URL {
	tb.Helper()
	tb.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	at, err := url.Parse(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

// Next sets how the next requests go wrong, one each; a zero Fault lets its request through.
func (f *Fake) Next(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, faults...)
}

// Calls returns the requests so far that had a key.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Await waits until there were so many requests that had a key; the error is that of ctx.
func (f *Fake) Await(ctx context.Context, calls int) error {
	for {
		f.mu.Lock()
		come, next := len(f.calls), f.noted
		f.mu.Unlock()
		if come >= calls {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-RequestId", fmt.Sprintf("fake-%d", len(f.Calls())+1))
	in, refused := f.read(r)
	if refused != nil {
		refused.write(w)
		return
	}
	f.note(in, r)
	if f.cfg.Delay > 0 && !wait(r, f.cfg.Delay) {
		return
	}
	if fault := f.fault(); fault.happens(w, r, f.render(in)) {
		return
	}
	answerJSON(w, f.render(in))
}

func (f *Fake) fault() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.faults) == 0 {
		return Fault{}
	}
	next := f.faults[0]
	f.faults = f.faults[1:]
	return next
}

func (f *Fake) note(in input, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := Call{Query: r.URL.Query(), Header: r.Header.Clone(), Sound: in.length(), Chunked: r.ContentLength < 0, From: r.RemoteAddr}
	if in.wanted != nil {
		call.Wanted = *in.wanted
	}
	f.calls = append(f.calls, call)
	close(f.noted)
	f.noted = make(chan struct{})
}

// input is a request that keeps to the protocol.
type input struct {
	language string
	wanted   *Wanted // nil: plain recognition
	samples  []int16 // nil for Ogg, which is not decoded
	ogg      bool
}

func (in input) length() time.Duration {
	return time.Duration(len(in.samples)) * time.Second / sampleRate
}

// read checks a request in the order in which a gateway and the service behind it would.
func (f *Fake) read(r *http.Request) (input, *Fault) {
	if r.URL.Path != Path {
		return input{}, refuse(http.StatusNotFound, "Resource not found")
	}
	if r.Method != http.MethodPost {
		return input{}, refuse(http.StatusMethodNotAllowed, "Method not allowed")
	}
	key, bearer := r.Header.Get("Ocp-Apim-Subscription-Key"), r.Header.Get("Authorization")
	switch {
	case key == "" && bearer == "":
		return input{}, refuse(http.StatusForbidden, "Access denied due to missing subscription key.")
	case key != f.cfg.Key && bearer != "Bearer "+f.cfg.Key:
		return input{}, refuse(http.StatusUnauthorized, "Access denied due to invalid subscription key or wrong API endpoint.")
	}
	in := input{language: r.URL.Query().Get("language")}
	if !slices.Contains(languages, in.language) {
		return input{}, refuse(http.StatusBadRequest, "The language is missing or not supported")
	}
	if accept := r.Header.Get("Accept"); accept != "" && !strings.Contains(accept, "application/json") && !strings.Contains(accept, "*/*") {
		return input{}, refuse(http.StatusNotAcceptable, "Not acceptable")
	}
	if refused := in.readParameters(r.Header.Get("Pronunciation-Assessment")); refused != nil {
		return input{}, refused
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return input{}, refuse(http.StatusRequestTimeout, "The body broke off")
	}
	return in, in.readSound(r.Header.Get("Content-Type"), body, f.cfg.EmptyIsBad)
}

func (in *input) readParameters(header string) *Fault {
	if header == "" {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		return refuse(http.StatusBadRequest, "Pronunciation-Assessment is not base64")
	}
	in.wanted = &Wanted{GradingSystem: "FivePoint", Granularity: "Phoneme", Dimension: "Basic"}
	if err := json.Unmarshal(text, in.wanted); err != nil {
		return refuse(http.StatusBadRequest, "Pronunciation-Assessment is not JSON")
	}
	return in.wanted.check()
}

func (in *input) readSound(contentType string, body []byte, emptyIsBad bool) *Fault {
	unsupported := refuse(http.StatusBadRequest, "Unsupported audio format")
	switch contentType {
	case "audio/wav; codecs=audio/pcm; samplerate=16000":
	case "audio/ogg; codecs=opus":
		in.ogg = true
		if !bytes.HasPrefix(body, []byte("OggS")) {
			return unsupported
		}
		return nil
	default:
		return unsupported
	}
	if len(body) == 0 && !emptyIsBad {
		return &Fault{Status: http.StatusOK, Body: "{}"}
	}
	samples, ok := readWave(body)
	if !ok {
		return unsupported
	}
	if len(samples) == 0 {
		if emptyIsBad {
			return refuse(http.StatusBadRequest, "No audio data received")
		}
		return &Fault{Status: http.StatusOK, Body: "{}"}
	}
	in.samples = samples
	return nil
}
