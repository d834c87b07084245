package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/testenv"
)

// The names of the sample site, which phones know.
const (
	apiName   = "api.example.com"
	audioName = "audio.example.com"
)

// site is a real nginx with the sample site, before two daemons on PostgreSQL, Redis and MinIO.
type site struct {
	stack stack
	// address is of this machine and nginx' own, hosts are the daemons': at addresses that nobody else uses no port is taken.
	address string
	hosts   [2]string
	daemons [2]*daemon
	roots   *x509.CertPool
}

// ownLoopback is an address of this machine that no other test uses.
func ownLoopback() string {
	random := uuid.New()
	return net.IPv4(127, 1+random[0]%250, random[1], 1+random[2]%250).String()
}

// behindNginx starts all of it. The daemons have the settings that the site asks for at its top.
func behindNginx(t *testing.T) *site {
	t.Helper()
	program := testenv.Nginx(t)
	n := &site{stack: production(t), address: ownLoopback(), hosts: [2]string{ownLoopback(), ownLoopback()}}
	n.stack.env = append(n.stack.env, "TRUSTED_PROXIES=127.0.0.1", "PUBLIC_URL=https://"+apiName, "S3_PUBLIC_URL=https://"+audioName,
		"RATE_LIMITS=register=1000000,random=1000000,sessions=1000000,admin=1000000") // those of logins are the usual ones
	n.stack.must(t, "", starterPack(t)...)
	for i := range n.daemons {
		n.serve(t, i)
	}
	n.start(t, program)
	return n
}

// serve starts a daemon where nginx looks for it.
func (n *site) serve(t *testing.T, i int) {
	t.Helper()
	own := stack{env: slices.Concat(n.stack.env, []string{"API_HOST=" + n.hosts[i], "API_PORT=8000"})}
	n.daemons[i] = own.serve(t)
}

// start starts nginx and waits until it answers.
func (n *site) start(t *testing.T, program string) {
	t.Helper()
	dir := t.TempDir()
	n.certify(t, dir)
	write(t, filepath.Join(dir, "site.conf"), n.sample(t, dir))
	write(t, filepath.Join(dir, "nginx.conf"), mainConfig(dir))
	log := filepath.Join(dir, "error.log")
	var talk bytes.Buffer
	cmd := exec.Command(program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", log) //nolint:noctx // its workers end only with it in good order
	cmd.Stdout, cmd.Stderr = &talk, &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || t.Failed() {
			said, _ := os.ReadFile(log)
			t.Logf("nginx: %v\n%s\nthe end of its log:\n%s", err, talk.String(), said[max(0, len(said)-20_000):])
		}
	})
	phone := n.client(t)
	eventually(t, time.Minute, "nginx answers", func() bool {
		a, err := phone.try("GET", "/healthz", nil)
		return err == nil && a.status == http.StatusOK
	})
}

// sample is the sample site, but for what this machine has not got: addresses, ports that need no root, folders.
func (n *site) sample(t *testing.T, dir string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository, "examples", "deploy", "nginx", "englishctl.conf"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := url.Parse(n.stack.value("S3_ENDPOINT_URL"))
	if err != nil {
		t.Fatal(err)
	}
	sample := regexp.MustCompile(`(?m)^ *listen \[::\]:.*\n`).ReplaceAllString(string(raw), "")
	for _, change := range [][2]string{
		{"listen 80;", "listen " + n.address + ":8080;"},
		{"listen 443 ", "listen " + n.address + ":8443 "},
		{"englishctl-1:8000", n.hosts[0] + ":8000"},
		{"englishctl-2:8000", n.hosts[1] + ":8000"},
		{"minio:9000", store.Host},
		{"/englishapp-audio/", "/" + n.stack.value("S3_BUCKET_NAME") + "/"},
		{"/etc/nginx/tls", dir},
		{"/var/cache/nginx", dir},
		{"/var/log/nginx", dir},
		{"proxy_read_timeout 190s;", "proxy_read_timeout 1s;"}, // of scores: a test that waits for them must not wait long
	} {
		if !strings.Contains(sample, change[0]) {
			t.Fatalf("the sample has no %q", change[0])
		}
		sample = strings.ReplaceAll(sample, change[0], change[1])
	}
	return sample
}

// mainConfig is what Debian's nginx.conf is elsewhere. Workers that root starts remain root: nobody else may enter a test's folder.
func mainConfig(dir string) string {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	folders := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		folders += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	return fmt.Sprintf("%s daemon off; worker_processes 2; pid %s/pid; error_log %[2]s/error.log info;\nevents {}\nhttp {\n%s include %[2]s/site.conf;\n}\n",
		user, dir, folders)
}

// certify makes a certificate for the site's names, which the phones of the test believe.
func (n *site) certify(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{apiName, audioName}, NotAfter: time.Now().Add(24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	write(t, filepath.Join(dir, "tls.crt"), string(public))
	write(t, filepath.Join(dir, "tls.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	n.roots = x509.NewCertPool()
	n.roots.AppendCertsFromPEM(public)
}

// client is a phone with an address of its own, from where it reaches the site's names. It speaks HTTP/2.
func (n *site) client(t *testing.T) client {
	t.Helper()
	return client{t: t, base: "https://" + apiName, over: &http.Client{Transport: n.transport(t, true)}}
}

// transport keeps its connections.
func (n *site) transport(t *testing.T, http2 bool) *http.Transport {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ownLoopback())}}
	ports := map[string]string{apiName + ":80": "8080", apiName + ":443": "8443", audioName + ":443": "8443"}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			port, ok := ports[address]
			if !ok {
				return nil, fmt.Errorf("%s is not of the site", address)
			}
			return dialer.DialContext(ctx, network, net.JoinHostPort(n.address, port))
		},
		TLSClientConfig: &tls.Config{RootCAs: n.roots}, ForceAttemptHTTP2: http2, MaxIdleConnsPerHost: 100,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
