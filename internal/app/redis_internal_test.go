package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/testenv"
)

// ownRedis is a Redis that a test may freeze and kill.
func ownRedis(t *testing.T) (address string, process *exec.Cmd) {
	t.Helper()
	program := testenv.RedisServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once: it finds a free port
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	process = exec.CommandContext(context.WithoutCancel(t.Context()), program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	eventually(t, "Redis answers", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second) //nolint:noctx // it has its own time
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return address, process
}

// eventually waits until something holds, half a minute at most.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for again, end := time.NewTicker(10*time.Millisecond), time.Now().Add(time.Minute); !holds(); <-again.C {
		if time.Now().After(end) {
			t.Fatalf("waited for it in vain: %s", what)
		}
	}
}

// TestPlayGoesOnWithoutRedis: a Redis that is frozen, that comes back, and that is killed under load costs no request. The operator
// is told once of each outage and of its end, and the metrics show it.
func TestPlayGoesOnWithoutRedis(t *testing.T) {
	address, redis := ownRedis(t)
	c := openClassroom(t, "REDIS_URL=redis://"+address+"/0", "RATE_LIMITS=random=1000000", "LOG_LEVEL=info")
	tag, err := c.Catalog.CreateTag(t.Context(), catalog.NewTag{Name: "Food"})
	if err != nil {
		t.Fatal(err)
	}
	c.addSpeech(t, spokenText, tag.ID)
	draw := map[string]any{"level": "A1", "type": "question", "tags": []uuid.UUID{tag.ID}}

	ctx, stop := context.WithCancel(t.Context())
	var players sync.WaitGroup
	var played, slow atomic.Int64
	const crowd = 8
	for range crowd {
		players.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				status, answer, err := c.sendJSON(context.WithoutCancel(ctx), http.MethodPost, "/game/speeches/random", c.token, "", draw)
				if err != nil || status != http.StatusOK {
					t.Errorf("%d %s, %v", status, answer, err)
					return
				}
				if time.Since(began) > time.Second {
					slow.Add(1)
				}
				played.Add(1)
			}
		})
	}
	playOn := func() {
		t.Helper()
		from := played.Load()
		eventually(t, "200 more draws", func() bool { return t.Failed() || played.Load() >= from+200 })
	}
	out := func(want float64) func() bool {
		return func() bool { return t.Failed() || c.numbers(t)["englishctl_redis_out"] == want }
	}
	playOn()
	steps := []struct {
		signal syscall.Signal
		out    float64
	}{{syscall.SIGSTOP, 1}, {syscall.SIGCONT, 0}, {syscall.SIGKILL, 1}}
	for _, step := range steps {
		if err := redis.Process.Signal(step.signal); err != nil {
			t.Fatal(err)
		}
		eventually(t, fmt.Sprintf("after %s redis_out is %v", step.signal, step.out), out(step.out))
		playOn()
	}
	stop()
	players.Wait()
	numbers := c.numbers(t)
	if numbers["englishctl_redis_skipped_total"] == 0 || numbers["englishctl_limits_alone_total"] == 0 {
		t.Errorf("skipped %v, counted alone %v", numbers["englishctl_redis_skipped_total"], numbers["englishctl_limits_alone_total"])
	}
	outages := int(numbers["englishctl_redis_outages_total"])
	if told := strings.Count(c.log.String(), "the cache is out"); told != outages || outages < 2 {
		t.Errorf("%d outages, of which the log tells %d times", outages, told)
	}
	// Whoever plays when an outage begins may notice it; on a busy machine, by more than the cache's patience.
	if allowed := int64(crowd * len(steps)); slow.Load() > allowed {
		t.Errorf("%d of %d draws took more than a second, want %d at most: the outage is noticed anew each time", slow.Load(), played.Load(), allowed)
	}
}
