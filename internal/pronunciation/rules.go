package pronunciation

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

// MaxText is how many characters a text may have (decisions, "Pronunciation"). Azure gets it in a header, and has been seen
// to hang over headers of 17 KB.
const MaxText = 500

// DefaultLanguage is that of a request that names none (spec, "POST /speech/score").
const DefaultLanguage = "en-US"

// normal returns the text with single spaces and without any at its ends.
func normal(text string) string { return strings.Join(strings.Fields(text), " ") }

// checkText notes what keeps a normal text from being read aloud.
func checkText(c *fault.Check, text string) {
	const field = "reference_text"
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		c.Addf(field, "is required: the sentence that was read")
	case n > MaxText:
		c.Addf(field, "has %d characters; at most %d are allowed", n, MaxText)
	case !utf8.ValidString(text):
		c.Addf(field, "is not valid UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		c.Addf(field, "has control characters in it")
	case letters(text) == 0:
		c.Addf(field, "has no word in it")
	}
}

// letters counts what is spoken of a text: letters and digits.
func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// checkLanguage returns the language as the provider spells it, or notes that it has none like it.
func checkLanguage(c *fault.Check, wanted string, known []string) string {
	if wanted == "" {
		wanted = DefaultLanguage
	}
	i := slices.IndexFunc(known, func(l string) bool { return strings.EqualFold(l, wanted) })
	if i < 0 {
		c.Addf("language", "'%s' cannot be scored. Must be one of: %s", shown(wanted), strings.Join(known, ", "))
		return ""
	}
	return known[i]
}

// shown is the beginning of what somebody has sent, in a sentence.
func shown(text string) string {
	const enough = 40
	runes := []rune(text)
	if len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return text
}

// Recordings beyond these bounds cannot be scored, whatever was said. They are far from what a phone records in a usual
// room: speech has about -20 dBFS there.
const (
	silentBelow = -60.0 // dBFS of the speech
	// quietBelow is in dBFS of the speech. A fifth of the learners of speechocean762 are below -30; of 71 of them and others 69 have
	// the same marks 20 dB quieter, within 3 points.
	quietBelow = -55.0
	// clippedAbove is the share of samples at full scale. A loud voice has well under 0.5 %; where it is 2 %, most of the
	// vowels are cut off.
	clippedAbove = 0.02
	// flatAbove is the share of the time in which the tops are cut off, where the loudest are above loudAbove in dBFS: codecs and mixers leave
	// little at full scale. Of 2,623 recordings of speechocean762 at the loudest that is not clipped none is above it; of those 12 dB too loud
	// most, 20 dB too loud all (AAC, G.711).
	flatAbove = 0.1
	loudAbove = -3.0
	// lettersPerSecond is far above the 20 of very fast speech: whoever seems to be faster has not read it all.
	lettersPerSecond = 36
)

// Sound is a decoded recording and what was measured of it.
type Sound struct {
	Samples []int16 // mono, at SampleRate

	Speech   float64       // level in dBFS of what is between the silences at the ends
	Peak     float64       // of the loudest sample, in dBFS
	Clipped  float64       // share of samples at full scale, 0 to 1
	Flat     float64       // share of the time in which the tops are cut off, 0 to 1
	Sounding time.Duration // between the silences at the ends
}

// check returns why the sound cannot be scored against the text: fault.Unsuitable, with a code.
func (s Sound) check(text string) error {
	switch {
	case s.Sounding <= 0 || s.Speech < silentBelow:
		return ErrSilent
	case s.Speech < quietBelow:
		return fault.Unsuitable("this recording is far too quiet; please speak louder, or closer to the microphone").WithCode("audio_too_quiet")
	case s.Clipped > clippedAbove, s.Peak > loudAbove && s.Flat > flatAbove:
		return fault.Unsuitable("this recording is too loud and distorted; please hold the microphone a little further away").WithCode("audio_clipped")
	case s.Sounding < shortest(text):
		return fault.Unsuitable("only %.1f seconds of speech were heard, too little for this sentence; please read all of it", s.Sounding.Seconds()).
			WithCode("audio_too_short_for_text")
	}
	return nil
}

// shortest is how long nobody can be faster with the text.
func shortest(text string) time.Duration {
	return time.Duration(letters(text)) * time.Second / lettersPerSecond
}
