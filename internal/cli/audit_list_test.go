package cli

import (
	"testing"
	"time"
)

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, text string
		want       time.Time
		refused    bool
	}{
		{"nothing", "", time.Time{}, false},
		{"a date is its beginning in UTC", "2026-01-31", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), false},
		{"a time with a zone", "2026-01-31T07:00:00+07:00", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), false},
		{"days", "7d", now.AddDate(0, 0, -7), false},
		{"hours and minutes", "1h30m", now.Add(-90 * time.Minute), false},
		{"the future is no past", "-1h", time.Time{}, true},
		{"negative days", "-1d", time.Time{}, true},
		{"something else", "yesterday", time.Time{}, true},
		{"a date that does not exist", "2026-02-30", time.Time{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseSince(tt.text, now)
			if !got.Equal(tt.want) || (err != nil) != tt.refused {
				t.Fatalf("parseSince = %v, %v", got, err)
			}
			if err != nil && exitCode(err) != exitUsage {
				t.Fatalf("the exit code is %d", exitCode(err))
			}
		})
	}
}
