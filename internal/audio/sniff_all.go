package audio

import (
	"bytes"
	"errors"
)

// sniffAll is Sniff with the formats that only FFmpeg decodes.
func sniffAll(head []byte) (Format, error) {
	format, err := Sniff(head)
	var unknown *UnknownFormatError
	if !errors.As(err, &unknown) {
		return format, err
	}
	switch {
	case hasAt(head, 0, "OggS"):
		return sniffOgg(head)
	case hasAt(head, 0, ebmlMagic):
		return sniffWebM(head)
	case hasAt(head, 0, "#!AMR\n"), hasAt(head, 0, "#!AMR-WB\n"):
		return AMR, nil
	}
	return unknownToAll(unknown.Found)
}

// withHint adds to the error of Sniff that the full decoder knows the file, if it does.
func withHint(data []byte, err error) error {
	var unknown *UnknownFormatError
	if _, hidden := sniffAll(data); hidden == nil && errors.As(err, &unknown) {
		return &UnknownFormatError{Found: unknown.Found, needsFull: true}
	}
	return err
}

func unknownToAll(found string) (Format, error) {
	return 0, &UnknownFormatError{Found: found, full: true}
}

// sniffOgg looks at the first packet of the first page (RFC 3533, section 6), which names the codec.
func sniffOgg(head []byte) (Format, error) {
	const segments = 26
	if len(head) > segments {
		packet := segments + 1 + int(head[segments])
		if hasAt(head, packet, "OpusHead") || hasAt(head, packet, "\x01vorbis") {
			return OGG, nil
		}
	}
	return unknownToAll("an Ogg file without Opus and Vorbis")
}

// ebmlMagic begins a file of Matroska's family.
const ebmlMagic = "\x1a\x45\xdf\xa3"

// sniffWebM looks for the DocType in the header (RFC 8794, section 11.2.7). Browsers write audio under both names.
func sniffWebM(head []byte) (Format, error) {
	header := head[:min(64, len(head))]
	if bytes.Contains(header, []byte("\x42\x82\x84webm")) || bytes.Contains(header, []byte("\x42\x82\x88matroska")) {
		return WebM, nil
	}
	return unknownToAll("an EBML file of an unknown kind")
}
