package cli_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestScoringOverTLS: as an operator whose Azure is behind a certificate of their own authority; without it, neither key nor voice is sent.
func TestScoringOverTLS(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	at, signer := fake.ServeTLS(t)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signer.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"AZURE_SPEECH_KEY=" + azuretest.Key, "AZURE_SPEECH_ENDPOINT=" + at.String(), "DATA_DIR=" + t.TempDir(), "XDG_CONFIG_HOME=" + t.TempDir()}
	score := []string{"score", filepath.Join(testenv.StarterPack(t, 1), "audio", "a1-question-001.mp3"), "--text", "Do you like spicy food?"}

	_, err := command(environ, "", score...)
	if err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") || strings.Contains(err.Error(), azuretest.Key) || len(fake.Calls()) > 0 {
		t.Errorf("a stranger's certificate: %v, %d calls", err, len(fake.Calls()))
	}
	said, err := command(append(environ, "SSL_CERT_FILE="+authority), "", score...)
	if err != nil || !strings.Contains(said, "92.2") || len(fake.Calls()) != 1 {
		t.Errorf("a certificate that is trusted: %v, %d calls:\n%s", err, len(fake.Calls()), said)
	}
}
