package ffmpeg

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The tests of what goes wrong use modules of their own, a few bytes each, put together by the rules of the WebAssembly Core
// Specification, section 5.

func uleb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// list is a vector: its length, then its items.
func list(items ...[]byte) []byte { return append(uleb(len(items)), slices.Concat(items...)...) }

func name(s string) []byte { return append(uleb(len(s)), s...) }

func sized(content []byte) []byte { return append(uleb(len(content)), content...) }

func section(number byte, content []byte) []byte { return append([]byte{number}, sized(content)...) }

// Types, and the functions that an instruction invoke (the specification's call) may name.
const (
	i32, i64 = 0x7F, 0x7E

	hostReadIndex, hostWriteIndex, ownIndex = 0, 1, 3
)

// Instructions.
const (
	unreachable, loop, branch, end, invoke, drop = 0x00, 0x03, 0x0C, 0x0B, 0x10, 0x1A

	localGet, i32Const, i64Const, i32Store, grow, i32Eq, branchIf, void = 0x20, 0x41, 0x42, 0x36, 0x40, 0x46, 0x0D, 0x40
)

// minusOne in signed LEB128.
const minusOne = 0x7F

// assemble makes a module whose exported function does as the instructions say.
func assemble(exported string, body ...byte) []byte { return assembleWithStart(nil, exported, body...) }

// assembleWithStart also has instructions for its start.
func assembleWithStart(start []byte, exported string, body ...byte) []byte {
	function := func(params, results []byte) []byte { return slices.Concat([]byte{0x60}, sized(params), sized(results)) }
	types := list(
		function([]byte{i64, i32, i32}, []byte{i32}),
		function([]byte{i32, i32, i32, i32}, []byte{i32}),
		function(nil, nil),
		function([]byte{i32, i64}, []byte{i32}),
	)
	imports := list(slices.Concat(name("host"), name("read"), []byte{0, 0}), slices.Concat(name("host"), name("write"), []byte{0, 1}))
	exports := list(
		slices.Concat(name("memory"), []byte{2, 0}), slices.Concat(name("_initialize"), []byte{0, 2}), slices.Concat(name(exported), []byte{0, ownIndex}))
	code := list(sized(slices.Concat([]byte{0}, start, []byte{end})), sized(slices.Concat([]byte{0}, body, []byte{end})))
	return slices.Concat(magic, section(1, types), section(2, imports), section(3, []byte{2, 2, 3}), section(5, []byte{1, 0, 1}), section(7, exports), section(10, code))
}

// answer is the end of a decoder: the result is at 0, and begins with the status.
func answer(status byte) []byte {
	return []byte{i32Const, 0, i32Const, status, i32Store, 2, 0, i32Const, 0}
}

// saved writes a module to a file.
func saved(t *testing.T, module []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "decoder.wasm")
	if err := os.WriteFile(path, module, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t *testing.T, path, cacheDir string) *Module {
	t.Helper()
	m, err := Open(path, cacheDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}
