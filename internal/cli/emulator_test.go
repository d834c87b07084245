package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// emulator is a terminal: it takes what a program prints and knows what a person then sees. It understands what ours
// prints, and panics at everything else: that must not come through from data.
type emulator struct {
	mu      sync.Mutex
	width   int
	rows    []row
	y, x    int
	rest    string // a sequence whose end has not come yet
	painted []string
	style   string
	frames  chan struct{} // where it is not nil, receives after each Write
	changed chan struct{} // holds something after a Write
	code    int           // of the program that has ended; -1 before
}

// row is one row of the screen. It is soft where it is full and its text goes on in the next one.
type row struct {
	text string
	soft bool
}

func newEmulator(width int) *emulator {
	return &emulator{width: width, rows: []row{{}}, changed: make(chan struct{}, 1), code: -1}
}

// Write takes what a program prints.
func (m *emulator) Write(p []byte) (int, error) {
	m.mu.Lock()
	m.rest += string(p)
	for m.rest != "" {
		taken := m.take(m.rest)
		if taken == 0 {
			break
		}
		m.rest = m.rest[taken:]
	}
	m.mu.Unlock()
	select {
	case m.changed <- struct{}{}:
	default:
	}
	if m.frames != nil {
		m.frames <- struct{}{}
	}
	return len(p), nil
}

// take carries out the first character or control sequence of text, and returns its length.
func (m *emulator) take(text string) int {
	switch text[0] {
	case '\r':
		m.x = 0
		return 1
	case '\n':
		m.newRow()
		return 1
	case '\x1b':
		end := strings.IndexFunc(text[1:], func(r rune) bool { return !strings.ContainsRune("[0123456789;", r) }) + 1
		if end == 0 {
			return 0
		}
		m.obey(text[:end+1])
		return end + 1
	}
	r := []rune(text)[0]
	if r < ' ' || r >= 0x7f && r < 0xa0 {
		panic(fmt.Sprintf("the program prints the control character %q", r))
	}
	m.print(string(r))
	return len(string(r))
}

func (m *emulator) newRow() {
	m.y, m.x = m.y+1, 0
	if m.y == len(m.rows) {
		m.rows = append(m.rows, row{})
	}
}

// print puts a character at the end of the row: ours overwrite nothing that they have not erased.
func (m *emulator) print(character string) {
	if m.x != twwidth.Width(m.rows[m.y].text) {
		panic(fmt.Sprintf("%q is printed over %q", character, m.rows[m.y].text))
	}
	if m.x+twwidth.Width(character) > m.width {
		m.rows[m.y].soft = true
		m.newRow()
	}
	m.rows[m.y].text += character
	m.x = twwidth.Width(m.rows[m.y].text)
	if m.style != "" {
		m.painted[len(m.painted)-1] += character
	}
}

// obey carries out a control sequence.
func (m *emulator) obey(sequence string) {
	argument := sequence[2 : len(sequence)-1]
	switch sequence[len(sequence)-1] {
	case 'A': // up
		n, err := strconv.Atoi(argument)
		if err != nil || n > m.y {
			panic("up above the screen: " + strconv.Quote(sequence))
		}
		m.y -= n
	case 'J': // erase from here to the end of the screen
		if m.x != 0 {
			panic("erased from the middle of a row")
		}
		m.rows = append(m.rows[:m.y], row{})
	case 'm':
		if m.style = argument; argument == "0" {
			m.style = ""
		} else {
			m.painted = append(m.painted, argument+" ")
		}
	case 'n': // not a terminal's: the program has ended
		m.code, _ = strconv.Atoi(argument)
	default:
		panic("the program prints " + strconv.Quote(sequence))
	}
}

// exitCode is that of the program on the terminal, -1 while it runs.
func (m *emulator) exitCode() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.code
}

// resize makes the window another width, with all text in it, as most terminals do.
func (m *emulator) resize(width int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := ""
	for _, r := range m.rows {
		text += r.text
		if !r.soft {
			text += "\n"
		}
	}
	resized := newEmulator(width)
	_, _ = io.WriteString(resized, strings.TrimSuffix(text, "\n"))
	m.width, m.rows, m.y, m.x = width, resized.rows, resized.y, resized.x
}

// columns is what the program is told when it asks for the width.
func (m *emulator) columns() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.width
}

// shown is what a person sees, without space at the ends of rows and without empty rows at the end.
func (m *emulator) shown() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []string
	for _, r := range m.rows {
		rows = append(rows, strings.TrimRight(r.text, " "))
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = slices.Delete(rows, len(rows)-1, len(rows))
	}
	return strings.Join(rows, "\n")
}
