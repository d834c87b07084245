package app

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/ownership"
)

// signingKey returns the key that tokens are signed with: JWT_SECRET_KEY, or else one that is generated once and
// kept in DATA_DIR/jwt.key, readable by its owner alone.
func signingKey(cfg *config.Config) ([]byte, error) {
	if key := cfg.Auth.JWTSecretKey.Reveal(); key != "" {
		return []byte(key), nil
	}
	path := filepath.Join(cfg.DataDir, "jwt.key")
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := generateKey(path); err != nil {
			return nil, fmt.Errorf("generate the signing key: %w", err)
		}
		key, err = os.ReadFile(path) // another process may have been first: what is on the disk holds
	}
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	if len(key) < 32 {
		return nil, fmt.Errorf("the signing key in %s is damaged: it has %d bytes, at least 32 are needed", path, len(key))
	}
	return key, nil
}

// generateKey writes a new key under path unless there is one. The file appears whole or not at all.
func generateKey(path string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "jwt.key.*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	var random [32]byte
	_, _ = rand.Read(random[:]) // crypto/rand.Read never fails since Go 1.24
	_, err = tmp.WriteString(hex.EncodeToString(random[:]))
	if err := errors.Join(err, tmp.Sync(), tmp.Close(), ownership.HandOver(tmp.Name())); err != nil {
		return err
	}
	err = os.Link(tmp.Name(), path) // unlike a rename, a link never replaces what is there
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// keys are those of tokens and links.
type keys struct {
	// signing signs; previous has signed before (JWT_SECRET_KEY_PREVIOUS), or is empty.
	signing, previous []byte
}

func readKeys(cfg *config.Config) (keys, error) {
	signing, err := signingKey(cfg)
	return keys{signing, []byte(cfg.Auth.JWTSecretKeyPrevious.Reveal())}, err
}

// derive returns the keys for one purpose.
func (k keys) derive(purpose string) (derived keys, err error) {
	if derived.signing, err = deriveKey(k.signing, purpose); err != nil || len(k.previous) == 0 {
		return derived, err
	}
	derived.previous, err = deriveKey(k.previous, purpose)
	return derived, err
}

// deriveKey returns a key for one purpose, from which the signing key cannot be told (RFC 5869).
func deriveKey(signingKey []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, signingKey, nil, "englishctl "+purpose, 32)
}
