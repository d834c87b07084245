package cli

import (
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/config"
)

func TestQuietLog(t *testing.T) {
	for name, tt := range map[string]struct {
		quiet bool
		level slog.Level
		want  slog.Level // the lowest that is logged
	}{
		"as LOG_LEVEL says":               {false, slog.LevelDebug, slog.LevelDebug},
		"--quiet takes more away":         {true, slog.LevelDebug, slog.LevelWarn},
		"and gives nothing that was less": {true, slog.LevelError, slog.LevelError},
	} {
		t.Run(name, func(t *testing.T) {
			log := (&env{quiet: tt.quiet}).logger(&config.Config{Log: config.Log{Level: tt.level}})
			if !log.Enabled(t.Context(), tt.want) || log.Enabled(t.Context(), tt.want-1) {
				t.Errorf("%v is logged: %v; less: %v", tt.want, log.Enabled(t.Context(), tt.want), log.Enabled(t.Context(), tt.want-1))
			}
		})
	}
}

// answers reports whether a daemon answers at the address.
func answers(t *testing.T, address string) bool {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// A daemon that is told to be quiet greets nobody, and neither says that it serves nor that it stops.
func TestQuietDaemon(t *testing.T) {
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	s := startOnTerminal(t, 80, []string{"API_PORT=" + port, "DATA_DIR=" + t.TempDir()}, "serve", "-q")
	for looks := time.NewTicker(10 * time.Millisecond); ; <-looks.C {
		if answers(t, "http://"+address+"/healthz") {
			break
		}
		if s.exitCode() >= 0 {
			t.Fatalf("the daemon ended:\n%s", s.shown())
		}
	}
	s.terminate()
	if code := s.wait(); code != exitDone || s.shown() != "" {
		t.Errorf("exit code %d; the terminal shows\n%s", code, s.shown())
	}
}
