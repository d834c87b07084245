package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// followReplica lets histories be read from DATABASE_REPLICA_URL, if it is set.
func (d *Daemon) followReplica() error {
	db := d.cfg.Database
	if db.ReplicaURL == "" {
		return nil
	}
	cfg := sqlstore.ReplicaConfig{
		URL: db.ReplicaDSN(), PoolSize: db.PoolSize, MaxOverflow: db.MaxOverflow, MaxLag: db.ReplicaMaxLag, Log: d.log,
		OpenDB: d.traces.OpenDB, Prepared: sqlstore.Prepared(db.Prepared),
	}
	if redis, ok := d.cache.(*cache.Guarded); ok {
		cfg.Saves = sharedSaves{redis}
	}
	return d.db.FollowReplica(cfg)
}

// sharedSaves remembers in Redis whose games were saved, for all daemons.
type sharedSaves struct{ redis *cache.Guarded }

func savedKey(user uuid.UUID) string { return "saved:" + user.String() }

// Saved implements sqlstore.Saves.
func (s sharedSaves) Saved(ctx context.Context, user uuid.UUID, life time.Duration) {
	_ = s.redis.Set(ctx, savedKey(user), []byte{1}, life) // it logs outages itself, and never fails
}

// Recent implements sqlstore.Saves. While Redis is out nobody knows what other daemons have saved.
func (s sharedSaves) Recent(ctx context.Context, user uuid.UUID) bool {
	_, noted, _ := s.redis.Get(ctx, savedKey(user))
	return noted || s.redis.Out()
}

// countReplica counts where histories are read; nothing, where there is no replica.
func (d *Daemon) countReplica() {
	now := func() sqlstore.ReplicaCounts { counts, _ := d.db.Replica(); return counts }
	d.counted.Counter("replica_reads_total", "Reads of histories that the replica has answered.", func() uint64 { return now().Reads })
	d.counted.Counter("replica_passed_total", "Reads of histories that the primary has answered, because the replica was out or behind, or the learner had just saved.",
		func() uint64 { return now().Passed })
	d.counted.Gauge("replica_lag_seconds", "How old what the replica shows may be; -1 while it is out.", func() float64 {
		if lag := now().Lag; lag >= 0 {
			return lag.Seconds()
		}
		return -1
	})
}
