package doctor

import "time"

// What two clocks may differ by. Tokens and links are made by one clock and judged by another; S3 refuses requests that are 15
// minutes off.
const (
	clockDrift = 2 * time.Second
	clockWrong = 30 * time.Second
)

// Clock is what somebody else's clock said, and ours right before and after.
type Clock struct{ Before, Theirs, After time.Time }

// compare says how far the clock is off, as exactly as the way there lets it be known.
func (c Clock) compare(whose string) Finding {
	off := c.Theirs.Sub(c.Before.Add(c.After.Sub(c.Before) / 2))
	unsure := c.After.Sub(c.Before) / 2
	by := max(off.Abs()-unsure, 0).Round(time.Millisecond)
	direction := "ahead of"
	if off < 0 {
		direction = "behind"
	}
	f := ok("the clock of %s agrees with ours", whose)
	switch {
	case by > clockWrong:
		f = fail("the clock of %s is %s %s ours", whose, by.Round(time.Second), direction)
	case by > clockDrift:
		f = warn("the clock of %s is %s %s ours", whose, by.Round(100*time.Millisecond), direction)
	default:
		return f.about("clock")
	}
	return f.to("let both machines set their clocks by NTP: tokens and links run out by them").about("clock")
}
