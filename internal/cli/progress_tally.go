package cli

import (
	"fmt"
	"time"
)

// paceWindow is over how long a pace is measured: short enough to show that nothing moves any longer, long enough not
// to jump with every file.
const paceWindow = 10 * time.Second

// tally is how far work has come, and how far it was in the last moments.
type tally struct {
	things int
	bytes  int64
	marks  []milestone // oldest first; one of them is older than paceWindow if there is any so old
}

type milestone struct {
	at     time.Time
	things int
	bytes  int64
}

// mark remembers how far the work is now.
func (t *tally) mark(now time.Time) {
	t.marks = append(t.marks, milestone{now, t.things, t.bytes})
	for len(t.marks) > 2 && now.Sub(t.marks[1].at) >= paceWindow {
		t.marks = t.marks[1:]
	}
}

// rates returns how many things and bytes a second were done of late; nothing where it is too early to say.
func (t *tally) rates(now time.Time) (things, bytes float64) {
	since := t.marks[0]
	seconds := now.Sub(since.at).Seconds()
	if seconds < 1 {
		return 0, 0
	}
	return float64(t.things-since.things) / seconds, float64(t.bytes-since.bytes) / seconds
}

// pace is "2.3 MB/s", or "12/s" where bytes are not counted; empty where it is too early to say.
func (t *tally) pace(now time.Time) string {
	things, bytes := t.rates(now)
	switch {
	case bytes > 0:
		return inBytes(bytes) + "/s"
	case things >= 10:
		return fmt.Sprintf("%.0f/s", things)
	case things > 0:
		return fmt.Sprintf("%.1f/s", things)
	}
	return ""
}

// left is "0:12 left", how long the rest takes at this pace; empty where nobody knows.
func (t *tally) left(now time.Time, w work) string {
	things, bytes := t.rates(now)
	switch {
	case w.bytes > 0 && bytes > 0:
		return inMinutes(seconds(float64(max(0, w.bytes-t.bytes))/bytes)) + " left"
	case w.bytes == 0 && things > 0:
		return inMinutes(seconds(float64(max(0, w.total-t.things))/things)) + " left"
	}
	return ""
}

// share is how much of the work is done, as a part and a whole.
func (t *tally) share(w work) (part, whole int64) {
	if w.bytes > 0 {
		return min(t.bytes, w.bytes), w.bytes
	}
	return int64(min(t.things, w.total)), int64(w.total)
}

// seconds is a time span, at most one that everybody can read.
func seconds(s float64) time.Duration {
	return time.Duration(min(s, 1000*time.Hour.Seconds()) * float64(time.Second))
}

// inMinutes is "0:12", "1:02:03".
func inMinutes(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// inBytes is "999 B", "1.2 kB", "45 MB": decimal units, two digits at least.
func inBytes(n float64) string {
	unit := "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if n < 999.5 {
			break
		}
		n, unit = n/1000, next
	}
	if n < 9.95 && unit != "B" {
		return fmt.Sprintf("%.1f %s", n, unit)
	}
	return fmt.Sprintf("%.0f %s", n, unit)
}
