package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificates serves the certificate of two files and takes a new one as soon as they change. It is safe for concurrent
// use.
type certificates struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu      sync.Mutex
	looked  time.Time // at the files
	files   [2]stamp  // as they were when they were last read
	current *tls.Certificate
}

// lookEvery is how often the files are looked at, however many connections come.
const lookEvery = time.Second

// stamp tells a file from what it was before. A link that leads elsewhere now is another file.
type stamp struct {
	info os.FileInfo
}

func (s stamp) same(other stamp) bool {
	return os.SameFile(s.info, other.info) && s.info.ModTime().Equal(other.info.ModTime()) && s.info.Size() == other.info.Size()
}

// openCertificates reads the pair. Its error names the settings.
func openCertificates(certFile, keyFile string, log *slog.Logger, now func() time.Time) (*certificates, error) {
	c := &certificates{certFile: certFile, keyFile: keyFile, log: log, now: now}
	files, err := c.stamps()
	if err == nil {
		err = c.load(files)
	}
	if err != nil {
		return nil, fmt.Errorf("read TLS_CERT_FILE and TLS_KEY_FILE: %w", err)
	}
	c.looked = now()
	return c, nil
}

// config returns what a TLS server needs.
func (c *certificates) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

// get returns the certificate for a connection. It looks for a new one first; one that is broken, or half written, is
// logged once, and the old one goes on.
func (c *certificates) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		if err := c.renew(); err != nil {
			c.log.ErrorContext(hello.Context(), "the new certificate is not used; the old one goes on", "error", err)
		}
	}
	return c.current, nil
}

// renew reads the pair if it has changed. What is wrong with it is returned once.
func (c *certificates) renew() error {
	files, err := c.stamps()
	if err != nil {
		if c.files == [2]stamp{} {
			return nil // known already
		}
		c.files = [2]stamp{}
		return err
	}
	if c.files != [2]stamp{} && files[0].same(c.files[0]) && files[1].same(c.files[1]) {
		return nil
	}
	return c.load(files)
}

// load reads the pair. That it was read is noted before it is known to be good.
func (c *certificates) load(files [2]stamp) error {
	c.files = files
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current = &pair
	c.log.Info("certificate", "file", c.certFile, "names", pair.Leaf.DNSNames, "serial", pair.Leaf.SerialNumber.String(), "not_after", pair.Leaf.NotAfter.UTC())
	return nil
}

func (c *certificates) stamps() ([2]stamp, error) {
	cert, certErr := os.Stat(c.certFile)
	key, keyErr := os.Stat(c.keyFile)
	return [2]stamp{{cert}, {key}}, errors.Join(certErr, keyErr)
}
