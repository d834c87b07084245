package app

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/httpapi"
)

// Every limit but the general one, which has a setting of its own, can be set by the name that the API knows, and no other.
func TestLimitNames(t *testing.T) {
	for _, name := range append(httpapi.LimitNames(), "nonsense") {
		_, _, err := config.Load(config.Options{Environ: []string{"RATE_LIMITS=" + name + "=7"}, Dir: t.TempDir()})
		want := name != "other" && name != "nonsense"
		if (err == nil) != want {
			t.Errorf("RATE_LIMITS=%s=7: %v, want allowed: %v", name, err, want)
		}
	}
	named := rateLimits(config.HTTP{RateLimitPerMinute: 5, RateLimits: map[string]int{"login": 6}})
	if len(named) != 2 || named["other"] != 5 || named["login"] != 6 {
		t.Errorf("rateLimits = %v", named)
	}
	if !slices.Contains(httpapi.LimitNames(), "other") {
		t.Error("the API does not know the general limit")
	}
}

// With or without Redis, and while Redis is out, requests are counted.
func TestNewLimits(t *testing.T) {
	gone, err := cache.NewRedis("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gone.Close() })
	for name, shared := range map[string]sharedCache{
		"in this process": cache.NewMemory(1000, nil),
		"Redis is out":    cache.Guard(gone, slog.New(slog.NewTextHandler(t.Output(), nil)), nil),
	} {
		l := newLimits(shared)
		var got []bool
		for range 3 {
			v, err := l.Take(t.Context(), "key", httpapi.Rate{Requests: 2, Per: time.Hour})
			if err != nil {
				t.Error(errors.Join(errors.New(name), err))
			}
			got = append(got, v.Allowed)
		}
		if !slices.Equal(got, []bool{true, true, false}) {
			t.Errorf("%s: %v, want two of three", name, got)
		}
	}
}
