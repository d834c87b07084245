package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// attempts bounds how often minio-go sends one request. Its own 10 keep a caller waiting for minutes.
	attempts = 3
	// The timeouts of one attempt. With attempts they decide how soon a dead store is noticed: a refused
	// connection at once, a silent host within seconds.
	dialTimeout   = 2 * time.Second
	tlsTimeout    = 4 * time.Second
	headerTimeout = 10 * time.Second
	// idleConns is how many connections are kept for an import that uploads side by side.
	idleConns = 32
)

// MinIOConfig says which bucket of which store to use. The names in errors are those of the settings.
type MinIOConfig struct {
	// Endpoint is how this process reaches the store: "http://host:9000", "https://host", or "host:9000" with UseSSL.
	Endpoint string
	// UseSSL matters only for addresses without a scheme.
	UseSSL bool
	// PublicURL is how phones reach the same store; links carry it. Empty means Endpoint.
	PublicURL string
	AccessKey string
	SecretKey string
	Bucket    string
	// Region is part of every signature; empty means "us-east-1", MinIO's default.
	Region string
	// Now tells the time for links; nil means time.Now.
	Now func() time.Time
	// Log hears of a public bucket that was made private; nil means slog.Default().
	Log *slog.Logger
}

// MinIO keeps objects in one bucket of MinIO or any other S3. It is safe for concurrent use.
type MinIO struct {
	linkCache
	client    *minio.Client
	transport *http.Transport
	bucket    string
	region    string
	links     linkSigner
	bases     []string // what links to this bucket may begin with
	log       *slog.Logger
}

// NewMinIO checks the configuration and makes the store without any network call. It returns fault.Invalid, naming
// every setting that is wrong.
func NewMinIO(cfg MinIOConfig) (*MinIO, error) {
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	inside, outside, err := cfg.addresses()
	if err != nil {
		return nil, err
	}
	m := &MinIO{bucket: cfg.Bucket, region: cfg.Region, transport: newTransport(), log: cfg.Log}
	if m.client, err = newClient(inside, cfg, m.transport); err != nil {
		return nil, err
	}
	if m.links, m.bases, err = newLinks(inside, outside, cfg); err != nil {
		return nil, err
	}
	return m, nil
}

func newClient(at address, cfg MinIOConfig, transport http.RoundTripper) (*minio.Client, error) {
	client, err := minio.New(at.host, &minio.Options{
		Creds:      credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:     at.secure,
		Region:     cfg.Region, // known in advance, so that nothing has to ask the store for it
		Transport:  transport,
		MaxRetries: attempts,
	})
	if err != nil {
		return nil, fault.Invalid(at.setting, "%q cannot be used: %v", at.host, err)
	}
	return client, nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ExpectContinueTimeout: time.Second,
		MaxIdleConns:          idleConns,
		MaxIdleConnsPerHost:   idleConns,
		IdleConnTimeout:       time.Minute,
		DisableCompression:    true, // audio does not shrink, and a decoded answer would have the wrong length
	}
}

// Close releases idle connections.
func (m *MinIO) Close() error {
	m.transport.CloseIdleConnections()
	return nil
}

// Ping reports whether the store answers and has the bucket.
func (m *MinIO) Ping(ctx context.Context) error {
	there, err := m.client.BucketExists(ctx, m.bucket)
	if err != nil {
		return m.failed(ctx, "look for the audio bucket", err)
	}
	if !there {
		return fault.Unavailable("the audio store has no bucket %q", m.bucket)
	}
	return nil
}

// EnsureBucket makes the bucket where it is missing, and private where its policy lets anybody in. Several
// processes may do so at the same time.
func (m *MinIO) EnsureBucket(ctx context.Context) error {
	there, err := m.client.BucketExists(ctx, m.bucket)
	if err != nil {
		return m.failed(ctx, "look for the audio bucket", err)
	}
	if !there {
		err := m.client.MakeBucket(ctx, m.bucket, minio.MakeBucketOptions{Region: m.region})
		if code := minio.ToErrorResponse(err).Code; code == minio.BucketAlreadyOwnedByYou {
			err = nil // another process was faster
		}
		if err != nil {
			return m.failed(ctx, "make the audio bucket", err)
		}
	}
	return m.makePrivate(ctx)
}

