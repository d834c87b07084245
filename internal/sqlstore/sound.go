package sqlstore

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/englishapp/englishctl/internal/importing"
)

// sound is an importing.Sound as both databases keep it: a JSON object, or null. Nobody searches in it.
type sound importing.Sound

// soundFields are the names in the object; times are in nanoseconds.
type soundFields struct {
	Format     string        `json:"format"`
	Codec      string        `json:"codec"`
	SampleRate int           `json:"sample_rate"`
	Channels   int           `json:"channels"`
	BitRate    int           `json:"bit_rate"`
	Duration   time.Duration `json:"duration"`
	Unheard    string        `json:"unheard,omitempty"`
	Speech     float64       `json:"speech"`
	Peak       float64       `json:"peak"`
	Clipped    float64       `json:"clipped"`
	Leading    time.Duration `json:"leading"`
	Trailing   time.Duration `json:"trailing"`
	Sounding   time.Duration `json:"sounding"`
}

// Value implements driver.Valuer.
func (s *sound) Value() (driver.Value, error) {
	if s == nil {
		return nil, nil
	}
	encoded, err := json.Marshal(soundFields(*s))
	if err != nil {
		return nil, fmt.Errorf("encode a sound: %w", err)
	}
	return string(encoded), nil
}

// Scan implements sql.Scanner; null leaves a nil pointer alone.
func (s *sound) Scan(src any) error {
	var encoded []byte
	switch v := src.(type) {
	case string:
		encoded = []byte(v)
	case []byte:
		encoded = v
	default:
		return errors.New("scan a sound: it is no text")
	}
	var fields soundFields
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return fmt.Errorf("scan a sound: %w", err)
	}
	*s = sound(fields)
	return nil
}
