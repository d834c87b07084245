package httpapi

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// notDescribed are the routes that no client is generated for, and why.
var notDescribed = map[string]string{
	"/docs":         "a page",
	"/docs/{asset}": "what the page is made of",
}

// TestDescriptionHasAllRoutes, and no other; a HEAD comes with every GET.
func TestDescriptionHasAllRoutes(t *testing.T) {
	var routes, operations []string
	for _, g := range golden {
		if _, page := notDescribed[g.path]; !page {
			method, _, _ := strings.Cut(g.methods, " ")
			routes = append(routes, method+" "+plainPath(g.path)+" "+g.who)
		}
	}
	for path, item := range theManual(t).doc.Paths.Map() {
		for method, operation := range item.Operations() {
			operations = append(operations, method+" "+path+" "+whoMay(operation))
		}
	}
	slices.Sort(routes)
	slices.Sort(operations)
	if diff := cmp.Diff(routes, operations); diff != "" {
		t.Errorf("openapi.yaml differs from the routes (-routes +openapi.yaml):\n%s", diff)
	}
}

// whoMay says who may call an operation, in the words of golden.
func whoMay(o *openapi3.Operation) string {
	switch {
	case o.Responses.Value("403") != nil && o.Responses.Value("403").Ref == "#/components/responses/AdminRequired":
		return admins
	case o.Security != nil && len(*o.Security) == 1:
		return learners
	default:
		return everybody
	}
}

// TestDescriptionIsPlainYAML: the file itself goes into any parser. YAML 1.2 knows no merge keys, some parsers take no aliases, and keys
// are texts that stand once.
func TestDescriptionIsPlainYAML(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal(descriptionYAML, &doc); err != nil {
		t.Fatal(err)
	}
	mappings := 0
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Anchor != "" || n.Kind == yaml.AliasNode {
			t.Errorf("line %d: there is an anchor, or an alias of one", n.Line)
		}
		seen := map[string]bool{}
		for i, child := range n.Content {
			walk(child)
			if n.Kind != yaml.MappingNode || i%2 == 1 {
				continue
			}
			mappings++
			if child.Tag != "!!str" || seen[child.Value] {
				t.Errorf("line %d: the key %q has the tag %s, or stands twice", child.Line, child.Value, child.Tag)
			}
			seen[child.Value] = true
		}
	}
	walk(&doc)
	if mappings < 1000 {
		t.Errorf("only %d keys were looked at", mappings)
	}
}

// TestDescriptionIsValid by the rules of OpenAPI, its examples by their schemas.
func TestDescriptionIsValid(t *testing.T) {
	doc := theManual(t).doc
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("version %s; mobile generators know 3.0.3", doc.OpenAPI)
	}
}

var (
	verbAndNoun = regexp.MustCompile(`^[a-z]+[A-Z][A-Za-z]+$`)
	className   = regexp.MustCompile(`^[A-Z][a-z]+([A-Z][a-z]+)*$`)
	memberName  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// TestNamesForGenerators: what generated clients are written with reads well only if everything has a name.
func TestNamesForGenerators(t *testing.T) {
	doc := theManual(t).doc
	seen := map[string]string{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			at := method + " " + path
			if !verbAndNoun.MatchString(o.OperationID) {
				t.Errorf("%s: operationId %q is no verb with a noun, such as drawRandomSpeeches", at, o.OperationID)
			}
			if other, taken := seen[o.OperationID]; taken {
				t.Errorf("%s and %s are both %s", at, other, o.OperationID)
			}
			seen[o.OperationID] = at
			if len(o.Tags) != 1 || o.Summary == "" || o.Security == nil {
				t.Errorf("%s: one tag, a summary, and security (which may be []) are needed", at)
			}
			if twice := repeated(arguments(item, o)); twice != "" {
				t.Errorf("%s: a generated function has two parameters %q", at, twice)
			}
			for kind, schema := range bodies(o) {
				if schema.Ref == "" && schema.Value.Type.Is("object") {
					t.Errorf("%s: %s has a schema without a name", at, kind)
				}
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		if !className.MatchString(name) {
			t.Errorf("schema %s: a class would not be called so", name)
		}
		checkMembers(t, name, schema.Value)
		if twice := repeated(constants(schema.Value)); twice != "" {
			t.Errorf("schema %s: a generated enum has %q twice; name its values in x-enum-varnames", name, twice)
		}
	}
}

// arguments are what a generated function takes: the parameters, and the fields of a form. Those of a body that can be JSON are its
// class's.
func arguments(item *openapi3.PathItem, o *openapi3.Operation) (names []string) {
	for _, p := range append(slices.Clone(item.Parameters), o.Parameters...) {
		names = append(names, p.Value.Name)
	}
	if o.RequestBody == nil || o.RequestBody.Value.Content["application/json"] != nil {
		return names
	}
	for _, media := range o.RequestBody.Value.Content {
		names = slices.AppendSeq(names, maps.Keys(media.Schema.Value.Properties))
	}
	return names
}

// constants are what the values of an enum are called.
func constants(schema *openapi3.Schema) (names []string) {
	named, _ := schema.Extensions["x-enum-varnames"].([]any)
	for i, value := range schema.Enum {
		if len(named) == len(schema.Enum) {
			value = named[i]
		}
		names = append(names, fmt.Sprint(value))
	}
	return names
}

// repeated returns a name that stands twice where only letters and digits count.
func repeated(names []string) string {
	seen := map[string]bool{}
	for _, name := range names {
		plain := strings.ToLower(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), ""))
		if seen[plain] {
			return name
		}
		seen[plain] = true
	}
	return ""
}

