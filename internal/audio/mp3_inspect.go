package audio

// inspectMP3 counts all frames, whatever is in them.
func inspectMP3(data []byte) (Info, error) {
	rest := skipTags(data)
	first, ok := cutFrame(rest)
	if !ok {
		return Info{}, nil
	}
	layout := layoutOf(first)
	x, ok := readXing(first, layout)
	if ok {
		rest = rest[len(first):]
	}
	frames, size, length := 0, 0, 0.0
	for {
		rest = nextPart(rest)
		frame, ok := cutFrame(rest)
		if !ok {
			break
		}
		l := layoutOf(frame) // some files change theirs
		frames, size, length = frames+1, size+len(frame), length+float64(l.perFrame)/float64(l.rate)
		rest = rest[len(frame):]
	}
	info := Info{Codec: layout.codec(), SampleRate: layout.rate, Channels: layout.channels, BitRate: averageBitRate(size, length)}
	added := float64(x.delay+x.padding) / float64(layout.rate) // by the encoder
	info.Duration = asDuration(max(0, length-added))
	if x.frames > 0 {
		info.HeaderDuration = lasting(max(0, x.frames*layout.perFrame-x.delay-x.padding), layout.rate)
	}
	return info, checkTrailer(rest, frames)
}
