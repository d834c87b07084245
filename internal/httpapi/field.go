package httpapi

import (
	"fmt"

	"github.com/englishapp/englishctl/internal/fault"
)

// field is a member of a JSON body, or an element of a list in one. It never fails to decode: it remembers whether it
// was there and what is wrong with it, so that the caller learns of all mistakes at once, each with its full path
// ("results[2].speech_id"), which encoding/json does not know.
//
// T says what is expected: string, bool, int32, float64, uuid.UUID, time.Time, one of the words of catalog and
// practice, a list of fields, or a struct of fields.
type field[T any] struct {
	value T
	state state
	wrong string // what is wrong, if state is wrong
}

type state int

const (
	absent state = iota
	null
	wrong
	good
)

// UnmarshalJSON never returns an error; see field.
func (f *field[T]) UnmarshalJSON(raw []byte) error {
	*f = field[T]{} // the same member twice: the last one counts
	if string(raw) == "null" {
		f.state = null
		return nil
	}
	f.note(raw, readValue(&f.value, raw))
	return nil
}

// note says how reading the value from a JSON value other than null has ended.
func (f *field[T]) note(raw []byte, err error) {
	if err != nil {
		f.state, f.wrong = wrong, mismatch[T](raw)
		return
	}
	f.state = good
	if f.wrong = unacceptable(&f.value, raw); f.wrong != "" {
		f.state = wrong
	}
}

// items is a list of fields.
type items[T any] []field[T]

// UnmarshalJSON reads each element where it stands: encoding/json would look through all of them twice more first.
func (l *items[T]) UnmarshalJSON(raw []byte) error {
	if raw[0] != '[' {
		return errNoList
	}
	*l = items[T]{}
	for element := range elementsOf(raw) {
		var f field[T]
		_ = f.UnmarshalJSON(element) // never fails
		*l = append(*l, f)
	}
	return nil
}

// required returns the field's value, and notes if there is none.
func required[T any](c *fault.Check, name string, f field[T]) T {
	switch f.state {
	case absent:
		c.Addf(name, "is required")
	case null:
		c.Addf(name, "must not be null")
	case wrong:
		c.Addf(name, "%s", f.wrong)
	}
	return f.value
}

// optional returns the field's value, or nil if it is absent. Null is a mistake: it is not clear what it asks for.
func optional[T any](c *fault.Check, name string, f field[T]) *T {
	if f.state == absent {
		return nil
	}
	v := required(c, name, f)
	return &v
}

// nullable returns the field's value, or nil if it is absent or null.
func nullable[T any](c *fault.Check, name string, f field[T]) *T {
	if f.state == null {
		return nil
	}
	return optional(c, name, f)
}

// clearable returns the field's text, "" if it is null, or nil if it is absent: services clear by the empty text.
func clearable(c *fault.Check, name string, f field[string]) *string {
	if f.state == null {
		return new(string)
	}
	return optional(c, name, f)
}

// orElse returns what p points to, or the given value if p is nil.
func orElse[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// maxElements is what the longest list that a service allows may have (catalog.Service.ApplyTags); it keeps the list of
// mistakes in bounds.
const maxElements = 5000

// elements returns the values of a required list, and notes what is wrong with each.
func elements[T any](c *fault.Check, name string, f field[items[T]]) []T {
	return eachElement(c, name, f, func(value T, _ *fault.Check) T { return value })
}

// optionalElements is elements for a list that may be absent, which is nil.
func optionalElements[T any](c *fault.Check, name string, f field[items[T]]) *[]T {
	if f.state == absent {
		return nil
	}
	values := elements(c, name, f)
	return &values
}

// eachElement reads every element of a required list. What read notes is named "name[i].what".
func eachElement[T, V any](c *fault.Check, name string, f field[items[T]], read func(T, *fault.Check) V) []V {
	found := required(c, name, f)
	if len(found) > maxElements {
		c.Addf(name, "has %d items; at most %d are allowed", len(found), maxElements)
		return nil
	}
	out := make([]V, 0, len(found))
	for i, item := range found {
		if item.state != good {
			required(c, fmt.Sprintf("%s[%d]", name, i), item)
			continue
		}
		var inner fault.Check
		out = append(out, read(item.value, &inner))
		if wrong := inner.Fields(); len(wrong) > 0 {
			c.Merge(fmt.Sprintf("%s[%d].", name, i), wrong)
		}
	}
	return out
}
