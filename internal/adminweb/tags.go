package adminweb

import (
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// maxCategories is how many categories are suggested.
const maxCategories = 50

// listTags shows what the spec's model view names: id, name, category, creation; searched by name, filtered by category.
func (p *Panel) listTags(w http.ResponseWriter, r *http.Request) error {
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	wanted := catalog.TagFilter{Category: q.Get("category"), Search: q.Get("search")}
	found := wanted.Choose(tags)
	view := list{
		Caption: "Tags", Empty: "No tag matches. Change the search, or create one.",
		Actions: []link{{Text: "New tag", Href: "/admin/tags/new", Main: true}},
		Filters: []filter{
			{Name: "search", Label: "Name", Value: wanted.Search, Type: "search", Hint: "a part of it"},
			{Name: "category", Label: "Category", Value: wanted.Category, Suggestions: categories(tags)},
		},
		Columns: titles("Name", "Category", "Speeches", "Created", "Id"),
	}
	pageNumber := pageOf(r)
	shown := slice(found, pageNumber)
	for _, t := range shown {
		view.Rows = append(view.Rows, []cell{
			linked(t.Name, "/admin/tags/"+t.ID.String()), text(t.Category),
			{Text: number(t.SpeechCount).Text, Href: speechesOf(t.ID), Class: "number"}, at(t.CreatedAt), small(t.ID.String()),
		})
	}
	view.Pager = newPager(r, pageNumber, len(found), len(shown))
	return p.render(w, r, http.StatusOK, page{Name: "list", Title: "Tags", Section: "tags", Data: view})
}

// categories are the first of them in the order of the alphabet.
func categories(tags []catalog.Tag) []string {
	seen := map[string]bool{}
	for _, t := range tags {
		if t.Category != "" {
			seen[t.Category] = true
		}
	}
	all := slices.Sorted(maps.Keys(seen))
	return all[:min(maxCategories, len(all))]
}

type tagForm struct {
	ID             string
	Tag            catalog.Tag
	Name, Category string
	Suggestions    []string
	SpeechesHref   string
	Problems       problems
}

func (p *Panel) tagPage(w http.ResponseWriter, r *http.Request, status int, form tagForm) error {
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return err
	}
	form.Suggestions = categories(tags)
	title := "New tag"
	if form.Tag.ID != uuid.Nil {
		title, form.ID, form.SpeechesHref = "Tag", form.Tag.ID.String(), speechesOf(form.Tag.ID)
	}
	return p.render(w, r, status, page{Name: "tag", Title: title, Section: "tags", Data: form})
}

func (p *Panel) newTag(w http.ResponseWriter, r *http.Request) error {
	return p.tagPage(w, r, http.StatusOK, tagForm{})
}

func (p *Panel) createTag(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	in := tagForm{Name: r.PostFormValue("name"), Category: r.PostFormValue("category")}
	tag, err := p.catalog.CreateTag(r.Context(), catalog.NewTag{Name: in.Name, Category: in.Category})
	if in.Problems, err = mendable(err); err != nil {
		return err
	}
	if in.Problems != nil {
		return p.tagPage(w, r, http.StatusBadRequest, in)
	}
	return done(w, r, "/admin/tags/"+tag.ID.String(), "created")
}

func (p *Panel) showTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := p.tag(r)
	if err != nil {
		return err
	}
	return p.tagPage(w, r, http.StatusOK, tagForm{Tag: tag, Name: tag.Name, Category: tag.Category})
}

func (p *Panel) updateTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := p.tag(r)
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	in := tagForm{Tag: tag, Name: r.PostFormValue("name"), Category: r.PostFormValue("category")}
	_, err = p.catalog.UpdateTag(r.Context(), tag.ID, catalog.TagChange{Name: &in.Name, Category: &in.Category})
	if in.Problems, err = mendable(err); err != nil {
		return err
	}
	if in.Problems != nil {
		return p.tagPage(w, r, http.StatusBadRequest, in)
	}
	return done(w, r, r.URL.Path, "saved")
}

// tag returns the tag in the path.
func (p *Panel) tag(r *http.Request) (catalog.Tag, error) {
	id, err := pathID(r, "tag_id", "tag")
	if err != nil {
		return catalog.Tag{}, err
	}
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return catalog.Tag{}, err
	}
	for _, t := range tags {
		if t.ID == id {
			return t, nil
		}
	}
	return catalog.Tag{}, fault.NotFound("there is no tag with this id")
}

func (p *Panel) askDeleteTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := p.tag(r)
	if err != nil {
		return err
	}
	return p.ask(w, r, "tags", deletionOf(tag))
}

func deletionOf(tag catalog.Tag) question {
	path := "/admin/tags/" + tag.ID.String()
	q := question{
		Title: "Delete this tag?", Object: tag.Name, Action: path + "/delete", Back: path, Verb: "Delete the tag",
		Goes:  []string{"Nobody can choose it any longer."},
		Stays: []string{"Games that were played with it keep showing its name.", "The audit log says who deleted it."},
	}
	if tag.SpeechCount > 0 {
		q.Impossible = count(tag.SpeechCount, "speech has", "speeches have") + " it. Take it from them first, or give them another tag in its place."
		q.MergeInto = path + "/merge"
	}
	return q
}

func (p *Panel) deleteTag(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "tag_id", "tag")
	if err != nil {
		return err
	}
	if err := p.catalog.DeleteTag(r.Context(), id); err != nil {
		return err
	}
	return done(w, r, "/admin/tags", "deleted")
}

// mergeTag gives the speeches of a tag another one, which is named, and deletes the first.
func (p *Panel) mergeTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := p.tag(r)
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	tags, err := p.catalog.AllTags(r.Context())
	if err != nil {
		return err
	}
	into, err := catalog.PickTag(tags, r.PostFormValue("into"))
	if err == nil {
		_, err = p.catalog.MergeTags(r.Context(), tag.ID, into.ID)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.KindNotFound || f.Kind == fault.KindInvalid) {
		q := deletionOf(tag)
		q.Problems = problems{"into": capital(sentence(f))}
		return p.render(w, r, http.StatusBadRequest, page{Name: "confirm", Title: q.Title, Section: "tags", Data: q})
	}
	if err != nil {
		return err
	}
	return done(w, r, "/admin/tags/"+into.ID.String(), "merged")
}
