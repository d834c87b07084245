package signature

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"hash"
	"io"
	"net/http"

	"github.com/dunglas/httpsfv"

	"github.com/englishapp/englishctl/internal/fault"
)

// digestHeader is the field that says what the body hashes to.
const digestHeader = "Content-Digest"

// hashes are the algorithms of RFC 9530, section 5, that are fit for use against an attacker.
var hashes = map[string]func() hash.Hash{"sha-256": sha256.New, "sha-512": sha512.New}

// digests are what a body must hash to, by algorithm.
type digests map[string][]byte

// parseDigests reads the field Content-Digest. Algorithms that are not known are passed over, but one must be.
func parseDigests(header http.Header) (digests, error) {
	given, err := httpsfv.UnmarshalDictionary(header.Values(digestHeader))
	if err != nil {
		return nil, errors.New("the field Content-Digest cannot be read")
	}
	found := digests{}
	for _, name := range given.Names() {
		newHash, known := hashes[name]
		if !known {
			continue
		}
		member, _ := given.Get(name)
		item, _ := member.(httpsfv.Item)
		sum, _ := item.Value.([]byte)
		if len(sum) != newHash().Size() {
			return nil, errors.New("the field Content-Digest has a " + name + " of a wrong length, or one that is no byte sequence (:base64:)")
		}
		found[name] = sum
	}
	if len(found) == 0 {
		return nil, errors.New("the field Content-Digest has neither sha-256 nor sha-512")
	}
	return found, nil
}

// digestOf is the field's value for a body.
func digestOf(body []byte) (string, error) {
	sum := sha256.Sum256(body)
	d := httpsfv.NewDictionary()
	d.Add("sha-256", httpsfv.NewItem(sum[:]))
	return httpsfv.Marshal(d)
}

// checkedBody hashes a body while it is read. Its end is an io.EOF only if the whole was what it should be.
type checkedBody struct {
	io.ReadCloser
	want   digests
	hashes map[string]hash.Hash
	end    error // sticky, once it was reached
}

func (d digests) check(body io.ReadCloser) *checkedBody {
	b := &checkedBody{ReadCloser: body, want: d, hashes: make(map[string]hash.Hash, len(d))}
	for name := range d {
		b.hashes[name] = hashes[name]()
	}
	return b
}

// Read returns fault.Unauthorized (code signature_digest_mismatch) in place of io.EOF where the body is another one than
// was signed, and again whenever it is asked.
func (b *checkedBody) Read(p []byte) (int, error) {
	if b.end != nil {
		return 0, b.end
	}
	n, err := b.ReadCloser.Read(p)
	for _, h := range b.hashes {
		_, _ = h.Write(p[:n]) // a hash does not fail
	}
	if err == io.EOF { //nolint:errorlint // a wrapped EOF is a body that broke off, and no end
		err = b.verdict()
		b.end = err
	}
	return n, err
}

func (b *checkedBody) verdict() error {
	for name, h := range b.hashes {
		if subtle.ConstantTimeCompare(h.Sum(nil), b.want[name]) != 1 {
			return fault.Unauthorized("the body does not hash to what Content-Digest says").WithCode("signature_digest_mismatch")
		}
	}
	return io.EOF
}
