package account

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// outboxSize is how many letters may wait, at some 100 bytes each. It is what a mail server that takes one in two
	// seconds works off in ten minutes.
	outboxSize = 256
	// outboxSenders is how many letters are on their way at once: one that the mail server keeps waiting holds up
	// nobody else.
	outboxSenders = 4
	// outboxGrace is how long a stopping daemon goes on sending.
	outboxGrace = 10 * time.Second
)

// errand is a letter that is still to be written. It returns fault.NotFound where there is nobody to write to.
type errand func(ctx context.Context) (Letter, error)

// outbox writes and sends letters beside the requests that ask for them, so that no answer's time tells whether there was
// somebody to write to, or how the mail server is. What waits in it is lost when the process dies: whoever misses a letter
// asks again.
type outbox struct {
	mailer  Mailer
	log     *slog.Logger
	waiting chan errand
	counts  struct{ sent, failed, refused atomic.Uint64 }
}

// LetterCounts says what became of letters since the process started.
type LetterCounts struct {
	// Sent were taken by the mail server; Failed were not, after all attempts; Refused found no room in the outbox.
	Sent, Failed, Refused uint64
	// Waiting is how many wait now.
	Waiting int
}

func newOutbox(m Mailer, log *slog.Logger) *outbox {
	return &outbox{mailer: m, log: log, waiting: make(chan errand, outboxSize)}
}

// add never waits. It returns fault.Unavailable: with code mail_not_configured where there is no mailer, with mail_busy
// where too much waits already.
func (o *outbox) add(e errand) error {
	if o == nil {
		return noMail()
	}
	select {
	case o.waiting <- e:
		return nil
	default:
		o.counts.refused.Add(1)
		return fault.Unavailable("too many mails wait to be sent; try again in some minutes").WithCode("mail_busy")
	}
}

func noMail() error {
	return fault.Unavailable("this server is not set up to send mail; ask whoever runs it to set a new password").WithCode(codeNoMail)
}

// run sends letters until ctx ends, and then what still waits, for outboxGrace at most.
func (o *outbox) run(ctx context.Context) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(outboxGrace, cancel)
		context.AfterFunc(work, func() { timer.Stop() })
	})
	defer stop()
	var senders sync.WaitGroup
	for range outboxSenders {
		senders.Go(func() { o.serve(ctx, work) })
	}
	senders.Wait()
	if lost := len(o.waiting); lost > 0 {
		o.log.WarnContext(ctx, "mails were not sent before the stop", "count", lost)
	}
}

// serve sends one letter after the other: until stop ends, and then as long as there are any and work goes on.
func (o *outbox) serve(stop, work context.Context) {
	for stop.Err() == nil {
		select {
		case e := <-o.waiting:
			o.send(work, e)
		case <-stop.Done():
		}
	}
	for work.Err() == nil {
		select {
		case e := <-o.waiting:
			o.send(work, e)
		default:
			return
		}
	}
}

// send writes and sends one letter. What goes wrong is for the operator: whoever asked has their answer.
func (o *outbox) send(ctx context.Context, e errand) {
	letter, err := e(ctx)
	if fault.Is(err, fault.KindNotFound) {
		return
	}
	if err != nil {
		o.counts.failed.Add(1)
		o.log.ErrorContext(ctx, "a mail could not be written", "error", err)
		return
	}
	start := time.Now()
	if err := o.mailer.Send(ctx, letter); err != nil {
		o.counts.failed.Add(1)
		o.log.ErrorContext(ctx, "a mail was not sent", "purpose", letter.Purpose, "duration_ms", time.Since(start).Milliseconds(), "error", err)
		return
	}
	o.counts.sent.Add(1)
	o.log.InfoContext(ctx, "a mail was sent", "purpose", letter.Purpose, "duration_ms", time.Since(start).Milliseconds())
}
