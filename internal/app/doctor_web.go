package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/doctor"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// answered is what came of a request.
type answered struct {
	status int
	header http.Header
	body   []byte
	tls    *tls.ConnectionState
	err    error
}

// maxAnswer bounds what is read of an answer: what is compared is shorter.
const maxAnswer = 64 << 10

// get asks for an address. Errors do not repeat it: a link's query is secret.
func (v *visit) get(ctx context.Context, address string, header map[string]string) answered {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answered{err: errors.New("the address is none")}
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := v.web.Do(r)
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return answered{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answered{resp.StatusCode, resp.Header, body, resp.TLS, err}
}

// open opens an address that should give the content.
func (v *visit) open(ctx context.Context, address string, content []byte) doctor.Link {
	at := &url.URL{}
	if u, err := url.Parse(address); err == nil {
		at = &url.URL{Scheme: u.Scheme, Host: u.Host}
	}
	got := v.get(ctx, address, nil)
	return doctor.Link{Address: at, Status: got.status, Err: got.err, Intact: bytes.Equal(got.body, content)}
}

// probe is a recording that is stored to be opened. Where its removal fails, the daemon's sweep removes it: it belongs to no upload session.
func probe() (key string, content []byte) {
	id := uuid.NewString()
	return "audio/uploads/" + id + "/doctor.wav", []byte("englishctl doctor " + id)
}

func (v *visit) bucket(ctx context.Context) []doctor.Finding {
	seen := doctor.Bucket{Name: v.cfg.Storage.Bucket}
	kept, err := openRecordings(v.cfg, quiet(), v.address, keys{})
	if err != nil {
		return doctor.Broken(err.Error(), "see docs/settings.md", "S3_ENDPOINT_URL")
	}
	bucket := kept.store.(*blob.MinIO) // S3 is set
	defer func() { _ = bucket.Close() }()
	key, content := probe()
	seen.Err = bucket.Reachable(ctx)
	if seen.Err == nil {
		_, seen.Err = bucket.Put(ctx, key, bytes.NewReader(content), "audio/wav")
	}
	if seen.Err != nil {
		seen.Code = blob.ErrorCode(seen.Err)
		if broken, ok := errors.AsType[*url.Error](seen.Err); ok {
			seen.Err = broken.Err // the rest is the whole address
		}
		return seen.Findings()
	}
	link, err := bucket.SignedURL(ctx, key)
	seen.Signed = v.open(ctx, link, content)
	if err != nil {
		seen.Signed.Err = err
	}
	seen.Bare, seen.Listed = v.open(ctx, bucket.Unsigned(key), content), v.open(ctx, bucket.Unsigned(""), nil)
	seen.Left = bucket.Forget(removing(ctx), key)
	return seen.Findings()
}

// removing is a context in which the recording is removed although the time for the check is over.
func removing(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (v *visit) folder(ctx context.Context) []doctor.Finding {
	path := filepath.Join(v.cfg.DataDir, "audio")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return doctor.Fine("there is no " + path + " yet; the daemon makes it at its first start")
	}
	own, found, err := existingKeys(v.cfg)
	if err != nil {
		return doctor.Broken(err.Error(), "restore the file, or remove it: all sign in again then", "JWT_SECRET_KEY")
	}
	if !found {
		own.signing = make([]byte, 32) // its links are not tried
	}
	seen := doctor.Folder{Path: path, Keyless: !found}
	kept, err := openRecordings(v.cfg, quiet(), v.address, own)
	if err != nil {
		seen.Err = err
		return seen.Findings()
	}
	defer func() { _ = kept.Close() }()
	key, content := probe()
	if _, seen.Err = kept.Put(ctx, key, bytes.NewReader(content), "audio/wav"); seen.Err != nil {
		return seen.Findings()
	}
	if link, err := kept.SignedURL(ctx, key); found && err == nil {
		seen.Signed = v.open(ctx, link, content)
	}
	seen.Err = kept.Delete(removing(ctx), key)
	return seen.Findings()
}

// existingKeys reads the keys as the daemon would, but makes none.
func existingKeys(cfg *config.Config) (_ keys, found bool, err error) {
	if cfg.Auth.JWTSecretKey == "" {
		if _, err := os.Stat(filepath.Join(cfg.DataDir, "jwt.key")); errors.Is(err, fs.ErrNotExist) {
			return keys{}, false, nil
		}
	}
	own, err := readKeys(cfg)
	return own, err == nil, err
}

// insider proves to a daemon that somebody has its own settings, and lets the daemon check it. The proof is the end of its life, in Unix
// seconds, with a MAC.
type insider struct {
	key []byte
	now func() time.Time
}

// proofLife is how long a proof is good, and what two clocks may differ by.
const proofLife = time.Minute

func newInsider(tokens keys, now func() time.Time) (insider, error) {
	own, err := tokens.derive("doctor")
	return insider{own.signing, now}, err
}

func (i insider) prove() string {
	end := strconv.FormatInt(i.now().Add(proofLife).Unix(), 10)
	return end + "." + i.mac(end)
}

// Proven implements httpapi's insider.
func (i insider) Proven(proof string) bool {
	end, mac, _ := strings.Cut(proof, ".")
	if !hmac.Equal([]byte(mac), []byte(i.mac(end))) {
		return false
	}
	n, err := strconv.ParseInt(end, 10, 64)
	return err == nil && i.now().Before(time.Unix(n, 0).Add(proofLife))
}

func (i insider) mac(end string) string {
	mac := hmac.New(sha256.New, i.key)
	io.WriteString(mac, "englishctl doctor 1\n"+end) //nolint:errcheck // a hash does not fail
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// daemon asks the running daemon how this machine's request looks after all proxies.
func (v *visit) daemon(ctx context.Context) []doctor.Finding {
	if v.cfg.HTTP.PublicURL == nil && v.cfg.HTTP.Port == 0 {
		return doctor.Unknown("nobody knows where the daemon listens: API_PORT is 0", "set the address by which phones reach it", "PUBLIC_URL")
	}
	own, found, err := existingKeys(v.cfg)
	if err != nil {
		return doctor.Broken(err.Error(), "restore the file, or remove it: all sign in again then", "JWT_SECRET_KEY")
	}
	if !found {
		return doctor.Unknown("no daemon has run here yet: there is no key by which it would know us", "start the daemon, and look again")
	}
	known, err := newInsider(own, v.now)
	if err != nil {
		return doctor.Broken(err.Error(), "set another key", "JWT_SECRET_KEY")
	}
	at, err := url.Parse(v.address)
	if err != nil {
		return doctor.Broken(err.Error(), "set the address by which phones reach the daemon", "PUBLIC_URL")
	}
	header := map[string]string{"Authorization": "Doctor " + known.prove()}
	if v.cfg.HTTP.PublicURL != nil { // else there is no proxy that could be asked
		header["X-Forwarded-For"] = claimed.String()
	}
	before := v.now()
	got := v.get(ctx, v.address+"/vantage", header)
	shown := v.certificates(at, got)
	if len(shown) > 0 && got.err != nil {
		return shown
	}
	return append(seen(at, got, before, v.now()).Findings(), shown...)
}

// seen reads the daemon's answer.
func seen(at *url.URL, got answered, before, after time.Time) doctor.Seen {
	s := doctor.Seen{At: at, Err: got.err, Ours: telemetry.Version().Version, Claimed: claimed}
	var said struct {
		Client       netip.Addr `json:"client"`
		Peer         netip.Addr `json:"peer"`
		PeerTrusted  bool       `json:"peer_trusted"`
		ForwardedFor []string   `json:"forwarded_for"`
		HTTPS        bool       `json:"https"`
		Version      string     `json:"version"`
		Time         time.Time  `json:"time"`
	}
	switch {
	case got.err != nil:
		return s
	case got.status >= 300 && got.status < 400:
		s.Location = withoutQuery(got.header.Get("Location"))
		s.Status = got.status
		return s
	case got.status != http.StatusOK, json.Unmarshal(got.body, &said) != nil, !said.Client.IsValid():
		s.Status = got.status
		return s
	}
	s.Client, s.Peer, s.Trusted, s.HandedOn = said.Client, said.Peer, said.PeerTrusted, said.ForwardedFor
	s.HTTPS, s.Version = said.HTTPS, said.Version
	s.Clock = doctor.Clock{Before: before, Theirs: said.Time, After: after}
	return s
}

func withoutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}

// certificates judges what the server at the daemon's address has shown, also where it was not accepted.
func (v *visit) certificates(at *url.URL, got answered) []doctor.Finding {
	var leaf *x509.Certificate
	var refused *tls.CertificateVerificationError
	switch {
	case errors.As(got.err, &refused) && len(refused.UnverifiedCertificates) > 0:
		leaf = refused.UnverifiedCertificates[0]
	case got.tls != nil && len(got.tls.PeerCertificates) > 0:
		leaf = got.tls.PeerCertificates[0]
	default:
		return nil
	}
	found := certificateOf(leaf, "the certificate of "+at.String(), at.Hostname()).Findings(v.now(), "PUBLIC_URL")
	if refused != nil && found[0].Level == doctor.OK {
		found = doctor.Broken(at.String()+": "+refused.Error(), "let the server show the whole chain of a certificate that phones trust", "PUBLIC_URL")
	}
	found[0].Check = "certificate"
	return found
}

func certificateOf(leaf *x509.Certificate, from, host string) doctor.Certificate {
	return doctor.Certificate{
		From: from, NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, Host: host, Covers: host == "" || leaf.VerifyHostname(host) == nil,
	}
}

// certificate looks at the files of the daemon's own TLS.
func (v *visit) certificate(context.Context) []doctor.Finding {
	h := v.cfg.HTTP
	pair, err := tls.LoadX509KeyPair(h.TLSCertFile, h.TLSKeyFile)
	if err != nil {
		return doctor.Broken(err.Error(), "name the certificate chain and its key, both in PEM", "TLS_CERT_FILE", "TLS_KEY_FILE")
	}
	host := ""
	if h.PublicURL != nil && h.PublicURL.Scheme == "https" {
		host = h.PublicURL.Hostname()
	}
	return certificateOf(pair.Leaf, "TLS_CERT_FILE", host).Findings(v.now(), "TLS_CERT_FILE", "TLS_KEY_FILE")
}

// files are those that hold secrets, with who may read them.
func (v *visit) files() []doctor.File {
	holding := v.report.SecretFiles()
	if v.cfg.Auth.JWTSecretKey == "" {
		holding[filepath.Join(v.cfg.DataDir, "jwt.key")] = []string{"the key of tokens"}
	}
	if f := v.cfg.HTTP.TLSKeyFile; f != "" {
		holding[f] = []string{"TLS_KEY_FILE"}
	}
	var files []doctor.File
	for path, settings := range holding {
		if info, err := os.Stat(path); err == nil {
			files = append(files, doctor.File{Path: path, Mode: info.Mode(), Settings: settings})
		}
	}
	slices.SortFunc(files, func(a, b doctor.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
