package ffmpeg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenRefusesWhatIsNoModule(t *testing.T) {
	whole := assemble(entry, answer(0)...)
	large := filepath.Join(t.TempDir(), "large.wasm")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxModule+1); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		rule, path, want string
	}{
		{"a missing file", filepath.Join(t.TempDir(), "decoder.wasm"), "there is no "},
		{"a folder", t.TempDir(), "is no file"},
		{"a huge file", large, "at most 67108864"},
		{"an empty file", saved(t, nil), "is empty; scripts/build-decoder makes one"},
		{"another file", saved(t, []byte("#!/bin/sh\n")), "is no WebAssembly module; scripts/build-decoder makes one"},
		{"a module that was cut off", saved(t, whole[:len(whole)-1]), "is a WebAssembly module that was cut off"},
		{"a module that was cut off in a number", saved(t, append(whole, 10, 0x80)), "is a WebAssembly module that was cut off"},
		{"a module that was cut off after a section's number", saved(t, append(whole, 10)), "is a WebAssembly module that was cut off"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := Open(tt.path, "")
			checkLine(t, err, tt.path, tt.want)
		})
	}
}

// checkLine wants one line that names the file.
func checkLine(t *testing.T, err error, path, want string) {
	t.Helper()
	if got := errorText(err); !strings.Contains(got, path) || !strings.Contains(got, want) || strings.Contains(got, "\n") {
		t.Errorf("%q, want one line with %q and %q", got, path, want)
	}
}

func TestReadyRefusesWhatIsNoDecoder(t *testing.T) {
	damaged := assemble(entry, answer(0)...)
	damaged[len(damaged)-3] = 0xFF // an instruction that there is not
	for _, tt := range []struct {
		rule   string
		module []byte
		want   string
	}{
		{"damage", damaged, "is a damaged WebAssembly module ("},
		{"another contract", assemble("decode_v0", answer(0)...), "is no decoder for this version of englishctl: it exports no decode_v1; scripts/build-decoder makes one"},
		{"nothing in it", magic, "it exports no decode_v1"},
		{"a start that fails", assembleWithStart([]byte{unreachable}, entry, answer(0)...), "is no decoder for this version of englishctl ("},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			path := saved(t, tt.module)
			m := opened(t, path, filepath.Join(t.TempDir(), "cache"))
			checkLine(t, m.Ready(), path, tt.want)
			_, err := m.Decode(t.Context(), MP3, nil, ignore)
			if !errors.Is(err, ErrModule) {
				t.Errorf("Decode = %v, want that there is no decoder", err)
			}
			checkLine(t, err, path, tt.want)
		})
	}
}

// kept are the files in a cache.
func kept(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTheCompiledModuleIsKept(t *testing.T) {
	path, dir := saved(t, assemble(entry, answer(0)...)), filepath.Join(t.TempDir(), "cache", "decoder")
	works := func() {
		t.Helper()
		m := opened(t, path, dir)
		if _, err := m.Decode(t.Context(), MP3, nil, ignore); err != nil {
			t.Fatal(err)
		}
	}
	works()
	files := kept(t, dir)
	if len(files) != 1 {
		t.Fatalf("%v are kept, want one file", files)
	}
	before, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	works()
	if after, err := os.Stat(files[0]); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("it was compiled again: %v", err)
	}

	// Half of it, as of a disk that was full.
	if err := os.Truncate(files[0], before.Size()/2); err != nil {
		t.Fatal(err)
	}
	works()
	works()
	if again := kept(t, dir); len(again) != 1 {
		t.Errorf("%v are kept after damage, want one file", again)
	}
}

func TestWithoutAPlaceToKeepIt(t *testing.T) {
	inTheWay := saved(t, nil)
	m := opened(t, saved(t, assemble(entry, answer(0)...)), filepath.Join(inTheWay, "cache"))
	if err := m.Ready(); err != nil {
		t.Error(err)
	}
}
