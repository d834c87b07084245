package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gorilla/mux"
)

// manual is the description, and the router that says which of its operations a request is for.
type manual struct {
	doc    *openapi3.T
	router *mux.Router
}

// loadManual reads the description as clients get it.
var loadManual = sync.OnceValues(func() (*manual, error) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewCallbackValidator(func(text string) error {
		if _, ok := parseID(text); !ok {
			return fmt.Errorf("%q is not a UUID", text)
		}
		return nil
	}))
	for _, kind := range []string{"audio/mpeg", "audio/wav", "audio/mp4"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	d, err := loadDescription()
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(d.body)
	if err != nil {
		return nil, err
	}
	for name, schema := range doc.Components.Schemas {
		if strings.HasSuffix(name, "Form") { // unknown fields are ignored; of forms, the library takes that only in so many words
			schema.Value.AdditionalProperties.Has = openapi3.Ptr(true)
		}
	}
	return &manual{doc, New(Deps{}, Config{}).router()}, nil
})

func theManual(tb testing.TB) *manual {
	tb.Helper()
	m, err := loadManual()
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// faked is a handler over fakes. They serve what the services would refuse, and fail in ways that the services do not.
type faked struct {
	http.Handler
	services *services
}

// asDescribed is the handler, with all that passes through it held to the description: every answer, and every request that
// the services have served. A request that was refused may be as wrong as the test wants it.
func asDescribed(tb testing.TB, next http.Handler) http.Handler {
	tb.Helper()
	m := theManual(tb)
	fakes, _ := next.(faked)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{manual: m, fakes: fakes.services, request: r.Clone(context.WithoutCancel(r.Context())), answer: &overheard{recorder: recorder{ResponseWriter: w}}}
		r.Body = io.NopCloser(io.TeeReader(r.Body, e))
		next.ServeHTTP(e.answer, r)
		if err := e.check(); err != nil {
			tb.Errorf("%s %s, answered with %d: the description says otherwise: %v\nsent: %.1000s\nanswer: %.1000s",
				r.Method, r.URL.Path, e.answer.status, err, e.sent.String(), e.answer.body.String())
		}
	})
}

// overheard is a recorder that keeps the body, too.
type overheard struct {
	recorder
	body bytes.Buffer
}

func (o *overheard) Write(p []byte) (int, error) {
	o.body.Write(p)
	return o.recorder.Write(p)
}

// exchange is a request and its answer.
type exchange struct {
	*manual
	fakes   *services // nil for the real ones
	request *http.Request
	sent    bytes.Buffer // as much of the request's body as was read, and kept
	answer  *overheard
}

// shownBody is how many bytes of a body are kept that is not held against the description.
const shownBody = 1000

// Write implements io.Writer: it gets what is read of the request's body.
func (e *exchange) Write(p []byte) (int, error) {
	kept := p
	if e.fakes != nil {
		kept = p[:min(len(p), max(shownBody-e.sent.Len(), 0))]
	}
	e.sent.Write(kept)
	return len(p), nil
}

// check compares the exchange with the description.
func (e *exchange) check() error {
	if e.answer.status == statusClientClosedRequest || e.answer.status == http.StatusMovedPermanently {
		return nil // nobody receives the one, and the other is a matter of the address (see info.description)
	}
	route, params := e.route()
	if route == nil {
		return e.checkNoRoute()
	}
	input := &openapi3filter.RequestValidationInput{
		Request: e.readable(), PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true, IncludeResponseStatus: true,
			ExcludeResponseBody: e.request.Method == head, SkipSettingDefaults: true,
		},
	}
	response := route.Operation.Responses.Status(e.answer.status)
	if response == nil {
		response = route.Operation.Responses.Default()
	}
	if err := e.checkAnswer(input, response.Value); err != nil {
		return err
	}
	if e.answer.status >= 300 || e.fakes != nil {
		return nil
	}
	if err := openapi3filter.ValidateRequest(e.request.Context(), input); err != nil {
		return fmt.Errorf("the request was served, but is not described: %w", err)
	}
	return nil
}

// route finds the operation, or nil where the router has none.
func (e *exchange) route() (*routers.Route, map[string]string) {
	var match mux.RouteMatch
	if !e.router.Match(e.request, &match) || match.MatchErr != nil {
		return nil, nil
	}
	template, _ := match.Route.GetPathTemplate() // each of ours has one
	path := plainPath(template)
	item := e.doc.Paths.Value(path)
	if item == nil {
		return nil, nil
	}
	method := e.request.Method
	if method == head {
		method = get
	}
	return &routers.Route{Spec: e.doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)}, match.Vars
}

