package account

import (
	"context"
	"fmt"
	"runtime"
)

// gate lets so many through at once as it has room for. The rest waits, first come first served.
type gate chan struct{}

// hashing is how many passwords may be hashed at once: half the processors, so that those who play have the other half
// however many try passwords. Each hash takes 19 MiB and some 30 ms of one processor.
func hashing() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// enter waits for room; leave gives it back.
func (g gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil { // select would pick either of two open doors
		return fmt.Errorf("wait for a turn to hash: %w", err)
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn to hash: %w", ctx.Err())
	}
}

func (g gate) leave() { <-g }
