package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/englishapp/englishctl/internal/config"
)

func TestSigningKeyIsTheSettingWhereThereIsOne(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir()}
	cfg.Auth.JWTSecretKey = config.Secret(strings.Repeat("s", 32))
	key, err := signingKey(cfg)
	if err != nil || string(key) != strings.Repeat("s", 32) {
		t.Fatalf("signingKey = %q, %v; want the setting", key, err)
	}
	if entries, _ := os.ReadDir(cfg.DataDir); len(entries) != 0 {
		t.Errorf("the data directory has %v, want nothing", entries)
	}
}

func TestSigningKeyIsGeneratedOnceForAll(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir()}
	keys := make([][]byte, 20)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = signingKey(cfg); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) < 32 || !bytes.Equal(key, keys[0]) {
			t.Fatalf("the keys differ or are short: %q and %q", key, keys[0])
		}
	}
	info, err := os.Stat(filepath.Join(cfg.DataDir, "jwt.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key file: %v, %v; want mode 0600", info, err)
	}
	if entries, _ := os.ReadDir(cfg.DataDir); len(entries) != 1 {
		t.Errorf("the data directory has %v, want the key alone", entries)
	}
}

func TestDamagedSigningKeyIsAnErrorThatNamesTheFile(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir()}
	path := filepath.Join(cfg.DataDir, "jwt.key")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(cfg); err == nil || !strings.Contains(err.Error(), path) {
		t.Fatalf("err = %v, want one that names %s", err, path)
	}
}

func TestDerivedKeysDifferByPurpose(t *testing.T) {
	master := []byte(strings.Repeat("m", 32))
	links, err := deriveKey(master, "media links")
	if err != nil {
		t.Fatal(err)
	}
	other, err := deriveKey(master, "something else")
	if err != nil {
		t.Fatal(err)
	}
	again, err := deriveKey(master, "media links")
	if err != nil {
		t.Fatal(err)
	}
	if len(links) != 32 || bytes.Equal(links, other) || bytes.Equal(links, master) || !bytes.Equal(links, again) {
		t.Errorf("keys %x, %x, %x: want 32 bytes, one for each purpose, always the same", links, other, again)
	}
}
