package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// said is what the command says.
type said struct {
	mu   sync.Mutex
	text strings.Builder
	told chan struct{}
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	select {
	case s.told <- struct{}{}:
	default:
	}
	return len(p), nil
}

func TestRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	talk := &said{told: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-fail", "503, ok"}, talk) }()
	<-talk.told
	talk.mu.Lock()
	at := regexp.MustCompile(`http://\S+`).FindString(talk.text.String())
	talk.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at+"/nowhere", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", resp.StatusCode)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"-fail", "sometimes"}, {"-addr", "nowhere"}, {"-what"}} {
		if err := run(t.Context(), args, &said{told: make(chan struct{}, 1)}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
