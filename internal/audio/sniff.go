package audio

import (
	"bytes"
	"encoding/binary"
)

// SniffLen is how many bytes from the beginning of a file Sniff wants to see: room for the tags and chunks that
// programs put before the sound, and for two of the longest MP3 frames (1,441 bytes each) after them.
const SniffLen = 8192

// Sniff recognises a file by the first SniffLen bytes of its content, or by all of it if it has fewer; more is fine.
// The name of a file never matters. It returns *UnknownFormatError, which says what was found instead.
//
// A file is accepted if it begins like the format in a way that chance or another format does not: WAV with its fmt
// chunk; M4A with a brand of the MPEG-4 family; MP3 with two frames in a row, after ID3 tags or without. Of a file whose
// ID3 tag (a cover picture, say) is longer than head, only the tag is judged, and of a WAV whose first chunks are, only these.
func Sniff(head []byte) (Format, error) {
	switch {
	case hasAt(head, 0, "RIFF") && hasAt(head, 8, "WAVE"):
		return sniffWAV(head)
	case hasAt(head, 4, "ftyp"):
		return sniffM4A(head)
	case hasAt(head, 0, "ID3"):
		return sniffTagged(head)
	case isMP3(head):
		return MP3, nil
	}
	return unknown(describe(head))
}

func unknown(found string) (Format, error) { return 0, &UnknownFormatError{Found: found} }

// hasAt reports whether b has the magic at offset i.
func hasAt(b []byte, i int, magic string) bool {
	return len(b) >= i && bytes.HasPrefix(b[i:], []byte(magic))
}

// sniffWAV looks for the fmt chunk among the chunks in sight. Recorders may write others before it, but not the sound.
func sniffWAV(head []byte) (Format, error) {
	const minFormat = 14 // WAVEFORMAT, the oldest and shortest
	sound := false
	for c := range wavChunks(head) {
		if c.name == "fmt " && c.size >= minFormat {
			return WAV, nil
		}
		sound = sound || c.name == "data"
	}
	if sound || len(head) < SniffLen {
		return unknown("a WAV file without the description of its sound")
	}
	return WAV, nil // its first chunks go on beyond the head
}

// m4aBrands are the brands under which phones and programs write MPEG-4 audio. Whether there is a video track beside
// the sound is not said by the brand.
var m4aBrands = map[string]bool{
	"M4A ": true, "M4B ": true, "mp41": true, "mp42": true, "isom": true, "dash": true, "qt  ": true, "MSNV": true,
	"iso2": true, "iso3": true, "iso4": true, "iso5": true, "iso6": true, "iso7": true, "iso8": true, "iso9": true,
}

// otherBrands are the ones that name something else, even beside a brand from above.
var otherBrands = map[string]string{
	"heic": "a HEIC picture", "heix": "a HEIC picture", "mif1": "a HEIC picture", "msf1": "a HEIC picture",
	"avif": "an AVIF picture", "avis": "an AVIF picture", "crx ": "a camera's raw picture",
	"M4V ": "a video (M4V)", "M4VH": "a video (M4V)", "M4VP": "a video (M4V)", "f4v ": "a Flash video",
	"aax ": "a protected audio book", "M4P ": "a copy-protected song",
}

// sniffM4A judges the brands in the file type box (ISO/IEC 14496-12, section 4.3): the major one and those that it
// says it is compatible with.
func sniffM4A(head []byte) (Format, error) {
	size := binary.BigEndian.Uint32(head)
	if size < 16 || size > 4096 || size%4 != 0 || len(head) < 16 {
		return unknown("a broken MPEG-4 file")
	}
	if found, ok := otherBrands[string(head[8:12])]; ok {
		return unknown(found)
	}
	box := head[:min(int(size), len(head))]
	for at := 8; at+4 <= len(box); at += 4 {
		if at == 12 {
			continue // the minor version, which is no brand
		}
		if brand := string(box[at : at+4]); m4aBrands[brand] || brand[:3] == "3gp" || brand[:3] == "3g2" {
			return M4A, nil
		}
	}
	return unknown("an MPEG-4 file of an unknown kind")
}
