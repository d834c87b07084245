package doctor

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Cause is why something could not be reached, as far as that says what to change.
type Cause string

// The causes.
const (
	Unreachable Cause = "unreachable" // nobody there, or nobody who answers
	Credentials Cause = "credentials" // who we are is not believed
	Missing     Cause = "missing"     // the server is there, and what was named is not
	Insecure    Cause = "insecure"    // it does not speak TLS, or not as we want it
	OtherCause  Cause = "other"
)

// Refusal says that something could not be reached. Its text holds no secret.
type Refusal struct {
	Cause Cause
	Err   error
}

// Error implements error.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Postgres is what was seen of a PostgreSQL database.
type Postgres struct {
	// Version is the server's: "15.14".
	Version string
	Latency time.Duration
	Clock   Clock
	Schema  Schema
	// ReadOnly says that it takes no writes: it is a replica, or told so.
	ReadOnly bool
	// Careless says that an acknowledged commit may be lost with the power (fsync or synchronous_commit is off).
	Careless string
	Room     Room
}

// Schema is how the database's schema differs from the one that the program was made for.
type Schema struct {
	// Version is the latest step that the database has; 0 is none.
	Version int64
	// Missing are the steps that it lacks, Unknown those that this program does not know.
	Missing, Unknown []string
}

// Room is how many connections the server has.
type Room struct {
	// Server is max_connections without those kept for superusers. Role and Database are limits of their own, -1 for none.
	Server, Role, Database int
	// Others are connections of other programs now.
	Others int
}

// Pool is how many connections the settings let this program have.
type Pool struct{ Size, Overflow, Daemons int }

// slow is what a round trip to a database of one's own may take; a request makes one to three.
const slow = 20 * time.Millisecond

// Reached judges whether a database was reached; err may be a *Refusal.
func Reached(what string, err error, setting string) Finding {
	f := fail("%s: %v", what, err)
	return f.to(advice[causeOf(err)], setting)
}

func causeOf(err error) Cause {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Cause
	}
	return OtherCause
}

var advice = map[Cause]string{
	Unreachable: "see whether host and port are right, the server runs, and no firewall stands between",
	Credentials: "set the user and password that the server knows; in an address, special characters are percent-encoded",
	Missing:     "create it there, or name the one that is there",
	Insecure:    "give the server a certificate that this machine trusts, or set how TLS is used in the address",
	OtherCause:  "see the server's log",
}

// Findings judges a database that was reached.
func (p Postgres) Findings(pool Pool) []Finding {
	reached := ok("PostgreSQL %s answers in %s", p.Version, short(p.Latency))
	if p.Latency > slow {
		reached = warn("PostgreSQL %s answers in %s: players notice", p.Version, short(p.Latency)).to("put daemon and database into one data centre", "DATABASE_URL")
	}
	if p.ReadOnly {
		reached = fail("PostgreSQL %s takes no writes: it is a replica, or told to be read-only", p.Version).to("name the primary", "DATABASE_URL")
	}
	found := []Finding{reached, p.Schema.finding(), p.Clock.compare("the database"), p.Room.finding(pool)}
	if p.Careless != "" {
		found = append(found, warn("%s is off at the server: what users were told is saved may be lost with the power", p.Careless).
			to("switch it on in postgresql.conf"))
	}
	return found
}

func (s Schema) finding() Finding {
	f := ok("version %d, as this program needs it", s.Version)
	switch {
	case len(s.Unknown) > 0:
		f = fail("the database is newer than this program: it has version %s", strings.Join(s.Unknown, ", ")).
			to("install the version that migrated it")
	case len(s.Missing) > 0:
		f = fail("the database lacks %s", listed(s.Missing)).to(`run "englishctl migrate up", or let the daemon do it at its start`, "AUTO_MIGRATE")
	}
	return f.about("schema")
}

// listed names the first and the number of the rest.
func listed(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

func (r Room) finding(p Pool) Finding {
	wanted := (p.Size + p.Overflow) * p.Daemons
	room, limit := r.Server-r.Others, "max_connections"
	if r.Role >= 0 && r.Role < room {
		room, limit = r.Role, "the role's connection limit"
	}
	if r.Database >= 0 && r.Database < room {
		room, limit = r.Database, "the database's connection limit"
	}
	daemons := "1 daemon wants"
	if p.Daemons > 1 {
		daemons = fmt.Sprintf("%d daemons want", p.Daemons)
	}
	said := fmt.Sprintf("%s up to %d connections (%d and %d more when busy); %s leaves room for %d", daemons, wanted, p.Size, p.Overflow, limit, max(room, 0))
	if wanted <= room {
		return ok("%s", said).about("pool")
	}
	return fail("%s", said).to("make the pools smaller, raise "+limit+", or put PgBouncer between", "DATABASE_POOL_SIZE", "DATABASE_MAX_OVERFLOW").about("pool")
}

// Replica is what was seen of the database that history may be read from.
type Replica struct {
	Version string
	// Follows says that the server repeats what a primary does.
	Follows bool
	// SamePrimary says that it is a copy of the primary that DATABASE_URL names.
	SamePrimary bool
	// Lag is how old what it shows is; 0 where it shows all that it has received.
	Lag    time.Duration
	Schema Schema
}

// lagging is how far behind a replica is of no use: whoever has saved within that time is sent to the primary.
const lagging = 10 * time.Second

// Findings judges a replica that was reached.
func (r Replica) Findings() []Finding {
	f := ok("PostgreSQL %s follows the primary, %s behind", r.Version, short(r.Lag))
	switch {
	case !r.SamePrimary:
		f = fail("it is not a copy of the database of DATABASE_URL").to("name a replica of that server", "DATABASE_REPLICA_URL")
	case !r.Follows:
		f = warn("it follows nobody: it is a primary itself").to("name a replica, or leave it out: reading at the primary needs no second address", "DATABASE_REPLICA_URL")
	case len(r.Schema.Missing)+len(r.Schema.Unknown) > 0:
		f = warn("it has not the schema of this program").to("wait until it has caught up after the migration", "DATABASE_REPLICA_URL")
	case r.Lag > lagging:
		f = warn("it is %s behind: history shows that late, or is read at the primary", short(r.Lag)).to("see what keeps it from catching up: pg_stat_replication at the primary", "DATABASE_REPLICA_URL")
	}
	return []Finding{f}
}

// short is a duration in three digits or so.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d <= 0:
		return "0s"
	case d < 100*time.Microsecond:
		return "less than 100µs"
	}
	return d.Round(100 * time.Microsecond).String()
}
