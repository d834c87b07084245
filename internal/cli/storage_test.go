package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/testenv"
)

// bucketOf opens the bucket of settings, behind the program's back.
func bucketOf(t *testing.T, settings []string) *blob.MinIO {
	t.Helper()
	value := func(name string) string {
		for _, setting := range settings {
			if v, ok := strings.CutPrefix(setting, name+"="); ok {
				return v
			}
		}
		return ""
	}
	m, err := blob.NewMinIO(blob.MinIOConfig{
		Endpoint: value("S3_ENDPOINT_URL"), AccessKey: value("S3_ACCESS_KEY"), SecretKey: value("S3_SECRET_KEY"), Bucket: value("S3_BUCKET_NAME"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestBucketIsSetUpAtStart: a daemon that starts on an empty store leaves a private bucket with versioning and rules.
func TestBucketIsSetUpAtStart(t *testing.T) {
	settings, data := bucketSettings(t), t.TempDir()
	for _, tt := range []struct {
		name string
		more []string
		want []string
	}{
		{"unless it is told not to", []string{"S3_MANAGE_BUCKET=false"}, []string{"private,yes,yes", "versioning,off,enabled", "forgotten uploads go after,-,2 days", "old versions are kept,-,30 days"}},
		{"by default", nil, []string{"private,yes,yes", "versioning,enabled,enabled", "forgotten uploads go after,2 days,2 days", "old versions are kept,30 days,30 days"}},
		{"anew, where the settings have changed", []string{"UPLOAD_SESSION_TTL=49h", "REPLACED_RECORDING_DAYS=7"}, []string{"forgotten uploads go after,4 days,4 days", "old versions are kept,7 days,7 days"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := append(append([]string{}, settings...), tt.more...)
			_, stop, err := cli.StartDaemon(t.Context(), data, all...)
			if err != nil {
				t.Fatal(err)
			}
			stop()
			status := runs(t, append(all, "DATA_DIR="+data), "storage", "status", "-o", "csv")
			for _, line := range tt.want {
				if !strings.Contains(status, line+"\n") {
					t.Errorf("no line %q in\n%s", line, status)
				}
			}
		})
	}
}

// TestRecordingOfABucketComesBack: what was deleted in the bucket, by whomever, and what was replaced, can be had back.
func TestRecordingOfABucketComesBack(t *testing.T) {
	settings := append(bucketSettings(t), "DATA_DIR="+t.TempDir())
	pack := filepath.Join(testenv.StarterPack(t, 10), "audio")
	if got := runs(t, settings, "storage", "setup", "-o", "csv"); !strings.Contains(got, "versioning,enabled,enabled\n") {
		t.Fatalf("setup:\n%s", got)
	}
	runs(t, settings, "speeches", "create", "--text", "Hello.", "--level", "A1", "--audio", filepath.Join(pack, "a1-question-001.mp3"))
	id, _, _ := strings.Cut(strings.Split(runs(t, settings, "speeches", "list", "-o", "csv"), "\n")[1], ",")
	recordings := func() (rows [][]string) {
		for _, line := range strings.Split(strings.TrimSpace(runs(t, settings, "speeches", "audio", id, "-o", "csv")), "\n")[1:] {
			rows = append(rows, strings.Split(line, ","))
		}
		return rows
	}
	rows := recordings()
	first, sum := rows[0][0], rows[0][2]
	if err := bucketOf(t, settings).Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	rows = recordings()
	if len(rows) != 2 || rows[0][1] != "missing" || rows[1][1] != "removed" {
		t.Fatalf("after it was deleted: %v", rows)
	}
	runs(t, settings, "speeches", "audio", id, "--restore", rows[1][0])
	rows = recordings()
	if rows[0][1] != "in_use" || rows[0][2] != sum || rows[0][0] == first {
		t.Fatalf("after it was brought back: %v", rows)
	}
	runs(t, settings, "speeches", "update", id, "--audio", filepath.Join(pack, "a1-question-002.mp3"))
	runs(t, settings, "speeches", "audio", id, "--restore", "previous")
	if again := recordings(); again[0][0] != rows[0][0] || again[1][1] != "kept" {
		t.Errorf("after it was replaced and brought back: %v", again)
	}
}

// TestStorageOutOfReach says so, and changes nothing.
func TestStorageOutOfReach(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "englishctl", "storage", "setup")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "DATA_DIR=" + t.TempDir(), "S3_ENDPOINT_URL=http://127.0.0.1:1", "S3_ACCESS_KEY=a", "S3_SECRET_KEY=sesame"}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the audio store cannot be used at the moment") || strings.Contains(string(out), "sesame") {
		t.Errorf("%v\n%s", err, out)
	}
}
