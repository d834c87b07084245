// Package httpapi is the REST API: routes, decoding, encoding, middleware, and problem+json.
//
// It owns how the product looks over HTTP: names and presence of JSON fields, status codes, headers, limits on what
// is read from the network. It does not own a single rule of the product: what a request means is decided by the
// service that the handler calls. Every handler decodes, calls, encodes; what it returns as an error becomes an
// answer in (*API).fail, and only there.
//
// Where to start reading: routes.go lists every endpoint, middleware.go what each request passes on its way in.
package httpapi
