package cli

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vbauerster/mpb/v8"
)

// shownWork is a progress on an emulated terminal, with a clock that stands still until it is moved.
type shownWork struct {
	*progress
	terminal *emulator
	screen   *screen
	clock    time.Time
	refresh  chan any
}

func showWork(t *testing.T, w work, width int) *shownWork {
	t.Helper()
	m := newEmulator(width)
	m.frames = make(chan struct{}, 100)
	s := &screen{stream: &stream{Writer: m, steerable: true}, width: m.columns}
	shown := &shownWork{terminal: m, screen: s, clock: time.Unix(0, 0), refresh: make(chan any)}
	shown.progress = newProgress(w, func() time.Time { return shown.clock }, func(line string) { fmt.Fprintln(s, line) })
	shown.bar = newBar(shown.progress, s, mpb.WithManualRefresh(shown.refresh))
	t.Cleanup(shown.end)
	return shown
}

// after moves the clock, and returns what is seen when the bar was drawn anew.
func (s *shownWork) after(d time.Duration) string {
	s.mu.Lock()
	s.clock = s.clock.Add(d)
	s.mu.Unlock()
	for len(s.terminal.frames) > 0 {
		<-s.terminal.frames
	}
	s.refresh <- nil
	<-s.terminal.frames
	return s.terminal.shown()
}

func TestBar(t *testing.T) {
	tests := map[string]struct {
		work   work
		width  int
		things int
		bytes  int64
		want   string
	}{
		"things and bytes": {
			work{"downloading", "recording", 400, 0}, 80, 100, 2_400_000,
			"downloading 100/400 recordings [=====>                   ]  1.2 MB/s  0:06 left",
		},
		"things alone": {
			work{"checking", "recording", 400, 0}, 80, 100, 0,
			"checking 100/400 recordings [======>                     ]      50/s  0:06 left",
		},
		"where the bytes are known, they are what counts": {
			work{"uploading", "recording", 400, 4_000_000}, 80, 100, 3_000_000,
			"uploading 100/400 recordings [===================>       ]  1.5 MB/s  0:01 left",
		},
		"nothing so far": {
			work{"uploading", "recording", 7, 0}, 80, 0, 0,
			"uploading 0/7 recordings [                               ]",
		},
		"all of it": {
			work{"uploading", "recording", 7, 0}, 80, 7, 0,
			"uploading 7/7 recordings [==============================>]     3.5/s  0:00 left",
		},
		"more than was announced": {
			work{"uploading", "recording", 7, 10}, 80, 9, 50,
			"uploading 9/7 recordings [==============================>]    25 B/s  0:00 left",
		},
		"a million": {
			work{"making", "sentence", 1_000_000, 0}, 80, 1000, 0,
			"making    1000/1000000 sentences [                       ]     500/s 33:18 left",
		},
		"a wide terminal does not make the bar wider": {
			work{"checking", "recording", 400, 0}, 200, 100, 0,
			"checking 100/400 recordings [======>                     ]      50/s  0:06 left",
		},
		"a narrow one has no room for the pace": {
			work{"checking", "recording", 400, 0}, 50, 100, 0,
			"checking 100/400 recordings [=>       ] 0:06 left",
		},
		"a narrower one not for the bar":   {work{"checking", "recording", 400, 0}, 40, 100, 0, "checking 100/400 recordings  0:06 left"},
		"nor for the words":                {work{"checking", "recording", 400, 0}, 20, 100, 0, "100/400  0:06 left"},
		"nor for the time":                 {work{"checking", "recording", 400, 0}, 12, 100, 0, "100/400"},
		"a terminal that knows no width":   {work{"checking", "recording", 400, 0}, 0, 100, 0, "checking 100/400 recordings [======>                     ]      50/s  0:06 left"},
		"a terminal of a single character": {work{"checking", "recording", 400, 0}, 2, 100, 0, "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			shown := showWork(t, tt.work, tt.width)
			if tt.width == 0 {
				shown.terminal.width = 80
				shown.screen.width = func() int { return 0 }
			}
			shown.advance(tt.things, tt.bytes)
			if diff := cmp.Diff(tt.want, shown.after(2*time.Second)); diff != "" {
				t.Errorf("the terminal shows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBarTellsTheTruthAboutAStall(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 10, 0}, 60)
	shown.advance(5, 5000)
	if got := shown.after(2 * time.Second); !strings.Contains(got, "2.5 kB/s") || !strings.Contains(got, "0:02 left") {
		t.Errorf("while it moves: %s", got)
	}
	for range 5 {
		shown.after(3 * time.Second)
	}
	if got := shown.after(0); strings.Contains(got, "/s") || strings.Contains(got, "left") || !strings.Contains(got, "5/10") {
		t.Errorf("after 15 s without an upload: %s", got)
	}
}

func TestTalkGoesAboveTheBar(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 10, 0}, 60)
	shown.advance(1, 0)
	bar := shown.after(2 * time.Second)
	fmt.Fprint(shown.screen, "warning: one.mp3 is ")
	if got := shown.terminal.shown(); got != bar {
		t.Errorf("half a line of talk is shown beside the bar:\n%s", got)
	}
	fmt.Fprint(shown.screen, "very quiet\nwarning: two.mp3 as well\nand")
	want := "warning: one.mp3 is very quiet\nwarning: two.mp3 as well\n"
	if got := shown.terminal.shown(); got != want+bar {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, want+bar)
	}
	shown.advance(9, 0)
	if got := shown.after(0); !strings.HasPrefix(got, want+"uploading 10/10") {
		t.Errorf("after the next frame:\n%s", got)
	}
	shown.end()
	fmt.Fprintln(shown.screen, " so on")
	if got := shown.terminal.shown(); got != want+"anduploading: 10 of 10 recordings in 0:02\n so on" {
		t.Errorf("in the end:\n%s", got)
	}
}

func TestBarGoesAwayAtTheEnd(t *testing.T) {
	tests := map[string]struct {
		things int
		bytes  int64
		took   time.Duration
		want   string
	}{
		"all is done":               {10, 20_000, 90 * time.Second, "uploading: 10 of 10 recordings, 20 kB in 1:30"},
		"all, without bytes":        {10, 0, 3723 * time.Second, "uploading: 10 of 10 recordings in 1:02:03"},
		"in no time":                {10, 0, 900 * time.Millisecond, ""},
		"it broke off":              {3, 20_000, 90 * time.Second, "uploading: stopped after 3 of 10 recordings"},
		"it broke off at once":      {0, 0, 0, "uploading: stopped after 0 of 10 recordings"},
		"more than was announced":   {12, 0, 2 * time.Second, "uploading: 12 of 10 recordings in 0:02"},
		"very little, in some time": {10, 5, 2 * time.Second, "uploading: 10 of 10 recordings, 5 B in 0:02"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			shown := showWork(t, work{"uploading", "recording", 10, 0}, 80)
			shown.advance(tt.things, tt.bytes)
			shown.after(tt.took)
			shown.end()
			shown.end()
			if got := shown.terminal.shown(); got != tt.want {
				t.Errorf("the terminal shows %q, want %q", got, tt.want)
			}
		})
	}
}

