package audio

import "fmt"

// mp4Track is the one sound track of an MPEG-4 file. Its tables stay where they are in the file and are read in place, so
// that no count in the file ever sizes anything.
type mp4Track struct {
	file      []byte
	id        int
	timescale int // units of time per second
	duration  int // in units; 0 if not known
	codec     aacConfig
	edit      mp4Edit
	table     []byte // stbl
	defaults  sampleDefaults
	fragments bool // the units are described by fragments (moof) and not by the table
}

// mp4Edit is the part of the track that is to be heard (ISO/IEC 14496-12, section 8.6.6). The zero value is all of it.
type mp4Edit struct {
	start    int     // in units of the track
	duration float64 // seconds; 0 means to the end
}

// parseMP4 finds the sound track and refuses files that are more than sound. Beside an *UnsupportedError with FullDecoder, it
// returns the track.
func parseMP4(file []byte) (mp4Track, error) {
	if err := checkBoxes(file); err != nil {
		return mp4Track{}, err
	}
	moov := first(file, "moov")
	if moov == nil {
		return mp4Track{}, damaged(M4A, "it has no index (moov); it was probably cut off")
	}
	var sound []byte
	for trak := range boxes(moov) {
		if trak.name != "trak" {
			continue
		}
		kind := fields{b: find(trak.body, "mdia", "hdlr")}
		kind.skip(8)
		switch kind.text() {
		case "soun":
			if sound == nil {
				sound = trak.body
			}
		case "vide":
			if err := checkPicture(file, moov, trak.body); err != nil {
				return mp4Track{}, err
			}
		}
	}
	if sound == nil {
		return mp4Track{}, cannotUse(M4A, "no sound track", "a file with one")
	}
	return parseTrack(file, moov, sound)
}

// checkPicture accepts a "video" track of one still picture: a cover. Many of them are a video as any other ("Motion JPEG").
func checkPicture(file, moov, trak []byte) error {
	entry := fields{b: find(trak, "mdia", "minf", "stbl", "stsd")}
	entry.skip(12)
	switch codec := entry.text(); codec {
	case "jpeg", "png ", "mjpa", "mjpb", "gif ":
		if pictures := countPictures(file, moov, trak); pictures > 1 {
			return cannotUse(M4A, fmt.Sprintf("a video track (%d pictures)", pictures), "sound")
		}
		return nil
	case "avc1", "avc3":
		return cannotUse(M4A, "a video track (H.264)", "sound")
	case "hvc1", "hev1":
		return cannotUse(M4A, "a video track (H.265)", "sound")
	}
	return cannotUse(M4A, "a video track", "sound")
}

// countPictures counts what the tables and the fragments say that a track has.
func countPictures(file, moov, trak []byte) int {
	header := fields{b: first(trak, "tkhd")}
	version, _ := header.full()
	header.skip(8 + 8*version)
	t := mp4Track{file: file, table: find(trak, "mdia", "minf", "stbl"), id: header.u32()}
	small := fields{b: first(t.table, "stz2")} // sizes of less than 32 bits (ISO/IEC 14496-12, section 8.7.3.3)
	small.skip(8)
	n := t.sizes().count + small.u32()
	if first(moov, "mvex") == nil {
		return n
	}
	for run := range t.runs {
		n += run.count
	}
	return n
}

// parseTrack returns the track also beside an error about its codec or its edits.
func parseTrack(file, moov, trak []byte) (mp4Track, error) {
	t := mp4Track{file: file, table: find(trak, "mdia", "minf", "stbl")}
	header := fields{b: first(trak, "tkhd")}
	version, _ := header.full()
	header.skip(8 + 8*version) // times of creation and change
	t.id = header.u32()

	media := fields{b: find(trak, "mdia", "mdhd")}
	version, _ = media.full()
	media.skip(8 + 8*version)
	t.timescale = media.u32()
	t.duration = media.length(version)
	if media.short || header.short || t.timescale == 0 {
		return t, damaged(M4A, "the header of its sound track is incomplete")
	}
	if unknown := 1<<32 - 1; t.duration >= unknown && version == 0 || t.duration == 1<<62 {
		t.duration = 0
	}
	if mvex := first(moov, "mvex"); mvex != nil {
		t.fragments, t.defaults = true, parseDefaults(mvex, t.id)
	}
	var strange, err error
	t.edit, strange = parseEdits(find(trak, "edts", "elst"), timescaleOf(moov))
	if t.codec, err = parseSampleDescription(first(t.table, "stsd")); err != nil {
		return t, err
	}
	return t, strange
}

// timescaleOf is the movie's, in which edits are measured.
func timescaleOf(moov []byte) int {
	f := fields{b: first(moov, "mvhd")}
	version, _ := f.full()
	f.skip(8 + 8*version)
	return f.u32()
}

// parseEdits understands what recorders write: perhaps silence first, which is left out, and one stretch of the track. Of
// several stretches it returns, beside the error, how long they are together.
func parseEdits(elst []byte, timescale int) (mp4Edit, error) {
	const normalSpeed = 1 << 16
	if elst == nil || timescale == 0 {
		return mp4Edit{}, nil
	}
	f := fields{b: elst}
	version, _ := f.full()
	var edit mp4Edit
	var strange error
	found := false
	for range f.u32() {
		duration, start := f.length(version), 0
		if version == 1 {
			start = int(int64(f.u64()))
		} else {
			start = f.i32()
		}
		speed := f.u32()
		if f.short {
			return mp4Edit{}, damaged(M4A, "its edit list is incomplete")
		}
		if start < 0 {
			continue // silence
		}
		if speed != normalSpeed {
			return mp4Edit{}, cannotUse(M4A, "sound that is to be played at another speed", "sound at its own speed")
		}
		if found {
			start, strange = 0, needsFull("M4A that plays pieces of its sound in another order")
		}
		found, edit = true, mp4Edit{start: start, duration: edit.duration + float64(duration)/float64(timescale)}
	}
	return edit, strange
}
