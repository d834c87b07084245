// Package audio recognises and decodes the audio files that people upload.
//
// Sniff answers "what is this?" from the first bytes. A Decoder then decodes all of it, in memory, and so is the judge
// of whether the file is whole and not too long. Measure says how loud the result is. What cannot be decoded rightly
// is refused by name; nothing here guesses, writes files or runs programs. There are two decoders: BuiltIn, and Full, which asks
// FFmpeg for what the other does not know.
package audio

// Format is a kind of audio file that may be uploaded (decisions, "Import" and "Pronunciation").
// The zero value is no format.
type Format int

// The formats. The last three can be scored where there is the full decoder, and never be imported: Sniff does not know them.
const (
	MP3 Format = iota + 1
	WAV
	M4A // any MPEG-4 container; phones write audio under many of its brands
	OGG
	WebM
	AMR
)

var formats = map[Format]struct{ name, ext, contentType string }{
	MP3: {"MP3", ".mp3", "audio/mpeg"},
	WAV: {"WAV", ".wav", "audio/wav"},
	M4A: {"M4A", ".m4a", "audio/mp4"},

	OGG: {"OGG", ".ogg", "audio/ogg"}, WebM: {"WebM", ".webm", "audio/webm"}, AMR: {"AMR", ".amr", "audio/amr"},
}

// String returns the name that people use: "MP3", "WAV", "M4A".
func (f Format) String() string { return formats[f].name }

// Ext returns the extension of file names, with its dot: ".mp3".
func (f Format) Ext() string { return formats[f].ext }

// ContentType returns the media type: "audio/mpeg".
func (f Format) ContentType() string { return formats[f].contentType }

// UnknownFormatError says that a file is none of the formats.
type UnknownFormatError struct {
	// Found says what it looks like instead, to be put after "this is": "a FLAC file", "text", "an empty file".
	Found string
	// full says that the full decoder was asked, and needsFull that it was not, and would know the file.
	full, needsFull bool
}

// Error is a sentence for the person who chose the file.
func (e *UnknownFormatError) Error() string {
	switch {
	case e.full:
		return "this is " + e.Found + "; only MP3, WAV, M4A, OGG, WebM and AMR audio can be used"
	case e.needsFull:
		return "this is " + e.Found + ", which needs the full decoder; without it only MP3, WAV and M4A audio can be used"
	}
	return "this is " + e.Found + "; only MP3, WAV and M4A audio can be used"
}
