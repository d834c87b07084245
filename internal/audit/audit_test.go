package audit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audit"
)

func TestOriginTravelsWithTheContext(t *testing.T) {
	want := audit.Origin{Actor: "user:7", RequestID: "r1", Address: "192.0.2.1"}
	if got := audit.OriginFrom(audit.WithOrigin(t.Context(), want)); got != want {
		t.Fatalf("OriginFrom = %+v, want %+v", got, want)
	}
	if got := audit.OriginFrom(audit.WithOriginOf(t.Context(), func() audit.Origin { return want })); got != want {
		t.Fatalf("OriginFrom = %+v, want %+v, as it is told when asked", got, want)
	}
	if got := audit.OriginFrom(t.Context()); got.Actor != "system" {
		t.Fatalf("without an origin the actor is %q, want system", got.Actor)
	}
}

func TestDiffNamesChangedFieldsOnly(t *testing.T) {
	got := audit.Diff(
		map[string]any{"name": "Food", "category": "topic", "gone": 1},
		map[string]any{"name": "Meals", "category": "topic", "new": true},
	)
	want := map[string]audit.Change{
		"name": {Before: "Food", After: "Meals"},
		"gone": {Before: 1},
		"new":  {After: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}
