package doctor

import (
	"errors"
	"fmt"
	"net/url"
	"syscall"
)

// Link is what came of opening an address.
type Link struct {
	// Address is where it leads, without what makes it secret: scheme, host and port.
	Address *url.URL
	// Status is that of the answer, 0 where there was none; Err is why.
	Status int
	Err    error
	// Intact says that what was stored came back.
	Intact bool
}

// Bucket is what was seen of the audio store.
type Bucket struct {
	Name string
	// Code is the store's word for what is wrong with looking into it; empty where nothing is.
	Code string
	Err  error
	// Signed opened the link that phones get; Bare the same object without the signature, Listed the bucket itself.
	Signed, Bare, Listed Link
	// Left says why the object that was stored to be opened could not be removed; it is removed by the daemon's sweep.
	Left error
}

// Findings judges a bucket.
func (b Bucket) Findings() []Finding {
	if b.Err != nil {
		return []Finding{b.refused()}
	}
	found := []Finding{ok("bucket %s takes, gives and removes a recording", b.Name), b.private(), b.Signed.phone()}
	if b.Left != nil {
		found[0] = warn("bucket %s takes recordings, but one could not be removed: %v", b.Name, b.Left).to("let the key delete objects, too", "S3_ACCESS_KEY")
	}
	return found
}

// refused knows S3's words: "List of error codes" in its API reference.
func (b Bucket) refused() Finding {
	f := fail("bucket %s: %v", b.Name, b.Err)
	switch b.Code {
	case "NoSuchBucket":
		return warn("there is no bucket %s yet; the daemon makes it at its start, if its key may", b.Name).
			to("make the bucket, or name the one that is there", "S3_BUCKET_NAME")
	case "InvalidAccessKeyId":
		return fail("the store does not know the access key").to("set the key that the store knows", "S3_ACCESS_KEY")
	case "SignatureDoesNotMatch":
		return fail("the secret key does not fit the access key").to("set the secret that belongs to the key", "S3_SECRET_KEY")
	case "AccessDenied", "AllAccessDisabled":
		return fail("the access key may not use bucket %s", b.Name).to("let the key read, write, delete and list there", "S3_ACCESS_KEY", "S3_BUCKET_NAME")
	case "AuthorizationHeaderMalformed", "PermanentRedirect":
		return fail("bucket %s lies in another region", b.Name).to("set the bucket's region", "S3_REGION")
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded":
		return fail("the store has no room left for bucket %s", b.Name).to("make room there, or raise what the bucket may have", "S3_BUCKET_NAME")
	case "RequestTimeTooSkewed":
		return fail("the store's clock and ours are more than 15 minutes apart").to("let both machines set their clocks by NTP").about("clock")
	}
	return f.to(advice[Unreachable], "S3_ENDPOINT_URL")
}

func (b Bucket) private() Finding {
	const advice = `take the bucket's anonymous policy away ("mc anonymous set none"); the daemon does so at its start, if its key may`
	switch {
	case b.Bare.Status == 200:
		return fail("everybody can hear every recording of bucket %s without a link of ours", b.Name).to(advice, "S3_BUCKET_NAME").about("bucket")
	case b.Listed.Status == 200:
		return fail("everybody can list what is in bucket %s", b.Name).to(advice, "S3_BUCKET_NAME").about("bucket")
	case b.Bare.Status == 0:
		return warn("whether bucket %s is private is not known: %v", b.Name, b.Bare.Err).to("look again when its address answers", "S3_ENDPOINT_URL").about("bucket")
	}
	return ok("private: without a link of ours the answer is %d", b.Bare.Status).about("bucket")
}

