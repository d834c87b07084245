package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"
	"time"
)

// The format tags of WAV that can be decoded (Microsoft, mmreg.h; RFC 2361).
const (
	tagPCM        = 0x0001
	tagFloat      = 0x0003
	tagALaw       = 0x0006
	tagMuLaw      = 0x0007
	tagExtensible = 0xFFFE
)

// otherTags are codecs that are found in WAV files and that the full decoder knows.
var otherTags = map[int]string{
	0x0002: "Microsoft ADPCM", 0x0011: "IMA ADPCM", 0x0055: "MP3", 0x00FF: "AAC", 0x1610: "AAC",
}

// foreignTags are codecs that no decoder of ours knows.
var foreignTags = map[int]string{
	0x0010: "OKI ADPCM", 0x0017: "Dialogic ADPCM", 0x0022: "TrueSpeech", 0x0031: "GSM 6.10", 0x0040: "G.721 ADPCM",
	0x0042: "G.723.1", 0x0045: "G.726 ADPCM", 0x0050: "MPEG Layer I or II", 0x0064: "G.726 ADPCM", 0x0161: "Windows Media Audio",
	0x0162: "Windows Media Audio", 0x2000: "AC-3", 0xF1AC: "FLAC",
}

// subformatTail ends the GUID of an extensible format; its first two bytes are the format tag.
var subformatTail = []byte("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71")

// wavFormat is what a fmt chunk says.
type wavFormat struct {
	tag, channels, rate, align, bits int
	perSecond                        int // bytes; says something about codecs other than PCM
}

// decodeWAV reads a RIFF/WAVE file strictly: what its header says must be whole, known and without contradiction.
func decodeWAV(ctx context.Context, data []byte, limit time.Duration) (Clip, error) {
	w, err := parseWAV(data)
	if err != nil {
		return Clip{}, err
	}
	f := w.format
	out := newMono(ctx, f.rate, f.channels, limit)
	frames := w.sound[:len(w.sound)-len(w.sound)%f.align] // the last frame may be cut off
	if err := f.mix(out, frames); err != nil {
		return Clip{}, fmt.Errorf("decode WAV: %w", err)
	}
	return Clip{Samples: out.samples, Info: Info{
		Codec:          f.codec(),
		SampleRate:     f.rate,
		Channels:       f.channels,
		BitRate:        f.rate * f.align * 8,
		HeaderDuration: lasting(w.size/f.align, f.rate),
	}}, nil
}

// wavFile is a WAV file taken apart.
type wavFile struct {
	format wavFormat
	sound  []byte // what is there of the data chunk
	size   int    // of the data chunk as its header says it; 0 if that was not known when it was written
}

// parseWAV walks the chunks up to the data chunk. Others, such as LIST, may stand before and after it.
func parseWAV(data []byte) (wavFile, error) {
	var w wavFile
	known := false
	for c := range wavChunks(data) {
		switch {
		case c.name == "fmt " && !known:
			if c.size > len(c.rest) {
				return w, damaged(WAV, "it ends within its header")
			}
			f, err := parseWAVFormat(c.body())
			if err != nil {
				return w, err
			}
			w.format, known = f, true
		case c.name == "data" && !known:
			return w, damaged(WAV, "its data chunk comes before the description of its sound")
		case c.name == "data":
			w.sound, w.size = c.sound()
			return w, c.checkTail()
		}
	}
	return w, damaged(WAV, "it has no data chunk")
}

// wavChunk is a piece of a WAV file.
type wavChunk struct {
	name string
	size int    // by its header
	rest []byte // what follows the header, to the end of the file
}

// wavChunks walks the chunks. The last one may be longer than the file.
func wavChunks(data []byte) iter.Seq[wavChunk] {
	return func(yield func(wavChunk) bool) {
		for at := 12; at+8 <= len(data); {
			c := wavChunk{string(data[at : at+4]), int(binary.LittleEndian.Uint32(data[at+4:])), data[at+8:]}
			if !yield(c) {
				return
			}
			at += 8 + c.size + c.size&1 // chunks begin at even offsets
		}
	}
}

// body is what is there of the chunk.
func (c wavChunk) body() []byte { return c.rest[:min(c.size, len(c.rest))] }

