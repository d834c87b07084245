package httpapi

import (
	"math/big"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
)

// FuzzPagination: whatever stands behind the "?", it is a page as it was asked for, or 400; and no page overflows.
func FuzzPagination(f *testing.F) {
	for _, seed := range []string{
		"", "page=2&limit=50", "page=x", "page=", "page=1.5", "page=99999999999999999999", "limit=1e3", "limit=0x10", "limit=-99999999999",
		"limit=1&limit=2", "level=", "page=%00", "level=%ff", "page=%zz", "page=1;limit=2", "page=2147483647&limit=200", "page=-1", "page=+1",
		"from_date=2025-13-01", "to_date=2025-12-10", "from_date=2025-12-10T10:00:00 07:00", "mode=dance&type=question",
	} {
		f.Add(seed)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, raw string) {
		r := request{path: "/game/sessions", token: learnerToken}.build(t)
		r.URL.RawQuery = raw
		if got := serve(t, w.handler, r); got.status != 200 && got.status != 400 {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
		q := parseQuery(r)
		p := q.page(20)
		if q.err() != nil {
			return
		}
		given, _ := url.ParseQuery(raw)
		for name, got := range map[string]int{"page": p.Number, "limit": p.Limit} {
			if n, err := strconv.Atoi(given.Get(name)); given.Has(name) && (err != nil || n != got) {
				t.Errorf("%s=%q is %d", name, given.Get(name), got)
			}
		}
		var c fault.Check
		p.Check(&c, 200)
		if c.Err() != nil {
			return
		}
		want := new(big.Int).Mul(big.NewInt(int64(p.Number)-1), big.NewInt(int64(p.Limit)))
		if got := p.Offset(); want.Cmp(big.NewInt(got)) != 0 {
			t.Errorf("page %+v begins at %d, want %s", p, got, want)
		}
	})
}

// FuzzForm: whatever a form is made of, it is taken or refused, and nothing arrives that was not sent.
func FuzzForm(f *testing.F) {
	paths := []string{"/admin/import/audio", "/admin/import/csv", "/admin/import/plan", "/admin/speeches"}
	const usual = "multipart/form-data; boundary=" + boundary
	file := formPart{"files", "a.mp3", "A"}
	for i, parts := range [][]formPart{
		{file}, {{"files", "", "A"}}, {{"upload_session_id", "", uploadID.String()}, file}, {file, {"files", "\xff.mp3", "A"}}, {{"files", `C:\x\"y.mp3`, ""}},
		csvForm(), {{"file", "a.csv", "a;b\n\"x"}, {"strict", "", "yes"}, {"on_error", "", "skip"}, {"known", "", `[{"name": 1}]`}},
		{{"recordings", "", `[{"name": "a", "sha256": "x", "size_bytes": -1, "sound": {}}]`}, {"file", "a", "b"}},
		{{"text", "", "Hi."}, {"level", "", "A1"}, {"type", "", "answer"}, {"audio", "a.mp3", "A"}, {"tag_ids", "", ""}},
	} {
		whole := encodeForm(f, parts)
		f.Add(uint(i), usual, whole)
		f.Add(uint(i), usual, whole[:len(whole)/2])
		f.Add(uint(i), usual, whole+"epilogue")
	}
	for _, contentType := range []string{"", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=" + boundary, ";;", "application/json"} {
		f.Add(uint(0), contentType, `{"files": []}`)
	}
	f.Add(uint(1), usual, "--"+boundary+"\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ff\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n--"+boundary+"--")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, i uint, contentType, body string) {
		w.calls, w.origins, w.received = nil, nil, nil
		path := paths[i%uint(len(paths))]
		got := w.do(t, request{method: post, path: path, token: adminToken, body: body, header: map[string]string{"Content-Type": contentType}})
		if !slices.Contains([]int{200, 201, 400, 413}, got.status) {
			t.Fatalf("%s: status %d: %s", path, got.status, got.body)
		}
		for _, received := range w.received {
			if _, content, _ := strings.Cut(received, ": "); !strings.Contains(body, content) {
				t.Errorf("%q was received, and not sent", content)
			}
		}
	})
}

// FuzzHeader: no field of the header lets a stranger in, or makes an address of what is none.
func FuzzHeader(f *testing.F) {
	f.Add("Bearer "+learnerToken, "192.0.2.7, 10.0.0.1", "https", "https://app.example.com", "request-7", "application/json")
	f.Add("Basic dXNlcjpwYXNz", "[2001:db8::1%eth0]:80,,x", "HTTPS, http", "null", "\x00", "a/b;c=")
	f.Add("Bearer a b", "::ffff:10.0.0.1", "", "*", strings.Repeat("a", 129), ";")
	f.Add("bearer\t"+adminToken, "unknown, _hidden, 1.2.3.4:", "gopher", "https://", "é", "text/plain; charset=")
	w := newWorld(f)
	handler := New(Deps{Accounts: w, Catalog: w}, Config{
		Log: newLogger(f), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}, AllowedOrigins: []string{"https://app.example.com"},
	}).Handler()
	f.Fuzz(func(t *testing.T, authorization, forwarded, proto, origin, id, contentType string) {
		r := httptest.NewRequestWithContext(t.Context(), put, basePath+"/users/me", strings.NewReader("{}"))
		for name, value := range map[string]string{
			"Authorization": authorization, "X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto, "Origin": origin, "X-Request-ID": id, "Content-Type": contentType,
		} {
			r.Header.Set(name, value)
		}
		got := serve(t, handler, r)
		let := got.status != 401 && got.status != 403
		if let && !strings.HasSuffix(strings.TrimSpace(authorization), learnerToken) && !strings.HasSuffix(strings.TrimSpace(authorization), adminToken) {
			t.Errorf("Authorization %q is let in: %d", authorization, got.status)
		}
		if got.status >= 500 && !strings.Contains(authorization, outageToken) {
			t.Errorf("status %d: %s", got.status, got.body)
		}
		if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != "https://app.example.com" {
			t.Errorf("pages of %q are let in", allowed)
		}
		if at := (proxies{netip.MustParsePrefix("192.0.2.1/32")}).client(r); !at.IsValid() || at.Zone() != "" {
			t.Errorf("the address is %v", at)
		}
	})
}
