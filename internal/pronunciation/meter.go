package pronunciation

import (
	"errors"
	"sync/atomic"
)

// Meter counts what becomes of utterances, since the program started. The zero value is ready to use. It is safe for concurrent use.
type Meter struct {
	calls, failed, refused, crowded, timedOut, resting, remembered, joined, hedged, hedgeWon atomic.Uint64
	running                                                                                  atomic.Int64
}

// Counts are a meter's numbers.
type Counts struct {
	Calls      uint64 // attempts at the provider
	Failed     uint64 // of them, those that it did not do: it was out, busy, or did not take the request
	Refused    uint64 // of those, the ones that only an operator can mend: the key or the address is wrong
	Crowded    uint64 // utterances for which there was no turn
	TimedOut   uint64 // utterances that took too long
	Resting    uint64 // utterances that came while the provider was left alone
	Remembered uint64 // utterances whose scores were known already
	Joined     uint64 // utterances that waited for the answer to the same one, which was in work
	Hedged     uint64 // second calls beside one that took long; they are among Calls
	HedgeWon   uint64 // of them, those that answered first
	Running    int64  // calls that are in work now
}

// Counts returns the numbers.
func (m *Meter) Counts() Counts {
	return Counts{
		Calls: m.calls.Load(), Failed: m.failed.Load(), Refused: m.refused.Load(), Crowded: m.crowded.Load(), TimedOut: m.timedOut.Load(),
		Resting: m.resting.Load(), Remembered: m.remembered.Load(), Joined: m.joined.Load(),
		Hedged: m.hedged.Load(), HedgeWon: m.hedgeWon.Load(), Running: m.running.Load(),
	}
}

// begin notes a call to the provider, and the returned function how it ended.
func (m *Meter) begin() (end func(err error)) {
	m.calls.Add(1)
	m.running.Add(1)
	return func(err error) {
		m.running.Add(-1)
		if f, failed := errors.AsType[*Failure](err); failed {
			m.failed.Add(1)
			if f.Reason == Refused {
				m.refused.Add(1)
			}
		}
	}
}

// end notes why an utterance was not scored, where that was not the provider's answer.
func (m *Meter) end(err error) {
	f, failed := errors.AsType[*Failure](err)
	if !failed {
		return
	}
	switch f.Reason {
	case Crowded:
		m.crowded.Add(1)
	case TimedOut:
		m.timedOut.Add(1)
	case Resting:
		m.resting.Add(1)
	}
}
