package catalog_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func TestApplyTags(t *testing.T) {
	w := newWorld(t)
	w.tag(t, "Food")
	w.tag(t, "Travel")
	recorded := len(w.store.Audit())
	table := []catalog.NewTag{{Name: "FOOD", Category: "topic"}, {Name: " New ", Category: "topic"}, {Name: "travel"}}

	got, err := w.ApplyTags(t.Context(), table)
	if want := (catalog.TagsReport{Created: 1, Updated: 1, Unchanged: 1}); got != want || err != nil {
		t.Fatalf("ApplyTags = %+v, %v; want %+v", got, err, want)
	}
	categories := map[string]string{}
	tags, err := w.Tags(t.Context())
	for _, tag := range tags {
		categories[tag.Name] = tag.Category
	}
	if diff := cmp.Diff(map[string]string{"Food": "topic", "New": "topic", "Travel": ""}, categories); diff != "" || err != nil {
		t.Error(err, diff)
	}
	changes := map[string]map[string]audit.Change{}
	for _, entry := range w.store.Audit()[recorded:] {
		changes[entry.Action] = entry.Changes
	}
	want := map[string]map[string]audit.Change{
		"tag.create": {"name": {After: "New"}, "category": {After: "topic"}},
		"tag.update": {"category": {Before: "", After: "topic"}},
	}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error("the audit log differs", diff)
	}

	recorded = len(w.store.Audit())
	got, err = w.ApplyTags(t.Context(), table)
	if want := (catalog.TagsReport{Unchanged: 3}); got != want || err != nil || len(w.store.Audit()) != recorded {
		t.Fatalf("the second time: ApplyTags = %+v, %v; want %+v and nothing recorded", got, err, want)
	}
}

func TestApplyTagsRules(t *testing.T) {
	tests := []struct {
		name string
		tags []catalog.NewTag
		want []string
	}{
		{"there must be a tag", nil, []string{"tags"}},
		{"too many", make([]catalog.NewTag, 5001), []string{"tags"}},
		{"every row is judged", []catalog.NewTag{{Name: "a,b"}, {Name: "ok"}, {Name: "\x00", Category: "\x00"}}, []string{"row 1, name", "row 3, name", "row 3, category"}},
		{"a name may stand there once, ignoring case", []catalog.NewTag{{Name: "a"}, {Name: "A "}}, []string{"row 2, name"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.ApplyTags(t.Context(), tt.tags)
			wantFault(t, err, fault.KindInvalid, tt.want...)
			if w.count("InTx") != 0 {
				t.Fatal("something was written")
			}
		})
	}
}

func TestApplyTagsAllOrNothing(t *testing.T) {
	for _, op := range []string{"EnsureTags", "UpdateTag", "InsertAudit", "Commit"} {
		t.Run(op+" fails", func(t *testing.T) {
			w := newWorld(t)
			w.tag(t, "Food")
			w.failOn(op, errDown)
			_, err := w.ApplyTags(t.Context(), []catalog.NewTag{{Name: "New"}, {Name: "Food", Category: "topic"}})
			w.failOn("", nil)
			if !errors.Is(err, errDown) {
				t.Fatalf("err = %v", err)
			}
			if tags, err := w.AllTags(t.Context()); err != nil || len(tags) != 1 || tags[0].Category != "" {
				t.Fatalf("something was changed: %+v, %v", tags, err)
			}
		})
	}
}

func TestReadTags(t *testing.T) {
	food := []catalog.NewTag{{Name: "Food", Category: "topic"}}
	tests := []struct {
		name, content string
		want          []catalog.NewTag
	}{
		{"commas", "name,category\nFood,topic\n", food},
		{"semicolons, CRLF, a byte order mark, another case and order", "\ufeffCategory; NAME\r\ntopic;Food\r\n", food},
		{"tabs", "name\tcategory\nFood\ttopic", food},
		{"a quoted field", "name,category\n\"Food, too\",\n", []catalog.NewTag{{Name: "Food, too"}}},
		{"no rows", "name,category\n", []catalog.NewTag{}},
		{"nothing at all", "", nil},
		{"a column is missing", "name\nFood\n", nil},
		{"a column is there twice", "name,category,name\nFood,topic,x\n", nil},
		{"UTF-16", "\xff\xfen\x00", nil},
		{"a row is too short", "name,category\nFood\n", nil},
		{"a quotation mark is open", "name,category\n\"Food,topic\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := catalog.ReadTags([]byte(tt.content))
			if tt.want == nil {
				wantFault(t, err, fault.KindInvalid, "file")
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
		})
	}
}

func TestTagsLike(t *testing.T) {
	w := newWorld(t)
	if _, err := w.ApplyTags(t.Context(), []catalog.NewTag{{Name: "Food", Category: "Topic"}, {Name: "Foot"}, {Name: "Travel", Category: "topic"}}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		filter catalog.TagFilter
		want   []string
	}{
		{"no filter", catalog.TagFilter{}, []string{"Food", "Travel", "Foot"}},
		{"the category ignores case", catalog.TagFilter{Category: "TOPIC"}, []string{"Food", "Travel"}},
		{"a part of the name ignores case", catalog.TagFilter{Search: "OO"}, []string{"Food", "Foot"}},
		{"both", catalog.TagFilter{Category: "topic", Search: "foo"}, []string{"Food"}},
		{"none", catalog.TagFilter{Search: "x"}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tags, err := w.TagsLike(t.Context(), tt.filter)
			names := []string{}
			for _, tag := range tags {
				names = append(names, tag.Name)
			}
			if diff := cmp.Diff(tt.want, names); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
		})
	}
}
