package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// shelf is a store that notes what it is asked.
type shelf struct {
	query audit.Query
	page  paging.Page
	asked int
	err   error
}

func (s *shelf) AuditEntries(_ context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error) {
	s.query, s.page, s.asked = q, p, s.asked+1
	return []audit.Entry{{Action: "tag.merge"}}, 7, s.err
}

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestEntries(t *testing.T) {
	var s shelf
	q := audit.Query{Actor: "cli:ada", Action: "tag", ObjectID: "7", From: now, To: now}
	page := paging.Page{Number: 2, Limit: 200}
	entries, total, err := audit.NewLog(&s).Entries(t.Context(), q, page)
	if err != nil || total != 7 || len(entries) != 1 || s.query != q || s.page != page {
		t.Fatalf("Entries = %v, %d, %v; the store was asked for %+v, %+v", entries, total, err, s.query, s.page)
	}
	s.err = errors.New("down")
	if _, _, err := audit.NewLog(&s).Entries(t.Context(), q, page); !errors.Is(err, s.err) {
		t.Fatalf("err = %v", err)
	}
}

func TestEntriesRules(t *testing.T) {
	tests := []struct {
		name  string
		query audit.Query
		page  paging.Page
		want  []string
	}{
		{"pages count from 1 and hold something", audit.Query{}, paging.Page{}, []string{"page", "limit"}},
		{"a page holds at most 200", audit.Query{}, paging.Page{Number: 1, Limit: 201}, []string{"limit"}},
		{"the end is not before the beginning", audit.Query{From: now, To: now.Add(-1)}, paging.Page{Number: 1, Limit: 1}, []string{"from_date"}},
		{"an end alone is fine", audit.Query{To: now}, paging.Page{Number: 1, Limit: 1}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s shelf
			_, _, err := audit.NewLog(&s).Entries(t.Context(), tt.query, tt.page)
			var got []string
			if f, ok := fault.As(err); ok && f.Kind == fault.KindInvalid {
				for _, field := range f.Fields {
					got = append(got, field.Name)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || (s.asked == 0) != (tt.want != nil) {
				t.Fatalf("err = %v, the store was asked %d times: %s", err, s.asked, diff)
			}
		})
	}
}
