package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/ownership"
)

// instanceLock keeps a second daemon off an embedded database. The operating system drops it with the process,
// however that ends.
type instanceLock struct{ file *flock.Flock }

// lockInstance takes the lock of DATA_DIR. With PostgreSQL any number of daemons may run, and there is none.
func lockInstance(cfg *config.Config) (*instanceLock, error) {
	if cfg.Database.Postgres() {
		return nil, nil
	}
	if err := makeDataDir(cfg); err != nil {
		return nil, err
	}
	path := filepath.Join(cfg.DataDir, "serve.lock")
	file := flock.New(path, flock.SetPermissions(0o600))
	taken, err := file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !taken {
		return nil, fmt.Errorf("another daemon (process %s) runs on the data directory %s: stop it, or give this one its own DATA_DIR",
			holder(path), cfg.DataDir)
	}
	err = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())), 0o600)
	if err := errors.Join(err, ownership.HandOver(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("write the process id: %w", err), file.Close())
	}
	return &instanceLock{file}, nil
}

// holder reads the process id that the holder of the lock has written.
func holder(path string) string {
	content, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(content)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}

// release gives the lock back. The file stays: removing it would let two daemons lock two different files.
func (l *instanceLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
