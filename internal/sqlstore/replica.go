package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/englishapp/englishctl/internal/fault"
)

// ReplicaConfig says from where histories may be read beside the primary.
type ReplicaConfig struct {
	// URL is the replica's address as lib/pq reads it.
	URL string
	// PoolSize and MaxOverflow are as those of Config.
	PoolSize, MaxOverflow int
	// MaxLag is how far behind the replica may be and still be read from. Zero means 5 seconds.
	MaxLag time.Duration
	// Saves lets several daemons know whose games were saved a moment ago; nil where there is one daemon.
	Saves Saves
	// OpenDB and Prepared are as those of Config.
	OpenDB   func(system string, connector driver.Connector) *sql.DB
	Prepared Prepared
	// Log hears once when the replica cannot be used, and once when it can again; nil means slog.Default().
	Log *slog.Logger
}

// Saves remembers users whose games were saved, where all daemons see it.
type Saves interface {
	// Saved notes that the user's games were saved, for so long.
	Saved(ctx context.Context, user uuid.UUID, life time.Duration)
	// Recent reports whether that was noted; also where nobody can tell.
	Recent(ctx context.Context, user uuid.UUID) bool
}

const (
	defaultMaxLag = 5 * time.Second
	// looksPerLag is how often within MaxLag the replica is looked at.
	looksPerLag = 10
	// replicaSilence is how long a replica may say nothing: the primary is there, and whoever waits for both must not wait long.
	replicaSilence = 2 * time.Second
)

// ReplicaCounts is what became of the reads of histories since the start.
type ReplicaCounts struct {
	// Reads were answered by the replica, Passed by the primary although there is a replica: it was out or behind, or the user had just saved.
	Reads, Passed uint64
	// Lag is how old what the replica shows may be; negative where that is not known.
	Lag time.Duration
}

// replica reads histories from a database that follows the primary.
//
// Every moment it notes how far the primary has written, and then how far the replica has come: whatever was committed before a note that
// the replica has passed is there. So it is known up to when the replica is complete, without a clock of the server's. Whoever has saved
// less than twice MaxLag ago is sent to the primary, and a replica that is not complete up to MaxLag ago is not read from at all: so
// everybody sees what they have saved.
type replica struct {
	cfg     ReplicaConfig
	pool    *sqlx.DB
	primary *sqlx.DB
	saved   recentUsers
	// complete is the time before which everything that was committed is there; nil is never.
	complete atomic.Pointer[time.Time]
	usable   atomic.Bool // what was last logged
	reads    atomic.Uint64
	passed   atomic.Uint64
	notes    []note // of the watcher alone
	stop     context.CancelFunc
	stopped  chan struct{}
}

// note is how far the primary had written at a time of ours.
type note struct {
	at       time.Time
	position uint64
}

