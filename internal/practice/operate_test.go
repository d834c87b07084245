package practice_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

func TestAllSessionsChecksEveryRule(t *testing.T) {
	tests := []struct {
		name   string
		filter practice.SessionFilter
		page   paging.Page
		want   []string
	}{
		{"no filter", practice.SessionFilter{}, firstPage, nil},
		{"every filter", practice.SessionFilter{Mode: practice.ListenOnly, Level: "A1", OldestFirst: true}, firstPage, nil},
		{"all that is wrong is named", practice.SessionFilter{Mode: "sing", Level: "Z9"}, paging.Page{Number: 0, Limit: 101}, []string{"page", "limit", "mode", "level"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := newHouse(t).AllSessions(t.Context(), tt.filter, tt.page)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Fatalf("broken fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOperatorsSeeAndDeleteAnybodysSession(t *testing.T) {
	h := newHouse(t)
	mine, err := h.Save(t.Context(), player, draft(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Save(t.Context(), other, draft(), ""); err != nil {
		t.Fatal(err)
	}
	all, total, err := h.AllSessions(t.Context(), practice.SessionFilter{}, firstPage)
	if err != nil || total != 2 || len(all) != 2 {
		t.Fatalf("AllSessions = %d of %d, %v", len(all), total, err)
	}
	detail, err := h.AnyDetail(t.Context(), mine)
	if err != nil || detail.UserID != player || len(detail.Speeches) == 0 {
		t.Fatalf("AnyDetail = %+v, %v", detail, err)
	}
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: "panel:root"})
	if err := h.DeleteSession(ctx, mine); err != nil {
		t.Fatal(err)
	}
	if len(h.store.sessions) != 1 || len(h.store.audit) != 1 {
		t.Fatalf("%d sessions and %d entries are left", len(h.store.sessions), len(h.store.audit))
	}
	entry := h.store.audit[0]
	if entry.Action != "session.delete" || entry.ObjectID != mine.String() || entry.Origin.Actor != "panel:root" || entry.Changes["mode"].Before == nil {
		t.Errorf("the entry is %+v", entry)
	}
	for name, change := range entry.Changes {
		if change.Before == player.String() {
			t.Errorf("%s says whose it was, for ever", name)
		}
	}
	for name, err := range map[string]error{"deleting": h.DeleteSession(ctx, mine), "showing": second(h.AnyDetail(ctx, mine))} {
		if !fault.Is(err, fault.KindNotFound) {
			t.Errorf("%s what is gone: %v", name, err)
		}
	}
	h.store.err = errDown
	if _, _, err := h.AllSessions(t.Context(), practice.SessionFilter{}, firstPage); !errors.Is(err, errDown) {
		t.Errorf("a database that is down: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
