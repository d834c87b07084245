package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// magic begins every WebAssembly module of version 1 (WebAssembly Core Specification, section 5.5.16).
var magic = []byte("\x00asm\x01\x00\x00\x00")

// checkShape reports a file that is no WebAssembly module, or the beginning of one, without compiling it. Its errors go after
// the file's name.
func checkShape(code []byte) error {
	if len(code) == 0 {
		return errors.New("is empty")
	}
	if !bytes.HasPrefix(code, magic) {
		return errors.New("is no WebAssembly module")
	}
	for rest := code[len(magic):]; len(rest) > 0; {
		size, width := binary.Uvarint(rest[1:]) // a section: its number, its size, and so many bytes
		if width <= 0 || size > uint64(len(rest)-1-width) {
			return errors.New("is a WebAssembly module that was cut off")
		}
		rest = rest[1+width+int(size):]
	}
	return nil
}
