package remote

import (
	"net/url"
	"strconv"

	"github.com/englishapp/englishctl/internal/paging"
)

// pagination is what the client needs of a list's.
type pagination struct {
	Total int `json:"total"`
}

// parameters are those of a list: the page, and the names and values that follow, of which empty ones are left out. An
// empty one does not filter.
func parameters(p paging.Page, pairs ...string) url.Values {
	q := filters(pairs...)
	q.Set("page", strconv.Itoa(p.Number))
	q.Set("limit", strconv.Itoa(p.Limit))
	return q
}

func filters(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// each maps items; of no items it makes an empty list, as the services do.
func each[T, V any](items []T, convert func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}
