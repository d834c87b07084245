package audio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/audio"
)

// join makes a file's beginning of strings and byte slices.
func join(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

// frames makes n MPEG frames with this header, each size bytes long.
func frames(header string, size, n int) []byte {
	return bytes.Repeat(append([]byte(header), make([]byte, size-len(header))...), n)
}

// Headers of single frames, with the sizes that ISO/IEC 11172-3 and 13818-3 give for them.
var (
	mpeg1    = frames("\xff\xfb\x90\x64", 417, 3)  // 128 kbit/s, 44.1 kHz
	mpeg1Pad = frames("\xff\xfb\x92\x64", 418, 3)  // the same, padded
	mpeg1CRC = frames("\xff\xfa\x90\x64", 417, 3)  // the same, protected
	mpeg1Max = frames("\xff\xfb\xea\x64", 1441, 3) // 320 kbit/s, 32 kHz, padded: the longest
	mpeg2    = frames("\xff\xf3\x44\xc4", 96, 4)   // 32 kbit/s, 24 kHz mono: the starter pack's
	mpeg25   = frames("\xff\xe3\x18\xc4", 72, 4)   // 8 kbit/s, 8 kHz
	adts     = frames("\xff\xf1\x50\x80\x04\x1f", 32, 3)
	layerII  = frames("\xff\xfd\x90\x64", 522, 3)
	freeForm = frames("\xff\xfb\x00\x64", 417, 3)
)

// id3 makes a tag whose body has n bytes.
func id3(n int) []byte {
	return join("ID3\x03\x00\x00", []byte{byte(n >> 21 & 0x7f), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}, make([]byte, n))
}

func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func chunk(name string, size int) []byte { return join(name, le32(size), make([]byte, size+size&1)) }

func wav(chunks ...[]byte) []byte { return join("RIFF", le32(1000), "WAVE", slices.Concat(chunks...)) }

func ftyp(major string, compatible ...string) []byte {
	brands := strings.Join(compatible, "")
	return join(binary.BigEndian.AppendUint32(nil, uint32(16+len(brands))), "ftyp", major, "\x00\x00\x02\x00", brands, chunk("free", 50))
}

func atLeast(n int, b []byte) []byte { return append(b, make([]byte, max(0, n-len(b)))...) }

func TestSniffAccepts(t *testing.T) {
	for _, tt := range []struct {
		rule string
		head []byte
		want audio.Format
	}{
		{"MPEG 1", mpeg1, audio.MP3},
		{"MPEG 1 with padding", mpeg1Pad, audio.MP3},
		{"MPEG 1 with a checksum", mpeg1CRC, audio.MP3},
		{"the longest frame", mpeg1Max, audio.MP3},
		{"MPEG 2", mpeg2, audio.MP3},
		{"MPEG 2.5", mpeg25, audio.MP3},
		{"frames of different bit rates", join(mpeg1[:417], mpeg1Pad), audio.MP3},
		{"the smallest head that shows a second header", mpeg1[:421], audio.MP3},
		{"an ID3 tag before the frames", join(id3(300), mpeg1), audio.MP3},
		{"an ID3 tag with room after it", join(id3(300), make([]byte, 99), mpeg1), audio.MP3},
		{"two ID3 tags", join(id3(20), id3(30), mpeg2), audio.MP3},
		{"an ID3 2.4 tag with a footer", join("ID3\x04\x00\x10\x00\x00\x00\x05", make([]byte, 5), "3DI\x04\x00\x10\x00\x00\x00\x05", mpeg1), audio.MP3},
		{"an ID3 tag with a cover picture, longer than the head", id3(300_000)[:audio.SniffLen], audio.MP3},
		{"an ID3 tag that ends with the head", id3(audio.SniffLen - 10), audio.MP3},
		{"an ID3 tag and room that go on beyond the head", atLeast(audio.SniffLen, id3(100)), audio.MP3},

		{"WAV", wav(chunk("fmt ", 16), chunk("data", 400)), audio.WAV},
		{"WAV with an extensible format", wav(chunk("fmt ", 40), chunk("data", 400)), audio.WAV},
		{"WAV with other chunks first", wav(chunk("JUNK", 28), chunk("bext", 603), chunk("fmt ", 16)), audio.WAV},
		{"WAV with a chunk that is longer than the head first", wav(chunk("JUNK", 20_000), chunk("fmt ", 16))[:audio.SniffLen], audio.WAV},
		{"WAV with a chunk that ends with the head first", wav(chunk("JUNK", audio.SniffLen-20)), audio.WAV},
		{"WAV whose format ends the head", wav(chunk("fmt ", 16))[:20], audio.WAV},

		{"M4A as iTunes writes it", ftyp("M4A ", "M4A ", "mp42", "isom"), audio.M4A},
		{"M4B", ftyp("M4B "), audio.M4A},
		{"an Android recorder's mp42", ftyp("mp42", "isom", "mp42"), audio.M4A},
		{"isom", ftyp("isom", "isom", "iso2", "mp41"), audio.M4A},
		{"iso5 and dash, as browsers record", ftyp("iso5", "iso6", "dash"), audio.M4A},
		{"3gp4", ftyp("3gp4", "isom", "3gp4"), audio.M4A},
		{"3g2a", ftyp("3g2a"), audio.M4A},
		{"QuickTime", ftyp("qt  ", "qt  "), audio.M4A},
		{"an unknown brand that says it is compatible", ftyp("XYZ1", "ABCD", "mp42"), audio.M4A},
		{"brands that go on beyond the head", ftyp("isom", "iso2")[:18], audio.M4A},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := audio.Sniff(tt.head)
			if err != nil || got != tt.want {
				t.Fatalf("Sniff = %v, %v; want %v", got, err, tt.want)
			}
			if got, err := audio.Sniff(atLeast(audio.SniffLen, slices.Clone(tt.head))); err != nil || got != tt.want {
				t.Fatalf("with more bytes after it: %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestSniffRefusesAndSaysWhat(t *testing.T) {
	for _, tt := range []struct {
		rule  string
		head  []byte
		found string
	}{
		{"nothing", nil, "an empty file"},
		{"two bytes of sync and noise", join("\xff\xfb", "noise, noise"), "data of an unknown kind"},
		{"a frame without a second", mpeg1[:417], "a broken MP3 file or no MP3 at all"},
		{"a frame with noise where the second should be", join(mpeg1[:417], bytes.Repeat([]byte("noise"), 100)), "a broken MP3 file or no MP3 at all"},
		{"a second frame of another sampling rate", join(mpeg1[:417], "\xff\xfb\x94\x64", mpeg1), "a broken MP3 file or no MP3 at all"},
		{"a second frame of another version", join(mpeg1[:417], "\xff\xf3\x90\x64", mpeg1), "a broken MP3 file or no MP3 at all"},
		{"MPEG layer II", layerII, "data of an unknown kind"},
		{"free format", freeForm, "an MP3 file of free format"},
		{"MP3 after garbage", join("garbage\x00", mpeg1), "data of an unknown kind"},
		{"raw AAC", adts, "a raw AAC file"},
		{"raw AAC after an ID3 tag", join(id3(50), adts), "a raw AAC file after an ID3 tag"},
		{"FLAC after an ID3 tag", join(id3(50), "fLaC\x00"), "a FLAC file after an ID3 tag"},
		{"an ID3 tag of a size that cannot be", join("ID3\x03\x00\x00\x00\x00\x80\x00", mpeg1), "a file with a broken ID3 tag"},
		{"an ID3 tag of a version that cannot be", join("ID3\x09\x00\x00\x00\x00\x00\x05", mpeg1), "a file with a broken ID3 tag"},
		{"ID3 alone", []byte("ID3"), "a file with a broken ID3 tag"},
		{"an ID3 tag cut off with the file", id3(300)[:200], "an ID3 tag without sound"},
		{"an ID3 tag and nothing else", id3(300), "an ID3 tag without sound"},

		{"RIFF and WAVE only", wav(), "a WAV file without the description of its sound"},
		{"WAV with data only", wav(chunk("data", 400)), "a WAV file without the description of its sound"},
		{"WAV with data first, longer than the head", wav(chunk("data", 20_000), chunk("fmt ", 16))[:audio.SniffLen], "a WAV file without the description of its sound"},
		{"WAV with a chunk cut off with the file", wav(chunk("JUNK", 20_000))[:audio.SniffLen-1], "a WAV file without the description of its sound"},
		{"WAV with a format of two bytes", wav(chunk("fmt ", 2), chunk("data", 4)), "a WAV file without the description of its sound"},
		{"WAV with a chunk of 4 GiB", wav(join("JUNK\xff\xff\xff\xff"), chunk("fmt ", 16)), "a WAV file without the description of its sound"},
		{"fmt inside another chunk", wav(join("JUNK", le32(24), chunk("fmt ", 16))), "a WAV file without the description of its sound"},
		{"RF64", []byte("RF64\xff\xff\xff\xffWAVE"), "an RF64 (64-bit WAV) file"},
		{"W64", []byte("riff\x2e\x91\xcf\x11\xa5\xd6"), "a W64 (64-bit WAV) file"},
		{"AVI", []byte("RIFF\x00\x00\x00\x00AVI LIST"), "an AVI video"},
		{"WebP", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "a WebP picture"},
		{"another RIFF", []byte("RIFF\x00\x00\x00\x00RMIDdata"), "a RIFF file that is not WAV"},

		{"HEIC", ftyp("heic", "mif1", "heic"), "a HEIC picture"},
		{"HEIC that says it is compatible with isom", ftyp("mif1", "isom", "heic"), "a HEIC picture"},
		{"AVIF", ftyp("avif", "mif1", "iso8"), "an AVIF picture"},
		{"M4V", ftyp("M4V ", "mp42", "isom"), "a video (M4V)"},
		{"an unknown brand", ftyp("XYZ1", "ABCD"), "an MPEG-4 file of an unknown kind"},
		{"a minor version that reads like a brand", join("\x00\x00\x00\x10ftypXYZ1isom", chunk("free", 8)), "an MPEG-4 file of an unknown kind"},
		{"a brand after the box", join("\x00\x00\x00\x10ftypXYZ1\x00\x00\x00\x00", "isom", chunk("free", 8)), "an MPEG-4 file of an unknown kind"},
		{"a file type box that is too short", join("\x00\x00\x00\x08ftypisom\x00\x00\x00\x00"), "a broken MPEG-4 file"},
		{"a file type box of 2 GiB", join("\x80\x00\x00\x00ftypisom\x00\x00\x00\x00"), "a broken MPEG-4 file"},
		{"a file type box cut off", join("\x00\x00\x00\x20ftypis"), "a broken MPEG-4 file"},
		{"QuickTime without a brand", join("\x00\x00\x00\x08wide", "\x00\x00\x10\x00mdat"), "a QuickTime file of the old kind"},

		{"FLAC", []byte("fLaC\x00\x00\x00\x22"), "a FLAC file"},
		{"Ogg", []byte("OggS\x00\x02"), "an Ogg file"},
		{"AIFF", []byte("FORM\x00\x00\x00\x00AIFF"), "an AIFF file"},
		{"AMR", []byte("#!AMR\n"), "an AMR file"},
		{"WebM", []byte("\x1a\x45\xdf\xa3\x01"), "a WebM or Matroska file"},
		{"Windows Media", []byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6"), "a Windows Media file"},
		{"PNG", []byte("\x89PNG\r\n\x1a\n\x00"), "a PNG picture"},
		{"JPEG", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "a JPEG picture"},
		{"PDF", []byte("%PDF-1.7\n%\xe2\xe3"), "a PDF document"},
		{"ZIP, DOCX, XLSX", []byte("PK\x03\x04\x14\x00"), "a ZIP archive or an Office document"},
		{"DOC, XLS", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"), "an old Office document"},
		{"a Mac's companion file", []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X"), `a Mac's hidden companion file (its name begins with "._")`},
		{"a Windows program", []byte("MZ\x90\x00\x03"), "a program"},
		{"HTML", []byte("\xef\xbb\xbf  \n<!DOCTYPE html><title>404"), "an HTML page"},
		{"HTML without a doctype", []byte("<HTML><body>"), "an HTML page"},
		{"XML", []byte("<?xml version=\"1.0\"?><Error>"), "an XML file"},
		{"CSV", []byte("audio_filename,text,level,type,tags\r\n"), "text"},
		{"text with letters of two bytes", []byte("caf\u00e9 日本"), "text"},
		{"text cut off within a letter", []byte("caf\xc3"), "text"},
		{"text that begins like a program", []byte("MZ is not a program\n"), "text"},
		{"text that begins like a picture", []byte("BMW\n"), "text"},
		{"UTF-16 text", []byte("\xff\xfea\x00u\x00"), "UTF-16 text"},
		{"blanks", []byte(" \r\n\t"), "blank text"},
		{"zeros", make([]byte, 100), "data of an unknown kind"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got, err := audio.Sniff(tt.head)
			var unknown *audio.UnknownFormatError
			if !errors.As(err, &unknown) || unknown.Found != tt.found {
				t.Fatalf("Sniff = %v, %v; want an error about %q", got, err, tt.found)
			}
			if got != 0 {
				t.Fatalf("Sniff = %v beside the error", got)
			}
		})
	}
}

func TestUnknownFormatErrorIsASentence(t *testing.T) {
	_, err := audio.Sniff([]byte("fLaC"))
	if got, want := err.Error(), "this is a FLAC file; only MP3, WAV and M4A audio can be used"; got != want {
		t.Fatalf("Error() = %q, want %q", got, want)
	}
}

func TestFormatNames(t *testing.T) {
	for _, tt := range []struct {
		format                 audio.Format
		name, ext, contentType string
	}{
		{audio.MP3, "MP3", ".mp3", "audio/mpeg"},
		{audio.WAV, "WAV", ".wav", "audio/wav"},
		{audio.M4A, "M4A", ".m4a", "audio/mp4"},
		{0, "", "", ""},
	} {
		if tt.format.String() != tt.name || tt.format.Ext() != tt.ext || tt.format.ContentType() != tt.contentType {
			t.Errorf("%d = %q %q %q, want %q %q %q", tt.format, tt.format, tt.format.Ext(), tt.format.ContentType(), tt.name, tt.ext, tt.contentType)
		}
	}
}

// The starter pack is made by a real encoder; whatever of it is there must be recognised.
func TestSniffKnowsTheStarterPack(t *testing.T) {
	names, err := filepath.Glob("../../examples/starter-pack/audio/*.mp3")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := audio.Sniff(content[:min(len(content), audio.SniffLen)]); got != audio.MP3 || err != nil {
			t.Errorf("%s: %v, %v", filepath.Base(name), got, err)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, seed := range [][]byte{
		nil, mpeg1, mpeg2, join(id3(300), mpeg1), join(id3(20), id3(30), mpeg2), adts,
		wav(chunk("JUNK", 28), chunk("fmt ", 16)), ftyp("mp42", "isom"), []byte("fLaC"), []byte("<html>"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got, err := audio.Sniff(head)
		var unknown *audio.UnknownFormatError
		if (err == nil) != (got != 0) || (err != nil && (!errors.As(err, &unknown) || unknown.Found == "")) {
			t.Fatalf("Sniff = %v, %v", got, err)
		}
		starts := func(at int, magic string) bool { return len(head) >= at && bytes.HasPrefix(head[at:], []byte(magic)) }
		switch got {
		case audio.WAV:
			if !starts(0, "RIFF") || !starts(8, "WAVE") || len(head) < audio.SniffLen && !bytes.Contains(head, []byte("fmt ")) {
				t.Fatalf("%q is called WAV", head)
			}
		case audio.M4A:
			if !starts(4, "ftyp") {
				t.Fatalf("%q is called M4A", head)
			}
		case audio.MP3:
			if !starts(0, "ID3") && (len(head) < 4 || head[0] != 0xff || head[1]&0xe0 != 0xe0) {
				t.Fatalf("%q is called MP3", head)
			}
		}
	})
}
