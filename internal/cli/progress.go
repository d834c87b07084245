package cli

import (
	"fmt"
	"sync"
	"time"
)

const (
	// plainEvery is how long there is nothing to read between two lines where no bar can be drawn.
	plainEvery = 5 * time.Second
	// worthALine is how long work takes that leaves a last line: about less, the command's own words say enough.
	worthALine = time.Second
)

// work is what a progress is about.
type work struct {
	doing string // in a word: "downloading"
	thing string // of which there is one or more: "recording"
	total int    // how many things there are
	bytes int64  // how many bytes they have together; 0 where that is not known
}

// progress tells on stderr how far a long piece of work is: on a terminal by a bar, elsewhere by a line every few
// seconds, with --quiet not at all. It counts what it is told and no more. It is safe for concurrent use.
type progress struct {
	work  work
	now   func() time.Time
	say   func(line string)
	begun time.Time
	bar   *bar // nil where none can be drawn
	once  sync.Once

	mu   sync.Mutex
	done tally
	said time.Time // when there was something to read last
}

// begin begins to tell about work that is carried out from now on. The caller must end it, whatever comes of the work,
// before it prints anything to stdout.
func (e *env) begin(w work) *progress {
	p := newProgress(w, time.Now, e.say)
	if s, ok := e.Stderr.(*screen); ok && s.steerable && !e.quiet {
		p.bar = newBar(p, s, everyNowAndThen())
	}
	return p
}

func newProgress(w work, now func() time.Time, say func(string)) *progress {
	p := &progress{work: w, now: now, say: say, begun: now()}
	p.said = p.begun
	p.done.mark(p.begun)
	return p
}

// advance says that so many more things, which have so many bytes, are done.
func (p *progress) advance(things int, bytes int64) {
	if line := p.count(things, bytes); line != "" {
		p.say(line)
	}
}

// count returns the line that is due, or nothing.
func (p *progress) count(things int, bytes int64) (line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.things += things
	p.done.bytes += bytes
	now := p.now()
	if p.bar != nil || now.Sub(p.said) < plainEvery || p.done.things >= p.work.total {
		return ""
	}
	p.said = now
	p.done.mark(now)
	return p.line(now)
}

// end takes the bar away and leaves a last line, unless all was done in no time. It may be called again.
func (p *progress) end() {
	p.once.Do(func() {
		if p.bar != nil {
			p.bar.remove()
		}
		if line := p.lastLine(); line != "" {
			p.say(line)
		}
	})
}

// line is "downloading: 213 of 400 recordings, 2.3 MB/s, 0:12 left".
func (p *progress) line(now time.Time) string {
	line := fmt.Sprintf("%s: %d of %s", p.work.doing, p.done.things, counted(p.work.total, p.work.thing))
	for _, part := range []string{p.done.pace(now), p.done.left(now, p.work)} {
		if part != "" {
			line += ", " + part
		}
	}
	return line
}

// lastLine is "downloading: 400 of 400 recordings, 10 MB in 0:04"; empty where there is nothing worth saying.
func (p *progress) lastLine() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	took := p.now().Sub(p.begun)
	line := fmt.Sprintf("%d of %s", p.done.things, counted(p.work.total, p.work.thing))
	switch {
	case p.done.things < p.work.total:
		return p.work.doing + ": stopped after " + line
	case took < worthALine:
		return ""
	case p.done.bytes > 0:
		line += ", " + inBytes(float64(p.done.bytes))
	}
	return p.work.doing + ": " + line + " in " + inMinutes(took)
}
