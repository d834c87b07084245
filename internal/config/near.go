package config

import (
	"fmt"
	"slices"
)

// knownNames returns every name that a source may set, aliases and files of secrets included.
func knownNames() []string {
	var names []string
	for _, s := range all() {
		for _, name := range s.names() {
			names = append(names, name)
			if s.secret {
				names = append(names, name+fileSuffix)
			}
		}
	}
	return names
}

// nearMisses warns of variables in .env that look like a slip of the pen. Other unknown ones are other programs'.
func nearMisses(dotenv source, all sources) []string {
	var warnings []string
	known := knownNames()
	for name := range dotenv.values {
		if name == varConfig || slices.Contains(known, name) {
			continue
		}
		if meant := nearest(name, known); distance(name, meant) <= tolerance(name) && !all.sets(meant) {
			warnings = append(warnings, fmt.Sprintf("%s is no setting; did you mean %s?", dotenv.label(name), meant))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// tolerance is how many slips still look like the same name. Among short names two make another word.
func tolerance(name string) int {
	if len(name) < 8 {
		return 1
	}
	return 2
}

// didYouMean completes "unknown setting X" where a known name is near enough to be meant.
func didYouMean(name string) string {
	meant := nearest(name, knownNames())
	if distance(name, meant) > max(2, len(name)/3) {
		return "; `englishctl config show` lists the known ones"
	}
	return fmt.Sprintf("; did you mean %s?", meant)
}

func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is Levenshtein's: how many characters to put in, take out or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
