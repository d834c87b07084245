package paging_test

import (
	"math"
	"testing"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		page paging.Page
		want []string
	}{
		{"first page, largest limit", paging.Page{Number: 1, Limit: 100}, nil},
		{"page zero", paging.Page{Number: 0, Limit: 20}, []string{"page"}},
		{"limit zero", paging.Page{Number: 1, Limit: 0}, []string{"limit"}},
		{"limit above the maximum", paging.Page{Number: 1, Limit: 101}, []string{"limit"}},
		{"both wrong", paging.Page{Number: -1, Limit: 1_000_000_000}, []string{"page", "limit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c fault.Check
			tt.page.Check(&c, 100)
			var got []string
			for _, f := range c.Fields() {
				got = append(got, f.Name)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("fields = %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Fatalf("fields = %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestOffsetSaturates(t *testing.T) {
	if got := (paging.Page{Number: 3, Limit: 20}).Offset(); got != 40 {
		t.Errorf("Offset of page 3 at 20 = %d, want 40", got)
	}
	if got := (paging.Page{Number: math.MaxInt, Limit: 100}).Offset(); got != math.MaxInt64 {
		t.Errorf("Offset of the largest page = %d, want saturation", got)
	}
}

func TestPages(t *testing.T) {
	p := paging.Page{Number: 1, Limit: 20}
	for total, want := range map[int]int{0: 0, 1: 1, 20: 1, 21: 2, 45: 3} {
		if got := p.Pages(total); got != want {
			t.Errorf("Pages(%d) = %d, want %d", total, got, want)
		}
	}
}
