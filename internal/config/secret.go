package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask stands where a secret would have stood. It is as long for every secret.
const mask = "••••••"

// Secret is a value that must not be read by accident: however it is printed, logged or encoded, a mask comes out.
type Secret string

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

// String returns a mask, or "" where nothing is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format prints the mask for every verb; without it %d would print the value in its complaint.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is the mask, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is the mask, for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
