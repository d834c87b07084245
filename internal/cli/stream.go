package cli

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/term"
)

// stream is stdout or stderr, with what printing for people has to know of it.
type stream struct {
	io.Writer
	// steerable says that a terminal is at the other end whose cursor can be moved.
	steerable bool
	// coloured says that a person sees colours there and wants them.
	coloured bool
}

// newStream looks at where w leads. This is the one place that decides about colour: a terminal, no --no-color, no
// NO_COLOR (https://no-color.org: any value but an empty one), and a TERM that can do it.
func (p Program) newStream(w io.Writer) *stream {
	steerable := isTerminal(w) && !slices.Contains([]string{"", "dumb"}, p.environ("TERM"))
	return &stream{
		Writer: w, steerable: steerable,
		coloured: steerable && p.environ("NO_COLOR") == "" && !p.refusesColour(),
	}
}

// refusesColour looks for --no-color before cobra does: a command line that cobra refuses has to be answered, too.
func (p Program) refusesColour() bool {
	return slices.Contains(p.Args, "--no-color") || slices.Contains(p.Args, "--no-color=true")
}

// environ returns the value of an environment variable; the last one holds, as in the process itself.
func (p Program) environ(name string) string {
	for _, line := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// Fd is the number of the file beneath, or one that is no file's.
func (s *stream) Fd() uintptr {
	if f, ok := s.Writer.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// isTerminal reports whether a person sits at the other end of the stream.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth returns how many columns the terminal at the other end has, or 0 if there is none.
func terminalWidth(stream any) int {
	if !isTerminal(stream) {
		return 0
	}
	width, _, err := term.GetSize(int(stream.(interface{ Fd() uintptr }).Fd()))
	if err != nil {
		return 0
	}
	return width
}

// The colours and weights that are used, as the numbers of SGR (ECMA-48, 8.3.117).
const (
	bold   = "1"
	red    = "31"
	yellow = "33"
)

// paint returns the text in a colour where w shows colours, and as it is elsewhere.
func paint(w io.Writer, colour, text string) string {
	if s, ok := w.(interface{ colours() bool }); ok && s.colours() {
		return "\x1b[" + colour + "m" + text + "\x1b[0m"
	}
	return text
}

func (s *stream) colours() bool { return s.coloured }
