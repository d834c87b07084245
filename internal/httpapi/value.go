package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
)

var (
	errNoList   = errors.New("it is no list")
	errNoObject = errors.New("it is no object")
)

// readValue reads a JSON value, which is known to be valid and not null, as encoding/json would. Most members are plain texts and numbers, which
// are read at once: encoding/json would look through each of them twice before.
func readValue(into any, raw []byte) error {
	if readPlain(into, raw) {
		return nil
	}
	if special, ok := into.(json.Unmarshaler); ok {
		return special.UnmarshalJSON(raw)
	}
	value := reflect.ValueOf(into).Elem()
	if value.Kind() == reflect.Struct {
		return readObject(value, raw)
	}
	return json.Unmarshal(raw, into)
}

// readObject reads the members of an object into a struct that has a tagged field for each; others are ignored. As everywhere in JSON the last of
// two members with the same name counts, and as in encoding/json the case of a name does not.
func readObject(into reflect.Value, raw []byte) error {
	if raw[0] != '{' {
		return errNoObject
	}
	known := membersOf(into.Type())
	for raw := range elementsOf(raw) {
		end := endOfText(raw) + 1
		m, ok := known.find(raw[:end])
		if !ok {
			continue
		}
		value := bytes.TrimLeft(raw[end:], ": \t\r\n")
		if err := into.FieldByIndex(m.field).Addr().Interface().(json.Unmarshaler).UnmarshalJSON(value); err != nil {
			return err
		}
	}
	return nil
}

// member is what an object may have, and the field that it goes to.
type member struct {
	name  string
	field []int
}

type memberList []member

var knownMembers sync.Map // of memberList, by the type of the struct

// membersOf returns the tagged fields of a struct, those of embedded structs included.
func membersOf(t reflect.Type) memberList {
	if known, ok := knownMembers.Load(t); ok {
		return known.(memberList)
	}
	var found memberList
	for _, f := range reflect.VisibleFields(t) {
		if name, tagged := f.Tag.Lookup("json"); tagged {
			found = append(found, member{name, f.Index})
		}
	}
	knownMembers.Store(t, found)
	return found
}

// find returns the member with a name, which is given as a JSON text.
func (known memberList) find(quoted []byte) (member, bool) {
	name, ok := plainText(quoted)
	if !ok {
		var text string
		_ = json.Unmarshal(quoted, &text) // it is valid
		name = []byte(text)
	}
	for _, m := range known {
		if m.name == string(name) {
			return m, true
		}
	}
	for _, m := range known {
		if strings.EqualFold(m.name, string(name)) {
			return m, true
		}
	}
	return member{}, false
}

// readPlain reads a value of the usual form, and reports whether it was one. What it does not read is not necessarily wrong.
func readPlain(into any, raw []byte) bool {
	switch v := into.(type) {
	case *int32:
		n, err := strconv.ParseInt(string(raw), 10, 32)
		if err == nil {
			*v = int32(n)
		}
		return err == nil
	case *uuid.UUID:
		text, ok := plainText(raw)
		if !ok {
			return false
		}
		id, err := uuid.ParseBytes(text)
		if err == nil {
			*v = id
		}
		return err == nil
	}
	value := reflect.ValueOf(into).Elem()
	if value.Kind() != reflect.String {
		return false
	}
	text, ok := plainText(raw)
	if ok {
		value.SetString(string(text))
	}
	return ok
}

// plainText returns what stands between the quotes of a JSON text, if it stands there as it is.
func plainText(raw []byte) ([]byte, bool) {
	if raw[0] != '"' || bytes.IndexByte(raw, '\\') >= 0 {
		return nil, false
	}
	return raw[1 : len(raw)-1], true
}

// elementsOf yields the elements of a JSON list, or the members of an object, that is known to be valid, each without the white space around it.
func elementsOf(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := bytes.TrimSpace(list[1 : len(list)-1])
		for len(rest) > 0 {
			end := endOfElement(rest)
			if !yield(bytes.TrimSpace(rest[:end])) || end == len(rest) {
				return
			}
			rest = rest[end+1:]
		}
	}
}

// endOfElement returns where the first element of a list, or member of an object, ends: at the next comma that is in no text and in nothing nested.
func endOfElement(rest []byte) int {
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			i += endOfText(rest[i:])
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(rest)
}

// endOfText returns the place of the quote that ends a text.
func endOfText(text []byte) int {
	i := 1
	for text[i] != '"' {
		if text[i] == '\\' {
			i++
		}
		i++
	}
	return i
}
