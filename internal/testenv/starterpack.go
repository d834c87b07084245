package testenv

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

// StarterPack returns a folder like examples/starter-pack with the first sentences of each level and type only. Decoding
// all recordings takes seconds, and ten times as long with the race detector.
func StarterPack(tb testing.TB, ofEach int) string {
	tb.Helper()
	pack := wholePack(tb)
	dir := tb.TempDir()
	for _, name := range []string{"audio", "tags.csv"} {
		if err := os.Symlink(filepath.Join(pack, name), filepath.Join(dir, name)); err != nil {
			tb.Fatal(err)
		}
	}
	in, err := os.Open(filepath.Join(pack, "lessons.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, "lessons.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	if err := csv.NewWriter(out).WriteAll(firstOfEach(rows, ofEach)); err != nil {
		tb.Fatal(err)
	}
	if err := out.Close(); err != nil {
		tb.Fatal(err)
	}
	return dir
}

func wholePack(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(workTree(tb), "examples", "starter-pack")
}

// firstOfEach keeps the header and the first n rows of each level and type (columns 3 and 4).
func firstOfEach(rows [][]string, n int) [][]string {
	kept := rows[:1:1]
	seen := map[string]int{}
	for _, row := range rows[1:] {
		kind := row[2] + row[3]
		if seen[kind]++; seen[kind] <= n {
			kept = append(kept, row)
		}
	}
	return kept
}
