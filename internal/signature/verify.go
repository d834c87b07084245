package signature

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dunglas/httpsfv"

	"github.com/englishapp/englishctl/internal/fault"
)

// The fields of RFC 9421, section 4.
const (
	inputHeader     = "Signature-Input"
	signatureHeader = "Signature"
)

// Bounds of a nonce in characters: 16 keep two clients from choosing the same one by chance, and 256 are four times the
// longest in the RFC.
const (
	minNonce = 16
	maxNonce = 256
)

// Verifier checks the signatures of requests. It is safe for concurrent use.
type Verifier struct {
	secret     []byte
	previous   []byte // nil: none
	byPrevious atomic.Uint64
	nonces     Nonces
	now        func() time.Time
}

// NewVerifier returns a verifier of what is signed with secret or, while clients are given a new one, with the previous secret;
// where that is empty, with secret alone. Both have at least 16 bytes; with a shorter one it panics. It remembers nonces in
// nonces and takes the time from now; nil means time.Now.
func NewVerifier(secret, previous string, nonces Nonces, now func() time.Time) *Verifier {
	if now == nil {
		now = time.Now
	}
	v := &Verifier{secret: key(secret), nonces: nonces, now: now}
	if previous != "" {
		v.previous = key(previous)
	}
	return v
}

// ByPrevious returns how many good signatures were made with the previous secret: while it grows, somebody still needs that.
func (v *Verifier) ByPrevious() uint64 { return v.byPrevious.Load() }

// Verify checks the signature of a request that was sent to one of the addresses, which are absolute, and remembers its
// nonce. It returns the body as it is to be read: what stands there is known to be what was signed only when its end,
// io.EOF, was read; where it is not, that read returns fault.Unauthorized (code signature_digest_mismatch).
//
// It returns fault.Unauthorized with the code signature_missing; signature_expired, where the signature's time is more than
// Window away from ours; signature_replayed, where its nonce was used before; and signature_invalid for everything else
// that is wrong. It returns fault.Unavailable where nobody can tell whether the nonce was used.
func (v *Verifier) Verify(r *http.Request, addresses ...string) (io.ReadCloser, error) {
	given, err := read(r.Header)
	if err != nil {
		return nil, err
	}
	if err := given.complete(); err != nil {
		return nil, invalid(err)
	}
	if err := v.genuine(given, r, addresses); err != nil {
		return nil, err
	}
	// The rest is told only to whoever has the secret.
	sums, err := parseDigests(r.Header)
	if err != nil {
		return nil, invalid(err)
	}
	if err := v.timely(given); err != nil {
		return nil, err
	}
	// A little longer than the signature is good, as the clocks of several daemons differ.
	keep := given.created.Add(2 * Window).Sub(v.now())
	fresh, err := v.nonces.Use(r.Context(), given.nonce, keep)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, fault.Unauthorized("this signature was used before; sign each request anew, with a nonce of its own").WithCode("signature_replayed")
	}
	return sums.check(r.Body), nil
}

// Accepted returns the value of the field Accept-Signature (RFC 9421, section 5.1) that asks for a signature of ours.
func (v *Verifier) Accepted() string {
	return label + `=("@method" "@target-uri" "content-digest");created;keyid="` + keyID + `";alg="` + algorithm + `";nonce`
}

func invalid(cause error) error {
	return fault.Unauthorized("the request's signature is not good: %s", cause).WithCode("signature_invalid")
}

// genuine reports whether the signature is one of ours for one of the addresses.
func (v *Verifier) genuine(given *parsed, r *http.Request, addresses []string) error {
	for _, address := range addresses {
		to, err := newTarget(address)
		if err != nil {
			continue
		}
		signed, err := base(message{r.Method, to, r.Header}, given.input)
		if err != nil {
			return invalid(fmt.Errorf("it %w", err))
		}
		if v.made(given.mac, signed) {
			return nil
		}
	}
	return invalid(errors.New("it does not fit the request and the secret"))
}

// made reports whether sum is the signature of a base by one of our secrets.
func (v *Verifier) made(sum, base []byte) bool {
	if hmac.Equal(mac(v.secret, base), sum) {
		return true
	}
	if v.previous == nil || !hmac.Equal(mac(v.previous, base), sum) {
		return false
	}
	v.byPrevious.Add(1)
	return true
}

