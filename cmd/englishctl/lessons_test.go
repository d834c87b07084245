package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lessons is a folder to import: sentences and their recordings. These are tones, which take no time to decode.
type lessons struct {
	dir string
	// sentences are what is in the catalogue once they are imported, and nothing else is.
	sentences []string
}

// newLessons makes sentences from one number up to another; the same number is the same sentence everywhere.
func newLessons(t *testing.T, from, to int) lessons {
	t.Helper()
	l := lessons{dir: t.TempDir()}
	lines := [][]string{{"audio_filename", "text", "level", "type", "tags"}}
	for i := from; i < to; i++ {
		row := []string{
			fmt.Sprintf("tone-%03d.wav", i), fmt.Sprintf("Tone %d.", i),
			[]string{"A1", "A2", "B1"}[i%3], []string{"answer", "question"}[i%2], fmt.Sprintf("Key %d,Tones", i%4),
		}
		content := tone(i)
		if err := os.WriteFile(filepath.Join(l.dir, row[0]), content, 0o600); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, row)
		l.sentences = append(l.sentences, sentence(row, content))
	}
	slices.Sort(l.sentences)
	var file strings.Builder
	if err := csv.NewWriter(&file).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.dir, "lessons.csv"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// tone is a WAV file of 0.8 s, 16 kHz and 16 bits, with a pitch of its own for each number.
func tone(number int) []byte {
	const rate = 16_000
	samples := make([]byte, 0, 2*rate*8/10)
	for i := range cap(samples) / 2 {
		level := 8000 * math.Sin(2*math.Pi*(200+float64(number))*float64(i)/rate)
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(level)))
	}
	header := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	for at, value := range map[int]int{4: 36 + len(samples), 24: rate, 28: 2 * rate, 40: len(samples)} {
		binary.LittleEndian.PutUint32(header[at:], uint32(value))
	}
	return append(header, samples...)
}

// args are the arguments that import them.
func (l lessons) args() []string { return []string{"import", l.dir} }

// sentence is all that matters of a row and its recording.
func sentence(row []string, recording []byte) string {
	tags := strings.Split(row[4], ",")
	slices.Sort(tags)
	digest := sha256.Sum256(recording)
	return strings.Join([]string{row[1], row[2], row[3], strings.Join(tags, ","), hex.EncodeToString(digest[:])}, "|")
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wantImported fails unless the catalogue has exactly these sentences, each with its recording, and the audio store has no
// object more. What it says is what an undisturbed run leaves.
func (s stack) wantImported(t *testing.T, sentences []string) {
	t.Helper()
	out := t.TempDir()
	s.must(t, "", "speeches", "export", filepath.Join(out, "x.csv"), "--audio", filepath.Join(out, "audio"))
	var got []string
	for _, row := range readCSV(t, filepath.Join(out, "x.csv"))[1:] {
		content, err := os.ReadFile(filepath.Join(out, "audio", row[0]))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, sentence(row, content))
	}
	slices.Sort(got)
	if diff := cmp.Diff(sentences, got); diff != "" {
		t.Errorf("the catalogue is not that of an undisturbed run (-want +got):\n%s", diff)
	}
	if keys := s.keys(t); len(keys) != len(sentences) {
		t.Errorf("%d sentences have %d objects: %v", len(sentences), len(keys), keys)
	}
}

// pending is how many imports are under way, upload sessions and recordings in them.
func (s stack) pending(t *testing.T) int {
	t.Helper()
	return s.count(t, `SELECT (SELECT count(*) FROM import_batches WHERE state = 'running')
		+ (SELECT count(*) FROM upload_sessions) + (SELECT count(*) FROM upload_files)`)
}
