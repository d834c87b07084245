package practice_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

var firstPage = paging.Page{Number: 1, Limit: 20}

func TestHistoryChecksEveryRule(t *testing.T) {
	tests := []struct {
		name   string
		filter practice.HistoryFilter
		page   paging.Page
		want   []string
	}{
		{"no filter", practice.HistoryFilter{}, firstPage, nil},
		{"every filter", practice.HistoryFilter{Mode: practice.ListenOnly, Level: "A1", From: noon, To: noon}, firstPage, nil},
		{"limit of 100", practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 100}, nil},
		{"limit above 100", practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 101}, []string{"limit"}},
		{"page 0", practice.HistoryFilter{}, paging.Page{Number: 0, Limit: 20}, []string{"page"}},
		{"unknown mode", practice.HistoryFilter{Mode: "sing"}, firstPage, []string{"mode"}},
		{"unknown level", practice.HistoryFilter{Level: "a1"}, firstPage, []string{"level"}},
		{"from after to", practice.HistoryFilter{From: noon.Add(1000), To: noon}, firstPage, []string{"from_date"}},
		{"from without to", practice.HistoryFilter{From: noon}, firstPage, nil},
		{"to without from", practice.HistoryFilter{To: noon}, firstPage, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := newHouse(t).History(t.Context(), player, tt.filter, tt.page)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHistoryIsThePlayersOwn(t *testing.T) {
	h := newHouse(t)
	mine, err := h.Save(t.Context(), player, draft(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Save(t.Context(), other, draft(), ""); err != nil {
		t.Fatal(err)
	}
	sessions, total, err := h.History(t.Context(), player, practice.HistoryFilter{}, firstPage)
	if err != nil || total != 1 || len(sessions) != 1 || sessions[0].ID != mine {
		t.Fatalf("History = %d of %d, %v; want the player's one session", len(sessions), total, err)
	}
	sessions, total, err = h.History(t.Context(), player, practice.HistoryFilter{}, paging.Page{Number: 9, Limit: 100})
	if err != nil || total != 1 || len(sessions) != 0 {
		t.Fatalf("a page past the end = %d of %d, %v; want 0 of 1", len(sessions), total, err)
	}
}

func TestHistoryPassesOnAnErrorOfTheStore(t *testing.T) {
	h := newHouse(t)
	h.store.err = errDown
	if _, _, err := h.History(t.Context(), player, practice.HistoryFilter{}, firstPage); !errors.Is(err, errDown) {
		t.Fatalf("error = %v, want the store's", err)
	}
}

func TestParseBound(t *testing.T) {
	day := func(h, m, s, ns int) time.Time { return time.Date(2025, 12, 10, h, m, s, ns, time.UTC) }
	tests := []struct {
		name, value string
		end         bool
		want        time.Time // zero: refused
	}{
		{"a date as the start is the day's first moment", "2025-12-10", false, day(0, 0, 0, 0)},
		{"a date as the end is the day's last microsecond", "2025-12-10", true, day(23, 59, 59, 999_999_000)},
		{"a leap day ends before March", "2024-02-29", true, time.Date(2024, 2, 29, 23, 59, 59, 999_999_000, time.UTC)},
		{"a time is taken as it is", "2025-12-10T10:00:00Z", true, day(10, 0, 0, 0)},
		{"a time in another zone", "2025-12-10T10:00:00+07:00", false, day(3, 0, 0, 0)},
		{"nanoseconds are cut", "2025-12-10T10:00:00.123456789Z", true, day(10, 0, 0, 123_456_000)},
		{"the first year", "1970-01-01", false, time.Unix(0, 0).UTC()},
		{"the last day", "9999-12-31", true, time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)},

		{name: "empty", value: ""},
		{name: "no such day", value: "2025-02-30"},
		{name: "no such hour", value: "2025-12-10T25:00:00Z"},
		{name: "no zone", value: "2025-12-10T10:00:00"},
		{name: "another order", value: "10.12.2025"},
		{name: "a number", value: "1765360800"},
		{name: "space around", value: " 2025-12-10"},
		{name: "NUL", value: "2025-12-10\x00"},
		{name: "before 1970", value: "1969-12-31"},
		{name: "year zero", value: "0000-01-01T00:00:00Z"},
		{name: "the zero time, which would mean no bound", value: "0001-01-01T00:00:00Z"},
		{name: "after 9999 in UTC", value: "9999-12-31T23:00:00-02:00"},
		{name: "SQL", value: "'; DROP TABLE users;--"},
		{name: "a megabyte", value: strings.Repeat("9", 1<<20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := practice.ParseBound("to_date", tt.value, tt.end)
			if !got.Equal(tt.want) || got.Location() != time.UTC {
				t.Fatalf("ParseBound(%.40q) = %v, want %v", tt.value, got, tt.want)
			}
			var wantFields []string
			if tt.want.IsZero() {
				wantFields = []string{"to_date"}
			}
			if diff := cmp.Diff(wantFields, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
			if err != nil && len(err.Error()) > 400 {
				t.Fatalf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func FuzzParseBound(f *testing.F) {
	for _, seed := range []string{"2025-12-10", "2025-12-10T10:00:00.5+07:00", "0000-00-00", "9999-12-31T23:59:60Z", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		start, errStart := practice.ParseBound("d", value, false)
		end, errEnd := practice.ParseBound("d", value, true)
		if (errStart == nil) != (errEnd == nil) {
			t.Fatalf("%q as a start: %v; as an end: %v", value, errStart, errEnd)
		}
		if errStart != nil {
			return
		}
		if end.Before(start) || end.Sub(start) >= 24*time.Hour {
			t.Fatalf("%q lasts from %v to %v", value, start, end)
		}
		if start.Year() < 1970 || end.Year() > 9999 || !end.Equal(end.Truncate(time.Microsecond)) {
			t.Fatalf("%q is %v to %v, beyond what is stored", value, start, end)
		}
	})
}

func TestDetail(t *testing.T) {
	h := newHouse(t)
	in := draft()
	in.SelectedTags = []uuid.UUID{id(202), id(250), id(201)}
	saved, err := h.Save(t.Context(), player, in, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Detail(t.Context(), player, saved)
	if err != nil {
		t.Fatal(err)
	}
	want := practice.Detail{
		Session:  h.store.sessions[saved],
		TagNames: []string{"Past Tense", "Food"},
		Speeches: map[uuid.UUID]catalog.Speech{id(101): speeches[id(101)], id(102): speeches[id(102)]},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("Detail, with deleted speeches and without unknown tags (-want +got):\n%s", diff)
	}
}

func TestDetailOfOneSpeechPlayedTwice(t *testing.T) {
	h := newHouse(t)
	in := long(3)
	in.SelectedTags = nil
	h.catalogue.tagsErr = errDown // not asked where no tag was selected
	saved, err := h.Save(t.Context(), player, in, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Detail(t.Context(), player, saved)
	if err != nil || len(got.Speeches) != 1 || got.TagNames == nil || len(got.TagNames) != 0 {
		t.Fatalf("Detail = %d speeches, tags %v, %v; want one speech and an empty list", len(got.Speeches), got.TagNames, err)
	}
}

func TestDetailIsRefused(t *testing.T) {
	tests := []struct {
		name  string
		asker uuid.UUID
		known bool
		kind  fault.Kind
	}{
		{"somebody else's session", other, true, fault.KindForbidden},
		{"a missing session", player, false, fault.KindNotFound},
		{"somebody else asks for a missing session", other, false, fault.KindNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			saved, err := h.Save(t.Context(), player, draft(), "")
			if err != nil {
				t.Fatal(err)
			}
			if !tt.known {
				saved = id(99)
			}
			got, err := h.Detail(t.Context(), tt.asker, saved)
			wantFault(t, err, tt.kind, "")
			if diff := cmp.Diff(practice.Detail{}, got); diff != "" {
				t.Fatalf("the answer tells something:\n%s", diff)
			}
		})
	}
}

func TestDetailFailsWhole(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*house)
	}{
		{"the store fails", func(h *house) { h.store.err = errDown }},
		{"the speeches cannot be read", func(h *house) { h.catalogue.speechesErr = errDown }},
		{"the tags cannot be read", func(h *house) { h.catalogue.tagsErr = errDown }},
		{"a speech is lost", func(h *house) { h.catalogue.forgets = id(102) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			saved, err := h.Save(t.Context(), player, draft(), "")
			if err != nil {
				t.Fatal(err)
			}
			tt.spoil(h)
			_, err = h.Detail(t.Context(), player, saved)
			if _, kinded := fault.As(err); err == nil || kinded {
				t.Fatalf("error = %v, want an internal one", err)
			}
		})
	}
}