// FollowReplica lets histories be read from a replica from now on, until Close. It is called before the database is used by others, and not for
// SQLite. The replica may be out: then the primary is read from until it is there.
func (db *DB) FollowReplica(cfg ReplicaConfig) error {
	if cfg.MaxLag == 0 {
		cfg.MaxLag = defaultMaxLag
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	reading, err := openPostgres(Config{
		URL: cfg.URL, PoolSize: cfg.PoolSize, MaxOverflow: cfg.MaxOverflow, Silence: replicaSilence, OpenDB: cfg.OpenDB, Prepared: cfg.Prepared,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &replica{cfg: cfg, pool: reading.read, primary: db.write, saved: recentUsers{life: 2 * cfg.MaxLag}, stop: stop, stopped: make(chan struct{})}
	r.usable.Store(true)
	db.replica = r
	go r.watch(ctx)
	return nil
}

// Replica returns what became of reads, and false where there is no replica.
func (db *DB) Replica() (ReplicaCounts, bool) {
	r := db.replica
	if r == nil {
		return ReplicaCounts{Lag: -1}, false
	}
	counts := ReplicaCounts{Reads: r.reads.Load(), Passed: r.passed.Load(), Lag: -1}
	if at := r.complete.Load(); at != nil {
		counts.Lag = time.Since(*at)
	}
	return counts, true
}

func (r *replica) close() error {
	r.stop()
	<-r.stopped
	return r.pool.Close()
}

func (r *replica) watch(ctx context.Context) {
	defer close(r.stopped)
	ticker := time.NewTicker(r.cfg.MaxLag / looksPerLag)
	defer ticker.Stop()
	for {
		err := r.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.complete.Store(nil)
		}
		r.tell(ctx, err)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tell logs when the replica begins and ceases to be of use, and nothing in between.
func (r *replica) tell(ctx context.Context, err error) {
	usable := err == nil && r.fresh(time.Now())
	if r.usable.Swap(usable) == usable {
		return
	}
	switch {
	case usable:
		r.cfg.Log.InfoContext(ctx, "histories are read from the replica again")
	case err != nil:
		r.cfg.Log.WarnContext(ctx, "histories are read from the primary: the replica cannot be used", "error", err)
	default:
		r.cfg.Log.WarnContext(ctx, "histories are read from the primary: the replica is behind", "max_lag", r.cfg.MaxLag.String())
	}
}

var errPromoted = errors.New("it follows no primary: it is one itself")

// look notes how far the primary is, and finds the latest note that the replica has passed.
func (r *replica) look(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, replicaSilence)
	defer cancel()
	now := time.Now() // before the question: what is committed later may lie behind the answer
	written, err := position(bounded, r.primary, `SELECT pg_current_wal_lsn()::text`)
	if err != nil {
		return fmt.Errorf("ask the primary how far it is: %w", err)
	}
	r.notes = append(r.notes, note{now, written})
	repeated, err := position(bounded, r.pool, `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text ELSE '' END`)
	if err != nil {
		return fmt.Errorf("ask the replica how far it is: %w", err)
	}
	passed := 0
	for passed < len(r.notes) && r.notes[passed].position <= repeated {
		passed++
	}
	if passed > 0 {
		at := r.notes[passed-1].at // with the clock that does not jump
		r.complete.Store(&at)
		r.notes = append(r.notes[:0], r.notes[passed:]...)
	}
	const most = 10 * looksPerLag // of a replica that has not moved for long; the oldest are passed first, so they stay
	if len(r.notes) > most {
		r.notes = r.notes[:most]
	}
	return nil
}

// position reads a place in the write-ahead log, as PostgreSQL writes it: "16/B374D848".
func position(ctx context.Context, pool *sqlx.DB, query string) (uint64, error) {
	var text string
	if err := pool.GetContext(ctx, &text, query); err != nil {
		return 0, err
	}
	if text == "" {
		return 0, errPromoted
	}
	high, low, _ := strings.Cut(text, "/")
	h, err := strconv.ParseUint(high, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("read a place in the log: %w", err)
	}
	l, err := strconv.ParseUint(low, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("read a place in the log: %w", err)
	}
	return h<<32 | l, nil
}

// fresh reports whether the replica shows all that was committed up to MaxLag ago.
func (r *replica) fresh(now time.Time) bool {
	at := r.complete.Load()
	return at != nil && now.Sub(*at) <= r.cfg.MaxLag
}

// serves reports whether the user may be shown what the replica has.
func (r *replica) serves(ctx context.Context, user uuid.UUID) bool {
	now := time.Now()
	if !r.fresh(now) || r.saved.has(user, now) {
		return false
	}
	return r.cfg.Saves == nil || !r.cfg.Saves.Recent(ctx, user)
}

// saving notes that a user's games are about to be saved, or were. Shared notes are made once, when all is done and before anybody is told.
func (r *replica) saving(ctx context.Context, user uuid.UUID, done bool) {
	if r == nil {
		return
	}
	r.saved.add(user, time.Now())
	if done && r.cfg.Saves != nil {
		r.cfg.Saves.Saved(context.WithoutCancel(ctx), user, 2*r.cfg.MaxLag)
	}
}

// history runs a read of the user's own history: at the replica where that shows it, else at the primary, which also does what the replica fails
// to do.
func (c conn) history(ctx context.Context, user uuid.UUID, read func(c conn) error) error {
	r := c.db.replica
	if r == nil || c.tx != nil {
		return read(c)
	}
	if r.serves(ctx, user) {
		if err := r.try(ctx, c, read); err == nil || ctx.Err() != nil {
			return err
		}
	}
	r.passed.Add(1)
	return read(c)
}

// session is history for a session whose user is not known. Sessions do not change, so that one that is there is as it is at the primary; one that
// is not may be on its way.
func (c conn) session(ctx context.Context, read func(c conn) error) error {
	r := c.db.replica
	if r == nil || c.tx != nil {
		return read(c)
	}
	if r.fresh(time.Now()) {
		if err := r.try(ctx, c, read); err == nil || ctx.Err() != nil {
			return err
		}
	}
	r.passed.Add(1)
	return read(c)
}

// try reads from the replica. Where it fails it is left alone until it has been looked at again.
func (r *replica) try(ctx context.Context, c conn, read func(c conn) error) error {
	c.read = r.pool
	err := read(c)
	switch {
	case err == nil:
		r.reads.Add(1)
	case fault.Is(err, fault.KindNotFound), ctx.Err() != nil:
	default:
		r.complete.Store(nil)
		r.tell(ctx, err)
	}
	return err
}

// recentUsers remembers users for at least life and at most twice that, in two maps of which the older is thrown away.
type recentUsers struct {
	life time.Duration

	mu       sync.Mutex
	began    time.Time // of now
	now, old map[uuid.UUID]time.Time
}

func (u *recentUsers) add(user uuid.UUID, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.now == nil || at.Sub(u.began) > u.life {
		u.now, u.old, u.began = map[uuid.UUID]time.Time{}, u.now, at
	}
	u.now[user] = at
}

func (u *recentUsers) has(user uuid.UUID, at time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	noted, ok := u.now[user]
	if !ok {
		noted, ok = u.old[user]
	}
	return ok && at.Sub(noted) <= u.life
}
