package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// timestampLayout is how a time is written on both databases: UTC, microseconds (all that PostgreSQL keeps), always
// of the same length, so that SQLite compares times by comparing texts.
const timestampLayout = "2006-01-02T15:04:05.000000Z"

// timestamp is a time as both databases keep it. What is read equals what was written, cut to microseconds, in UTC.
type timestamp time.Time

// Value implements driver.Valuer. It returns the error of check.
func (t timestamp) Value() (driver.Value, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return time.Time(t).UTC().Format(timestampLayout), nil
}

// check refuses years that do not have four digits as fault.Invalid: they would not sort.
func (t timestamp) check() error {
	if y := time.Time(t).UTC().Year(); y < 1 || y > 9999 {
		return errUnstorable.WithCause(fmt.Errorf("the year %d is not between 1 and 9999", y))
	}
	return nil
}

// Scan implements sql.Scanner: PostgreSQL's driver gives times, SQLite's gives texts.
func (t *timestamp) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*t = timestamp(v.UTC())
	case string:
		parsed, err := time.Parse(timestampLayout, v)
		if err != nil {
			return fmt.Errorf("scan a time: %w", err)
		}
		*t = timestamp(parsed)
	default:
		return fmt.Errorf("scan a time: it is a %T", src)
	}
	return nil
}

// time returns the time in UTC.
func (t timestamp) time() time.Time { return time.Time(t) }

// timePtr returns nil for nil.
func (t *timestamp) timePtr() *time.Time {
	if t == nil {
		return nil
	}
	v := t.time()
	return &v
}

// timestampPtr returns nil for nil.
func timestampPtr(t *time.Time) *timestamp {
	if t == nil {
		return nil
	}
	v := timestamp(*t)
	return &v
}
