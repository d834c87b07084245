package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

type adminTagsResponse struct {
	Tags []adminTagResponse `json:"tags"`
}

// adminTagResponse is a tag as administrators see it.
type adminTagResponse struct {
	tagResponse
	SpeechCount int       `json:"speech_count"`
	CreatedAt   time.Time `json:"created_at"`
}

func newAdminTag(t catalog.Tag) adminTagResponse {
	return adminTagResponse{newTag(t), t.SpeechCount, t.CreatedAt.UTC()}
}

func (a *API) listAllTags(w http.ResponseWriter, r *http.Request) error {
	tags, err := a.catalog.AllTags(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, adminTagsResponse{list(tags, newAdminTag)})
}

type tagRequest struct {
	Name     field[string] `json:"name"`
	Category field[string] `json:"category"`
}

func (in tagRequest) newTag(c *fault.Check) catalog.NewTag {
	return catalog.NewTag{
		Name:     required(c, "name", in.Name),
		Category: orElse(nullable(c, "category", in.Category), ""),
	}
}

func (in tagRequest) change(c *fault.Check) catalog.TagChange {
	return catalog.TagChange{
		Name:     optional(c, "name", in.Name),
		Category: clearable(c, "category", in.Category),
	}
}

func (a *API) createTag(w http.ResponseWriter, r *http.Request) error {
	wanted, err := decode(w, r, tagRequest.newTag)
	if err != nil {
		return err
	}
	t, err := a.catalog.CreateTag(r.Context(), wanted)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newAdminTag(t))
}

func (a *API) updateTag(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "tag_id", "tag")
	if err != nil {
		return err
	}
	change, err := decode(w, r, tagRequest.change)
	if err != nil {
		return err
	}
	t, err := a.catalog.UpdateTag(r.Context(), id, change)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newAdminTag(t))
}

func (a *API) deleteTag(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "tag_id", "tag")
	if err != nil {
		return err
	}
	return done(w, a.catalog.DeleteTag(r.Context(), id))
}

type mergeTagsRequest struct {
	Into field[uuid.UUID] `json:"into"`
}

func (in mergeTagsRequest) tag(c *fault.Check) uuid.UUID { return required(c, "into", in.Into) }

type mergedTagsResponse struct {
	Gained int `json:"gained"` // speeches that did not have the tag before
}

func (a *API) mergeTags(w http.ResponseWriter, r *http.Request) error {
	from, err := pathID(r, "tag_id", "tag")
	if err != nil {
		return err
	}
	into, err := decode(w, r, mergeTagsRequest.tag)
	if err != nil {
		return err
	}
	gained, err := a.catalog.MergeTags(r.Context(), from, into)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, mergedTagsResponse{gained})
}
