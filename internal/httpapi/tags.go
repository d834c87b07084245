package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
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
	body := tagsResponse{list(tags, newTag)}
	etag, err := strongETag(body)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=0, must-revalidate")
	w.Header().Set("ETag", etag)
	if alreadyHas(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, body)
}

// strongETag returns an entity tag that is equal only where the answer is, byte for byte.
func strongETag(v any) (string, error) {
	body, err := encode(v)
	if err != nil {
		return "", err
	}
	return etagOf(body), nil
}

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
