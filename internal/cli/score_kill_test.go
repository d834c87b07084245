package cli_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestNoVoiceOnDiskAfterAKill: a daemon that is killed while it scores has written what was said nowhere: there is no temporary file, and
// no new file among its data.
func TestNoVoiceOnDiskAfterAKill(t *testing.T) {
	pack := testenv.StarterPack(t, 1)
	fake := azuretest.New(azuretest.Config{})
	at := fake.Serve(t).String()
	home := newLaptop(t)
	folder, config := t.TempDir(), t.TempDir()
	address, kill, err := cli.StartDaemon(t.Context(), home.data, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+at, "TMPDIR="+folder)
	if err != nil {
		t.Fatal(err)
	}
	killed := false
	defer func() {
		if !killed {
			kill()
		}
	}()
	signedIn := []string{"XDG_CONFIG_HOME=" + config}
	if _, err := command(signedIn, staffPassword, "login", "--server", address, "--email", "staff@example.org", "--password-stdin"); err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, home.data)

	fake.Next(azuretest.Fault{Hang: true})
	score := exec.CommandContext(t.Context(), "englishctl", "score", filepath.Join(pack, "audio", "a1-question-001.mp3"), "--text", "Do you like spicy food?")
	score.Env = append(signedIn, "PATH="+os.Getenv("PATH"))
	if err := score.Start(); err != nil {
		t.Fatal(err)
	}
	waiting, giveUp := context.WithTimeout(t.Context(), 30*time.Second)
	defer giveUp()
	if err := fake.Await(waiting, 1); err != nil {
		t.Errorf("the recording did not come to be scored: %v", err)
	}
	during := filesIn(t, folder)
	kill()
	killed = true
	_ = score.Process.Kill()
	_ = score.Wait()
	if after := filesIn(t, folder); during+after != "" {
		t.Errorf("temporary files: %s and then %s", during, after)
	}
	if after := filesIn(t, home.data); after != before {
		t.Errorf("the data were %s and are %s", before, after)
	}
}

// filesIn are the names of all files below a folder.
func filesIn(t *testing.T, folder string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, folder))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}
