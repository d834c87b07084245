package sqlstore

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// PostgreSQL reads from an array what pq.Array would have said, for each type that a save has.
func TestArrays(t *testing.T) {
	text, empty, number := `a "b" \c, {d} NULL`, "", 99.95
	ids := []uuid.UUID{uuid.New(), uuid.Nil, uuid.New()}
	texts := []*string{&text, nil, &empty}
	numbers := []*float64{&number, nil, new(float64)}
	times := []time.Time{time.Date(2025, 12, 10, 10, 0, 0, 1000, time.FixedZone("", 3600)), time.Unix(0, 0)}
	db := openTestPostgres(t)
	for _, tt := range []struct {
		typ  string
		got  string
		want any
	}{
		{"uuid[]", arrayOf(ids, array.id), pq.Array(ids)},
		{"uuid[]", arrayOf(ids, array.idOrNull), pq.Array([]*uuid.UUID{&ids[0], nil, &ids[2]})},
		{"uuid[]", arrayOf(nil, array.id), pq.Array([]uuid.UUID{})},
		{"int[]", arrayOf([]int{0, -1, math.MaxInt32}, array.number), pq.Array([]int{0, -1, math.MaxInt32})},
		{"float8[]", arrayOf(numbers, array.float), pq.Array(numbers)},
		{"text[]", arrayOf(texts, array.textOrNull), pq.Array(texts)},
		{"text[]", arrayOf([]string{text, "", "NULL"}, array.text), pq.Array([]string{text, "", "NULL"})},
		{"timestamptz[]", arrayOf(times, array.time), pq.Array(convert(times, func(at time.Time) timestamp { return timestamp(at) }))},
	} {
		var same bool
		if err := db.write.QueryRowContext(t.Context(), `SELECT $1::text::`+tt.typ+` = $2::`+tt.typ, tt.got, tt.want).Scan(&same); err != nil || !same {
			t.Errorf("%s: %s is not what pq.Array says: %v", tt.typ, tt.got, err)
		}
	}
}