// A window that is made narrower breaks the line of the bar into two rows; both are the bar's.
func TestBarInAWindowThatChanges(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 10, 0}, 80)
	fmt.Fprintln(shown.screen, "before")
	shown.advance(5, 0)
	shown.after(2 * time.Second)
	for _, width := range []int{30, 61, 20, 80} {
		shown.terminal.resize(width)
		got := strings.Split(shown.after(0), "\n")
		if len(got) != 2 || got[0] != "before" || !strings.Contains(got[1], "5/10") {
			t.Errorf("at %d columns:\n%s", width, strings.Join(got, "\n"))
		}
	}
}

// An answer that was typed before the question came is echoed before it: the cursor stays behind the question.
func TestBarAfterAnAnswerThatWasTypedAhead(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 10, 0}, 60)
	fmt.Fprint(shown.screen, "y\nImport 10 sentences? [y/N] ")
	shown.advance(5, 0)
	if got := shown.after(2 * time.Second); !strings.HasPrefix(got, "y\nuploading  5/10 ") {
		t.Errorf("the terminal shows\n%s", got)
	}
	shown.end()
	if got := shown.terminal.shown(); got != "y\nuploading: stopped after 5 of 10 recordings" {
		t.Errorf("in the end:\n%s", got)
	}
}

// The terminal echoes "^C" where the cursor stands.
func TestBarGoesAwayAfterControlC(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 10, 0}, 80)
	shown.advance(5, 0)
	shown.after(2 * time.Second)
	fmt.Fprint(shown.terminal, "^C")
	shown.end()
	if got := shown.terminal.shown(); got != "uploading: stopped after 5 of 10 recordings" {
		t.Errorf("the terminal shows %q", got)
	}
}

func TestBarOnATerminalThatIsGone(t *testing.T) {
	s := &screen{stream: &stream{Writer: brokenWriter{}, steerable: true}, width: func() int { return 80 }}
	p := newProgress(work{"uploading", "recording", 10, 0}, time.Now, func(line string) { fmt.Fprintln(s, line) })
	refresh := make(chan any, 1)
	p.bar = newBar(p, s, mpb.WithManualRefresh(refresh))
	refresh <- nil
	p.advance(10, 0)
	p.end()
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the terminal is gone") }

func TestPlainLines(t *testing.T) {
	clock := time.Unix(0, 0)
	var lines []string
	p := newProgress(work{"uploading", "recording", 100, 0}, func() time.Time { return clock }, func(line string) { lines = append(lines, line) })
	for range 100 {
		clock = clock.Add(130 * time.Millisecond)
		p.advance(1, 1000)
	}
	p.end()
	want := []string{
		"uploading: 39 of 100 recordings, 7.7 kB/s, 0:08 left",
		"uploading: 78 of 100 recordings, 7.7 kB/s, 0:03 left",
		"uploading: 100 of 100 recordings, 100 kB in 0:13",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	shown := showWork(t, work{"uploading", "recording", 1000, 0}, 80)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for i := range 100 {
				shown.advance(1, 10)
				if i == 50 {
					fmt.Fprintln(shown.screen, "a warning")
				}
			}
		})
	}
	all.Wait()
	if got := shown.after(time.Second); strings.Count(got, "a warning\n") != 10 || !strings.Contains(got, "1000/1000") {
		t.Errorf("the terminal shows\n%s", got)
	}
}
