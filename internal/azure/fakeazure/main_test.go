package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// said is what the command says.
type said struct {
	mu   sync.Mutex
	text strings.Builder
	told chan struct{}
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	select {
	case s.told <- struct{}{}:
	default:
	}
	return len(p), nil
}

// certificate is that of an example, its files, and a client that trusts it.
func certificate(t *testing.T) (cert, key string, client *http.Client) {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	own := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: own.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, server.Client()
}

func TestRun(t *testing.T) {
	cert, key, trusting := certificate(t)
	for scheme, tt := range map[string]struct {
		args   []string
		client *http.Client
	}{
		"http":  {nil, http.DefaultClient},
		"https": {[]string{"-cert", cert, "-cert-key", key}, trusting},
	} {
		t.Run(scheme, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			talk := &said{told: make(chan struct{}, 1)}
			ended := make(chan error, 1)
			go func() { ended <- run(ctx, append(tt.args, "-addr", "127.0.0.1:0", "-fail", "503, ok"), talk) }()
			<-talk.told
			talk.mu.Lock()
			at := regexp.MustCompile(scheme + `://\S+`).FindString(talk.text.String())
			talk.mu.Unlock()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/nowhere", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tt.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusNotFound {
				t.Errorf("status %d", resp.StatusCode)
			}
			stop()
			if err := <-ended; err != nil {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"-fail", "sometimes"}, {"-addr", "nowhere"}, {"-what"}, {"-addr", "127.0.0.1:0", "-cert", "nowhere.pem"}} {
		if err := run(t.Context(), args, &said{told: make(chan struct{}, 1)}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
