package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// coverage counts the statements of one package.
type coverage struct{ statements, covered int }

// percent is between 0 and 100; a package without statements has nothing uncovered.
func (c coverage) percent() float64 {
	if c.statements == 0 {
		return 100
	}
	return 100 * float64(c.covered) / float64(c.statements)
}

// block is a run of statements of which either all are executed or none.
type block struct {
	statements int
	covered    bool
}

// parse returns the coverage by package, relative to the module.
//
// With -coverpkg each test binary lists every block, so blocks come many times; one is covered if any of its lines
// says so. It returns an error for a profile that is empty, malformed, or counts a block differently in two places.
func parse(r io.Reader) (map[string]coverage, error) {
	blocks := map[string]block{} // by "file:from,to"
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if !strings.HasPrefix(lines.Text(), "mode: ") {
				return nil, errors.New("no coverage profile: its first line is not the mode")
			}
			continue
		}
		if err := addLine(blocks, lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(blocks) == 0 {
		return nil, errors.New("the profile is empty")
	}
	return byPackage(blocks), nil
}

// addLine adds "file.go:12.34,56.2 STATEMENTS COUNT".
func addLine(blocks map[string]block, line string) error {
	fields := strings.Fields(line)
	if len(fields) != 3 || !strings.Contains(fields[0], ":") {
		return fmt.Errorf("%q is no block", line)
	}
	statements, err := strconv.Atoi(fields[1])
	if err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	count, err := strconv.ParseUint(fields[2], 10, 64)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	known, again := blocks[fields[0]]
	if again && known.statements != statements {
		return fmt.Errorf("%s has %d statements here and %d elsewhere: profiles of different sources", fields[0], statements, known.statements)
	}
	blocks[fields[0]] = block{statements: statements, covered: known.covered || count > 0}
	return nil
}

func byPackage(blocks map[string]block) map[string]coverage {
	packages := map[string]coverage{}
	for where, b := range blocks {
		file, _, _ := strings.Cut(where, ":")
		name := strings.TrimPrefix(path.Dir(file), module)
		c := packages[name]
		c.statements += b.statements
		if b.covered {
			c.covered += b.statements
		}
		packages[name] = c
	}
	return packages
}
