package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Kind is what values a column has, whichever database keeps it.
type Kind string

// The kinds of columns. A value of any kind may be null.
const (
	Text  Kind = "text"  // string: UTF-8 without NUL
	UUID  Kind = "uuid"  // string in the usual form, in lower case
	Time  Kind = "time"  // time.Time, to the microsecond
	Bool  Kind = "bool"  // bool
	Int   Kind = "int"   // int64
	Float Kind = "float" // float64, finite
	Bytes Kind = "bytes" // []byte
	JSON  Kind = "json"  // string that holds one JSON value
)

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is a table with those of its columns that belong into a backup.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	// Key are the names of the columns of the primary key.
	Key []string `json:"-"`
	// Perishable says that its rows are proofs that somebody is signed in: a restore leaves them out unless it is told.
	Perishable bool `json:"-"`
}

// Row has a value for each column of its table: nil for null, else one of the column's kind.
type Row []any

// timeLayout is how times are written: UTC, always of the same length.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// appendRow appends the row as one line of JSON, with the columns in the table's order.
func appendRow(line []byte, t Table, row Row) ([]byte, error) {
	for i, column := range t.Columns {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		line = append(line, separator, '"')
		line = append(line, column.Name...)
		line = append(line, '"', ':')
		var err error
		if line, err = appendValue(line, column.Kind, row[i]); err != nil {
			return nil, fmt.Errorf("column %s: %w", column.Name, err)
		}
	}
	return append(line, '}', '\n'), nil
}

func appendValue(line []byte, kind Kind, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(line, "null"...), nil
	case string:
		if kind == JSON {
			return appendJSON(line, v)
		}
		return appendString(line, v)
	case time.Time:
		return append(v.UTC().AppendFormat(append(line, '"'), timeLayout), '"'), nil
	case bool:
		return strconv.AppendBool(line, v), nil
	case int64:
		return strconv.AppendInt(line, v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no finite number", v)
		}
		return strconv.AppendFloat(line, v, 'g', -1, 64), nil
	case []byte:
		line = base64.StdEncoding.AppendEncode(append(line, '"'), v)
		return append(line, '"'), nil
	}
	return nil, fmt.Errorf("a %T cannot be written", value)
}

// appendString appends a string of JSON. It refuses what JSON cannot hold, which encoding/json would replace.
func appendString(line []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("%.40q is no valid UTF-8", s)
	}
	var b bytes.Buffer
	if err := encode(&b, s); err != nil {
		return nil, err
	}
	return append(line, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}

// appendJSON appends a JSON value in one form, whichever the database keeps it in: PostgreSQL's jsonb sorts names its own
// way and adds blanks.
func appendJSON(line []byte, text string) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("%.40q is no JSON: %w", text, err)
	}
	if decoder.More() {
		return nil, fmt.Errorf("%.40q is more than one JSON value", text)
	}
	var b bytes.Buffer
	if err := encode(&b, v); err != nil {
		return nil, err
	}
	return append(line, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}

// encode writes v as JSON, with names in the order of the alphabet and without escaping HTML.
func encode(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// parseRow is the opposite of appendRow. It takes no other columns than the table's, and none may be missing.
func parseRow(line []byte, t Table) (Row, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return nil, err
	}
	if len(fields) != len(t.Columns) {
		return nil, fmt.Errorf("it has %d columns, not %d", len(fields), len(t.Columns))
	}
	row := make(Row, len(t.Columns))
	for i, column := range t.Columns {
		raw, there := fields[column.Name]
		if !there {
			return nil, fmt.Errorf("the column %s is missing", column.Name)
		}
		value, err := parseValue(raw, column.Kind)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", column.Name, err)
		}
		row[i] = value
	}
	return row, nil
}

func parseValue(raw json.RawMessage, kind Kind) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	switch kind {
	case JSON:
		return string(raw), nil
	case Bool:
		return parsed[bool](raw)
	case Int:
		return parsed[int64](raw)
	case Float:
		return parsed[float64](raw)
	case Bytes:
		return parsed[[]byte](raw)
	case Text:
		return parsed[string](raw)
	case Time:
		text, err := parsed[string](raw)
		if err != nil {
			return nil, err
		}
		return time.Parse(timeLayout, text.(string))
	case UUID:
		text, err := parsed[string](raw)
		if err != nil {
			return nil, err
		}
		id, err := uuid.Parse(text.(string))
		return id.String(), err
	}
	return nil, fmt.Errorf("this program knows no kind %q", kind)
}

func parsed[T any](raw json.RawMessage) (any, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}
