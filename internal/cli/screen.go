package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// maxBarWidth is the widest that a progress bar is drawn, in columns.
const maxBarWidth = 80

// screen is stderr, shared by talk, warnings, the log and a progress bar: what is said while a bar stands there goes
// above it. It is safe for concurrent use.
type screen struct {
	*stream
	// width returns the columns of the terminal as it is now: windows change their size.
	width func() int

	mu sync.Mutex
	// bar is the line of the bar that stands on the terminal, empty where none does. The cursor is below it.
	bar string
	// held is a line of talk that was begun while a bar stood there.
	held []byte
}

func newScreen(s *stream) *screen {
	return &screen{stream: s, width: func() int { return terminalWidth(s) }}
}

// Write prints talk.
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar == "" {
		return s.stream.Write(text)
	}
	s.held = append(s.held, text...)
	end := bytes.LastIndexByte(s.held, '\n') + 1
	if end == 0 {
		return len(text), nil
	}
	_, err := io.WriteString(s.stream, s.erased()+string(s.held[:end])+s.bar+"\n")
	s.held = append([]byte(nil), s.held[end:]...)
	return len(text), err
}

// show puts the bar's line in the place of the one that stands there; an empty line takes it away.
func (s *screen) show(line string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.erased()
	if s.bar == "" && line != "" {
		text = "\r\x1b[J" // an answer that was typed ahead has left the cursor behind the question
	}
	if s.bar = line; line == "" {
		text += string(s.held)
		s.held = nil
	} else {
		text += line + "\n"
	}
	_, err := io.WriteString(s.stream, text)
	return err
}

// erased is what takes the bar away. The return comes first: a Ctrl-C leaves "^C" before the cursor. A terminal that has
// become narrower shows the line in several rows.
func (s *screen) erased() string {
	if s.bar == "" {
		return ""
	}
	rows := 1
	if width := s.width(); width > 0 {
		rows = max(1, (twwidth.Width(s.bar)+width-1)/width)
	}
	return fmt.Sprintf("\r\x1b[%dA\x1b[J", rows)
}

// canvas is the screen as package mpb draws on it.
type canvas struct {
	*screen
	drawn bytes.Buffer
}

// ReadFrom takes a row that is drawn.
func (c *canvas) ReadFrom(row io.Reader) (int64, error) { return c.drawn.ReadFrom(row) }

// IsTerminal is mpb's question whether it makes sense to draw.
func (c *canvas) IsTerminal() bool { return true }

// GetTermSize returns for how many columns the bar is to be drawn. The last one stays empty: some terminals begin a new
// line as soon as it is written.
func (c *canvas) GetTermSize() (width, height int, err error) {
	width = c.width()
	if width <= 0 || width > maxBarWidth {
		width = maxBarWidth
	}
	return width - 1, 1, nil
}

// Flush shows what was drawn.
func (c *canvas) Flush(int) error {
	line := strings.TrimRight(c.drawn.String(), " \n")
	c.drawn.Reset()
	return c.show(line)
}