// plainPath is a template without what mux alone understands.
func plainPath(template string) string { return strings.ReplaceAll(template, ":.+}", "}") }

// readable is the request with its body to read once more. No Content-Type means JSON, and so does any other name of it.
func (e *exchange) readable() *http.Request {
	r := e.request.Clone(e.request.Context())
	r.Body = io.NopCloser(bytes.NewReader(e.sent.Bytes()))
	if kind := r.Header.Get("Content-Type"); e.sent.Len() > 0 && checkJSONType(kind) == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (e *exchange) checkAnswer(input *openapi3filter.RequestValidationInput, response *openapi3.Response) error {
	header := e.answer.Header()
	if err := checkHeaders(header, response); err != nil {
		return err
	}
	body := e.answer.body.Bytes()
	if e.request.Method == head {
		body = nil
	}
	err := openapi3filter.ValidateResponse(e.request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: e.answer.status, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
	if err != nil {
		return err
	}
	media := response.Content.Get(header.Get("Content-Type"))
	switch {
	case len(body) == 0:
		return nil
	case media == nil:
		return fmt.Errorf("a body of %s is not described", header.Get("Content-Type"))
	case !strings.HasSuffix(header.Get("Content-Type"), "json"):
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	if err := undescribed(media.Schema.Value, value, ""); err != nil {
		return err
	}
	return e.checkCode(response)
}

// checkNoRoute is for what is no operation at all: it must still be a problem as every other.
func (e *exchange) checkNoRoute() error {
	if e.request.Method == head {
		return nil
	}
	return e.checkCode(e.doc.Components.Responses["TooManyRequests"].Value)
}

func checkHeaders(header http.Header, response *openapi3.Response) error {
	known := map[string]bool{}
	for name := range response.Headers {
		known[http.CanonicalHeaderKey(name)] = true
	}
	for name := range header {
		if !known[name] && !slices.Contains(everywhere, name) {
			return fmt.Errorf("the header %s is not described", name)
		}
	}
	return nil
}

// everywhere are the headers that any answer may have, which stand in docs/api.md only, or are HTTP's own.
var everywhere = []string{
	"Connection", "Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options",
	"Referrer-Policy", "Strict-Transport-Security", "Vary", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
}

// codeItem is how a description of a response names a code, and where it speaks of several statuses, that of the code.
var codeItem = regexp.MustCompile("(?m)^- `([a-z_]+)`(?: \\((\\d+)\\))?: ")

// codes are the codes that a response is described with for the status.
func codes(response *openapi3.Response, status int) []string {
	var out []string
	for _, found := range codeItem.FindAllStringSubmatch(*response.Description, -1) {
		if found[2] == "" || found[2] == fmt.Sprint(status) {
			out = append(out, found[1])
		}
	}
	return out
}

// madeUp reports whether the fakes fail as the test says.
func (e *exchange) madeUp() bool { return e.fakes != nil && e.fakes.err != nil }

// checkCode demands that the response, or what every response may be, names the code of the problem.
func (e *exchange) checkCode(response *openapi3.Response) error {
	if e.answer.Header().Get("Content-Type") != "application/problem+json" || e.madeUp() {
		return nil
	}
	var p problemBody
	if err := json.Unmarshal(e.answer.body.Bytes(), &p); err != nil {
		return err
	}
	known := append(codes(response, e.answer.status), codes(e.doc.Components.Responses["Failure"].Value, e.answer.status)...)
	if !slices.Contains(known, p.Code) {
		return fmt.Errorf("the code %q is not described for this status; known are %v", p.Code, known)
	}
	return nil
}

// undescribed names a member of an answer that the schema does not have: schemas allow them, since clients must, but
// whoever reads the description should not miss any.
func undescribed(schema *openapi3.Schema, value any, at string) error {
	switch v := value.(type) {
	case []any:
		if schema.Items == nil {
			return nil
		}
		for i, item := range v {
			if err := undescribed(schema.Items.Value, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		return undescribedMember(schema, v, at)
	}
	return nil
}

func undescribedMember(schema *openapi3.Schema, object map[string]any, at string) error {
	for _, part := range schema.AllOf {
		schema = part.Value
	}
	anyValue := schema.AdditionalProperties
	for _, name := range slices.Sorted(maps.Keys(object)) {
		member := schema.Properties[name]
		if member == nil {
			member = anyValue.Schema
		}
		switch {
		case member != nil:
			if err := undescribed(member.Value, object[name], at+"."+name); err != nil {
				return err
			}
		case anyValue.Has == nil && schema.Type != nil:
			return fmt.Errorf("the member %s.%s is not described", at, name)
		}
	}
	return nil
}
