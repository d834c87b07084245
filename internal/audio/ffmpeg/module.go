package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// entry is the function that the module exports. Its name changes with the contract, which stands in scripts/decoder/decoder.c.
const entry = "decode_v1"

// maxModule is the size in bytes of the largest file that is taken for a module: ours has 1.4 MB.
const maxModule = 64 << 20

// maker is what to do about a file that is no decoder.
const maker = "scripts/build-decoder makes one"

// Module is FFmpeg, ready to decode or on the way there. It is safe for concurrent use.
type Module struct {
	path     string
	cacheDir string
	patience time.Duration

	once    sync.Once
	running sync.RWMutex // held for reading by every call: what Close frees is code that runs
	closed  bool
	code    []byte // until it is compiled
	broken  error  // why it cannot be used
	runtime wazero.Runtime
	cache   wazero.CompilationCache // nil: none
	machine wazero.CompiledModule
}

// Open reads the module in the file, and checks that it is one and whole. Compiling it takes about a second and is left for
// Ready or the first Decode. Errors are about the file, in one line that names it.
//
// The compiled module is kept in cacheDir, which is made where it can be: later starts take a tenth of the time. Whoever can
// write there can run code in this process. Empty means nowhere.
func Open(path, cacheDir string) (*Module, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s; %s", path, maker)
	case err != nil:
		return nil, err //nolint:wrapcheck // it names the file and says why
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case info.Size() > maxModule:
		return nil, fmt.Errorf("%s has %d bytes; a decoder module has at most %d", path, info.Size(), maxModule)
	}
	code, err := os.ReadFile(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	if err := checkShape(code); err != nil {
		return nil, fmt.Errorf("%s %w; %s", path, err, maker)
	}
	return &Module{path: path, cacheDir: cacheDir, patience: Patience, code: code}, nil
}

// Ready compiles the module, if nobody has, and waits for it. Where it fails once, it fails always, with the same error, which
// is about the file.
func (m *Module) Ready() error {
	m.once.Do(func() {
		if err := m.compile(); err != nil {
			m.broken = fmt.Errorf("%s %w; %s", m.path, err, maker)
		}
		m.code = nil
	})
	return m.broken
}

// Close waits for what runs, frees the compiled module, and lets later calls fail.
func (m *Module) Close() error {
	m.once.Do(func() { m.broken = errClosed })
	m.running.Lock()
	defer m.running.Unlock()
	m.closed = true
	return m.free()
}

var errClosed = errors.New("the decoder is closed")

func (m *Module) free() error {
	ctx := context.Background()
	var err error
	if m.runtime != nil {
		err = m.runtime.Close(ctx)
	}
	if m.cache != nil {
		err = errors.Join(err, m.cache.Close(ctx))
	}
	m.runtime, m.cache = nil, nil
	if err != nil {
		return fmt.Errorf("free the decoder: %w", err)
	}
	return nil
}

// compile uses the cache, and does without where that fails: a disk may be full, or what is kept damaged.
func (m *Module) compile() error {
	if cache, err := m.openCache(); err == nil {
		m.cache = cache
		if m.compileWith(m.config().WithCompilationCache(cache)) == nil {
			return nil
		}
		_ = m.free()
		_ = os.RemoveAll(m.cacheDir) // the next start writes it anew
	}
	return m.compileWith(m.config())
}

func (m *Module) openCache() (wazero.CompilationCache, error) {
	if m.cacheDir == "" {
		return nil, errors.New("nothing is kept")
	}
	return wazero.NewCompilationCacheWithDir(m.cacheDir) //nolint:wrapcheck // nobody reads it
}

// config bounds every instance. Looking at the context in every loop of the module makes it several times slower, but nothing
// else ends a loop that never ends.
func (m *Module) config() wazero.RuntimeConfig {
	const page = 64 << 10
	return wazero.NewRuntimeConfig().WithMemoryLimitPages(MaxMemory / page).WithCloseOnContextDone(true)
}

// compileWith also makes an instance: whether the module fits is known only then.
func (m *Module) compileWith(config wazero.RuntimeConfig) error {
	ctx := context.Background()
	m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err != nil {
		return fmt.Errorf("cannot be used: %w", firstLine(err))
	}
	if err := exportHost(ctx, m.runtime); err != nil {
		return fmt.Errorf("cannot be used: %w", firstLine(err))
	}
	var err error
	if m.machine, err = m.runtime.CompileModule(ctx, m.code); err != nil {
		return fmt.Errorf("is a damaged WebAssembly module (%w)", firstLine(err))
	}
	if _, ok := m.machine.ExportedFunctions()[entry]; !ok {
		return fmt.Errorf("is no decoder for this version of englishctl: it exports no %s", entry)
	}
	instance, err := m.instantiate(ctx)
	if err != nil {
		return fmt.Errorf("is no decoder for this version of englishctl (%w)", firstLine(err))
	}
	return instance.Close(ctx) //nolint:wrapcheck // never fails
}

// firstLine leaves out the stack that wazero adds to errors.
func firstLine(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
