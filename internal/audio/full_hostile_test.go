package audio_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/testenv"
)

// oggPage puts packets of less than 255 bytes into a page (RFC 3533, section 6).
func oggPage(number int, flags byte, granule int, packets ...[]byte) []byte {
	page := join("OggS", []byte{0, flags}, binary.LittleEndian.AppendUint64(nil, uint64(granule)), []byte{1, 0, 0, 0},
		binary.LittleEndian.AppendUint32(nil, uint32(number)), make([]byte, 4), []byte{byte(len(packets))})
	for _, p := range packets {
		page = append(page, byte(len(p)))
	}
	page = append(page, slices.Concat(packets...)...)
	binary.LittleEndian.PutUint32(page[22:], oggChecksum(page))
	return page
}

// oggChecksum is CRC-32 without the reflections that hash/crc32 has.
func oggChecksum(page []byte) uint32 {
	sum := uint32(0)
	for _, b := range page {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04C11DB7
		}
	}
	return sum
}

func opusHead(channels byte) []byte {
	return join("OpusHead", []byte{1, channels, 0x38, 1}, []byte{0x80, 0xBB, 0, 0, 0, 0, 0})
}

// opusOf is an Ogg of so many silent packets, each of two bytes and 60 ms.
func opusOf(packets int) []byte {
	const perPage, samples = 250, 2880
	file := join(oggPage(0, 2, 0, opusHead(1)), oggPage(1, 0, 0, join("OpusTags", make([]byte, 8))))
	silence := slices.Repeat([][]byte{{0x18, 0}}, perPage) // SILK, narrow band, 60 ms, mono, one frame
	for page := 2; packets > 0; page++ {
		n := min(packets, perPage)
		packets -= n
		file = append(file, oggPage(page, 0, (page-1)*perPage*samples, silence[:n]...)...)
	}
	return file
}

