package seeding

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Plan is what a request would add.
type Plan struct {
	// Request is what was asked for, with its defaults.
	Request Request
	// Missing is how many of the wanted speeches, users and sessions are not there yet. Deleted speeches are there.
	Missing map[Kind]int
	// Foreign is how many live speeches this seed has not made: content that somebody may care for.
	Foreign int
}

// Adds reports whether there is anything to add but recordings.
func (p Plan) Adds() bool { return p.Missing[Speeches]+p.Missing[Users]+p.Missing[Sessions] > 0 }

// Plan looks at what is there and changes nothing. It returns fault.Invalid (fields speeches, users, sessions, until).
func (s *Service) Plan(ctx context.Context, r Request) (Plan, error) {
	r, err := r.checked()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Request: r, Missing: map[Kind]int{}}
	ours := 0
	for _, kind := range numbered {
		// All that the seed could have made, not only what is wanted: an earlier run may have made more.
		there := 0
		err := s.db.EachID(ctx, kind, firstID(0), firstID(MaxSpeeches), func(id uuid.UUID, live bool) {
			i, made := seed(r.Seed).number(kind, id)
			if made && i < r.wanted(kind) {
				there++
			}
			if made && live && kind == Speeches {
				ours++
			}
		})
		if err != nil {
			return Plan{}, fmt.Errorf("look for what the seed has made: %w", err)
		}
		plan.Missing[kind] = r.wanted(kind) - there
	}
	counts, err := s.db.Catalog().CountSpeeches(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("count the speeches: %w", err)
	}
	for _, c := range counts {
		plan.Foreign += c.Speeches
	}
	plan.Foreign -= ours
	return plan, nil
}
