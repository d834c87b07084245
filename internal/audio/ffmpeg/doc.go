// Package ffmpeg decodes audio with FFmpeg, which runs as a WebAssembly module in this process (scripts/build-decoder makes it).
//
// What it is given are strangers' files, and FFmpeg is a million lines of C. So the module sees nothing but the file: no disk,
// no network, no clock. Each call has an instance of its own with at most MaxMemory, and ends after Patience at the latest; a
// mistake in the C code stays in there and ends with it. What comes out is checked number by number.
//
// The package knows bytes and samples. Which files are worth trying, and what a person is told, is for package audio.
package ffmpeg

import "time"

// Bounds of a call.
const (
	// MaxMemory in bytes of an instance. Sound is not kept there, so that 8 MiB are the most that honest files were seen to take.
	MaxMemory = 64 << 20
	// Patience is how long a call may work: the time of a processor on Linux, and elsewhere the time that goes by. The longest
	// recording that is accepted takes a tenth of it on a slow machine.
	Patience = 10 * time.Second
)

// Container is how a file is laid out. It decides which demuxer reads it: nothing is guessed from the content.
type Container int

// The containers, by the numbers that the module knows them by.
const (
	MP3 Container = iota
	WAV
	MP4
	Ogg
	Matroska
	AMR
)
