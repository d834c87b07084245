package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// formatVersion is the version of everything that this package writes.
	formatVersion = 1
	snapshotsDir  = "snapshots/"
	manifestFile  = "manifest.json"
	// maxManifest is far more than the description of a few dozen tables has.
	maxManifest = 4 << 20
	// nameLayout makes the names of snapshots, which sort by time.
	nameLayout = "20060102T150405Z"
)

// Manifest says what a snapshot is, and that it is whole.
type Manifest struct {
	// Format is the version of the format: 1.
	Format int `json:"format"`
	// Program is the version of the program that wrote it.
	Program string `json:"program"`
	// SchemaVersion is the number of the latest step of the schema that the rows are of.
	SchemaVersion int64 `json:"schema_version"`
	// CreatedAt is when its rows were read; FinishedAt when all of it was there.
	CreatedAt  time.Time `json:"created_at"`
	FinishedAt time.Time `json:"finished_at"`
	// Source is the kind of database that the rows come from: "postgres" or "sqlite".
	Source     string          `json:"source"`
	Tables     []SavedTable    `json:"tables"`
	Recordings SavedRecordings `json:"recordings"`
	// Checksum is the SHA-256 of this manifest with an empty checksum.
	Checksum string `json:"checksum"`
}

// SavedTable is a table with the file of its rows.
type SavedTable struct {
	Table
	Contents
}

// SavedRecordings sums up the recordings of a snapshot.
type SavedRecordings struct {
	Contents
	// AudioSize is the sum of the recordings' sizes in bytes, whether they were copied for this snapshot or before.
	AudioSize int64 `json:"audio_bytes"`
	// Missing is how many recordings rows refer to that were not there.
	Missing int `json:"missing"`
	// Differing is how many had other bytes than the digest in their row says. They are saved as they were.
	Differing int `json:"differing"`
}

// Rows is how many rows all tables have.
func (m Manifest) Rows() int {
	n := 0
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

func (m Manifest) encode() ([]byte, error) {
	m.Checksum = ""
	sum, err := m.text()
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(sum)
	m.Checksum = hex.EncodeToString(digest[:])
	return m.text()
}

func (m Manifest) text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode a manifest: %w", err)
	}
	return append(text, '\n'), nil
}

// readManifest reads and checks the manifest of a snapshot. It is fault.NotFound if there is none.
func (s *Service) readManifest(ctx context.Context, name string) (Manifest, error) {
	file := snapshotDir(name) + manifestFile
	text, err := s.readAll(ctx, file, maxManifest)
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Manifest{}, damaged(file, "it is no JSON").WithCause(err)
	}
	if m.Format != formatVersion {
		return Manifest{}, fault.Unsuitable("%s is of format %d; this program reads %d", file, m.Format, formatVersion)
	}
	again, err := m.encode()
	if err != nil {
		return Manifest{}, err
	}
	if !bytes.Equal(again, text) {
		return Manifest{}, damaged(file, "its checksum is not that of its content")
	}
	for _, t := range m.Tables {
		if !fit(t.File) {
			return Manifest{}, damaged(file, fmt.Sprintf("%q is no name of a file", t.File))
		}
	}
	return m, nil
}

// fit tells a file below its snapshot.
func fit(file string) bool { return !slices.Contains(strings.Split(file, "/"), "..") }

func snapshotDir(name string) string { return snapshotsDir + name + "/" }

// Snapshot is what there is of one in a place.
type Snapshot struct {
	Name string
	// Manifest is nil while the snapshot is not whole.
	Manifest *Manifest
	// Err says why a manifest that is there cannot be used.
	Err error
	// ModTime is when something of it was last written.
	ModTime time.Time
}

// List returns the snapshots, oldest first, with those that are not whole.
func (s *Service) List(ctx context.Context) ([]Snapshot, error) {
	byName := map[string]*Snapshot{}
	for file, err := range s.place.List(ctx, snapshotsDir) {
		if err != nil {
			return nil, fmt.Errorf("list the snapshots: %w", err)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(file.Name, snapshotsDir), "/")
		found := byName[name]
		if found == nil {
			found = &Snapshot{Name: name}
			byName[name] = found
		}
		if file.ModTime.After(found.ModTime) {
			found.ModTime = file.ModTime
		}
	}
	var list []Snapshot
	for name, found := range byName {
		m, err := s.readManifest(ctx, name)
		switch {
		case err == nil:
			found.Manifest = &m
		case !fault.Is(err, fault.KindNotFound):
			found.Err = err
		}
		list = append(list, *found)
	}
	slices.SortFunc(list, func(a, b Snapshot) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// find returns a whole snapshot: the named one, or the latest if name is empty.
func (s *Service) find(ctx context.Context, name string) (string, Manifest, error) {
	if name != "" {
		m, err := s.readManifest(ctx, name)
		if fault.Is(err, fault.KindNotFound) {
			return "", Manifest{}, fault.NotFound("there is no whole snapshot %q: %smanifest.json is missing; `englishctl backup list` shows what there is", name, snapshotDir(name)).WithCause(err)
		}
		return name, m, err
	}
	list, err := s.List(ctx)
	if err != nil {
		return "", Manifest{}, err
	}
	for _, found := range slices.Backward(list) {
		if found.Err != nil { // never silently an older one
			return "", Manifest{}, found.Err
		}
		if found.Manifest != nil {
			return found.Name, *found.Manifest, nil
		}
	}
	if len(list) > 0 {
		return "", Manifest{}, fault.NotFound("there is no whole snapshot here: none of %d has a manifest", len(list))
	}
	return "", Manifest{}, fault.NotFound("there is no snapshot here")
}
