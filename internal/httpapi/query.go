package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// query reads the parameters behind the "?" and collects what is wrong with them. Unknown ones are ignored.
type query struct {
	values url.Values
	check  fault.Check
}

func parseQuery(r *http.Request) *query {
	q := &query{}
	var err error
	if q.values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		q.check.Addf("query", "is not well-formed")
	}
	return q
}

// err returns fault.Invalid if anything was wrong.
func (q *query) err() error { return q.check.Err() }

// text returns the parameter, or "" and false if it was not given.
func (q *query) text(name string) (string, bool) {
	given := q.values[name]
	switch {
	case len(given) == 0:
		return "", false
	case len(given) > 1:
		q.check.Addf(name, "was given %d times", len(given))
		return "", false
	case !utf8.ValidString(given[0]) || strings.ContainsRune(given[0], 0):
		q.check.Addf(name, "is not valid text")
		return "", false
	}
	return given[0], true
}

// page returns the parameters page and limit. Their bounds are the service's business.
func (q *query) page(defaultLimit int) paging.Page {
	return paging.Page{Number: q.number("page", 1), Limit: q.number("limit", defaultLimit)}
}

func (q *query) number(name string, otherwise int) int {
	text, given := q.text(name)
	if !given {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		q.check.Addf(name, "%s is not a whole number of at most 32 bits", quoted(text))
	}
	return int(n)
}

// id returns a parameter that is a UUID, or nil if it was not given.
func (q *query) id(name string) *uuid.UUID {
	text, given := q.text(name)
	if !given {
		return nil
	}
	id, ok := parseID(text)
	if !ok {
		q.check.Addf(name, "%s is not a UUID", quoted(text))
	}
	return &id
}

// word returns a parameter that is not empty where it is given; which words are allowed is the service's business.
func (q *query) word(name string) string {
	text, given := q.text(name)
	q.check.Require(!given || text != "", name, "is empty; leave it out, or give it a value")
	return text
}

// choice returns a parameter that is one of the allowed words, or "" if it was not given.
func choice[T ~string](q *query, name string, allowed []T) T {
	text, given := q.text(name)
	if given && !slices.Contains(allowed, T(text)) {
		q.check.Addf(name, "%s", notOneOf(T(text), allowed))
	}
	return T(text)
}

// from returns a parameter that is a time, or a date, which means its beginning in UTC.
func (q *query) from(name string) time.Time {
	at, _ := q.timeOrDate(name)
	return at
}

// to returns a parameter that is a time, or a date, which means its end in UTC.
func (q *query) to(name string) time.Time {
	at, isDate := q.timeOrDate(name)
	if isDate {
		// A microsecond before midnight: databases round what is finer, and would round it into the next day.
		return at.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	return at
}

func (q *query) timeOrDate(name string) (at time.Time, isDate bool) {
	text, given := q.text(name)
	if !given {
		return time.Time{}, false
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, true
	}
	// "+07:00" arrives as " 07:00" from callers that forget that a plus in a query means a space.
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1))
	if err != nil {
		q.check.Addf(name, "%s is neither a date (2025-12-10) nor a time in RFC 3339 (2025-12-10T10:00:00Z)", quoted(text))
	}
	return at, false
}
