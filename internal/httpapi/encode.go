package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/englishapp/englishctl/internal/paging"
)

// writeJSON sends v. It encodes before the header goes out, so that a failure can still become a 500.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	return writeBody(w, status, "application/json", v)
}

func writeBody(w http.ResponseWriter, status int, contentType string, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	writeEncoded(w, status, contentType, body)
	return nil
}

func writeEncoded(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller may be gone; there is nobody left to tell
}

func encode(v any) ([]byte, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // links stay readable; nosniff and the media type keep browsers from taking it for a page
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	return body.Bytes(), nil
}

// done answers 204, unless what was to be done has failed.
func done(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// orNull is for texts that are empty inside where JSON says null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// list maps items; of no items it makes an empty list, which is [] in JSON where nil would be null.
func list[T, V any](items []T, each func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = each(item)
	}
	return out
}

// paginationResponse says where in a list a page stands.
type paginationResponse struct {
	Page       int `json:"page"`
	Limit      int `json:"limit"`
	Total      int `json:"total"`
	TotalPages int `json:"total_pages"`
}

func newPagination(p paging.Page, total int) paginationResponse {
	return paginationResponse{Page: p.Number, Limit: p.Limit, Total: total, TotalPages: p.Pages(total)}
}
