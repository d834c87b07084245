package blob

import (
	"net/url"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The signature is compared with minio-go's own, which signs with the current time: its link says which.
func TestLinkIsTheOneMinioGoWouldMake(t *testing.T) {
	cfg := MinIOConfig{
		Endpoint: "https://audio.example.org", AccessKey: "re/ad+er", SecretKey: "unguessable", Bucket: "sounds", Region: "eu-central-1",
	}
	m, err := NewMinIO(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.New("audio.example.org", &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""), Secure: true, Region: cfg.Region,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"audio/x.mp3", "audio/a b+c%20?#&=~'(é)日本.mp3", "audio/:@$,;!*.mp3"} {
		want, err := client.PresignedGetObject(t.Context(), cfg.Bucket, key, linkLife, nil)
		if err != nil {
			t.Fatal(err)
		}
		start, err := time.Parse("20060102T150405Z", want.Query().Get("X-Amz-Date"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := url.Parse(m.links.link(key, start))
		if err != nil {
			t.Fatal(err)
		}
		if got.Host != want.Host || got.Path != want.Path || got.Query().Encode() != want.Query().Encode() {
			t.Errorf("link to %q\n got %s\nwant %s", key, got, want)
		}
	}
}