// sound is the data chunk's. It returns the size by its header, too; 0 if that was not known when it was written.
//
// Programs that write to a pipe cannot go back and fill in the size: they leave 0, 0xFFFFFFFF or, like sox and
// arecord, something just below or at 2 GiB. The sound then goes on to the end of the file.
func (c wavChunk) sound() (sound []byte, known int) {
	const streamed = 0x7FFF_0000
	if c.size == 0 || c.size >= streamed {
		return c.rest, 0
	}
	return c.body(), c.size
}

// checkTail judges what follows the data chunk, if its size is known: other chunks. What is none is sound that the size leaves out
// where it is more than a tenth of it, which is how far a header may be wrong (see agree); some programs leave a few bytes.
func (c wavChunk) checkTail() error {
	_, known := c.sound()
	if known == 0 || known >= len(c.rest) {
		return nil
	}
	tail := c.rest[known:]
	for len(tail) > 0 {
		tail = bytes.TrimPrefix(tail, []byte{0}[:c.size&1]) // chunks begin at even offsets; not all programs heed it
		if len(tail) < 8 {
			break
		}
		c = wavChunk{string(tail[:4]), int(binary.LittleEndian.Uint32(tail[4:])), tail[8:]}
		if c.name == "data" {
			return damaged(WAV, "it has two data chunks")
		}
		if !c.plausible() {
			break
		}
		tail = c.rest[c.size:]
	}
	if len(tail)*10 > known {
		return damaged(WAV, "its header says nothing of %d bytes behind its %d bytes of sound", len(tail), known)
	}
	return nil
}

// plausible reports whether this is a chunk and not sound taken for one: it is whole, and its name can be read.
func (c wavChunk) plausible() bool {
	unreadable := func(r rune) bool { return r < ' ' || r > '~' }
	return c.size <= len(c.rest) && strings.IndexFunc(c.name, unreadable) < 0
}

func parseWAVFormat(b []byte) (wavFormat, error) {
	const short, extensible = 16, 40
	if len(b) < short {
		return wavFormat{}, damaged(WAV, "its fmt chunk has %d bytes instead of %d", len(b), short)
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	f := wavFormat{tag: u16(0), channels: u16(2), rate: u32(4), perSecond: u32(8), align: u16(12), bits: u16(14)}
	if f.tag == tagExtensible {
		if len(b) < extensible || !bytes.Equal(b[26:extensible], subformatTail) {
			return wavFormat{}, cannotUse(WAV, "an extensible format of an unknown kind", readableWAV)
		}
		f.tag = u16(24)
	}
	return f, f.check()
}

// readableWAV is what WAV files can hold that both decoders know.
const readableWAV = "PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law and µ-law"

// check refuses what cannot be decoded, codec first: other codecs have other rules for the numbers.
func (f wavFormat) check() error {
	if name, ok := otherTags[f.tag]; ok {
		return holds(WAV, name)
	}
	if f.codec() == "" {
		return cannotUse(WAV, f.foreign(), readableWAV)
	}
	if err := checkLayout(WAV, f.rate, f.channels); err != nil {
		return err
	}
	if want := f.channels * f.bits / 8; f.align != want {
		return damaged(WAV, "its header says %d bytes per frame, but %d channels of %d bits take %d", f.align, f.channels, f.bits, want)
	}
	return nil
}

func (f wavFormat) foreign() string {
	switch {
	case f.tag == tagPCM:
		return fmt.Sprintf("PCM of %d bits", f.bits)
	case f.tag == tagFloat:
		return fmt.Sprintf("float of %d bits", f.bits)
	case foreignTags[f.tag] != "":
		return foreignTags[f.tag]
	}
	return fmt.Sprintf("an unknown codec (0x%04X)", f.tag)
}

// codec is the name that people use, or nothing if the format cannot be decoded.
func (f wavFormat) codec() string {
	switch [2]int{f.tag, f.bits} {
	case [2]int{tagPCM, 8}, [2]int{tagPCM, 16}, [2]int{tagPCM, 24}, [2]int{tagPCM, 32}:
		return fmt.Sprintf("PCM %d-bit", f.bits)
	case [2]int{tagFloat, 32}, [2]int{tagFloat, 64}:
		return fmt.Sprintf("PCM %d-bit float", f.bits)
	case [2]int{tagALaw, 8}:
		return "A-law"
	case [2]int{tagMuLaw, 8}:
		return "µ-law"
	}
	return ""
}
