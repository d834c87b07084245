package signature

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/dunglas/httpsfv"
)

// Signer signs requests. It is safe for concurrent use.
type Signer struct {
	secret []byte
	now    func() time.Time
	nonce  func() string
}

// NewSigner returns a signer with a secret of at least 16 bytes; with a shorter one it panics.
func NewSigner(secret string) *Signer {
	return &Signer{secret: key(secret), now: time.Now, nonce: newNonce}
}

// newNonce is 128 random bits.
func newNonce() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// Sign adds the fields Content-Digest, Signature-Input and Signature to a request whose address is absolute and whose body
// is the given one. A request that is sent again needs a new signature: each counts once.
func (s *Signer) Sign(r *http.Request, body []byte) error {
	sum, err := digestOf(body)
	if err != nil {
		return fmt.Errorf("sign a request: %w", err)
	}
	r.Header.Set(digestHeader, sum)
	to, err := newTarget(r.URL.String())
	if err != nil {
		return fmt.Errorf("sign a request: %w", err)
	}
	input := s.input()
	signed, err := base(message{r.Method, to, r.Header}, input)
	if err != nil {
		return fmt.Errorf("sign a request: the signature %w", err)
	}
	if err := setMember(r.Header, inputHeader, input); err != nil {
		return err
	}
	return setMember(r.Header, signatureHeader, httpsfv.NewItem(mac(s.secret, signed)))
}

// input lists what is covered, with the parameters of this signature.
func (s *Signer) input() httpsfv.InnerList {
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, name := range covered {
		list.Items = append(list.Items, httpsfv.NewItem(name))
	}
	list.Params.Add("created", s.now().Unix())
	list.Params.Add("keyid", keyID)
	list.Params.Add("alg", algorithm)
	list.Params.Add("nonce", s.nonce())
	return list
}

// setMember sets a field to a dictionary of one member under our label.
func setMember(header http.Header, name string, member httpsfv.Member) error {
	d := httpsfv.NewDictionary()
	d.Add(label, member)
	text, err := httpsfv.Marshal(d)
	if err != nil {
		return fmt.Errorf("write the field %s: %w", name, err)
	}
	header.Set(name, text)
	return nil
}
