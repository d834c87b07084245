package blob_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/fault"
)

// FuzzOpenSigned looks for a link that opens a recording though it was never made, and for keys that lead elsewhere.
func FuzzOpenSigned(f *testing.F) {
	const key = "audio/A1/a.mp3"
	now := time.Unix(1_764_115_200, 0)
	d, err := blob.NewDisk(blob.DiskConfig{
		Dir: f.TempDir(), PublicURL: "http://api.test", SigningKey: []byte(strings.Repeat("1", 32)), PreviousKey: []byte(strings.Repeat("2", 32)),
		Now: func() time.Time { return now },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = d.Close() })
	if _, err := d.Put(f.Context(), key, strings.NewReader("x"), "audio/mpeg"); err != nil {
		f.Fatal(err)
	}
	link, err := d.SignedURL(f.Context(), key)
	if err != nil {
		f.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		f.Fatal(err)
	}
	expires, signature := u.Query().Get("expires"), u.Query().Get("signature")
	f.Add(key, expires, signature)
	f.Add(key, expires+"9", signature)
	f.Add(key, " "+expires, signature)
	f.Add(key+"x", expires, signature)
	f.Add("audio/A1/b.mp3", expires, signature)
	f.Add("../englishctl.db", expires, signature)
	f.Add("audio/A1\n"+expires, "", signature)
	f.Add(key, "", "")
	f.Add(key, "99999999999999999999", signature+"=")
	f.Add(key, expires, signature[:len(signature)-1])
	f.Fuzz(func(t *testing.T, k, e, s string) {
		content, _, err := d.OpenSigned(t.Context(), k, e, s)
		if err == nil {
			_ = content.Close()
		}
		if genuine := k == key && e == expires && s == signature; genuine != (err == nil) || err != nil && !fault.Is(err, fault.KindForbidden) {
			t.Errorf("OpenSigned(%q, %q, %q): %v", k, e, s, err)
		}
		if found, ok := d.KeyOf("http://api.test/media/" + k); ok && blob.CheckKey(found) != nil {
			t.Errorf("the link to %q leads to the key %q", k, found)
		}
	})
}
