package audio

import "math"

// inspectM4A reads the description of the sound track, and counts how much of it is in the file.
func inspectM4A(data []byte) (Info, error) {
	t, err := parseMP4(data)
	if err != nil && forFullDecoder(err) == nil {
		return Info{}, err
	}
	there, said, size, err := t.count()
	if err != nil {
		return Info{}, err
	}
	part := float64(there) / float64(max(1, said))
	info := t.describe()
	info.HeaderDuration, info.Duration = asDuration(t.audible()), asDuration(t.audible()*part)
	info.BitRate = averageBitRate(size, t.seconds()*part) // what is not to be heard has bits, too
	return info, nil
}

// count returns how many units are in the file, of how many that it speaks of, and their bytes.
func (t mp4Track) count() (there, said, size int, err error) {
	for unit := range t.units {
		if there, size = there+1, size+len(unit); size > len(t.file) {
			return 0, 0, 0, damaged(M4A, "the pieces of its sound overlap")
		}
	}
	said = t.sizes().count
	if t.fragments {
		for r := range t.runs {
			said += r.count
		}
	}
	return there, said, size, nil
}

// describe reads rate and channels from the configuration of AAC, and for other codecs from the sample entry (ISO/IEC 14496-12,
// section 12.2.3; QuickTime's version 2 has them elsewhere). Some programs write two channels there for one.
func (t mp4Track) describe() Info {
	if t.codec.rate != 0 && t.codec.channels != 0 {
		return Info{Codec: onlyAAC, SampleRate: t.codec.rate, Channels: t.codec.channels}
	}
	var entry fields
	if stsd := first(t.table, "stsd"); len(stsd) > 8 {
		for e := range boxes(stsd[8:]) {
			entry.b = e.body
			break
		}
	}
	entry.skip(8)
	version := entry.u16()
	entry.skip(6)
	channels := entry.u16()
	entry.skip(6)
	rate := entry.u32() >> 16
	if version == 2 {
		entry.skip(4)
		rate, channels = int(math.Float64frombits(entry.u64())), entry.u32()
	}
	if entry.short || checkLayout(M4A, rate, channels) != nil {
		return Info{}
	}
	return Info{SampleRate: rate, Channels: channels}
}
