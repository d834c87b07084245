package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	savePath = "/api/v1/game/sessions"
	// saveRate is how many games a second are saved, and saveLimit how long the slowest in a hundred may take (issue "Speed").
	saveRate  = 100
	saveLimit = 50 * time.Millisecond
	// clients is how many connections compete where as much as possible is saved.
	clients = 8
)

// game is the body of a save: ten sentences, two tags.
func game(speeches, tags []string) []byte {
	results := make([]map[string]any, len(speeches))
	for i, id := range speeches {
		results[i] = map[string]any{
			"speech_id": id, "sequence_number": i + 1, "user_response": "correct", "pronunciation_score": nil,
			"recognized_text": nil, "response_time_ms": 1000 + i,
		}
	}
	body, err := json.Marshal(map[string]any{
		"mode": "listen_only", "level": "A1", "sentence_type": "question", "selected_tags": tags,
		"total_sentences": len(speeches), "correct_count": len(speeches), "max_streak": len(speeches),
		"avg_pronunciation_score": nil, "duration_seconds": 60,
		"started_at": "2025-12-10T10:00:00Z", "completed_at": "2025-12-10T10:01:00Z", "results": results,
	})
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return body
}

// drawn are ids of ten sentences.
func (d *daemon) drawn(ctx context.Context, p player) ([]string, error) {
	bodies, err := d.draws(ctx)
	if err != nil {
		return nil, err
	}
	got, err := once(ctx, d.address, newRequest(http.MethodPost, drawPath, p.token, bodies[0]), http.StatusOK)
	if err != nil {
		return nil, err
	}
	var answer struct{ Speeches []struct{ ID string } }
	if err := json.Unmarshal(got.body, &answer); err != nil {
		return nil, err
	}
	var ids []string
	for _, s := range answer.Speeches {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids, nil
}

// saving is what all ways to save share.
type saving struct {
	players  []player // who save by turns
	speeches []string
	tags     []string
	body     []byte
}

// next makes requests that save the game under a key of its own each.
func (s saving) next(n int) request {
	return newRequest(http.MethodPost, savePath, s.players[n%len(s.players)].token, s.body, "Idempotency-Key", uuid.NewString())
}

// by is the same saved by so many of the players.
func (s saving) by(learners int) saving {
	s.players = s.players[:learners]
	return s
}

func (d *daemon) saving(ctx context.Context) (saving, error) {
	players := make([]player, clients)
	for i := range players {
		var err error
		if players[i], err = d.player(ctx); err != nil {
			return saving{}, err
		}
	}
	speeches, err := d.drawn(ctx, players[0])
	if err != nil {
		return saving{}, err
	}
	tags, err := d.tags(ctx)
	if err != nil {
		return saving{}, err
	}
	return saving{players, speeches, tags[:2], game(speeches, tags[:2])}, nil
}

// saveScenario measures saves at a steady rate, and as many as possible beside the database alone.
func (b *bench) saveScenario(ctx context.Context, d *daemon) error {
	s, err := d.saving(ctx)
	if err != nil {
		return err
	}
	steady, err := load{
		server: d.server, rate: saveRate, duration: b.sustain, warmup: b.warmup, wires: 64, next: s.by(1).next, status: http.StatusCreated,
	}.run(ctx)
	if err = errors.Join(err, steady.failed()); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	b.row(fmt.Sprintf("save, %d a second for %s", saveRate, b.sustain), steady)
	b.check(steady.quantile(99).Seconds(), saveLimit.Seconds(), "save: seconds of the 99th percentile")
	if d.catalogue.stack.postgres == "" {
		return b.savesBesideSQLite(ctx, d, s.by(1))
	}
	// Those who save for one learner wait for each other, in the database; learners do not.
	return errors.Join(b.savesBesidePostgres(ctx, d, s.by(1)), b.savesBesidePostgres(ctx, d, s))
}

// most saves as much as the connections can, and returns the games a second.
func (b *bench) most(ctx context.Context, d *daemon, s saving) (float64, error) {
	found, err := throughput(ctx, d.server, clients, b.duration, http.StatusCreated, s.next)
	if err = errors.Join(err, found.failed()); err != nil {
		return 0, fmt.Errorf("save: %w", err)
	}
	b.row(fmt.Sprintf("save, %d connections, learners: %d", clients, len(s.players)), found)
	return found.rate(), nil
}

func (b *bench) savesBesideSQLite(ctx context.Context, d *daemon, s saving) error {
	most, err := b.most(ctx, d, s)
	if err != nil {
		return err
	}
	alone, err := b.rawSQLite(ctx, d.catalogue, s)
	if err != nil {
		return err
	}
	b.line("%-44s %7.0f/s", "the same rows by bare transactions", alone)
	b.checkAtLeast(most/alone, 0.7, "save: rate over that of the database alone")
	return nil
}

func (b *bench) savesBesidePostgres(ctx context.Context, d *daemon, s saving) error {
	most, err := b.most(ctx, d, s)
	if err != nil {
		return err
	}
	for _, protocol := range []string{"extended", "prepared"} {
		alone, err := b.pgbench(ctx, d.catalogue, s, protocol)
		if errors.Is(err, errNoPgbench) {
			b.note("save: pgbench is not installed (Debian: postgresql-contrib)")
			return nil
		}
		if err != nil {
			return err
		}
		b.line("%-44s %7.0f/s", "pgbench, same statement, connections: "+protocol, alone)
		b.checkAtLeast(most/alone, 0.7, "save: rate over that of pgbench, %s, learners: %d", protocol, len(s.players))
	}
	return nil
}

// sourceOf reads a file of this repository, from whose root the generator is run.
func sourceOf(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("run it in the repository's root: %w", err)
	}
	return raw, nil
}
