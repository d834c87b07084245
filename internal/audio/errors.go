package audio

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// UnsupportedError says that a file is sound, or may be, but nothing that this decoder can decode rightly.
type UnsupportedError struct {
	// Found names it: "ALAC", "MP3 at 22.05 kHz", "a video track".
	Found string
	// FullDecoder says that the full decoder, where one is installed, knows it.
	FullDecoder bool
	// codec is its name, where Found is one.
	codec string
	// sentence is the whole message.
	sentence string
}

// Error is a sentence for the person who chose the file.
func (e *UnsupportedError) Error() string { return e.sentence }

// forFullDecoder returns the error that says that the full decoder knows the file, or nil if err is none of these.
func forFullDecoder(err error) *UnsupportedError {
	var unsupported *UnsupportedError
	if errors.As(err, &unsupported) && unsupported.FullDecoder {
		return unsupported
	}
	return nil
}

// holds says that a file of the format holds the codec, which needs the full decoder.
func holds(format Format, codec string) error {
	return &UnsupportedError{
		Found:       codec,
		FullDecoder: true,
		codec:       codec,
		sentence:    fmt.Sprintf("this %v holds %s; that needs the full decoder", format, codec),
	}
}

// cannotUse says that a file of the format holds what no decoder of ours decodes, and what would do.
func cannotUse(format Format, found, wanted string) error {
	return &UnsupportedError{Found: found, sentence: fmt.Sprintf("this %v holds %s; only %s can be used", format, found, wanted)}
}

// needsFull says that sound of this kind needs the full decoder.
func needsFull(found string) error {
	return &UnsupportedError{Found: found, FullDecoder: true, sentence: found + " needs the full decoder"}
}

// DamagedError says that a file is of a known format but broken: cut off, or its parts contradict each other.
type DamagedError struct {
	Format Format
	// Why is a clause: "it has no data chunk".
	Why string
	// cause is what the codec said, for the log.
	cause error
}

// Error is a sentence for the person who chose the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("this %v file is damaged: %s", e.Format, e.Why)
}

// Unwrap returns what the codec said, or nil.
func (e *DamagedError) Unwrap() error { return e.cause }

func damaged(format Format, why string, args ...any) error {
	return &DamagedError{Format: format, Why: fmt.Sprintf(why, args...)}
}

// undecodable is damage that the codec has found.
func undecodable(format Format, cause error) error {
	return &DamagedError{Format: format, Why: "its sound cannot be decoded", cause: cause}
}

// TooLongError says that a recording is longer than allowed.
type TooLongError struct {
	// AtLeast is how long it is. Decoding stops soon after the limit, so it may be longer.
	AtLeast time.Duration
	Limit   time.Duration
}

// Error is a sentence for the person who chose the file.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("the recording is longer than %s", seconds(e.Limit))
}

// TooShortError says that a recording is shorter than allowed.
type TooShortError struct {
	Duration, Limit time.Duration
}

// Error is a sentence for the person who chose the file. The length is rounded down: 0.295 s would otherwise be as long as is needed.
func (e *TooShortError) Error() string {
	return fmt.Sprintf("the recording is only %s long; at least %s is needed", seconds(e.Duration.Truncate(10*time.Millisecond)), seconds(e.Limit))
}

// TooLargeError says that a file has more bytes than allowed.
type TooLargeError struct {
	Bytes, Limit int
}

// Error is a sentence for the person who chose the file.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the file is larger than %s MiB", trim(float64(e.Limit)/(1<<20), 1))
}

// seconds writes a duration as people say it: "0.3 s", "30 s", "36000 s".
func seconds(d time.Duration) string {
	digits := 1
	if d < time.Second {
		digits = 2
	}
	return trim(d.Seconds(), digits) + " s"
}

// kilohertz writes a rate as people say it: "22.05 kHz", "48 kHz".
func kilohertz(rate int) string { return trim(float64(rate)/1000, 3) + " kHz" }

// trim rounds to so many digits after the point and leaves out zeros at the end.
func trim(x float64, digits int) string {
	unit := math.Pow(10, float64(digits))
	return strconv.FormatFloat(math.Round(x*unit)/unit, 'f', -1, 64)
}
