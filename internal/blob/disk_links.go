package blob

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/englishapp/englishctl/internal/fault"
)

// mediaPath is where httpapi serves signed links; what follows it is the key, escaped.
const mediaPath = "/media/"

// SignedURL returns a link by which anybody can hear the object for the next 45 to 60 minutes. Links made for one
// key within 15 minutes are equal. Whether there is such an object is not checked.
func (d *Disk) SignedURL(_ context.Context, key string) (string, error) {
	start := linkStart(d.now())
	return d.link(key, start, func() string {
		expires := strconv.FormatInt(start.Add(linkLife).Unix(), 10)
		return d.public + mediaPath + escapeKey(key) + "?expires=" + expires + "&signature=" + sign(d.key, key, expires)
	})
}

// OpenSigned opens the object of a link that SignedURL has made; expires and signature are the link's parameters as
// they came. The caller closes it.
//
// It returns fault.Forbidden with the code link_forged for a link that was not made here (or was changed), and with
// link_expired for one that is over; fault.NotFound if the object is gone.
func (d *Disk) OpenSigned(ctx context.Context, key, expires, signature string) (io.ReadSeekCloser, Info, error) {
	// Signature first: only what we wrote ourselves is worth being parsed, or explained to the caller.
	if !d.signed(key, expires, signature) {
		return nil, Info{}, fault.Forbidden("this link is not genuine; ask for a new one").WithCode("link_forged")
	}
	end, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || d.now().Unix() >= end {
		return nil, Info{}, fault.Forbidden("this link has expired; ask for a new one").WithCode("link_expired")
	}
	return d.Open(ctx, key)
}

// signed reports whether a signature was made here, by the key of now or by the one before.
func (d *Disk) signed(key, expires, signature string) bool {
	if hmac.Equal([]byte(signature), []byte(sign(d.key, key, expires))) {
		return true
	}
	return len(d.before) > 0 && hmac.Equal([]byte(signature), []byte(sign(d.before, key, expires)))
}

// sign binds a key to an end. The first line keeps these signatures apart from any others made with the same secret.
func sign(secret []byte, key, expires string) string {
	mac := hmac.New(sha256.New, secret)
	io.WriteString(mac, "englishctl media link 1\n"+expires+"\n"+key) //nolint:errcheck // a hash does not fail
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// KeyOf returns the key of a link (signed or not, valid or not) that leads to this store.
func (d *Disk) KeyOf(link string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(link, d.public+mediaPath)
	if !ok {
		return "", false
	}
	return keyOfPath(rest)
}

// escapeKey makes a key fit for the path of a URL.
func escapeKey(key string) string {
	names := strings.Split(key, "/")
	for i, name := range names {
		names[i] = url.PathEscape(name)
	}
	return strings.Join(names, "/")
}
