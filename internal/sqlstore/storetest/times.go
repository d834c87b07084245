package storetest

import (
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testTimes(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	tokyo := time.FixedZone("Tokyo", 9*3600)
	for name, at := range map[string]time.Time{
		"another zone":                     time.Date(2026, 1, 1, 3, 0, 0, 0, tokyo),
		"nanoseconds are cut":              time.Date(2026, 1, 1, 3, 0, 0, 999_999_999, time.UTC),
		"microseconds are kept":            time.Date(2026, 1, 1, 3, 0, 0, 1000, time.UTC),
		"before 1970":                      time.Date(1815, 12, 10, 0, 0, 0, 500_000_000, time.UTC),
		"the first year":                   time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		"the last year":                    time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		"a clock with a monotonic reading": time.Now(),
	} {
		t.Run(name, func(t *testing.T) {
			tag := newTag(name, "")
			tag.CreatedAt = at
			must(t, store.InsertTag(ctx, tag))
			got := must1[catalog.Tag](t)(store.Tag(ctx, tag.ID)).CreatedAt
			if want := at.UTC().Truncate(time.Microsecond); !got.Equal(want) {
				t.Errorf("%s comes back as %s", want, got)
			}
			equal(t, "the zone", got.Location().String(), "UTC")
		})
	}
	for name, at := range map[string]time.Time{
		"a year of five digits": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"the year 0":            time.Date(1, 1, 1, 0, 0, 0, 0, tokyo),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			tag := newTag(name, "")
			tag.CreatedAt = at
			refused(t, store.InsertTag(ctx, tag), fault.KindInvalid, "")
		})
	}
}
