package remote

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// Catalog has the methods of catalog.Service that editors use.
type Catalog struct {
	client *client
	links  links
}

type tagAnswer struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Category    string    `json:"category"` // null is none
	SpeechCount int       `json:"speech_count"`
	CreatedAt   time.Time `json:"created_at"`
}

func (a tagAnswer) tag() catalog.Tag { return catalog.Tag(a) }

type tagRequest struct {
	Name     *string `json:"name,omitempty"`
	Category *string `json:"category,omitempty"`
}

func tagPath(id uuid.UUID) string { return "/admin/tags/" + id.String() }

// AllTags is catalog.Service.AllTags.
func (s *Catalog) AllTags(ctx context.Context) ([]catalog.Tag, error) {
	var answer struct {
		Tags []tagAnswer `json:"tags"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/tags"}, &answer)
	return each(answer.Tags, tagAnswer.tag), err
}

// TagsLike is catalog.Service.TagsLike.
func (s *Catalog) TagsLike(ctx context.Context, f catalog.TagFilter) ([]catalog.Tag, error) {
	tags, err := s.AllTags(ctx)
	if err != nil {
		return nil, err
	}
	return f.Choose(tags), nil
}

// FindTag is catalog.Service.FindTag.
func (s *Catalog) FindTag(ctx context.Context, idOrName string) (catalog.Tag, error) {
	tags, err := s.AllTags(ctx)
	if err != nil {
		return catalog.Tag{}, err
	}
	return catalog.PickTag(tags, idOrName)
}

// CreateTag is catalog.Service.CreateTag.
func (s *Catalog) CreateTag(ctx context.Context, t catalog.NewTag) (catalog.Tag, error) {
	return s.writeTag(ctx, http.MethodPost, "/admin/tags", &t.Name, &t.Category)
}

// UpdateTag is catalog.Service.UpdateTag.
func (s *Catalog) UpdateTag(ctx context.Context, id uuid.UUID, change catalog.TagChange) (catalog.Tag, error) {
	return s.writeTag(ctx, http.MethodPut, tagPath(id), change.Name, change.Category)
}

func (s *Catalog) writeTag(ctx context.Context, method, path string, name, category *string) (catalog.Tag, error) {
	if err := (texts{"name", orEmpty(name), "category", orEmpty(category)}).check(); err != nil {
		return catalog.Tag{}, err
	}
	var answer tagAnswer
	err := s.client.do(ctx, call{method: method, path: path, body: inJSON(tagRequest{name, category})}, &answer)
	return answer.tag(), err
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// DeleteTag is catalog.Service.DeleteTag.
func (s *Catalog) DeleteTag(ctx context.Context, id uuid.UUID) error {
	return s.client.do(ctx, call{method: http.MethodDelete, path: tagPath(id)}, nil)
}

// MergeTags is catalog.Service.MergeTags.
func (s *Catalog) MergeTags(ctx context.Context, from, into uuid.UUID) (gained int, err error) {
	wanted := struct {
		Into uuid.UUID `json:"into"`
	}{into}
	var answer struct {
		Gained int `json:"gained"`
	}
	err = s.client.do(ctx, call{method: http.MethodPost, path: tagPath(from) + "/merge", body: inJSON(wanted)}, &answer)
	return answer.Gained, err
}

// ApplyTags is catalog.Service.ApplyTags.
func (s *Catalog) ApplyTags(ctx context.Context, tags []catalog.NewTag) (catalog.TagsReport, error) {
	wanted := struct {
		Tags []tagRequest `json:"tags"`
	}{make([]tagRequest, len(tags))}
	for i, t := range tags {
		row := fmt.Sprintf("row %d, ", i+1)
		if err := (texts{row + "name", t.Name, row + "category", t.Category}).check(); err != nil {
			return catalog.TagsReport{}, err
		}
		wanted.Tags[i] = tagRequest{&t.Name, &t.Category}
	}
	var answer struct {
		Created   int `json:"created"`
		Updated   int `json:"updated"`
		Unchanged int `json:"unchanged"`
	}
	err := s.client.do(ctx, call{method: http.MethodPost, path: "/admin/tags/batch", body: inJSON(wanted)}, &answer)
	return catalog.TagsReport(answer), err
}
