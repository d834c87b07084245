package blob

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/englishapp/englishctl/internal/fault"
)

// address is where a store listens, as minio-go wants it, and the setting that says so.
type address struct {
	setting string
	host    string // with the port, if any
	secure  bool
}

// addresses returns where this process and where phones reach the store.
func (cfg MinIOConfig) addresses() (inside, outside address, err error) {
	var c fault.Check
	c.Require(cfg.AccessKey != "", "S3_ACCESS_KEY", "is needed for the audio store")
	c.Require(cfg.SecretKey != "", "S3_SECRET_KEY", "is needed for the audio store")
	if err := s3utils.CheckValidBucketNameStrict(cfg.Bucket); err != nil {
		c.Addf("S3_BUCKET_NAME", "%q is no bucket name: %v", cfg.Bucket, err)
	}
	inside = parseAddress(&c, "S3_ENDPOINT_URL", cfg.Endpoint, cfg.UseSSL)
	outside = inside
	if cfg.PublicURL != "" {
		outside = parseAddress(&c, "S3_PUBLIC_URL", cfg.PublicURL, cfg.UseSSL)
	}
	return inside, outside, c.Err()
}

// parseAddress reads "http://host:9000", "https://host" or "host:9000". It refuses a path: a signature covers the
// path as the store sees it, so a proxy would have to be known that takes the prefix off again.
func parseAddress(c *fault.Check, setting, text string, useSSL bool) address {
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
		if useSSL {
			full = "https://" + text
		}
	}
	u, err := url.Parse(full)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		c.Addf(setting, "must be an address such as http://host:9000 or https://host")
	case u.User != nil:
		c.Addf(setting, "must not hold a user name or password; they have settings of their own")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		c.Addf(setting, "%q has something after the host; the store must have a host or port of its own", text)
	default:
		return address{setting: setting, host: u.Host, secure: u.Scheme == "https"}
	}
	return address{}
}

// newLinks makes the signer of links for outside, and lists what links to the bucket begin with.
func newLinks(inside, outside address, cfg MinIOConfig) (linkSigner, []string, error) {
	near, err := bucketURL(inside, cfg)
	if err != nil {
		return linkSigner{}, nil, err
	}
	far, err := bucketURL(outside, cfg)
	if err != nil {
		return linkSigner{}, nil, err
	}
	s := linkSigner{base: *far, accessKey: cfg.AccessKey, secretKey: cfg.SecretKey, region: cfg.Region, now: cfg.Now}
	return s, []string{near.String(), far.String()}, nil
}

// bucketURL returns the URL that keys of the bucket follow. Only minio-go knows which stores want the bucket in the
// host and which in the path, so it is asked for one link, which needs no network since the region is known.
func bucketURL(at address, cfg MinIOConfig) (*url.URL, error) {
	client, err := newClient(at, cfg, nil)
	if err != nil {
		return nil, err
	}
	const probe = "probe"
	u, err := client.PresignedGetObject(context.Background(), cfg.Bucket, probe, linkLife, nil)
	if err != nil {
		return nil, fmt.Errorf("find out the address of the audio bucket: %w", err)
	}
	u.RawQuery = ""
	u.Path = strings.TrimSuffix(u.Path, probe)
	return u, nil
}

// linkSigner makes presigned GET links by AWS Signature Version 4 in the query ("Authenticating Requests: Using Query
// Parameters" in the S3 API reference).
//
// minio-go signs with the time of the call only, and so gives another link each time. With the rounded time every
// daemon gives the same link, and nothing has to be kept.
type linkSigner struct {
	base                         url.URL // ends in "/"; keys follow
	accessKey, secretKey, region string
	now                          func() time.Time
}

// link returns the link to key that is valid from start for linkLife.
func (s linkSigner) link(key string, start time.Time) string {
	date, stamp := start.Format("20060102"), start.Format("20060102T150405Z")
	scope := date + "/" + s.region + "/s3/aws4_request"
	path := s3utils.EncodePath(s.base.Path + key)
	query := url.Values{ // Encode sorts by name, as the signature needs it
		"X-Amz-Algorithm":     {"AWS4-HMAC-SHA256"},
		"X-Amz-Credential":    {s.accessKey + "/" + scope},
		"X-Amz-Date":          {stamp},
		"X-Amz-Expires":       {fmt.Sprint(int(linkLife.Seconds()))},
		"X-Amz-SignedHeaders": {"host"},
	}
	// Values.Encode writes a space as "+", which S3 takes for a plus.
	q := strings.ReplaceAll(query.Encode(), "+", "%20")
	request := sha256.Sum256([]byte("GET\n" + path + "\n" + q + "\nhost:" + s.base.Host + "\n\nhost\nUNSIGNED-PAYLOAD"))
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(request[:])

	mac := []byte("AWS4" + s.secretKey)
	for _, part := range []string{date, s.region, "s3", "aws4_request", text} {
		h := hmac.New(sha256.New, mac)
		h.Write([]byte(part))
		mac = h.Sum(nil)
	}
	return s.base.Scheme + "://" + s.base.Host + path + "?" + q + "&X-Amz-Signature=" + hex.EncodeToString(mac)
}

// SignedURL returns a link by which anybody can hear the object for the next 45 to 60 minutes. Links made for one
// key within 15 minutes are equal, whichever process made them. Whether there is such an object is not checked;
// the store is not asked.
func (m *MinIO) SignedURL(_ context.Context, key string) (string, error) {
	start := linkStart(m.links.now())
	return m.link(key, start, func() string { return m.links.link(key, start) })
}

// KeyOf returns the key of a link (signed or not, valid or not) that leads to this store, by its public address or
// by the one that this process uses.
func (m *MinIO) KeyOf(link string) (key string, ok bool) {
	for _, base := range m.bases {
		if rest, ok := strings.CutPrefix(link, base); ok {
			return keyOfPath(rest)
		}
	}
	return "", false
}
