package cli

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	// barEvery is how often a bar is drawn anew, also where nothing has advanced: that is to be seen, too.
	barEvery = 200 * time.Millisecond
	// minBar is the narrowest bar that is drawn, in columns.
	minBar = 8
)

// bar is the line that shows a progress on a terminal:
// "downloading 213/400 recordings [=====>     ] 2.3 MB/s 0:12 left". What the terminal is too narrow for is left out.
type bar struct {
	screen *screen
	all    *mpb.Progress
	one    *mpb.Bar
}

func everyNowAndThen() mpb.ContainerOption { return mpb.WithRefreshRate(barEvery) }

// newBar shows a progress until remove is called.
func newBar(p *progress, s *screen, refresh mpb.ContainerOption) *bar {
	all := mpb.New(mpb.WithConsoleWriter(&canvas{screen: s}), refresh)
	style := mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]").Build()
	// A total of 0 keeps the line standing until it is removed, even if more is counted than was announced.
	one := all.New(0, painter{p, style},
		mpb.PrependDecorators(decor.Any(p.drawCount)), mpb.AppendDecorators(decor.Any(p.drawPace)))
	return &bar{s, all, one}
}

// painter draws the bar itself.
type painter struct {
	progress *progress
	style    mpb.BarFiller
}

// Build returns the painter as it is.
func (f painter) Build() mpb.BarFiller { return f }

// Fill draws what is done of the whole, where there is room for it.
func (f painter) Fill(w io.Writer, place decor.Statistics) error {
	if place.AvailableWidth < minBar {
		return nil
	}
	place.Current, place.Total = f.progress.share()
	return f.style.Fill(w, place)
}

// remove takes the line off the terminal.
func (b *bar) remove() {
	b.one.Abort(true)
	b.all.Wait()
	_ = b.screen.show("") // a terminal that is gone needs no tidying
}

// drawCount is what stands before the bar.
func (p *progress) drawCount(place decor.Statistics) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.mark(p.now())
	width := len(strconv.Itoa(p.work.total))
	count := fmt.Sprintf("%*d/%d", width, p.done.things, p.work.total)
	if whole := fmt.Sprintf("%s %s %ss", p.work.doing, count, p.work.thing); len(whole) <= place.AvailableWidth {
		return whole
	}
	return count
}

// drawPace is what stands behind the bar.
func (p *progress) drawPace(place decor.Statistics) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	text := p.done.left(now, p.work)
	if whole := fmt.Sprintf("%9s %10s", p.done.pace(now), text); len(whole) <= place.AvailableWidth-minBar {
		return whole
	}
	if len(text) >= place.AvailableWidth {
		return ""
	}
	return text
}

func (p *progress) share() (part, whole int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done.share(p.work)
}
