package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/config"
)

// writePair writes a self-signed certificate for 127.0.0.1 with the serial number, and its key.
func writePair(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	writeFile(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// writeFile puts a new file in the place of the old one, as certbot and Kubernetes do.
func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// renewing is certificates with a clock that the test moves and a log that it reads.
type renewing struct {
	*certificates
	t         *testing.T
	cert, key string
	log       bytes.Buffer
	time      time.Time
}

func newRenewing(t *testing.T) *renewing {
	t.Helper()
	dir := t.TempDir()
	r := &renewing{t: t, cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key"), time: time.Now()}
	writePair(t, r.cert, r.key, 1)
	var err error
	r.certificates, err = openCertificates(r.cert, r.key, slog.New(slog.NewTextHandler(&r.log, nil)), func() time.Time { return r.time })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serial is that of the certificate which a connection gets after a while, and errors how many lines say that one was bad.
func (r *renewing) serial() (serial int64, errors int) {
	r.t.Helper()
	r.time = r.time.Add(lookEvery)
	pair, err := r.get(&tls.ClientHelloInfo{})
	if err != nil {
		r.t.Fatal(err)
	}
	return pair.Leaf.SerialNumber.Int64(), strings.Count(r.log.String(), "level=ERROR")
}

func TestCertificateIsRenewed(t *testing.T) {
	r := newRenewing(t)
	steps := []struct {
		name   string
		do     func()
		serial int64
		errors int // in the log by then
	}{
		{"unchanged", func() {}, 1, 0},
		{"a new pair is served", func() { writePair(t, r.cert, r.key, 2) }, 2, 0},
		{"rubbish is not", func() { writeFile(t, r.cert, []byte("rubbish")) }, 2, 1},
		{"and is logged once", func() {}, 2, 1},
		{"a key of another certificate is not", func() { writePair(t, r.cert, r.key+".other", 3) }, 2, 2},
		{"until its own key comes", func() { writeFile(t, r.key, read(t, r.key+".other")) }, 3, 2},
		{"a file that is missing changes nothing", func() { _ = os.Rename(r.key, r.key+".away") }, 3, 3},
		{"and is logged once", func() {}, 3, 3},
		{"it is back", func() { _ = os.Rename(r.key+".away", r.key) }, 3, 3},
		{"the next pair", func() { writePair(t, r.cert, r.key, 4) }, 4, 3},
	}
	for _, step := range steps {
		step.do()
		if serial, errors := r.serial(); serial != step.serial || errors != step.errors {
			t.Fatalf("%s: serial %d with %d errors, want %d with %d\n%s", step.name, serial, errors, step.serial, step.errors, r.log.String())
		}
	}
}

// Thousands of connections do not look at the disk thousands of times.
func TestCertificateIsLookedForOnceASecond(t *testing.T) {
	r := newRenewing(t)
	writePair(t, r.cert, r.key, 2)
	pair, _ := r.get(&tls.ClientHelloInfo{})
	if got := pair.Leaf.SerialNumber.Int64(); got != 1 {
		t.Fatalf("serial %d within the same second, want 1", got)
	}
	if got, _ := r.serial(); got != 2 {
		t.Fatalf("serial %d a second later, want 2", got)
	}
}

func TestBrokenCertificateStopsTheStart(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.crt")
	_, err := openCertificates(missing, missing, slog.Default(), time.Now)
	if err == nil || !strings.Contains(err.Error(), "TLS_CERT_FILE") || !strings.Contains(err.Error(), missing) {
		t.Fatalf("error = %v, want one that names the setting and the file", err)
	}
}

// A daemon with TLS serves 1.2 and later, HTTP/2, HSTS, and a renewed certificate without a restart.
func TestDaemonWithTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writePair(t, cert, key, 1)
	cfg, _, err := config.Load(config.Options{Dir: dir, Environ: []string{
		"DATA_DIR=" + filepath.Join(dir, "data"), "API_PORT=0", "TLS_CERT_FILE=" + cert, "TLS_KEY_FILE=" + key,
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	d, err := OpenDaemon(ctx, cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = d.Close()
	})

	type seen struct {
		status, major int
		hsts          string
		serial        int64
	}
	get := func(settings *tls.Config) (seen, error) {
		settings.InsecureSkipVerify = true // what is shown is looked at below
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: settings, ForceAttemptHTTP2: true}}
		defer client.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.address+"/healthz", nil)
		if err != nil {
			return seen{}, err
		}
		res, err := client.Do(req)
		if err != nil {
			return seen{}, err
		}
		defer func() { _ = res.Body.Close() }()
		serial := res.TLS.PeerCertificates[0].SerialNumber.Int64()
		return seen{res.StatusCode, res.ProtoMajor, res.Header.Get("Strict-Transport-Security"), serial}, nil
	}
	if got, err := get(&tls.Config{}); err != nil || got != (seen{200, 2, "max-age=31536000", 1}) {
		t.Errorf("got %+v, %v; want 200 by HTTP/2 with HSTS and the first certificate", got, err)
	}
	if _, err := get(&tls.Config{MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is served")
	}
	writePair(t, cert, key, 2)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-again.C {
		got, err := get(&tls.Config{MaxVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(err)
		}
		if got.serial == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the new certificate is not served after 20 seconds")
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
