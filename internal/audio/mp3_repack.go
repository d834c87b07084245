package audio

// mp3Parts is an MPEG-2 stream taken apart, to be put together in frames that the codec, go-mp3, reads rightly.
//
// It adds the padding byte to the size of such a frame before it halves it, so that it loses its place wherever frames are
// padded, and gives noise without an error. At 22.05 kHz nearly all files have padded frames. What is inside of the frames
// it decodes well, and so they are written anew without padding.
type mp3Parts struct {
	mp3Layout
	main   []byte // the main data of all frames, in one piece
	pieces []mp3Piece
}

// mp3Piece is one frame.
type mp3Piece struct {
	header, sideInfo []byte
	from, to         int // what it needs of the main data
}

func (p mp3Piece) size() int { return p.to - p.from }

// repack returns frames that sound the same, none of them padded and without check sums.
func repack(layout mp3Layout, frames [][]byte) ([][]byte, error) {
	parts := mp3Parts{mp3Layout: layout}
	for _, frame := range frames {
		if err := parts.take(frame); err != nil {
			return nil, err
		}
	}
	return parts.assemble()
}

// take takes a frame apart. Its main data begins in the "bit reservoir", some bytes before the end of what the frames before it
// carry, and is as long as its side information says (ISO/IEC 13818-3, section 2.4.1.7).
func (p *mp3Parts) take(frame []byte) error {
	at := p.afterHeader(frame)
	begin, own := p.mainData(frame)
	piece := mp3Piece{header: frame[:4], sideInfo: frame[at : at+p.sideInfo], from: len(p.main) - begin}
	p.main = append(p.main, frame[len(frame)-own:]...)
	piece.to = piece.from + (p.mainDataBits(piece.sideInfo)+7)/8
	if piece.to > len(p.main) {
		return damaged(MP3, "frame %d needs data that is not there", len(p.pieces)+1)
	}
	p.pieces = append(p.pieces, piece)
	return nil
}

// assemble writes the frames. One carries its own main data, and the beginning of the next one's where that alone is more than
// the largest frame has room for.
func (p *mp3Parts) assemble() ([][]byte, error) {
	const farthest = 1<<8 - 1 // bytes that main data can begin before its frame
	room := p.room(highestBitRate)
	early := make([]int, len(p.pieces)+1) // bytes of each frame's main data that the frame before it carries
	for i := len(p.pieces) - 1; i >= 0; i-- {
		early[i] = max(0, p.pieces[i].size()+early[i+1]-room)
		if early[i] > farthest || i == 0 && early[i] > 0 {
			return nil, needsFull("MP3 at " + kilohertz(p.rate) + " with frames that are full and padded")
		}
	}
	frames := make([][]byte, len(p.pieces))
	for i, piece := range p.pieces {
		own := p.main[piece.from+early[i] : piece.to]
		var next []byte
		if early[i+1] > 0 {
			next = p.main[p.pieces[i+1].from:][:early[i+1]]
		}
		frames[i] = p.write(piece, early[i], own, next)
	}
	return frames, nil
}

// highestBitRate is the index of 160 kbit/s.
const highestBitRate = 14

// room is how many bytes of main data are in a frame without padding and check sum, by the index of its bit rate.
func (p *mp3Parts) room(bitRate int) int {
	return 72*1000*bitratesMPEG2[bitRate]/p.rate - 4 - p.sideInfo
}

// write makes a frame of the lowest bit rate that has room. Its main data begins so many bytes before it and ends where the next
// frame's begins, which is at its end.
func (p *mp3Parts) write(piece mp3Piece, begin int, own, next []byte) []byte {
	const unprotected, kept = 0x01, 0x0D // of the third byte: sample rate and private bit
	bitRate := 1
	for p.room(bitRate) < len(own)+len(next) {
		bitRate++
	}
	start := 4 + p.sideInfo
	frame := make([]byte, start+p.room(bitRate))
	copy(frame, piece.header)
	frame[1] |= unprotected
	frame[2] = byte(bitRate)<<4 | frame[2]&kept
	copy(frame[4:], piece.sideInfo)
	frame[4] = byte(begin)
	copy(frame[start:], own)
	copy(frame[len(frame)-len(next):], next)
	return frame
}