// phone judges the link that phones get to a bucket.
func (l Link) phone() Finding {
	const setting = "S3_PUBLIC_URL"
	at := l.Address.Host
	f := ok("a signed link opens at %s", at)
	switch {
	case l.Err != nil:
		f = warn("a signed link to %s does not open from this machine: %v", at, l.Err).
			to("set the address by which phones reach the store; try one from outside, where this machine cannot reach it itself", setting)
	case l.Status == 403:
		f = fail("a signed link to %s is refused (403): its signature is for another host or path", at).
			to("let the proxy there hand on the Host header and the path unchanged, or set the address that phones use", setting)
	case l.Status != 200:
		f = fail("a signed link to %s is answered with %d", at, l.Status).to("set the address of the store itself, not of something else", setting)
	case !l.Intact:
		f = fail("a signed link to %s gives something else than what was stored", at).to("set the address of the same store", setting)
	case l.Address.Scheme == "http" && !loopback(l.Address.Hostname()):
		f = warn("a signed link opens at %s, but by http: phones refuse that, and others can listen", at).to("put TLS before the store, and set its https address", setting)
	}
	return f.about("links")
}

// Folder is what was seen of recordings in files.
type Folder struct {
	Path string
	Err  error
	// Signed opened the daemon's own link.
	Signed Link
	// Keyless says that no daemon has made its key yet, so that there are no links.
	Keyless bool
}

// Findings judges a folder of recordings.
func (f Folder) Findings() []Finding {
	if errors.Is(f.Err, syscall.ENOSPC) || errors.Is(f.Err, syscall.EDQUOT) {
		return []Finding{fail("%s: %v", f.Path, f.Err).to("make room, or use a larger disk", "DATA_DIR")}
	}
	if f.Err != nil {
		return []Finding{fail("%s: %v", f.Path, f.Err).to("let the daemon's user write there", "DATA_DIR")}
	}
	stored := ok("%s takes, gives and removes a recording", f.Path)
	if f.Keyless {
		return []Finding{stored, warn("links cannot be tried: no daemon has run here yet").to("start the daemon, and look again").about("links")}
	}
	return []Finding{stored, f.Signed.own()}
}

// own judges the link that the daemon serves itself.
func (l Link) own() Finding {
	at := l.Address.String()
	f := ok("a signed link opens at %s", at)
	switch {
	case l.Err != nil:
		f = warn("a signed link could not be opened: no daemon answers at %s: %v", at, l.Err).
			to("start the daemon and look again, or set the address by which phones reach it", "PUBLIC_URL")
	case l.Status != 200:
		f = fail("a signed link to %s is answered with %d", at, l.Status).
			to("let that address lead to this daemon, with the same DATA_DIR and key", "PUBLIC_URL")
	case !l.Intact:
		f = fail("a signed link to %s gives something else than what was stored", at).to("let that address lead to this daemon", "PUBLIC_URL")
	}
	return f.about("links")
}

// Disk is the room where DATA_DIR is, in bytes and in files.
type Disk struct {
	Path        string
	Free, Total uint64
	Inodes      uint64
	Err         error
}

// What is too little. A recording has about 50 KB, and the write-ahead log of SQLite grows to some MB.
const (
	tight    = 1 << 30
	tooTight = 100 << 20
	fewFiles = 10_000
)

// Findings judges the room on a disk.
func (d Disk) Findings() []Finding {
	if d.Err != nil {
		return []Finding{warn("%s: %v", d.Path, d.Err).to("make the folder, or name one that is there", "DATA_DIR")}
	}
	said := fmt.Sprintf("%s has %s free of %s", d.Path, bytes(d.Free), bytes(d.Total))
	const advice = "make room, or use a larger disk"
	switch {
	case d.Free < tooTight:
		return []Finding{fail("%s", said).to(advice, "DATA_DIR")}
	case d.Free < tight || d.Free < d.Total/20:
		return []Finding{warn("%s", said).to(advice, "DATA_DIR")}
	case d.Inodes > 0 && d.Inodes < fewFiles:
		return []Finding{warn("%s has room for %d files only", d.Path, d.Inodes).to(advice, "DATA_DIR")}
	}
	return []Finding{ok("%s", said)}
}

func bytes(n uint64) string {
	const unit = 1 << 10
	value, name := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		if value < unit {
			break
		}
		value, name = value/unit, next
	}
	return fmt.Sprintf("%.3g %s", value, name)
}
