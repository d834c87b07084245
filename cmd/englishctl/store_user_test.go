package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// TestDaemonsOwnUserOfTheStore: with the policy of the sample (examples/deploy/compose) and nothing else, everything works that the program
// does with its bucket, on a real MinIO; what it does not do is refused.
func TestDaemonsOwnUserOfTheStore(t *testing.T) {
	t.Parallel()
	s := production(t)
	root, bucket, other := s.storeClient(t), s.value("S3_BUCKET_NAME"), "other-"+uuid.NewString()
	for _, name := range []string{bucket, other} { // minio-setup.sh makes the bucket: the user may not
		if err := root.MakeBucket(t.Context(), name, minio.MakeBucketOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := root.PutObject(t.Context(), other, "audio/a1/x.mp3", strings.NewReader("sound"), 5, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	s.asStoreUser(t)
	t.Run("all that the program does", func(t *testing.T) { s.usesTheStore(t) })
	t.Run("nothing else", func(t *testing.T) { s.mayNotElse(t, other) })
}

// usesTheStore does everything that the program does with its bucket.
func (s stack) usesTheStore(t *testing.T) {
	s.must(t, "", starterPack(t)...)
	d := s.serve(t)
	learner, admin := d.learner(), d.admin(s)
	learner.over = http.DefaultClient
	speeches := learner.draw("A1", "question", 3)
	var ids []string
	for _, speech := range speeches {
		ids = append(ids, speech.(map[string]any)["id"].(string))
		if got := learner.fetch(speech.(map[string]any)["audio_url"].(string)); got.status != http.StatusOK || len(got.content) == 0 {
			t.Errorf("a recording: %d, %d bytes", got.status, len(got.content))
		}
	}
	learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", session(ids))
	sounds, err := filepath.Abs(filepath.Join(repository, "examples", "starter-pack", "audio"))
	if err != nil {
		t.Fatal(err)
	}
	recording, err := os.ReadFile(filepath.Join(sounds, "a1-question-001.mp3"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := admin.form("/api/v1/admin/speeches", map[string]string{"text": "May you do this?", "level": "A1", "type": "question"}, part{"audio", "large.mp3", padded(recording, 10<<20)})
	if err != nil || a.status != http.StatusCreated {
		t.Fatalf("a speech with a large recording: %v %v", a, err)
	}
	id := fmt.Sprint(a.body["id"])
	if a := admin.upload("b.mp3", recording); a.status != http.StatusOK {
		t.Errorf("an upload: %s", a)
	}
	s.must(t, "", "speeches", "update", id, "--audio", filepath.Join(sounds, "a1-question-002.mp3"))
	s.must(t, "", "speeches", "audio", id, "--restore", "previous")
	s.must(t, "", "speeches", "delete", id, "--yes")
	place := filepath.Join(t.TempDir(), "backup")
	s.must(t, "", "backup", place)
	s.must(t, "", "backup", "verify", place)

	var status struct{ Bucket struct{ Settled bool } }
	if err := json.Unmarshal([]byte(s.must(t, "", "storage", "status", "-o", "json")), &status); err != nil || !status.Bucket.Settled {
		t.Errorf("the bucket is not as it should be: %+v, %v", status, err)
	}
	report, _, _ := s.run(t, "", "doctor", "-o", "json")
	var found struct {
		Findings []struct{ Check, Result, Found string }
	}
	if err := json.Unmarshal([]byte(report), &found); err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, f := range found.Findings {
		if f.Check != "bucket" {
			continue
		}
		if looked++; f.Result != "ok" {
			t.Errorf("the doctor: %s: %s", f.Result, f.Found)
		}
	}
	if looked < 2 {
		t.Errorf("the doctor has looked at %d things of the bucket", looked)
	}
	if code := d.stop(); code != 0 {
		t.Errorf("the daemon ends with %d", code)
	}
	for line := range strings.Lines(d.logged()) {
		if strings.Contains(line, "the cache is out") {
			continue // Redis, on a busy machine: nothing of the store
		}
		if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("the daemon misses something: %s", line)
		}
	}
}

// mayNotElse tries as the daemon's user what somebody would who has its keys.
func (s stack) mayNotElse(t *testing.T, other string) {
	user, bucket, ctx := s.storeClient(t), s.value("S3_BUCKET_NAME"), t.Context()
	public := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::%s/*"]}]}`, bucket)
	for what, try := range map[string]func() error{
		"make its bucket public": func() error { return user.SetBucketPolicy(ctx, bucket, public) },
		"remove its bucket": func() error {
			return user.RemoveBucketWithOptions(ctx, bucket, minio.RemoveBucketOptions{ForceDelete: true})
		},
		"make a bucket": func() error { return user.MakeBucket(ctx, "another-"+uuid.NewString(), minio.MakeBucketOptions{}) },
		"read in another": func() error {
			_, err := user.StatObject(ctx, other, "audio/a1/x.mp3", minio.StatObjectOptions{})
			return err
		},
		"write into another": func() error {
			_, err := user.PutObject(ctx, other, "audio/a1/y.mp3", strings.NewReader("sound"), 5, minio.PutObjectOptions{})
			return err
		},
		"remove from another": func() error { return user.RemoveObject(ctx, other, "audio/a1/x.mp3", minio.RemoveObjectOptions{}) },
		"list another": func() error {
			for o := range user.ListObjects(ctx, other, minio.ListObjectsOptions{}) {
				return o.Err
			}
			return nil
		},
		"pass a recording on to another": func() error {
			_, err := user.CopyObject(ctx, minio.CopyDestOptions{Bucket: other, Object: "z"}, minio.CopySrcOptions{Bucket: other, Object: "audio/a1/x.mp3"})
			return err
		},
		"set another's rules": func() error { return user.EnableVersioning(ctx, other) },
	} {
		err := try()
		if said := minio.ToErrorResponse(err); said.StatusCode != http.StatusForbidden {
			t.Errorf("it may %s: %v", what, err)
		}
	}
	seen, err := user.ListBuckets(ctx)
	for _, b := range seen {
		if b.Name != bucket {
			t.Errorf("it sees the bucket %s: %v", b.Name, err)
		}
	}
}

// storeClient talks to the stack's store with the stack's keys, past the program.
func (s stack) storeClient(t *testing.T) *minio.Client {
	t.Helper()
	at, err := url.Parse(s.value("S3_ENDPOINT_URL"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.New(at.Host, &minio.Options{Creds: credentials.NewStaticV4(s.value("S3_ACCESS_KEY"), s.value("S3_SECRET_KEY"), ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// asStoreUser makes a user with the policy of the sample, for the stack's bucket, and gives the stack its keys instead of root's.
func (s *stack) asStoreUser(t *testing.T) {
	t.Helper()
	sample, err := os.ReadFile(filepath.Join(repository, "examples", "deploy", "compose", "minio-policy.json"))
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(t.TempDir(), "policy.json")
	write(t, policy, string(bytes.ReplaceAll(sample, []byte(":::englishapp-audio"), []byte(":::"+s.value("S3_BUCKET_NAME")))))
	name, password := "daemon-"+uuid.NewString()[:8], uuid.NewString()
	cmd := exec.CommandContext(t.Context(), "go", "run", ".", s.value("S3_ENDPOINT_URL"), name, policy)
	cmd.Dir = filepath.Join(repository, "scripts", "testdata", "storeuser")
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.value("S3_ACCESS_KEY"), "ROOT_SECRET_KEY="+s.value("S3_SECRET_KEY"), "SECRET_KEY="+password)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make the daemon's user: %v\n%s", err, said)
	}
	for setting, value := range map[string]string{"S3_ACCESS_KEY": name, "S3_SECRET_KEY": password} {
		_, replace := s.setting(t, setting)
		replace(value)
	}
}