// makePrivate takes those statements out of the bucket's policy that let anybody in, and keeps the others.
func (m *MinIO) makePrivate(ctx context.Context) error {
	policy, err := m.client.GetBucketPolicy(ctx, m.bucket)
	switch minio.ToErrorResponse(err).Code {
	case minio.AccessDenied, minio.NotImplemented:
		// Keys that may only read and write objects are good practice, and some stores have no policies.
		m.log.WarnContext(ctx, "cannot see whether the audio bucket is private", "bucket", m.bucket, "reason", err)
		return nil
	}
	if err != nil {
		return m.failed(ctx, "read the audio bucket's policy", err)
	}
	private, changed, err := withoutPublic(policy)
	if err != nil {
		return fmt.Errorf("read the audio bucket's policy: %w", err)
	}
	if !changed {
		return nil
	}
	if err := m.client.SetBucketPolicy(ctx, m.bucket, private); err != nil {
		return m.failed(ctx, "make the audio bucket private", err)
	}
	m.log.WarnContext(ctx, "the audio bucket was public and is now private; links are signed", "bucket", m.bucket)
	return nil
}

// withoutPublic returns a bucket policy without the statements that allow something to everybody, or "" if none is
// left, and whether there were any.
func withoutPublic(policy string) (private string, changed bool, err error) {
	if policy == "" {
		return "", false, nil
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		return "", false, err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(doc["Statement"], &all); err != nil {
		return "", false, err
	}
	kept := slices.DeleteFunc(slices.Clone(all), isPublic)
	if len(kept) == len(all) {
		return policy, false, nil
	}
	if len(kept) == 0 {
		return "", true, nil
	}
	statements, err := json.Marshal(kept)
	if err != nil {
		return "", false, err
	}
	doc["Statement"] = statements
	text, err := json.Marshal(doc)
	return string(text), true, err
}

// isPublic reports whether a statement of a policy allows something to everybody: Principal "*", {"AWS": "*"} or
// {"AWS": ["*"]}.
func isPublic(statement json.RawMessage) bool {
	var s struct {
		Effect    string
		Principal any
	}
	if json.Unmarshal(statement, &s) != nil || s.Effect != "Allow" {
		return false
	}
	if byKind, ok := s.Principal.(map[string]any); ok {
		s.Principal = byKind["AWS"]
	}
	if list, ok := s.Principal.([]any); ok {
		return slices.Contains(list, any("*"))
	}
	return s.Principal == "*"
}

// fullCodes are what MinIO answers where its disks, or what the bucket may have of them, are full: "List of error codes"
// in its cmd/api-errors.go. S3 has no such code.
var fullCodes = []string{"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}

// failed gives an error of minio-go its kind: the caller's own end of patience stays what it is, and everything
// that the store does not do is fault.Unavailable. Codes are compared, never texts; minio-go's texts hold no keys.
func (m *MinIO) failed(ctx context.Context, doing string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%s: %w", doing, ended)
	}
	if errors.Is(err, errBroken) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if slices.Contains(fullCodes, minio.ToErrorResponse(err).Code) {
		return fmt.Errorf("%s: %w", doing, errFull.WithCause(err))
	}
	return fmt.Errorf("%s: %w", doing, fault.Unavailable("the audio store cannot be used at the moment").WithCause(err))
}

// failedFor is failed for an operation on the object key.
func (m *MinIO) failedFor(ctx context.Context, doing, key string, err error) error {
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return notFound(key).WithCause(err)
	}
	return m.failed(ctx, fmt.Sprintf("%s audio %q", doing, key), err)
}
