package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// copiers is how many recordings are copied at a time.
	copiers = 8
	// leaseTerm is how long a process counts as alive after it last said so, and leaseEvery how often it does
	// (decisions.md, "Small decisions").
	leaseTerm  = 15 * time.Second
	leaseEvery = 5 * time.Second
)

// errTakenForDead is what an import ends with if a sweep has ended its batch.
var errTakenForDead = fault.Unavailable("The import took too long to answer and was taken back; try again").WithCode("import_interrupted")

// copyAll copies the recordings of the rows to their final places. It returns fault.Conflict (code catalogue_busy) for
// a row whose recording was not uploaded.
func (im *run) copyAll(ctx context.Context, rows []row) error {
	for _, r := range rows {
		if !r.uploaded() {
			return r.changedSincePlan()
		}
	}
	rows = slices.DeleteFunc(slices.Clone(rows), row.inPlace)
	for _, r := range rows {
		im.copied[r.key] = true // before the first byte: a copy that fails may still be there
	}
	arrived := im.watched(len(rows))
	group, copying := errgroup.WithContext(ctx)
	group.SetLimit(copiers)
	for _, r := range rows {
		group.Go(func() error {
			if err := im.copy(copying, r); err != nil {
				return err
			}
			arrived()
			return nil
		})
	}
	err := group.Wait()
	if err != nil && errors.Is(context.Cause(ctx), errTakenForDead) {
		return errTakenForDead
	}
	return err
}

// watched tells whoever watches that total recordings are going to be copied, and then, by what it returns, of each.
func (im *run) watched(total int) (arrived func()) {
	if im.watch == nil {
		return func() {}
	}
	im.watch(0, total)
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		im.watch(done, total)
	}
}

func (im *run) copy(ctx context.Context, r row) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("copy the recordings: %w", err)
	}
	err := im.objects.Copy(ctx, r.file.Key, r.key)
	if fault.Is(err, fault.KindNotFound) {
		return fault.Conflict("Row %d: the audio file '%s' is gone from the upload session; upload it again", r.number, catalog.Shown(r.file.Name)).
			WithCode("upload_missing").WithCause(err)
	}
	if err != nil {
		return fmt.Errorf("copy the recording of row %d: %w", r.number, err)
	}
	return nil
}

// keepLease renews the batch's lease until stop is called. The context it returns ends, with errTakenForDead as its
// cause, once the batch is no longer running.
func (s *Service) keepLease(ctx context.Context, batch uuid.UUID) (leased context.Context, stop func()) {
	return s.keepAlive(ctx, errTakenForDead, func(ctx context.Context) (bool, error) {
		return s.store.RenewLease(ctx, batch, s.moment().Add(leaseTerm))
	})
}
