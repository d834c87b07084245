package importing

import (
	"fmt"
	"time"
	"unicode"
)

// Sound is what a recording sounds like once it is decoded.
type Sound struct {
	// Format is "MP3", "WAV" or "M4A", and Codec what is in it, as people call it: "AAC-LC".
	Format, Codec string
	// SampleRate is in Hz and BitRate in bits per second of coded sound, without tags and pictures. They and Duration are 0
	// where the recording was not decoded and its container does not tell.
	SampleRate, Channels, BitRate int
	Duration                      time.Duration
	// Unheard says why the recording could not be decoded here although others can play it. What follows is unknown then.
	Unheard string

	// Speech is the level between the silences at the ends, Peak that of the loudest sample, both in dBFS.
	Speech, Peak float64
	// Clipped is the share of samples at full scale, between the silences at the ends, 0 to 1.
	Clipped float64
	// Leading and Trailing are the silences at the ends, and Sounding is the time between them.
	Leading, Trailing, Sounding time.Duration
}

// What a recording of one sentence is usually like. Outside of it there is a warning: it can be played, but somebody
// should listen to it first.
const (
	// minDuration and maxDuration are those of what learners may record themselves (decisions.md, "Small decisions").
	minDuration = 300 * time.Millisecond
	maxDuration = 30 * time.Second
	// maxSilence at an end makes a learner think that nothing comes, or comes any more.
	maxSilence = 2 * time.Second
	// minSpeech is in dBFS. Speech is usually recorded at about -20 (EBU R 128 asks for -23 LUFS): this is a fifth as loud
	// to the ear.
	minSpeech = -40.0
	// maxClipped is one sample in a thousand: 16 of a second at 16 kHz, which can be heard as a crackle.
	maxClipped = 0.001
	// minSampleRate keeps what tells "s" from "f", which telephones lose.
	minSampleRate = 16_000
	// minBitRate is where MP3 and AAC begin to lisp; the specification asks for 64 kbit/s ("Audio Delivery").
	minBitRate = 24_000
	// maxChannels is stereo.
	maxChannels = 2

	// Letters a second: about 11 in unhurried speech (150 words a minute), 20 in very fast speech.
	maxLetterRate = 25.0
	minLetterRate = 3.0
	// fewLetters and shortSpeech bound what can be said about them: a short "Yes." proves nothing.
	fewLetters  = 10
	shortSpeech = 4 * time.Second
	// lettersPerDigit is how long a digit is when it is read aloud.
	lettersPerDigit = 4
)

// finding is something about a recording that somebody should look at.
type finding struct{ code, message string }

// findings says what is unusual about the recording, in sentences that go on after its name.
func (s Sound) findings() []finding {
	var found []finding
	note := func(unusual bool, code, format string, args ...any) {
		if unusual {
			found = append(found, finding{code, fmt.Sprintf(format, args...)})
		}
	}
	note(s.Unheard != "", "not_checked", "could not be listened to: %s", s.Unheard)
	// What is 0 is not known: not every container tells.
	note(s.Duration > 0 && s.Duration < minDuration, "too_short", "lasts only %s", inSeconds(s.Duration))
	note(s.Duration > maxDuration, "too_long", "lasts %s, more than %s", inSeconds(s.Duration), inSeconds(maxDuration))
	note(s.SampleRate > 0 && s.SampleRate < minSampleRate, "low_sample_rate", "has a sample rate of %d Hz, as on a telephone; from %d Hz on it is clear", s.SampleRate, minSampleRate)
	note(s.Format != "WAV" && s.BitRate > 0 && s.BitRate < minBitRate, "low_bit_rate", "has %d kbit/s; from %d on it is clear", s.BitRate/1000, minBitRate/1000)
	note(s.Channels > maxChannels, "many_channels", "has %d channels; one or two are enough", s.Channels)
	if s.Unheard != "" {
		return found
	}
	note(s.Speech < minSpeech, "quiet", "is very quiet: %.0f dBFS, where about -20 is usual", s.Speech)
	note(s.Clipped > maxClipped, "clipped", "is clipped: %.1f %% of it is at full scale, which crackles", 100*s.Clipped)
	note(s.Leading > maxSilence, "leading_silence", "begins with %s of silence", inSeconds(s.Leading))
	note(s.Trailing > maxSilence, "trailing_silence", "ends with %s of silence", inSeconds(s.Trailing))
	return found
}

// pace says whether nobody could have said the text in the time of the recording, or would have taken so long for it.
func (s Sound) pace(text string) []finding {
	letters := lettersIn(text)
	sounding := s.Sounding
	if s.Unheard != "" {
		sounding = s.Duration // at most
	}
	if sounding == 0 {
		return nil
	}
	rate := float64(letters) / sounding.Seconds()
	switch {
	case letters >= fewLetters && rate > maxLetterRate:
		return []finding{{"too_fast", fmt.Sprintf("speaks for %s, too short for its text of %d letters", inSeconds(sounding), letters)}}
	case s.Unheard == "" && sounding >= shortSpeech && rate < minLetterRate:
		return []finding{{"too_slow", fmt.Sprintf("speaks for %s, too long for its text of %d letters", inSeconds(sounding), letters)}}
	}
	return nil
}

// lettersIn measures a text by what has to be said of it.
func lettersIn(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			n += lettersPerDigit
		case unicode.IsLetter(r):
			n++
		}
	}
	return n
}

// inSeconds is "1.5 s".
func inSeconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
