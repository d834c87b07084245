package sqlstore

import "strings"

// filter is a WHERE clause that grows: its conditions and their arguments in step.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) and(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// sql is the clause; empty where there is no condition.
func (f *filter) sql() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.conditions, " AND ")
}

// with returns the arguments followed by more; the filter's own stay as they are.
func (f *filter) with(more ...any) []any {
	return append(f.args[:len(f.args):len(f.args)], more...)
}

// convert turns rows into what leaves the package.
func convert[Row, T any](rows []Row, to func(Row) T) []T {
	values := make([]T, len(rows))
	for i, r := range rows {
		values[i] = to(r)
	}
	return values
}

// orNull stores an empty text as null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orEmpty reads null as an empty text.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
