package httpapi

import (
	"encoding/json"
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
	switch {
	case string(raw) == "null":
		f.state = null
	case json.Unmarshal(raw, &f.value) != nil:
		f.state, f.wrong = wrong, mismatch[T](raw)
	default:
		f.state, f.wrong = good, unacceptable(f.value, raw)
		if f.wrong != "" {
			f.state = wrong
		}
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
func elements[T any](c *fault.Check, name string, f field[[]field[T]]) []T {
	return eachElement(c, name, f, func(value T, _ *fault.Check) T { return value })
}

// optionalElements is elements for a list that may be absent, which is nil.
func optionalElements[T any](c *fault.Check, name string, f field[[]field[T]]) *[]T {
	if f.state == absent {
		return nil
	}
	values := elements(c, name, f)
	return &values
}

// eachElement reads every element of a required list. What read notes is named "name[i].what".
func eachElement[T, V any](c *fault.Check, name string, f field[[]field[T]], read func(T, *fault.Check) V) []V {
	items := required(c, name, f)
	if len(items) > maxElements {
		c.Addf(name, "has %d items; at most %d are allowed", len(items), maxElements)
		return nil
	}
	out := make([]V, 0, len(items))
	for i, item := range items {
		path := fmt.Sprintf("%s[%d]", name, i)
		value := required(c, path, item)
		if item.state != good {
			continue
		}
		var inner fault.Check
		out = append(out, read(value, &inner))
		c.Merge(path+".", inner.Fields())
	}
	return out
}
