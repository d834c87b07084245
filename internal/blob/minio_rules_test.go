package blob_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/minio/minio-go/v7/pkg/lifecycle"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/fault"
)

var rules = blob.Rules{UploadPrefix: "audio/uploads/", UploadDays: 2, Prefix: "audio/", VersionDays: 30}

func arrange(t *testing.T, m *blob.MinIO, r blob.Rules) blob.BucketState {
	t.Helper()
	state, err := m.Arrange(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestArrange(t *testing.T) {
	cfg := minioConfig(t)
	m, raw, ctx := openMinIO(t, cfg), rawClient(t, cfg), t.Context()
	foreign := lifecycle.Rule{
		ID: "somebody's", Status: "Enabled", RuleFilter: lifecycle.Filter{Prefix: "logs/"}, Expiration: lifecycle.Expiration{Days: 7},
	}
	if err := raw.SetBucketLifecycle(ctx, cfg.Bucket, &lifecycle.Configuration{Rules: []lifecycle.Rule{foreign}}); err != nil {
		t.Fatal(err)
	}
	before, err := m.State(ctx)
	if diff := cmp.Diff(blob.BucketState{Bucket: cfg.Bucket, Private: "yes", Versioning: "off"}, before); diff != "" || err != nil {
		t.Errorf("before: %v %s", err, diff)
	}
	want := blob.BucketState{Bucket: cfg.Bucket, Private: "yes", Versioning: "enabled", UploadDays: 2, VersionDays: 30}
	for range 2 {
		if diff := cmp.Diff(want, arrange(t, m, rules)); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}
	shorter := rules
	shorter.VersionDays = 7
	arrange(t, m, shorter)
	config, err := raw.GetBucketLifecycle(ctx, cfg.Bucket)
	if err != nil || len(config.Rules) != 3 || config.Rules[0].ID != foreign.ID {
		t.Fatalf("rules: %+v, %v", config, err)
	}
	for _, rule := range config.Rules {
		switch rule.ID {
		case "englishctl-uploads":
			if rule.RuleFilter.Prefix != "audio/uploads/" || rule.Expiration.Days != 2 {
				t.Errorf("uploads: %+v", rule)
			}
		case "englishctl-versions":
			if rule.RuleFilter.Prefix != "audio/" || rule.NoncurrentVersionExpiration.NoncurrentDays != 7 || rule.Expiration.Days != 0 {
				t.Errorf("versions: %+v", rule)
			}
		}
	}

	// What somebody has suspended stays so until somebody says otherwise.
	if err := raw.SuspendVersioning(ctx, cfg.Bucket); err != nil {
		t.Fatal(err)
	}
	if state := arrange(t, m, rules); state.Versioning != "suspended" || len(state.Trouble) != 1 {
		t.Errorf("suspended: %+v", state)
	}
	resumed := rules
	resumed.Resume = true
	if state := arrange(t, m, resumed); state.Versioning != "enabled" || len(state.Trouble) != 0 {
		t.Errorf("resumed: %+v", state)
	}
}

func TestStateOfAPublicBucket(t *testing.T) {
	cfg := minioConfig(t)
	m := openMinIO(t, cfg)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::` + cfg.Bucket + `/*"]}]}`
	if err := rawClient(t, cfg).SetBucketPolicy(t.Context(), cfg.Bucket, policy); err != nil {
		t.Fatal(err)
	}
	state, err := m.State(t.Context())
	if err != nil || state.Private != "no" || len(state.Trouble) != 1 {
		t.Errorf("state: %+v, %v", state, err)
	}
}

// TestVersions: what was overwritten or deleted is still there; uploads are not kept twice.
func TestVersions(t *testing.T) {
	cfg := minioConfig(t)
	m, ctx := openMinIO(t, cfg), t.Context()
	if got, err := m.Versions(ctx, "audio/A1/x.mp3"); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	write := func(key, content string) {
		t.Helper()
		if _, err := m.Put(ctx, key, strings.NewReader(content), "audio/mpeg"); err != nil {
			t.Fatal(err)
		}
	}
	write("audio/A1/x.mp3", "before versioning")
	arrange(t, m, rules)
	write("audio/A1/x.mp3", "second")
	write("audio/A1/x.mp3.old", "another object, whose key begins alike")
	if err := m.Delete(ctx, "audio/A1/x.mp3"); err != nil {
		t.Fatal(err)
	}
	got, err := m.Versions(ctx, "audio/A1/x.mp3")
	if err != nil || len(got) != 3 || !got[0].Marker || !got[0].Latest || got[1].Size != int64(len("second")) || got[1].Latest {
		t.Fatalf("versions: %+v, %v", got, err)
	}
	for i, want := range []string{"second", "before versioning"} {
		if content := version(t, m, "audio/A1/x.mp3", got[i+1].ID); content != want {
			t.Errorf("version %d is %q, want %q", i+1, content, want)
		}
	}
	for _, id := range []string{got[0].ID, "0197a000-0000-4000-8000-000000000001", "no id"} {
		if _, err := m.OpenVersion(ctx, "audio/A1/x.mp3", id); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("version %q: %v", id, err)
		}
	}
	write("audio/uploads/s/a.mp3", "an upload")
	if err := m.Delete(ctx, "audio/uploads/s/a.mp3"); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Versions(ctx, "audio/uploads/s/a.mp3"); err != nil || len(got) > 1 || len(got) == 1 && !got[0].Marker {
		t.Errorf("of an upload that was deleted: %+v, %v", got, err)
	}
}

func version(t *testing.T, m *blob.MinIO, key, id string) string {
	t.Helper()
	content, err := m.OpenVersion(t.Context(), key, id)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// TestArrangeWithoutRights: a key that may only read and write objects is good practice. What it may not do is said.
func TestArrangeWithoutRights(t *testing.T) {
	cfg := minioConfig(t)
	openMinIO(t, cfg)
	target, err := url.Parse(cfg.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // is signed
	}}
	denied := []string{"versioning", "lifecycle", "policy", "versions"}
	guarded := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, sub := range denied {
			if r.URL.Query().Has(sub) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>`)
				return
			}
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(guarded.Close)
	cfg.Endpoint = guarded.URL
	m := openMinIO(t, cfg)
	state := arrange(t, m, rules)
	if state.Private != "unknown" || state.Versioning != "unknown" || len(state.Trouble) != 3 {
		t.Errorf("state: %+v", state)
	}
	put(t, m, "audio/A1/x.mp3")
	if got, err := m.Versions(t.Context(), "audio/A1/x.mp3"); err != nil || len(got) != 1 || !got[0].Latest {
		t.Errorf("versions: %+v, %v", got, err)
	}
	if got, err := m.Versions(t.Context(), "audio/A1/none.mp3"); err != nil || len(got) != 0 {
		t.Errorf("versions of nothing: %+v, %v", got, err)
	}

	denied = []string{"lifecycle"}
	if _, err := rawClient(t, minioAt(cfg, target)).GetBucketVersioning(t.Context(), cfg.Bucket); err != nil {
		t.Fatal(err)
	}
	if state := arrange(t, m, rules); state.Versioning != "enabled" || len(state.Trouble) != 1 || !strings.Contains(state.Trouble[0], "lifecycle") {
		t.Errorf("without the right to see the lifecycle: %+v", state)
	}
}

// minioAt is the configuration with the store's own address.
func minioAt(cfg blob.MinIOConfig, at *url.URL) blob.MinIOConfig {
	cfg.Endpoint = at.String()
	return cfg
}

// TestDiskVersions: a folder has what it has.
func TestDiskVersions(t *testing.T) {
	d, err := blob.NewDisk(blob.DiskConfig{Dir: t.TempDir(), SigningKey: make([]byte, 32), Private: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Put(t.Context(), "audio/x.mp3", strings.NewReader("x"), ""); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Versions(t.Context(), "audio/x.mp3"); err != nil || len(got) != 1 || !got[0].Latest || got[0].Size != 1 {
		t.Errorf("versions: %+v, %v", got, err)
	}
	if got, err := d.Versions(t.Context(), "audio/y.mp3"); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	if _, err := d.Versions(t.Context(), "../y.mp3"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("of no key: %v", err)
	}
	if _, err := d.OpenVersion(t.Context(), "audio/x.mp3", "1"); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a version: %v", err)
	}
}
