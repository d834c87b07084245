package seeding

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
)

// Count says of a kind how many were made, and how many were there before.
type Count struct{ Created, Unchanged int }

// Report has a Count for each of Kinds.
type Report map[Kind]Count

// Progress is told of a kind how many of all wanted ones are there by now. It is called after each transaction.
type Progress func(kind Kind, done, total int)

// Apply adds what is missing, as a plan says, in many transactions. Whatever ends it, the next Apply goes on where it
// stopped; several at once are no harm. It returns fault.Invalid (field password) before anything is done, and
// fault.Conflict if somebody has taken an address of the seed's learners.
func (s *Service) Apply(ctx context.Context, p Plan, progress Progress) (Report, error) {
	run, err := s.start(ctx, p, progress)
	if err != nil {
		return nil, err
	}
	if err := run.storeRecordings(ctx); err != nil {
		return nil, err
	}
	if p.Adds() {
		if err := s.db.InTx(ctx, func(tx Store) error { return run.open(ctx, tx) }); err != nil {
			return nil, fmt.Errorf("begin to seed: %w", err)
		}
	}
	for _, kind := range numbered {
		if err := run.add(ctx, kind); err != nil {
			return nil, fmt.Errorf("add %s: %w", kind, err)
		}
	}
	if p.Adds() {
		if err := s.db.Analyze(ctx); err != nil {
			return nil, fmt.Errorf("end the seeding: %w", err)
		}
	}
	return run.report, nil
}

// run is one Apply.
type run struct {
	*Service
	plan         Plan
	seed         seed
	pack         pack
	passwordHash string
	// tags are the ids that the tags of the seed have in this database; one that somebody has deleted is not among them.
	tags map[uuid.UUID]uuid.UUID
	// safe are the keys of recordings that rows of this run refer to: nobody sweeps them up any more.
	safe     map[string]bool
	progress Progress
	report   Report
}

func (s *Service) start(ctx context.Context, p Plan, progress Progress) (*run, error) {
	r := &run{
		Service: s, plan: p, seed: seed(p.Request.Seed), tags: map[uuid.UUID]uuid.UUID{}, safe: map[string]bool{},
		progress: progress, report: Report{},
	}
	var err error
	if p.Request.Password != "" {
		if r.passwordHash, err = s.accounts.HashPassword(ctx, p.Request.Password); err != nil {
			return nil, err
		}
	}
	if p.Request.Speeches > 0 {
		r.report[Tags] = Count{Unchanged: len(r.seed.tags())}
		r.pack, err = openPack(s.files)
	}
	return r, err
}

// storeRecordings stores the recordings before the rows: a run that dies in between leaves objects that nothing refers to,
// which the sweep of imports removes, and never a speech without its object.
func (r *run) storeRecordings(ctx context.Context) error {
	used := r.pack.used(r.plan.Request.Speeches)
	stored, err := r.store(ctx, r.pack, used)
	r.report[Recordings] = Count{Created: stored, Unchanged: len(used) - stored}
	return err
}

// open makes the tags that are missing and writes the audit line of the run, with what there was and what there shall be: a
// run that dies half way has its line as well, and the next one's begins where it ended.
func (r *run) open(ctx context.Context, tx Store) error {
	if err := tx.Catalog().BumpVersion(ctx); err != nil {
		return err
	}
	changes := map[string]audit.Change{}
	for _, kind := range numbered {
		if wanted := r.plan.Request.wanted(kind); r.plan.Missing[kind] > 0 {
			changes[string(kind)] = audit.Change{Before: wanted - r.plan.Missing[kind], After: wanted}
		}
	}
	if r.plan.Request.Speeches > 0 {
		if err := r.ensureTags(ctx, tx.Catalog()); err != nil {
			return err
		}
	}
	return tx.Catalog().InsertAudit(ctx, audit.Entry{
		ID: r.newID(), At: r.now().UTC(), Origin: audit.OriginFrom(ctx), Action: "seed.apply",
		ObjectID: fmt.Sprint(r.plan.Request.Seed), Changes: changes,
	})
}
