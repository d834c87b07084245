package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// player draws sentences.
type player struct {
	d     *daemon
	token string
	draw  map[string]any
}

const playersAddress = "192.0.2.1"

// player registers a learner who wants to play with all tags.
func (d *daemon) player(ctx context.Context) (*player, error) {
	var signedIn struct {
		Token string `json:"access_token"`
	}
	who := map[string]any{"email": "player@example.com", "password": "SecurePass123", "name": "Player"}
	if status, err := d.post(ctx, "/auth/register", playersAddress, "", who, &signedIn); err != nil || status != http.StatusCreated {
		return nil, fmt.Errorf("register: status %d, %w", status, err)
	}
	var tags struct{ Tags []struct{ ID string } }
	if status, err := d.post(ctx, "/tags", playersAddress, "", nil, &tags); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("tags: status %d, %w", status, err)
	}
	var ids []string
	for _, tag := range tags.Tags {
		ids = append(ids, tag.ID)
	}
	return &player{d, signedIn.Token, map[string]any{"level": "A1", "type": "question", "tags": ids, "limit": 10}}, nil
}

// one draws once.
func (p *player) one(ctx context.Context) error {
	status, err := p.d.post(ctx, "/game/speeches/random", playersAddress, p.token, p.draw, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("draw: status %d", status)
	}
	return err
}

// warm draws until caches and connections are there.
func (p *player) warm(ctx context.Context) error {
	for range 100 {
		if err := p.one(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sample is what one measurement has found.
type sample struct {
	took   []time.Duration // of every draw
	logins map[int]int     // answers by status
}

func (s *sample) add(other sample) {
	s.took = append(s.took, other.took...)
	if s.logins == nil {
		s.logins = map[int]int{}
	}
	for status, n := range other.logins {
		s.logins[status] += n
	}
}

// percentile returns how long the draw took that was slower than p of a hundred.
func (s *sample) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(s.took))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

func (s *sample) row(name string) string {
	ms := func(p int) float64 { return float64(s.percentile(p).Microseconds()) / 1000 }
	row := fmt.Sprintf("%-20s %8d %8.1f %8.1f %8.1f ", name, len(s.took), ms(50), ms(99), ms(100))
	for _, status := range slices.Sorted(maps.Keys(s.logins)) {
		row += fmt.Sprintf(" %d×%d", s.logins[status], status)
	}
	return row
}

// measure draws at a steady rate for a phase while attack goes on.
func measure(ctx context.Context, s settings, p *player, attack func(context.Context) (map[int]int, error)) (sample, error) {
	during, end := context.WithTimeout(ctx, s.phase)
	defer end()
	var found sample
	var failed, broken error
	var attacked, all sync.WaitGroup
	attacked.Go(func() { found.logins, broken = attack(during) })

	var mu sync.Mutex
	tick := time.NewTicker(time.Second / time.Duration(s.rate))
	defer tick.Stop()
	for at := time.Now(); during.Err() == nil; {
		all.Go(func() {
			err := p.one(ctx)
			mu.Lock()
			defer mu.Unlock()
			found.took = append(found.took, time.Since(at))
			failed = errors.Join(failed, err)
		})
		select {
		case at = <-tick.C:
		case <-during.Done():
		}
	}
	all.Wait()
	attacked.Wait()
	return found, errors.Join(failed, broken)
}
