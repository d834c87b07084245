package httpapi

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// recordingRequest is a recording as whoever has it describes it. What is stored is judged anew when it comes in.
type recordingRequest struct {
	Name      string        `json:"name"`
	SizeBytes int64         `json:"size_bytes"`
	SHA256    string        `json:"sha256"`
	Ext       string        `json:"ext"`
	Wrong     string        `json:"wrong"` // why it cannot be imported, or empty
	Sound     *soundRequest `json:"sound"` // null where it was not decoded
}

type soundRequest struct {
	Format          string  `json:"format"`
	Codec           string  `json:"codec"`
	SampleRate      int     `json:"sample_rate"`
	Channels        int     `json:"channels"`
	BitRate         int     `json:"bit_rate"`
	DurationSeconds float64 `json:"duration_seconds"`
	Unheard         string  `json:"unheard"`
	SpeechDBFS      float64 `json:"speech_dbfs"`
	PeakDBFS        float64 `json:"peak_dbfs"`
	ClippedShare    float64 `json:"clipped_share"`
	LeadingSeconds  float64 `json:"leading_seconds"`
	TrailingSeconds float64 `json:"trailing_seconds"`
	SoundingSeconds float64 `json:"sounding_seconds"`
}

var (
	hexSHA256 = regexp.MustCompile(`\A[0-9a-f]{64}\z`)
	// endings are those of the files that may be imported. A key is made of one.
	endings = []string{".mp3", ".wav", ".m4a"}
)

// file returns the description in the service's words, and notes what no honest one says.
func (in recordingRequest) file(c *fault.Check, list string, i int) importing.LocalFile {
	at := func(member string) string { return fmt.Sprintf("%s[%d].%s", list, i, member) }
	c.Require(in.Name != "", at("name"), "is required")
	if in.Wrong != "" {
		return importing.LocalFile{Name: in.Name, Wrong: in.Wrong}
	}
	c.Require(hexSHA256.MatchString(in.SHA256), at("sha256"), "%s is not the SHA-256 of a file in 64 small hex digits", quoted(in.SHA256))
	c.Require(slices.Contains(endings, in.Ext), at("ext"), "%s is not allowed. Must be one of: .mp3, .wav, .m4a", quoted(in.Ext))
	c.Require(in.SizeBytes > 0, at("size_bytes"), "%d is not the size of a file", in.SizeBytes)
	return importing.LocalFile{Name: in.Name, Size: in.SizeBytes, SHA256: in.SHA256, Ext: in.Ext, Sound: in.Sound.sound()}
}

func (in *soundRequest) sound() *importing.Sound {
	if in == nil {
		return nil
	}
	return &importing.Sound{
		Format: in.Format, Codec: in.Codec, SampleRate: in.SampleRate, Channels: in.Channels, BitRate: in.BitRate,
		Duration: span(in.DurationSeconds), Unheard: in.Unheard, Speech: in.SpeechDBFS, Peak: in.PeakDBFS, Clipped: in.ClippedShare,
		Leading: span(in.LeadingSeconds), Trailing: span(in.TrailingSeconds), Sounding: span(in.SoundingSeconds),
	}
}

// span is a number of seconds, of at most a day: a recording has 10 MiB.
func span(seconds float64) time.Duration {
	const day = 24 * 60 * 60
	return time.Duration(math.Round(min(max(seconds, 0), day) * float64(time.Second)))
}
