package seeding

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
)

// add adds the rows of a kind that are missing, in ranges of their numbers. A range that has all is not locked.
func (r *run) add(ctx context.Context, kind Kind) error {
	wanted, size := r.plan.Request.wanted(kind), r.rowsAtOnce[kind]
	count := Count{Unchanged: wanted}
	for from := 0; from < wanted && r.plan.Missing[kind] > 0; from += size {
		end := min(from+size, wanted)
		missing, err := r.missing(ctx, r.db, kind, from, end)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			added, err := r.addRange(ctx, kind, from, end)
			if err != nil {
				return err
			}
			count.Created += added
			count.Unchanged -= added
		}
		r.progress(kind, end, wanted)
	}
	r.report[kind] = count
	return nil
}

// missing returns which numbers of a kind in [from, end) are not there.
func (r *run) missing(ctx context.Context, store Store, kind Kind, from, end int) ([]int, error) {
	there := make([]bool, end-from)
	err := store.EachID(ctx, kind, firstID(from), firstID(end), func(id uuid.UUID, _ bool) {
		if i, ours := r.seed.number(kind, id); ours {
			there[i-from] = true
		}
	})
	if err != nil {
		return nil, err
	}
	var missing []int
	for i, found := range there {
		if !found {
			missing = append(missing, from+i)
		}
	}
	return missing, nil
}

// addRange adds what is missing in a range, in one transaction, and returns how many rows that was.
func (r *run) addRange(ctx context.Context, kind Kind, from, end int) (added int, err error) {
	err = r.db.InTx(ctx, func(tx Store) error {
		if err := lock(ctx, tx, kind); err != nil {
			return err
		}
		missing, err := r.missing(ctx, tx, kind, from, end) // again: nobody else can add them from here on
		if err != nil {
			return err
		}
		added = len(missing)
		return r.insert(ctx, tx, kind, missing)
	})
	return added, err
}

// lock keeps other writers of content and other seeds waiting. New speeches also tell every daemon that content has changed.
func lock(ctx context.Context, tx Store, kind Kind) error {
	if kind == Speeches {
		return tx.Catalog().BumpVersion(ctx)
	}
	return tx.Lock(ctx)
}

func (r *run) insert(ctx context.Context, tx Store, kind Kind, numbers []int) error {
	switch kind {
	case Speeches:
		return r.insertSpeeches(ctx, tx, numbers)
	case Users:
		return r.insertUsers(ctx, tx, numbers)
	default:
		return r.insertSessions(ctx, tx, numbers)
	}
}

func (r *run) insertSpeeches(ctx context.Context, tx Store, numbers []int) error {
	speeches := make([]catalog.Speech, len(numbers))
	var unsafe []recording
	for k, i := range numbers {
		speeches[k] = r.seed.speech(i)
		recorded := r.pack.of(i)
		speeches[k].Audio, speeches[k].AudioSHA256 = recorded.key, recorded.sha256
		speeches[k].Tags = r.tagsHere(speeches[k].Tags)
		if !r.safe[recorded.key] {
			r.safe[recorded.key] = true
			unsafe = append(unsafe, recorded)
		}
	}
	// Until a row refers to it, a sweep may have removed what was stored, or found there, before. Sweeps delete under the
	// lock that this transaction has, so what is there now stays.
	if _, err := r.store(ctx, r.pack, unsafe); err != nil {
		return err
	}
	return tx.Catalog().InsertSpeeches(ctx, speeches)
}

// tagsHere returns the tags with their ids in this database, without those that somebody has deleted.
func (r *run) tagsHere(tags []catalog.TagRef) []catalog.TagRef {
	var here []catalog.TagRef
	for _, t := range tags {
		if id, ok := r.tags[t.ID]; ok {
			here = append(here, catalog.TagRef{ID: id, Name: t.Name})
		}
	}
	return here
}

func (r *run) insertUsers(ctx context.Context, tx Store, numbers []int) error {
	users := make([]account.User, len(numbers))
	for k, i := range numbers {
		users[k] = r.seed.user(i, r.passwordHash)
	}
	made := make([]time.Time, len(users))
	for k, u := range users {
		made[k] = u.CreatedAt
	}
	if err := tx.NoteDays(ctx, made); err != nil {
		return err
	}
	err := tx.InsertUsers(ctx, users)
	if fault.Is(err, fault.KindConflict) {
		return fault.Conflict("An account that this seed has not made has one of its addresses (%s to %s)",
			users[0].Email, users[len(users)-1].Email).WithCode("email_taken").WithCause(err)
	}
	return err
}

func (r *run) insertSessions(ctx context.Context, tx Store, numbers []int) error {
	sessions := make([]practice.Session, len(numbers))
	for k, i := range numbers {
		sessions[k] = r.plan.Request.session(i, r.tags)
	}
	played := make([]time.Time, len(sessions))
	for k, s := range sessions {
		played[k] = s.CompletedAt
	}
	if err := tx.NoteDays(ctx, played); err != nil {
		return err
	}
	outcome, err := tx.Practice().InsertSessions(ctx, sessions, nil)
	if err == nil && len(outcome.Missing) > 0 {
		err = fault.Unavailable("Speeches that the games refer to have gone in between; run it again")
	}
	return err
}
