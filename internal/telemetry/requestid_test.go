package telemetry

import (
	"strings"
	"testing"
)

func TestRequestIDs(t *testing.T) {
	for _, tc := range []struct {
		name, id string
		sane     bool
	}{
		{"a UUID", "0193b3c4-5d6e-7f80-9a1b-2c3d4e5f6071", true},
		{"one character", "a", true},
		{"dots, underscores, hyphens", "a.b_c-d", true},
		{"128 characters", strings.Repeat("a", 128), true},
		{"129 characters are too many", strings.Repeat("a", 129), false},
		{"empty", "", false},
		{"a space", "a b", false},
		{"a line break would forge a log line", "a\nb", false},
		{"a trailing line break", "a\n", false},
		{"markup", "<b>", false},
		{"letters beyond ASCII", "é", false},
		{"NUL", "a\x00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := SaneRequestID(tc.id); got != tc.sane {
				t.Errorf("SaneRequestID(%q) = %v, want %v", tc.id, got, tc.sane)
			}
			want := tc.id
			if !tc.sane {
				want = "ours"
			}
			if got := NewRequestID(tc.id, func() string { return "ours" }); got != want {
				t.Errorf("NewRequestID(%q) = %q, want %q", tc.id, got, want)
			}
		})
	}
}

func TestIDsOfAContextAreApart(t *testing.T) {
	ctx := WithUserID(WithRequestID(t.Context(), "r"), "u")
	if RequestID(ctx) != "r" || UserID(ctx) != "u" {
		t.Errorf("request id %q, user id %q; want r, u", RequestID(ctx), UserID(ctx))
	}
	if RequestID(t.Context()) != "" || UserID(t.Context()) != "" {
		t.Error("a bare context has an id")
	}
}
