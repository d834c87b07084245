package app

import (
	"context"
	"time"

	"github.com/englishapp/englishctl/internal/blob"
)

// housekeepEvery is how often what has run out is thrown away.
const housekeepEvery = time.Hour

// housekeep drops refresh tokens, links of mails, idempotency keys and replaced recordings that have run out and files that nobody goes on writing, at start and then hourly, until ctx ends. A
// failure is logged and tried again the next time: nothing depends on it but disk space.
func (d *Daemon) housekeep(ctx context.Context) {
	ticker := time.NewTicker(housekeepEvery)
	defer ticker.Stop()
	for {
		d.tidy(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *Daemon) tidy(ctx context.Context) {
	tokens, err := d.Accounts.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "expired tokens, or traces of deleted accounts, were not removed", "error", err)
	}
	claims, err := d.Practice.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "expired idempotency keys were not removed", "error", err)
	}
	recordings, err := d.Catalog.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "recordings that were replaced long ago were not forgotten", "error", err)
	}
	if disk, ok := d.recordings.store.(*blob.Disk); ok {
		if err := disk.RemoveRemains(); err != nil {
			d.log.ErrorContext(ctx, "unfinished recordings were not removed", "error", err)
		}
	}
	if tokens+claims+recordings > 0 {
		d.log.InfoContext(ctx, "removed what had run out", "tokens", tokens, "idempotency_keys", claims, "replaced_recordings", recordings)
	}
}
