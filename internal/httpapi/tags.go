package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

type tagsResponse struct {
	Tags []tagResponse `json:"tags"`
}

type tagResponse struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Category *string   `json:"category"`
}

func newTag(t catalog.Tag) tagResponse {
	return tagResponse{ID: t.ID, Name: t.Name, Category: orNull(t.Category)}
}

// listTags answers everybody. Whoever keeps the answer asks each time whether it still holds, which costs a 304 without
// a body: a new tag shows at once (decisions.md, "Small decisions"), which no max-age above 0 would allow.
func (a *API) listTags(w http.ResponseWriter, r *http.Request) error {
	tags, err := a.catalog.Tags(r.Context())
	if err != nil {
		return err
	}
	page, err := a.tagsPage(tags)
	if err != nil {
		return err
	}
	maps.Copy(w.Header(), page.header)
	if alreadyHas(r, page.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	writeEncoded(w, http.StatusOK, "application/json", page.body)
	return nil
}

// tagsPage is an answer that was encoded before, with its entity tag, which is equal only where the answer is, byte for byte. All requests
// share it: nobody may change it.
type tagsPage struct {
	tags   []catalog.Tag
	body   []byte
	etag   string
	header http.Header
}

// tagsPage returns the answer for the tags: the last one, as long as the catalogue's list is the same one.
func (a *API) tagsPage(tags []catalog.Tag) (*tagsPage, error) {
	if last := a.lastTags.Load(); last != nil && sameList(last.tags, tags) {
		return last, nil
	}
	body, err := encode(tagsResponse{list(tags, newTag)})
	if err != nil {
		return nil, err
	}
	etag := etagOf(body)
	page := &tagsPage{tags: tags, body: body, etag: etag, header: http.Header{
		"Cache-Control": {"public, max-age=0, must-revalidate"}, "Etag": {etag},
	}}
	a.lastTags.Store(page)
	return page, nil
}

// sameList reports whether both are the same piece of memory. Of two empty lists nobody knows, which costs one more encoding.
func sameList(a, b []catalog.Tag) bool { return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] }

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// alreadyHas reports whether the caller holds the answer with the entity tag (RFC 9110, section 13.1.2: compared as if
// weak). Our tags contain no commas.
func alreadyHas(r *http.Request, etag string) bool {
	for _, header := range r.Header.Values("If-None-Match") {
		for candidate := range strings.SplitSeq(header, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == etag || candidate == "*" {
				return true
			}
		}
	}
	return false
}
