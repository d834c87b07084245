package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/offline"
)

// heard is an utterance as the model hears it.
type heard struct {
	ID    string
	Copy  bool // whether it was made worse before it was heard
	Right *offline.Reading
	// Other is the same recording against the text of another utterance; nil where the recording is too short for it.
	Other *offline.Reading
	// Swapped is the same against its own text, but with one word replaced, whose number is SwappedAt.
	Swapped   *offline.Reading
	SwappedAt int
	Seconds   float64 // of sound
	Spectrum  offline.Spectrum
	Took      time.Duration
}

// shards is how many parts a split is heard in. Each has utterances from the whole of it, so that a few parts are a fair sample.
const shards = 25

// extract hears the utterances of a split, part after part, and keeps each part in a file of the folder, from which another run takes
// it. It ends after so many parts; what it returns is in no order.
//
// With copies, each recording is heard once more, in circumstances that are worse.
func extract(ctx context.Context, m *offline.Model, split []utterance, copies bool, cache string, parts int) (all []heard, err error) {
	for part := range min(parts, shards) {
		path := fmt.Sprintf("%s-%02d.gob", cache, part)
		out, err := load(path)
		if errors.Is(err, fs.ErrNotExist) {
			if out, err = hearPart(ctx, m, split, copies, part); err == nil {
				err = save(path, out)
			}
			fmt.Fprintf(os.Stderr, "%s\n", filepath.Base(path))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, out...)
	}
	return all, nil
}

func hearPart(ctx context.Context, m *offline.Model, split []utterance, copies bool, part int) ([]heard, error) {
	n, versions := (len(split)-part+shards-1)/shards, 1
	if copies {
		versions = 2
	}
	out := make([]heard, n*versions)
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		work.Go(func() error {
			samples, err := readWave(split[part+i*shards].Path)
			if err != nil {
				return err
			}
			if out[i], err = hear(ctx, m, split, part+i*shards, samples); err != nil || !copies {
				return err
			}
			if samples, err = worsen(samples, split, part+i*shards); err != nil {
				return err
			}
			out[n+i], err = hear(ctx, m, split, part+i*shards, samples)
			out[n+i].Copy = true
			return err
		})
	}
	return out, work.Wait()
}

// hear hears what the recording of an utterance is, or has become.
func hear(ctx context.Context, m *offline.Model, split []utterance, i int, samples []int16) (heard, error) {
	u := split[i]
	out := heard{ID: u.ID, Seconds: float64(len(samples)) / 16_000}
	began := time.Now()
	h, err := m.Listen(ctx, samples)
	if err != nil {
		return heard{}, fmt.Errorf("%s: %w", u.Path, err)
	}
	out.Spectrum = h.Spectrum
	if out.Right, err = h.Read(ctx, u.Text); err != nil {
		return heard{}, fmt.Errorf("%s: %w", u.Path, err)
	}
	out.Took = time.Since(began)
	if i%2 != 0 {
		return out, nil // the wrong texts take as long again
	}
	other := split[(i+len(split)/2+7)%len(split)]
	if out.Other, err = h.Read(ctx, other.Text); err != nil {
		out.Other = nil // too short
	}
	words := strings.Fields(u.Text)
	out.SwappedAt = i % len(words)
	words[out.SwappedAt] = unrelated(words, strings.Fields(other.Text))
	if out.Swapped, err = h.Read(ctx, strings.Join(words, " ")); err != nil {
		out.Swapped = nil
	}
	return out, nil
}

// unrelated is the longest word of another sentence that is not in this one.
func unrelated(own, other []string) string {
	best := "elephant"
	for i, w := range other {
		if !strings.Contains(strings.Join(own, " "), w) && (i == 0 || len(w) > len(best)) {
			best = w
		}
	}
	return best
}

func load(path string) (out []heard, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return out, gob.NewDecoder(f).Decode(&out)
}

func save(path string, all []heard) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(f).Encode(all); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}
