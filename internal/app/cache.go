package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
)

// memoryCacheBytes bounds the cache in this process. It holds roles at about 100 bytes each.
const memoryCacheBytes = 8 << 20

// recentBytes bounds what is remembered of draws in this process: of a learner who plays all day 10 KB, usually a tenth.
const recentBytes = 16 << 20

// sharedCache is what both caches can do.
type sharedCache interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Delete(ctx context.Context, keys ...string) error
	Ping(ctx context.Context) error
	Close() error
}

// openCache makes the cache that the settings name: Redis where REDIS_URL is set, otherwise this process's memory.
// A Redis that does not answer is a miss, never an error: play goes on.
func openCache(cfg *config.Config, log *slog.Logger) (sharedCache, error) {
	if cfg.Cache.RedisURL == "" {
		return cache.NewMemory(memoryCacheBytes, time.Now), nil
	}
	redis, err := cache.NewRedis(cfg.Cache.RedisURL.Reveal())
	if err != nil {
		return nil, err
	}
	return cache.Guard(redis, log, time.Now), nil
}

// recentDraws lets draws leave out what a learner got before: by this process's memory, which all draws fill, and by Redis where
// there is one.
func (a *App) recentDraws() catalog.Option {
	own := cache.NewMemory(recentBytes, time.Now)
	if redis, ok := a.cache.(*cache.Guarded); ok {
		return catalog.WithRecent(own, redis)
	}
	return catalog.WithRecent(own, nil)
}
