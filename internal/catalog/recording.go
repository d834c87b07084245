package catalog

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// maxAudioBytes is the length of the longest audio address.
	maxAudioBytes = 2048
	// keyPrefix begins the key of every recording of ours (spec, "Processing Logic": "/audio/{level}/").
	keyPrefix = "audio/"
	// uploadPrefix begins the keys of recordings on their way in. They go with their upload session, so no speech may
	// depend on them.
	uploadPrefix = keyPrefix + "uploads/"
)

// AudioURL returns the address at which a phone can hear the speech: a signed link for a recording of ours, the URL
// itself for somebody else's.
func (s *Service) AudioURL(ctx context.Context, speech Speech) (string, error) {
	if !isKey(speech.Audio) {
		return speech.Audio, nil
	}
	link, err := s.recordings.SignedURL(ctx, speech.Audio)
	if err != nil {
		return "", fmt.Errorf("sign a link to the audio of speech %s: %w", speech.ID, err)
	}
	return link, nil
}

func isKey(audio string) bool { return strings.HasPrefix(audio, keyPrefix) }

// checkAudio returns an audio address as it is stored, an object key or somebody else's URL, and notes in c if it is
// neither. Whether there is such an object is for checkRecording.
func (s *Service) checkAudio(c *fault.Check, field, audio string) string {
	audio = strings.TrimSpace(audio)
	if key, ours := s.recordings.KeyOf(audio); ours {
		audio = key
	}
	switch {
	case audio == "":
		c.Addf(field, "The audio address is missing")
	case len(audio) > maxAudioBytes:
		c.Addf(field, "The audio address has %d bytes; at most %d are allowed", len(audio), maxAudioBytes)
	case strings.HasPrefix(audio, uploadPrefix):
		c.Addf(field, "'%s' is an uploaded file that no import has used yet; import it, or give the address of another recording", Shown(audio))
	case isKey(audio) || isWebAddress(audio):
	default:
		c.Addf(field, "'%s' is neither an http(s) URL nor the key of a stored recording (%s…)", Shown(audio), keyPrefix)
	}
	return audio
}

// isWebAddress reports whether s is an absolute http(s) URL without a password in it.
func isWebAddress(s string) bool {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// checkRecording notes in c if audio is the key of a recording that does not exist. It is called within the
// transaction that makes a speech depend on the recording: sweeping up recordings that no speech uses takes the same
// lock, so none can vanish in between.
func (s *Service) checkRecording(ctx context.Context, c *fault.Check, field, audio string) error {
	if !isKey(audio) {
		return nil
	}
	exists, err := s.recordings.Exists(ctx, audio)
	if err != nil && !fault.Is(err, fault.KindInvalid) { // a key that no store takes does not exist either
		return fmt.Errorf("look for the recording %q: %w", audio, err)
	}
	c.Require(exists, field, "There is no recording with the key '%s'", Shown(audio))
	return nil
}