func (v *Verifier) timely(given *parsed) error {
	if age := v.now().Sub(given.created).Abs(); age > Window {
		return fault.Unauthorized("the signature's time (created) is more than %d minutes away from the server's; is the clock right?",
			int(Window.Minutes())).WithCode("signature_expired")
	}
	if given.expires != nil && v.now().After(*given.expires) {
		return fault.Unauthorized("the signature has expired (expires)").WithCode("signature_expired")
	}
	return nil
}

// parsed is a signature as it stands in the header.
type parsed struct {
	input   httpsfv.InnerList
	mac     []byte
	created time.Time
	expires *time.Time
	nonce   string
}

// read finds the signature with our key id. Others, such as a proxy's own, are passed over.
func read(header http.Header) (*parsed, error) {
	if len(header.Values(inputHeader)) == 0 || len(header.Values(signatureHeader)) == 0 {
		return nil, fault.Unauthorized("this request must be signed: it needs the fields Content-Digest, Signature-Input and Signature").
			WithCode("signature_missing")
	}
	inputs, err := httpsfv.UnmarshalDictionary(header.Values(inputHeader))
	if err != nil {
		return nil, invalid(errors.New("the field Signature-Input cannot be read"))
	}
	signatures, err := httpsfv.UnmarshalDictionary(header.Values(signatureHeader))
	if err != nil {
		return nil, invalid(errors.New("the field Signature cannot be read"))
	}
	found, input, err := ours(inputs)
	if err != nil {
		return nil, invalid(err)
	}
	member, _ := signatures.Get(found)
	item, _ := member.(httpsfv.Item)
	sum, ok := item.Value.([]byte)
	if !ok {
		return nil, invalid(fmt.Errorf("the field Signature has no byte sequence (:base64:) under %q", found))
	}
	given := &parsed{input: input, mac: sum}
	return given, given.readParameters()
}

// ours is the one signature with our key id.
func ours(inputs *httpsfv.Dictionary) (name string, input httpsfv.InnerList, err error) {
	for _, candidate := range inputs.Names() {
		member, _ := inputs.Get(candidate)
		list, ok := member.(httpsfv.InnerList)
		if !ok {
			continue
		}
		if id, _ := list.Params.Get("keyid"); id != keyID {
			continue
		}
		if name != "" {
			return "", input, fmt.Errorf(`the field Signature-Input has two signatures with keyid="%s"`, keyID)
		}
		name, input = candidate, list
	}
	if name == "" {
		return "", input, fmt.Errorf(`the field Signature-Input has none with keyid="%s"`, keyID)
	}
	return name, input, nil
}

// readParameters takes in what the signature says of itself.
func (p *parsed) readParameters() error {
	params := p.input.Params
	if alg, said := params.Get("alg"); said && alg != algorithm {
		return invalid(fmt.Errorf(`its alg must be "%s"`, algorithm))
	}
	created, ok := moment(params, "created")
	if !ok {
		return invalid(errors.New("it needs the parameter created, in whole seconds since 1970"))
	}
	p.created = created
	if _, said := params.Get("expires"); said {
		expires, ok := moment(params, "expires")
		if !ok {
			return invalid(errors.New("its parameter expires must be in whole seconds since 1970"))
		}
		p.expires = &expires
	}
	nonce, _ := params.Get("nonce")
	if p.nonce, ok = nonce.(string); !ok || len(p.nonce) < minNonce || len(p.nonce) > maxNonce {
		return invalid(fmt.Errorf("it needs the parameter nonce, a string of %d to %d characters", minNonce, maxNonce))
	}
	return nil
}

// moment reads a parameter that is a time.
func moment(params *httpsfv.Params, name string) (time.Time, bool) {
	value, _ := params.Get(name)
	seconds, ok := value.(int64)
	return time.Unix(seconds, 0), ok
}

// complete reports whether everything is covered that must be.
func (p *parsed) complete() error {
	var missing []string
	for _, name := range covered {
		if !slices.ContainsFunc(p.input.Items, func(i httpsfv.Item) bool { return i.Value == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("it must cover %s as well", strings.Join(missing, ", "))
	}
	return nil
}
