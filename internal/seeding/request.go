package seeding

import (
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// The most that one seed makes: an id has room for more, but nobody has said what for.
const (
	MaxSpeeches = 10_000_000
	MaxUsers    = 1_000_000
	MaxSessions = 10_000_000
)

// DefaultUntil is when the last game of a seed was over, unless the request says otherwise.
var DefaultUntil = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)

// Request says what there shall be afterwards.
type Request struct {
	// Seed is the number that everything follows from. Different seeds stand side by side in one database.
	Seed uint64
	// Speeches is how many there shall be, 0 to MaxSpeeches: the first that the seed makes. With them come all of its tags.
	Speeches int
	// Users is how many learners there shall be, 0 to MaxUsers.
	Users int
	// Sessions is how many played games there shall be, 0 to MaxSessions. They need learners and speeches, and go round both: a
	// game that is made for other numbers of them is another one. Games that are there stay as they are.
	Sessions int
	// Until is when the last game was over; all of them lie in the 90 days before. Zero means DefaultUntil.
	Until time.Time
	// Password is that of all new learners; where it is empty, nobody can sign in as one of them.
	Password string
}

// checked returns the request with its defaults, or fault.Invalid (fields speeches, users, sessions, until).
func (r Request) checked() (Request, error) {
	if r.Until.IsZero() {
		r.Until = DefaultUntil
	}
	r.Until = r.Until.UTC().Truncate(time.Second)
	first := epoch.AddDate(0, 0, historyDays)
	var c fault.Check
	checkCount(&c, "speeches", r.Speeches, MaxSpeeches)
	checkCount(&c, "users", r.Users, MaxUsers)
	checkCount(&c, "sessions", r.Sessions, MaxSessions)
	c.Require(r.Sessions <= 0 || r.Users > 0, "sessions", "%d games need users: say how many", r.Sessions)
	c.Require(r.Sessions <= 0 || r.Speeches > 0, "sessions", "%d games need speeches: say how many", r.Sessions)
	c.Require(!r.Until.Before(first) && r.Until.Year() <= 9999, "until",
		"%s is not allowed: from %s, since the learners have been there since %s", r.Until.Format(time.DateOnly),
		first.Format(time.DateOnly), epoch.Format(time.DateOnly))
	return r, c.Err()
}

func checkCount(c *fault.Check, field string, n, most int) {
	c.Require(n >= 0 && n <= most, field, "%d is not allowed: between 0 and %d", n, most)
}

// wanted returns how many rows of a kind there shall be.
func (r Request) wanted(kind Kind) int {
	switch kind {
	case Speeches:
		return r.Speeches
	case Users:
		return r.Users
	default:
		return r.Sessions
	}
}