// Files that lie, or that are made to take time or memory. Each is answered soon, and the next one is decoded.
func TestHostileFilesAreBounded(t *testing.T) {
	full := fullDecoder(t)
	good := fixture(t, "full-opus.ogg")
	alac := func(change func(*m4aParts)) []byte {
		p := partsOf(t, "full-alac.m4a")
		change(&p)
		return p.file()
	}
	edits := func(count int) func(*m4aParts) {
		return func(p *m4aParts) {
			p.elst = join(be32(0), be32(count), bytes.Repeat(join(be32(350), be32(0), be32(1<<16)), count))
		}
	}
	// entry changes rate (16.16) and channels, and the same in ALAC's own description.
	entry := func(rate uint32, channels byte) func(*m4aParts) {
		return func(p *m4aParts) {
			p.stsd = slices.Clone(p.stsd)
			magic := bytes.LastIndex(p.stsd, []byte("alac")) + 8
			p.stsd[magic+9] = channels
			binary.BigEndian.PutUint32(p.stsd[magic+20:], rate)
		}
	}
	wav := func(tag, channels, rate, align int) []byte {
		return wavSpec{tag: tag, channels: channels, rate: rate, align: align, bits: 4, data: make([]byte, 1<<20)}.bytes()
	}
	webm := fixture(t, "full-opus.webm")
	at := bytes.Index(webm, []byte("\x44\x89\x88")) // Duration, a float of 64 bits, in milliseconds
	hours := slices.Clone(webm)
	binary.BigEndian.PutUint64(hours[at+3:], math.Float64bits(36_000_000))
	amr := fixture(t, "full-amr.amr")
	adpcm := fixture(t, "full-msadpcm.wav")
	tag := join(id3(10 * 900_000)[:10], bytes.Repeat([]byte("TIT2\x00\x00\x00\x00\x00\x00"), 900_000))
	tagged := join(adpcm[:12], "ID3 ", le32(len(tag)), tag, adpcm[12:])
	nothing := func(name string, n int) []byte { return bytes.Repeat(mp4Box(name), n) }
	const cannot, damaged = "its sound cannot be decoded", " file is damaged: "
	for _, tt := range []struct {
		rule string
		file []byte
		want string // part of the error; nothing: it decodes
	}{
		{"an hour of Opus", opusOf(60_000), "longer than 30 s"},
		{"10 hours of AMR", join(amr[:6], bytes.Repeat(amr[6:38], 320_000)), "longer than 30 s"},
		{"10 hours of MP3 at 8 kHz", bytes.Repeat(splitMP3(t, untagged(t, fixture(t, "full-8000.mp3")))[2], 90_000)[:10<<20], "longer than 30 s"},
		{"10 hours of WebM, by its header", hours, "its header says 36000 s"},
		{"10 hours of ALAC, by its header", alac(func(p *m4aParts) { copy(p.mdhd[16:], be32(36_000*44_100)) }), "its header says"},
		{"100,000 edits", alac(edits(100_000)), "longer than 30 s"},
		{"1,290,000 empty fragments", join(fixture(t, "full-alac.m4a"), nothing("moof", 1_290_000)), "M4A" + damaged + "it has more than 65536 boxes"},
		{"1,290,000 empty boxes in a fragment", join(fixture(t, "full-alac-fragmented.mp4"), mp4Box("moof", mp4Box("traf", nothing("trun", 1_290_000)))), "M4A" + damaged + "it has more than 65536 boxes"},
		{"1,290,000 empty boxes in the index", alac(func(p *m4aParts) {
			p.extra = mp4Box("udta", mp4Box("meta", be32(0), mp4Box("hdlr"), nothing("free", 1_290_000)))
		}), "M4A" + damaged + "it has more than 65536 boxes"},
		{"1,290,000 empty boxes in a description", alac(func(p *m4aParts) { p.stsd = join(p.stsd[:8], mp4Box("alac", p.stsd[16:], nothing("free", 1_290_000))) }), "M4A" + damaged + "it has more than 65536 boxes"},
		{"as many boxes as are taken", join(fixture(t, "full-alac.m4a"), nothing("moof", 65_000)), ""},
		{"4 billion units", alac(func(p *m4aParts) { copy(p.st[8:], be32(-1)) }), cannot},
		{"a rate of 4 GHz", alac(entry(4_294_967_291, 2)), cannot},
		{"a rate that is prime", alac(entry(191_999, 2)), "its header says"},
		{"255 channels of ALAC", alac(entry(44_100, 255)), "this M4A holds ALAC of an unusual kind; only the usual one can be used"},
		{"255 channels of Opus", join(oggPage(0, 2, 0, opusHead(255)), opusOf(100)[47:]), "OGG" + damaged + cannot},
		{"1,000 channels of ADPCM", wav(2, 1000, 44_100, 1000), "WAV" + damaged},
		{"ADPCM at a rate that is prime", wav(0x11, 1, 4_294_967_291, 1024), "WAV" + damaged},
		{"blocks of ADPCM without bytes", wav(0x11, 1, 8000, 0), "longer than 30 s"},
		{"a cover picture of 9 MiB", join(id3(9<<20), fixture(t, "full-8000.mp3")), ""},
		{"AMR of frames without sound", join(amr[:6], bytes.Repeat([]byte{0x7C}, 1<<20)), "AMR" + damaged},
		{"20,000 comments in an Ogg", bytes.Replace(good, []byte("OpusTags"), join("OpusTags", be32(0), le32(20_000), "OpusTags"), 1), "OGG" + damaged + "it has more than 1000 comments"},
		{"20,000 comments in an Ogg, behind a long name", bytes.Replace(good, []byte("OpusTags"), join("OpusTags", le32(201), make([]byte, 201), le32(20_000)), 1), "OGG" + damaged + "the name of the program that wrote it has 201 bytes"},
		{"an Ogg of empty pages", join(good[:47], bytes.Repeat(oggPage(1, 0, 0), 50_000)), "OGG" + damaged},
		{"5,000,000 empty blocks", join(webm, "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff", bytes.Repeat([]byte("\xa0\x80"), 5_000_000)), "WebM" + damaged + "it has more than 65536 elements"},
		{"a million frames in a tag", join(tag, fixture(t, "full-8000.mp3")), ""},
		{"a million frames in a tag in a WAV", tagged, ""},
		{"a WebM of nothing but room", join(webm[:40], bytes.Repeat([]byte("\xec\x80"), 1<<20)), "WebM" + damaged},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			var err error
			used := allocated(func() { _, err = full.Decode(t.Context(), tt.file, audio.DefaultLimits) })
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			const most = 200 // MiB: the memory of an instance grows in steps, and the old ones count here
			if used > most<<20 {
				t.Errorf("%d MiB were allocated, want at most %d", used>>20, most)
			}
			decodeWith(t, full, good)
		})
	}
}

