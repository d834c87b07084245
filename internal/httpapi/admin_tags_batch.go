package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

type tagsRequest struct {
	Tags field[items[tagRequest]] `json:"tags"`
}

func (in tagsRequest) newTags(c *fault.Check) []catalog.NewTag {
	return eachElement(c, "tags", in.Tags, tagRequest.newTag)
}

type appliedTagsResponse struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
}

// applyTags creates the tags that do not exist and gives the others their category: all of it, or nothing.
func (a *API) applyTags(w http.ResponseWriter, r *http.Request) error {
	tags, err := decode(w, r, tagsRequest.newTags)
	if err != nil {
		return err
	}
	report, err := a.catalog.ApplyTags(r.Context(), tags)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, appliedTagsResponse(report))
}
