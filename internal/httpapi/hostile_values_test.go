package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hostileFields replaces and removes every member of the good body, at every depth.
func hostileFields(e endpoint) map[string]hostile {
	cases := make(map[string]hostile)
	var good any
	if err := json.Unmarshal([]byte(e.body), &good); err != nil {
		panic(err)
	}
	walk("", good, func(path string, value any) {
		for _, wrong := range wrongValues(value) {
			if wrong == "null" && slices.Contains(e.nullable, path) {
				continue
			}
			named := path
			if _, isList := value.([]any); isList && wrong[0] == '[' {
				named += "[0]" // the list is one; its element is wrong
			}
			cases[fmt.Sprintf("%s is %.20s", path, wrong)] = hostile{body: replace(e.body, path, wrong), status: 400, field: named}
		}
		if !strings.HasSuffix(path, "]") && !slices.Contains(e.optional, path) {
			cases[path+" is missing"] = hostile{body: replace(e.body, path, ""), status: 400, field: path}
		}
	})
	return cases
}

// wrongValues are JSON values that must not stand where value stands.
func wrongValues(value any) []string {
	const huge, fraction = "99999999999999999999", "10.5"
	switch v := value.(type) {
	case string:
		wrong := []string{"null", "1", "true", "[]", "{}", `"\ud800"`}
		if !freeText(v) {
			wrong = append(wrong, `""`, `"D1"`, `"'; DROP TABLE users;--"`, `"<script>"`, `"\u0000"`, `"{00000000-0000-7000-8000-000000000003}"`, `"2025-12-10T10:00:00"`)
		}
		return wrong
	case float64:
		wrong := []string{"null", `"1"`, "true", "[]", "{}", "1e400", "-1e400"}
		if v == float64(int(v)) {
			wrong = append(wrong, huge, "-"+huge, fraction, "2147483648")
		}
		return wrong
	case bool:
		return []string{"null", "0", `"true"`, "[]", "{}"}
	case []any:
		return []string{"null", "1", `"x"`, "true", "{}", "[null]", "[[]]", `["x"]`}
	default:
		return []string{"null", "1", `"x"`, "true", "[]"}
	}
}

// freeText tells texts whose content is up to the sender from enums, ids and times.
func freeText(v string) bool {
	return slices.Contains([]string{"a@example.com", "SecurePass123", "A", "r", "N", "c", "What is", "How are you today?", "https://a.example/a.jpg", "https://storage.example.com/audio/new.mp3"}, v)
}

// walk visits all members and elements below v.
func walk(path string, v any, visit func(path string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := strings.TrimPrefix(path+"."+name, ".")
			visit(below, v[name])
			walk(below, v[name], visit)
		}
	case []any:
		for i := range v {
			below := fmt.Sprintf("%s[%d]", path, i)
			visit(below, v[i])
			walk(below, v[i], visit)
		}
	}
}

// replace returns body with raw instead of the value at path; without the member if raw is empty.
func replace(body, path, raw string) string {
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		panic(err)
	}
	const mark = "@@replace me@@"
	setAt(v, path, mark, raw == "")
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return strings.Replace(string(out), `"`+mark+`"`, raw, 1)
}

func setAt(v any, path, value string, remove bool) {
	steps := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
	for i, step := range steps {
		last := i == len(steps)-1
		switch node := v.(type) {
		case map[string]any:
			if last && remove {
				delete(node, step)
			} else if last {
				node[step] = value
			}
			v = node[step]
		case []any:
			n := int(step[0] - '0') // the bodies' lists are short
			if last {
				node[n] = value
			}
			v = node[n]
		}
	}
}
