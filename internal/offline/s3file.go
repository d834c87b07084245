package offline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

const (
	// byteOrder is what Sphinx writes first behind the header. Big-endian files are not made any more.
	byteOrder = 0x11223344
	headerEnd = "endhdr\n"
)

// s3Fields opens a file in the format of Sphinx-3: a header of text, a word that shows the byte order, numbers, and their checksum.
func s3Fields(content []byte) (*fields, error) {
	if !bytes.HasPrefix(content, []byte("s3\n")) {
		return nil, errors.New("it does not begin like a file of Sphinx-3")
	}
	end := bytes.Index(content[:min(len(content), 4096)], []byte(headerEnd))
	if end < 0 {
		return nil, errors.New("its header has no end")
	}
	header, body := content[:end], content[end+len(headerEnd):]
	if len(body) < 8 || binary.LittleEndian.Uint32(body) != byteOrder {
		return nil, errors.New("its byte order is not known")
	}
	body = body[4:]
	if bytes.Contains(header, []byte("chksum0")) {
		sum := binary.LittleEndian.Uint32(body[len(body)-4:])
		body = body[:len(body)-4]
		if sum != s3Checksum(body) {
			return nil, errors.New("its checksum is wrong")
		}
	}
	return &fields{rest: body}, nil
}

// s3Checksum is that of Sphinx-3's files, over words of 32 bits.
func s3Checksum(body []byte) uint32 {
	var sum uint32
	for ; len(body) >= 4; body = body[4:] {
		sum = bits.RotateLeft32(sum, 20) + binary.LittleEndian.Uint32(body)
	}
	return sum
}