func TestCutOffFilesGiveAnAnswer(t *testing.T) {
	decoder := ffmpegDecoder(t)
	for _, name := range []string{"full-8000.mp3", "full-alac-fragmented.mp4", "full-amr-in.3gp", "full-amrwb.amr", "full-msadpcm.wav", "full-opus.ogg", "full-opus.webm", "full-vorbis.ogg"} {
		content := fixture(t, name)
		steps := max(1, testenv.Sparing(40))
		for i := range steps {
			checkDecodeWith(t, decoder, content[:len(content)*i/steps])
		}
	}
}

func TestDamagedBytesGiveAnAnswerFromFFmpeg(t *testing.T) {
	decoder := ffmpegDecoder(t)
	random := rand.New(rand.NewPCG(4, 2))
	for _, name := range []string{
		"mp3-44100-2.mp3", "aac-16000-1.m4a", "fragmented.mp4", "full-8000.mp3", "full-alac.m4a", "full-amr.amr", "full-msadpcm.wav",
		"full-opus.mp4", "full-opus.ogg", "full-opus.webm", "full-vorbis.ogg",
	} {
		whole := fixture(t, name)
		for range testenv.Sparing(40) {
			content := slices.Clone(whole)
			for range 1 + random.IntN(6) {
				content[random.IntN(len(content))] = byte(random.Uint32())
			}
			checkDecodeWith(t, decoder, content)
		}
	}
}

// asOgg mends the check sums of pages, so that a fuzzer gets behind them.
func asOgg(content []byte) []byte {
	content = slices.Clone(content)
	for at := 0; ; {
		next := bytes.Index(content[at:], []byte("OggS"))
		if next < 0 || len(content) < at+next+27 {
			return content
		}
		at += next
		segments := int(content[at+26])
		end := at + 27 + segments
		for _, size := range content[at+27 : min(end, len(content))] {
			end += int(size)
		}
		page := content[at:min(end, len(content))]
		clear(page[22:26])
		binary.LittleEndian.PutUint32(page[22:], oggChecksum(page))
		at += 4
	}
}

// A fuzzer whose seeds do not decode never reaches a codec, and looks just as green.
func TestFuzzersReachFFmpegsCodecs(t *testing.T) {
	full := fullDecoder(t)
	for _, name := range []string{"full-opus.ogg", "full-vorbis.ogg"} {
		content := fixture(t, name)
		if got := asOgg(content); !bytes.Equal(got, content) {
			t.Errorf("%s: the check sums are others", name)
		}
		decodeWith(t, full, content)
	}
	for _, name := range []string{"full-alac.m4a", "full-opus.mp4", "full-amr-in.3gp"} {
		decodeWith(t, full, asM4A(fixture(t, name)))
	}
}

// fuzzPatience is less than FFmpeg's own: what takes longer than this for a file of a few kilobytes is worth a look.
const fuzzPatience = 5 * time.Second

func fuzzFFmpeg(f *testing.F, change func([]byte) []byte, patterns ...string) {
	decoder := ffmpegDecoder(f)
	addFixtures(f, patterns...)
	f.Fuzz(func(t *testing.T, content []byte) {
		began := time.Now()
		checkDecodeWith(t, decoder, change(content))
		if took := time.Since(began); took > fuzzPatience {
			t.Errorf("%d bytes took %v", len(content), took)
		}
	})
}

func unchanged(content []byte) []byte { return content }

func FuzzFFmpeg(f *testing.F) {
	fuzzFFmpeg(f, unchanged, "full-*.mp3", "full-*.webm", "full-*.amr", "full-*adpcm.wav", "refused-*")
}
func FuzzFFmpegOgg(f *testing.F) { fuzzFFmpeg(f, asOgg, "full-*.ogg", "refused-*.ogg") }
func FuzzFFmpegM4A(f *testing.F) {
	fuzzFFmpeg(f, asM4A, "full-*.m4a", "full-*.mp4", "full-*.3gp", "aac-16000-1.m4a", "fragmented.mp4", "refused-*.m4a", "refused-*.mp4")
}
