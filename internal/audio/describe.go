package audio

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// signatures are the beginnings of the files that people upload by mistake, in the order in which they are tried.
var signatures = []struct {
	at    int
	magic string
	found string
}{
	{0, "fLaC", "a FLAC file"},
	{0, "OggS", "an Ogg file"},
	{0, "FORM", "an AIFF file"},
	{0, "#!AMR", "an AMR file"},
	{0, "MThd", "a MIDI file"},
	{0, "caff", "a CAF file"},
	{0, ".snd", "an AU file"},
	{0, "RF64", "an RF64 (64-bit WAV) file"},
	{0, "RIFX", "a big-endian WAV file"},
	{0, "riff\x2e\x91\xcf\x11", "a W64 (64-bit WAV) file"},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"},
	{0, ebmlMagic, "a WebM or Matroska file"},
	{8, "AVI ", "an AVI video"},
	{8, "WEBP", "a WebP picture"},
	{0, "RIFF", "a RIFF file that is not WAV"},
	{4, "moov", "a QuickTime file of the old kind"},
	{4, "mdat", "a QuickTime file of the old kind"},
	{4, "wide", "a QuickTime file of the old kind"},
	{0, "\x89PNG\r\n\x1a\n", "a PNG picture"},
	{0, "\xff\xd8\xff", "a JPEG picture"},
	{0, "GIF8", "a GIF picture"},
	{0, "BM", "a BMP picture"},
	{0, "%PDF-", "a PDF document"},
	{0, "PK\x03\x04", "a ZIP archive or an Office document"},
	{0, "PK\x05\x06", "an empty ZIP archive"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"},
	{0, "\x1f\x8b", "a gzip archive"},
	{0, "Rar!\x1a\x07", "a RAR archive"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{0, "\x7fELF", "a program"},
	{0, "MZ", "a program"},
	{0, "\x00\x05\x16\x07", "a Mac's hidden companion file (its name begins with \"._\")"},
	{0, "\xff\xfe", "UTF-16 text"},
	{0, "\xfe\xff", "UTF-16 text"},
}

// describe says what the file that begins with head looks like, to be put after "this is".
func describe(head []byte) string {
	switch {
	case len(head) == 0:
		return "an empty file"
	case isADTS(head):
		return "a raw AAC file"
	case looksMPEG(head):
		return "a broken MP3 file or no MP3 at all" // the beginning of a frame, but no second one where it ends
	case isFreeFormat(head):
		return "an MP3 file of free format"
	}
	for _, s := range signatures {
		// Two letters are a picture or a program only with what no text has.
		if hasAt(head, s.at, s.magic) && (len(s.magic) > 2 || !isText(head)) {
			return s.found
		}
	}
	if isText(head) {
		return describeText(head)
	}
	return "data of an unknown kind"
}

// isADTS recognises the frames in which AAC is broadcast: the sync bits with layer 0, which MP3 never has.
func isADTS(b []byte) bool { return len(b) >= 2 && b[0] == 0xFF && b[1]&0xF6 == 0xF0 }

func looksMPEG(b []byte) bool {
	_, ok := frameSize(b)
	return ok
}

// isFreeFormat recognises the frame of an MP3 that does not say its bit rate, and so not its size.
func isFreeFormat(b []byte) bool {
	const bitRate = 0xF0
	if len(b) < 4 || b[2]&bitRate != 0 {
		return false
	}
	return looksMPEG([]byte{b[0], b[1], b[2] | 0x10, b[3]})
}

func describeText(head []byte) string {
	start := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	switch {
	case len(start) == 0:
		return "blank text"
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(start, []byte("<?xml")):
		return "an XML file"
	}
	return "text"
}

// isText reports whether b is UTF-8 without control characters, except that its last character may be cut off.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return !utf8.FullRune(b)
		}
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' && r != '\f' {
			return false
		}
		b = b[size:]
	}
	return true
}