// bodies are the schemas of all bodies of an operation.
func bodies(o *openapi3.Operation) map[string]*openapi3.SchemaRef {
	out := map[string]*openapi3.SchemaRef{}
	if o.RequestBody != nil {
		for kind, media := range o.RequestBody.Value.Content {
			out["the request's "+kind] = media.Schema
		}
	}
	for status, response := range o.Responses.Map() {
		for kind, media := range response.Value.Content {
			out[status+"'s "+kind] = media.Schema
		}
	}
	return out
}

// checkMembers refuses members of a schema that a generator would have to invent a name for.
func checkMembers(t *testing.T, name string, schema *openapi3.Schema) {
	t.Helper()
	for member, s := range schema.Properties {
		at := name + "." + member
		if !memberName.MatchString(member) {
			t.Errorf("%s is not in snake_case", at)
		}
		for s.Value.Items != nil && s.Ref == "" {
			s = s.Value.Items
		}
		if s.Ref == "" && (len(s.Value.Properties) > 0 || len(s.Value.Enum) > 0) {
			t.Errorf("%s is an object or an enum without a name", at)
		}
	}
	for _, member := range schema.Required {
		if schema.Properties[member] == nil {
			t.Errorf("%s: %s is required and not there", name, member)
		}
	}
	if len(schema.Enum) > 0 && len(schema.Properties) > 0 {
		t.Errorf("%s is an enum and an object", name)
	}
}

// TestDescriptionHasAllCodes: the list of codes is that of all responses, and of docs/api.md, which another test holds to
// the source.
func TestDescriptionHasAllCodes(t *testing.T) {
	doc := theManual(t).doc
	said := map[string]bool{}
	for _, item := range doc.Paths.Map() {
		for _, o := range item.Operations() {
			for _, response := range o.Responses.Map() {
				for _, found := range codeItem.FindAllStringSubmatch(*response.Value.Description, -1) {
					said[found[1]] = true
				}
			}
		}
	}
	var listed []string
	for _, code := range doc.Components.Schemas["ProblemCode"].Value.Extensions["x-extensible-enum"].([]any) {
		listed = append(listed, code.(string))
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(said)), listed); diff != "" {
		t.Errorf("ProblemCode differs from the responses (-responses +ProblemCode):\n%s", diff)
	}
}

// TestDescriptionIsServed as JSON in the order of the file, and costs nothing where it is known.
func TestDescriptionIsServed(t *testing.T) {
	w := newWorld(t)
	got := w.do(t, request{path: "/openapi.json"})
	if got.status != 200 || !strings.HasPrefix(got.body, `{"openapi":"3.0.3","info":`) {
		t.Fatalf("status %d: %.100s", got.status, got.body)
	}
	again := w.do(t, request{path: "/openapi.json", header: map[string]string{"If-None-Match": got.header.Get("ETag")}})
	if again.status != 304 || again.body != "" {
		t.Errorf("asked again: %d with %d bytes", again.status, len(again.body))
	}
}

// TestYAMLToJSON: what the description is written with comes out as JSON says it.
func TestYAMLToJSON(t *testing.T) {
	for text, want := range map[string]string{
		"b: 1\na: [x, '1', 1.5, true, null, 2025-12-10T10:00:00Z]": `{"b":1,"a":["x","1",1.5,true,null,"2025-12-10T10:00:00Z"]}`,
		"a: |\n  <b>\n  & more": `{"a":"<b>\n& more"}`,
		"{}":                    `{}`,
	} {
		got, err := yamlToJSON([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%s\nbecame %s, %v\nwant   %s", text, got, err, want)
		}
	}
	if _, err := yamlToJSON([]byte("a: [")); err == nil {
		t.Error("what is no YAML was taken")
	}
}
