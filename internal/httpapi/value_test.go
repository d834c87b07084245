package httpapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// values are JSON values of all kinds and spellings.
var values = []string{
	`0`, `-0`, `7`, `-7`, `2147483647`, `2147483648`, `-2147483649`, `1e2`, `1.0`, `99999999999999999999`, `0.5`, `1e400`, `true`, `false`,
	`""`, `"text"`, `"späße"`, `"a\"b"`, `"\u0041"`, `"\ud800"`, `"a, [b] {c}"`, `"correct"`, `"c\u006frrect"`,
	`"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, `"6BA7B810-9DAD-11D1-80B4-00C04FD430C8"`, `"6ba7b810-9dad-11d1-80b4-00c04fd430c"`, `"6ba7b810\u002d9dad-11d1-80b4-00c04fd430c8"`,
	`"urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, `"{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"`, `"6ba7b8109dad11d180b400c04fd430c8"`,
	`"2025-12-10T10:00:00Z"`, `"2025-12-10T10:00:00+01:00"`, `"2025-12-10"`, `"2025-12-10T10:00:00\u005a"`,
	`[]`, `[ ]`, `[1]`, `[1,2 , 3]`, `[null,"a",[1,[2]],{"b":[3,"]"]}]`, `["\\","\"",","]`, `{}`, `{"a":1}`,
}

// What is read the short way is what encoding/json reads, and what it does not read it does not read either.
func TestValuesAreReadAsEncodingJSONWould(t *testing.T) {
	for _, raw := range values {
		sameAsJSON[int32](t, raw)
		sameAsJSON[float64](t, raw)
		sameAsJSON[bool](t, raw)
		sameAsJSON[string](t, raw)
		sameAsJSON[practice.Response](t, raw)
		sameAsJSON[uuid.UUID](t, raw)
		sameAsJSON[time.Time](t, raw)
	}
}

func sameAsJSON[T any](t *testing.T, raw string) {
	t.Helper()
	var got, want T
	err, wanted := readValue(&got, []byte(raw)), json.Unmarshal([]byte(raw), &want)
	if (err == nil) != (wanted == nil) {
		t.Errorf("%s as a %T: error %v, want %v", raw, got, err, wanted)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%s as a %T: %v, want %v", raw, got, got, want)
	}
}

// twin has members as requests have.
type twin struct {
	K     field[int32]         `json:"k"`
	Text  field[string]        `json:"text_a"`
	Inner field[inner]         `json:"inner"`
	List  field[items[inner]]  `json:"list"`
	Words field[items[string]] `json:"words"`
}

// derived has those of another one, too.
type derived struct {
	inner
	Text field[string] `json:"text"`
}

type inner struct {
	N field[float64] `json:"n"`
}

// An object is read as encoding/json reads it, which finds the same fields by reflection.
func TestObjectsAreReadAsEncodingJSONWould(t *testing.T) {
	for _, raw := range append(values,
		`{"k":1,"text_a":"x","inner":{"n":1.5},"list":[{"n":1},{}, null,{"n":"x"}],"words":["a","b",3]}`,
		"{ \"k\" : 1 ,\n\t\"text_a\":\r\"x\" }", `{"k":1,"k":2}`, `{"k":1,"k":null}`, `{"K":3}`, `{"k":1,"K":3}`, `{"\u212a":4}`, `{"K":4}`, `{"\u006b":5}`,
		`{"Text_A":"folded"}`, `{"text_a":"a","TEXT_A":"b"}`, `{"other":{"k":1},"k":2}`, `{"":1}`, `{"k":[1],"inner":[],"list":{},"words":"x"}`,
		`{"inner":{"n":1,"N":2,"m":{"n":3}},"list":[]}`, `{"text_a":"}],\"","k":"\\","words":["[","\\\"]"]}`,
	) {
		sameAsJSON[twin](t, raw)
		sameAsJSON[inner](t, raw)
		sameAsJSON[derived](t, raw)
	}
}

// The elements of a list are those that encoding/json finds.
func FuzzElements(f *testing.F) {
	for _, raw := range values {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var want []json.RawMessage
		if json.Unmarshal([]byte(raw), &want) != nil || want == nil {
			return
		}
		var list json.RawMessage // without the white space around it
		if err := json.Unmarshal([]byte(raw), &list); err != nil {
			t.Fatal(err)
		}
		got := []json.RawMessage{}
		for element := range elementsOf(list) {
			got = append(got, element)
		}
		if !slices.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	})
}
