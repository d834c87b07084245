package app

import (
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/config"
)

func TestPublicAddress(t *testing.T) {
	tests := []struct {
		name string
		http config.HTTP
		port int
		want string
	}{
		{"the setting wins", config.HTTP{Host: "0.0.0.0", PublicURL: &url.URL{Scheme: "https", Host: "api.example.com"}}, 8000, "https://api.example.com"},
		{"where it listens", config.HTTP{Host: "192.0.2.7", Port: 8000}, 8000, "http://192.0.2.7:8000"},
		{"the port that the system has chosen", config.HTTP{Host: "127.0.0.1", Port: 0}, 41234, "http://127.0.0.1:41234"},
		{"nobody can call 0.0.0.0", config.HTTP{Host: "0.0.0.0", Port: 80}, 80, "http://127.0.0.1:80"},
		{"nor ::", config.HTTP{Host: "::", Port: 80}, 80, "http://127.0.0.1:80"},
		{"IPv6 in brackets", config.HTTP{Host: "2001:db8::7", Port: 80}, 80, "http://[2001:db8::7]:80"},
		{"TLS", config.HTTP{Host: "127.0.0.1", Port: 443, TLSCertFile: "c", TLSKeyFile: "k"}, 443, "https://127.0.0.1:443"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := publicAddress(&config.Config{HTTP: tt.http}, &net.TCPAddr{Port: tt.port})
			if got != tt.want {
				t.Errorf("publicAddress = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOneDaemonToADataDirectory(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir()}
	first, err := lockInstance(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockInstance(cfg); err == nil || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Fatalf("second lock: %v, want an error that names process %d", err, os.Getpid())
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	second, err := lockInstance(cfg)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := second.release(); err != nil {
		t.Fatal(err)
	}
}

func TestManyDaemonsToOnePostgreSQL(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir(), Database: config.Database{URL: "postgres://db/app"}}
	for range 2 {
		lock, err := lockInstance(cfg)
		if err != nil || lock != nil {
			t.Fatalf("lockInstance = %v, %v; want no lock at all", lock, err)
		}
		if err := lock.release(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAboutHoldsNoSecret(t *testing.T) {
	cfg := &config.Config{
		Database: config.Database{URL: "postgres://app:pg-secret@db.example.com/englishapp"},
		Cache:    config.Cache{RedisURL: "redis://:redis-secret@cache.example.com/0"},
		Storage:  config.Storage{Endpoint: &url.URL{Scheme: "http", Host: "minio:9000"}, Bucket: "b", SecretKey: "s3-secret"},
	}
	about := (&Daemon{App: &App{cfg: cfg}, address: "http://a"}).About()
	text := strings.Join(append([]string{about.Database, about.Audio, about.Cache, about.Address}, about.Next...), "\n")
	if strings.Contains(text, "secret") {
		t.Errorf("About tells a secret:\n%s", text)
	}
	for _, want := range []string{"db.example.com/englishapp", "minio:9000", "cache.example.com"} {
		if !strings.Contains(text, want) {
			t.Errorf("About does not name %s:\n%s", want, text)
		}
	}
}

// TestHeadroom: what a hash of a password allocates is far from where the runtime begins to collect garbage.
func TestHeadroom(t *testing.T) {
	cfg, _, err := config.Load(config.Options{Dir: t.TempDir(), Environ: []string{"DATA_DIR=" + t.TempDir(), "API_PORT=0"}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := OpenDaemon(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	if with := collectsAt(); with < headroomBytes+headroomBytes*gcPercent/100 || with > 2*headroomBytes {
		t.Errorf("the runtime collects at %d MiB, want half the headroom of %d MiB beyond it, and a little", with>>20, headroomBytes>>20)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// collectsAt is how large the heap may become before garbage is collected, in bytes.
func collectsAt() uint64 {
	runtime.GC()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	return goal[0].Value.Uint64()
}
