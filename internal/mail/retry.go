package mail

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/englishapp/englishctl/internal/account"
)

// pauses are how long to wait before each further attempt. All together they outlast the restart of a mail server; a server
// that is out for longer is the operator's business, and the link of a letter is worth 30 minutes only.
var pauses = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second}

// Retrying sends a letter again where that may help: four attempts within about 40 seconds and what they take themselves.
type Retrying struct{ Mailer account.Mailer }

// Send implements account.Mailer. It returns the error of the last attempt.
func (r Retrying) Send(ctx context.Context, l account.Letter) error {
	err := r.Mailer.Send(ctx, l)
	for _, pause := range pauses {
		if err == nil || final(err) || !wait(ctx, pause) {
			return err
		}
		err = r.Mailer.Send(ctx, l)
	}
	return err
}

func final(err error) bool {
	f, ok := errors.AsType[*Failure](err)
	return ok && f.Final
}

// wait waits for a pause, up to a quarter longer so that not all come back at once, and reports false where ctx ended.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause + rand.N(pause/4))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
