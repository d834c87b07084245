package seeding

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

const (
	// uploads is how many recordings are looked for and stored at a time.
	uploads = 8
	// mp3 is what all recordings of the pack are.
	mp3 = "audio/mpeg"
)

// recording is one recording of the starter pack.
type recording struct {
	// name is its file in the pack.
	name string
	// key is where it is stored: one object, whoever uses it.
	key    string
	sha256 string
}

// pack is the starter pack.
type pack struct {
	files fs.FS
	// recordings are those of each grammar.
	recordings [][]recording
}

// openPack reads the pack's lessons.csv and recordings. Every level and type must have one.
func openPack(files fs.FS) (pack, error) {
	p := pack{files: files, recordings: make([][]recording, len(grammars()))}
	lessons, err := readLessons(files)
	if err != nil {
		return pack{}, fmt.Errorf("read the starter pack: %w", err)
	}
	for turn, g := range grammars() {
		for _, l := range lessons {
			if l.level != string(g.level) || l.typ != string(g.typ) {
				continue
			}
			r, err := p.read(l.file, l.level)
			if err != nil {
				return pack{}, fmt.Errorf("read the starter pack: %w", err)
			}
			p.recordings[turn] = append(p.recordings[turn], r)
		}
		if len(p.recordings[turn]) == 0 {
			return pack{}, fmt.Errorf("the starter pack has no recording of a %s %s", g.level, g.typ)
		}
	}
	return p, nil
}

// lesson is what a row of lessons.csv says of a recording.
type lesson struct{ file, level, typ string }

func readLessons(files fs.FS) ([]lesson, error) {
	list, err := files.Open("lessons.csv")
	if err != nil {
		return nil, err
	}
	defer func() { _ = list.Close() }() // it was only read
	rows, err := csv.NewReader(list).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("lessons.csv is empty")
	}
	file, level, typ := slices.Index(rows[0], "audio_filename"), slices.Index(rows[0], "level"), slices.Index(rows[0], "type")
	if min(file, level, typ) < 0 {
		return nil, errors.New("lessons.csv lacks the column audio_filename, level or type")
	}
	lessons := make([]lesson, 0, len(rows))
	for _, row := range rows[1:] {
		lessons = append(lessons, lesson{row[file], row[level], row[typ]})
	}
	return lessons, nil
}

func (p pack) read(name, level string) (recording, error) {
	name = "audio/" + name
	content, err := fs.ReadFile(p.files, name)
	if err != nil {
		return recording{}, err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	return recording{name: name, key: "audio/" + level + "/" + digest + path.Ext(name), sha256: digest}, nil
}

// of returns the recording of number i of the speeches.
func (p pack) of(i int) recording {
	list := p.recordings[i%len(p.recordings)]
	return list[i/len(p.recordings)%len(list)]
}

// used returns the recordings of the first n speeches, each once.
func (p pack) used(n int) []recording {
	var used []recording
	for turn, list := range p.recordings {
		speeches := (n - turn + len(p.recordings) - 1) / len(p.recordings)
		used = append(used, list[:min(len(list), max(speeches, 0))]...)
	}
	return used
}

// store stores those of the recordings that are missing and returns how many they were.
func (s *Service) store(ctx context.Context, p pack, recordings []recording) (stored int, err error) {
	var count atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for _, r := range recordings {
		group.Go(func() error {
			there, err := s.objects.Exists(ctx, r.key)
			if err != nil {
				return fmt.Errorf("look for the recording %s: %w", r.key, err)
			}
			if there {
				return nil
			}
			content, err := fs.ReadFile(p.files, r.name)
			if err != nil {
				return fmt.Errorf("read the starter pack: %w", err)
			}
			if _, err := s.objects.Put(ctx, r.key, bytes.NewReader(content), mp3); err != nil {
				return fmt.Errorf("store the recording %s: %w", r.key, err)
			}
			count.Add(1)
			return nil
		})
	}
	err = group.Wait()
	return int(count.Load()), err
}
