package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is a line of `go test -json` (go doc test2json; ImportPath and FailedBuild: go doc cmd/go, build -json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // instead of Package, in events of the build
	Test        string // empty in events of the package
	Output      string
	FailedBuild string // in a package's "fail": whose build failed
}

// summary collects the events of a run; packages run side by side, so their events come mixed.
type summary struct {
	out      *bufio.Writer
	packages map[string]*testedPackage
	builds   map[string]*strings.Builder // compiler output by import path
	skips    []string

	passed, failed, skipped int
}

// testedPackage is a package whose tests are running.
type testedPackage struct {
	name   string
	output []string // of the package itself, by line
	tests  map[string]*test
	order  []string // names of tests as they began
}

// test is a test or a subtest.
type test struct {
	result string // pass, fail or skip; empty while it runs
	output []string
}

func newSummary(out *bufio.Writer) *summary {
	return &summary{out: out, packages: map[string]*testedPackage{}, builds: map[string]*strings.Builder{}}
}

// read takes in all events. Lines that are no event (a program that writes past the testing package) are printed as
// they are.
func (s *summary) read(in io.Reader) error {
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			s.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
	}
}

func (s *summary) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		s.print(strings.TrimRight(string(line), "\n") + "\n")
		return
	}
	s.event(e)
}

func (s *summary) event(e event) {
	switch {
	case e.ImportPath != "":
		if e.Action == "build-output" {
			s.build(e.ImportPath).WriteString(e.Output)
		}
	case e.Package == "":
	case e.Test != "":
		s.pkg(e.Package).testEvent(e)
	case e.Action == "output":
		p := s.pkg(e.Package)
		p.output = append(p.output, e.Output)
	case e.Action == "start":
		s.pkg(e.Package)
	case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
		s.endPackage(s.pkg(e.Package), e)
	}
}

func (s *summary) build(path string) *strings.Builder {
	if s.builds[path] == nil {
		s.builds[path] = &strings.Builder{}
	}
	return s.builds[path]
}

func (s *summary) pkg(name string) *testedPackage {
	if s.packages[name] == nil {
		s.packages[name] = &testedPackage{name: name, tests: map[string]*test{}}
	}
	return s.packages[name]
}

func (p *testedPackage) testEvent(e event) {
	t := p.tests[e.Test]
	if t == nil {
		t = &test{}
		p.tests[e.Test] = t
		p.order = append(p.order, e.Test)
	}
	switch e.Action {
	case "output":
		t.output = append(t.output, e.Output)
	case "pass", "fail", "skip":
		t.result = e.Action
	}
}

// endPackage counts a package's tests and prints what there is to say about it.
func (s *summary) endPackage(p *testedPackage, e event) {
	defer s.out.Flush() //nolint:errcheck // a package at a time is seen at once; an error shows at the next write
	delete(s.packages, p.name)
	failedBefore := s.failed
	for _, name := range p.order {
		s.count(p, name)
	}
	if e.FailedBuild != "" {
		if b := s.builds[e.FailedBuild]; b != nil {
			s.print(b.String())
			b.Reset() // packages that share the broken one need not repeat it
		}
	}
	if e.Action == "fail" {
		if s.failed == failedBefore {
			s.failed++
		}
		s.print(strings.Join(p.output, ""))
		return
	}
	for _, line := range p.output {
		if packageLine(line) {
			s.print(line)
		}
	}
}

// packageLine tells the one line that plain `go test` prints of a package that did not fail.
func packageLine(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") || strings.HasPrefix(line, "\t")
}

// count adds one test to the totals, by the rule in the package's comment, and prints it if it failed.
func (s *summary) count(p *testedPackage, name string) {
	t := p.tests[name]
	if t.result == "" { // a panic, a time-out or os.Exit cut it off
		t.result = "fail"
		t.output = append(t.output, fmt.Sprintf("--- FAIL: %s (it never ended)\n", name))
	}
	if t.result == "fail" {
		s.print(strings.Join(without(t.output, "=== "), ""))
	}
	below := p.subtests(name)
	if len(below) > 0 && (t.result != "fail" || slices.ContainsFunc(below, func(sub *test) bool { return sub.result == "fail" || sub.result == "" })) {
		return
	}
	switch t.result {
	case "pass":
		s.passed++
	case "fail":
		s.failed++
	case "skip":
		s.skipped++
		s.skips = append(s.skips, fmt.Sprintf("%s.%s: %s", p.name, name, t.reason()))
	}
}

func (p *testedPackage) subtests(name string) []*test {
	var subs []*test
	for _, other := range p.order {
		if strings.HasPrefix(other, name+"/") {
			subs = append(subs, p.tests[other])
		}
	}
	return subs
}

// reason is what a skipped test said, on one line.
func (t *test) reason() string {
	said := strings.Join(strings.Fields(strings.Join(without(t.output, "=== ", "--- "), " ")), " ")
	if said == "" {
		return "(no reason given)"
	}
	return said
}

// without returns the lines that start, but for indentation, with none of the prefixes.
func without(lines []string, prefixes ...string) []string {
	var kept []string
	for _, line := range lines {
		bare := strings.TrimLeft(line, " ")
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(bare, prefix) }) {
			kept = append(kept, line)
		}
	}
	return kept
}

// finish prints the skips and the closing line and returns the exit code.
func (s *summary) finish() int {
	for _, p := range s.packages { // go test itself was cut off
		s.print(fmt.Sprintf("FAIL\t%s (it never ended)\n", p.name))
		s.endPackage(p, event{Action: "fail"})
	}
	slices.Sort(s.skips)
	for _, skip := range s.skips {
		s.print("skipped: " + skip + "\n")
	}
	none := s.passed+s.failed == 0 // nothing but skips proves nothing
	if none {
		s.print("no test ran\n")
	}
	s.print(fmt.Sprintf("%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped))
	if none || s.failed > 0 {
		return 1
	}
	return 0
}

func (s *summary) print(text string) {
	_, _ = s.out.WriteString(text) // the writer keeps its first error; flushing is where it would show
}
