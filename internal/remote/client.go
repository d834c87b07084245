package remote

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// basePath is where the daemon's API begins.
const basePath = "/api/v1"

// client sends requests to one daemon as one user.
type client struct {
	server string
	agent  string
	http   *http.Client
	tokens tokens
	sign   func(r *http.Request, body []byte) error // nil: requests are not signed
	// usual is how long a request may take that does not say otherwise.
	usual time.Duration
	// pauses are how long the client waits before it asks again, and turns the same where it was one of too many.
	pauses, turns []time.Duration
	wait          func(ctx context.Context, d time.Duration) error
}

// tokens are the user's; a refresh replaces the first.
type tokens struct {
	mu      sync.Mutex
	access  string
	refresh string
	keep    func(access string) error
}

// usualTime is four times what the daemon gives itself for a request, for the way there and back.
const usualTime = time.Minute

func newClient(cfg Config) *client {
	return &client{
		server: cfg.Server, agent: cfg.Agent, sign: cfg.Sign,
		http:   &http.Client{Transport: transport(), CheckRedirect: stay},
		tokens: tokens{access: cfg.Access, refresh: cfg.Refresh, keep: cfg.Keep},
		usual:  usualTime,
		pauses: []time.Duration{250 * time.Millisecond, time.Second},
		turns:  slices.Repeat([]time.Duration{time.Second}, 20),
		wait:   sleep,
	}
}

// stay keeps a redirect from being followed: the API has none, and a token or a password must not go where an answer
// says.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// sleep waits, or returns why ctx has ended.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
