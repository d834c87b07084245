package audio

// A channel's part of the side information of MPEG-2 (ISO/IEC 13818-3, section 2.4.1.7): offsets and lengths in bits.
const (
	channelBits      = 63
	mainDataLength   = 12 // the first field
	windowSwitching  = 38 // a flag; where it is set, two bits of block type and the flag of mixed blocks follow
	shortMixedBlocks = 0b1_10_1
)

// channelInfo is the offset in bits of a channel's part of the side information of MPEG-2. Before it stand where the main data
// begins (8 bits) and one or two private bits.
func (l mp3Layout) channelInfo(channel int) int { return 8 + l.channels + channel*channelBits }

// mainDataBits is how many bits of main data the frame of MPEG-2 with the side information needs.
func (l mp3Layout) mainDataBits(sideInfo []byte) int {
	sum := 0
	for c := range l.channels {
		sum += bitsAt(sideInfo, l.channelInfo(c), mainDataLength)
	}
	return sum
}

// mixesBlocks reports whether a channel has long and short blocks in one granule.
func (l mp3Layout) mixesBlocks(sideInfo []byte) bool {
	for c := range l.channels {
		if bitsAt(sideInfo, l.channelInfo(c)+windowSwitching, 4) == shortMixedBlocks {
			return true
		}
	}
	return false
}

// bitsAt reads so many bits, the highest first, from an offset in bits.
func bitsAt(b []byte, at, bits int) int {
	x := 0
	for i := at; i < at+bits; i++ {
		x = x<<1 | int(b[i/8]>>(7-i%8)&1)
	}
	return x
}
