package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func TestMergeTags(t *testing.T) {
	w := newWorld(t)
	from, into, other := w.tag(t, "Foods"), w.tag(t, "Food"), w.tag(t, "Other")
	both := w.speech(t, "A1", "answer", from, into, other)
	one := w.speech(t, "A1", "answer", from)
	gained, err := w.MergeTags(t.Context(), from, into)
	if err != nil || gained != 1 {
		t.Fatalf("MergeTags = %d, %v; want 1 speech that did not have the tag", gained, err)
	}
	for id, want := range map[uuid.UUID][]string{both.ID: {"Food", "Other"}, one.ID: {"Food"}} {
		speech, err := w.Speech(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, tag := range speech.Tags {
			names = append(names, tag.Name)
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Error("the tags of a speech differ", diff)
		}
	}
	if _, err := w.FindTag(t.Context(), "Foods"); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("the merged tag is still there: %v", err)
	}
	if names, err := w.TagNamesEver(t.Context(), []uuid.UUID{from}); err != nil || names[from] != "Foods" {
		t.Errorf("old sessions do not know the merged tag's name: %v, %v", names, err)
	}
	want := map[string]audit.Change{
		"name": {Before: "Foods"}, "category": {Before: ""}, "merged_into": {After: "Food"}, "merged_into_id": {After: into.String()},
	}
	entry := w.lastAudit(t)
	if diff := cmp.Diff(want, entry.Changes); diff != "" || entry.Action != "tag.merge" || entry.ObjectID != from.String() {
		t.Errorf("recorded %+v: %s", entry, diff)
	}
}

func TestMergeTagsChangesNothingWhere(t *testing.T) {
	w := newWorld(t)
	from, into := w.tag(t, "Foods"), w.tag(t, "Food")
	speech := w.speech(t, "A1", "answer", from)
	tests := []struct {
		name       string
		from, into uuid.UUID
		failing    string
		kind       fault.Kind
	}{
		{"a tag is merged into itself", from, from, "", fault.KindInvalid},
		{"the first tag does not exist", uuid.Max, into, "", fault.KindNotFound},
		{"the second tag does not exist", from, uuid.Max, "", fault.KindNotFound},
		{"the links cannot be moved", from, into, "MoveTagLinks", fault.KindUnavailable},
		{"the tag cannot be deleted", from, into, "DeleteTag", fault.KindUnavailable},
		{"it cannot be recorded", from, into, "InsertAudit", fault.KindUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.failOn(tt.failing, fault.Unavailable("the store is down"))
			_, err := w.MergeTags(t.Context(), tt.from, tt.into)
			w.failOn("", nil)
			if !fault.Is(err, tt.kind) {
				t.Fatalf("err = %v, want %s", err, tt.kind)
			}
			got, err := w.Speech(t.Context(), speech.ID)
			if err != nil || len(got.Tags) != 1 || got.Tags[0].ID != from {
				t.Fatalf("the speech has %v, %v", got.Tags, err)
			}
			if _, err := w.FindTag(t.Context(), "foods"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestFindTag(t *testing.T) {
	w := newWorld(t)
	food := w.tag(t, "Food")
	misleading, err := w.CreateTag(t.Context(), catalog.NewTag{Name: uuid.Max.String()})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, asked string
		want        uuid.UUID
	}{
		{"by id", food.String(), food},
		{"by name ignoring case and space around it", " fOOD ", food},
		{"by a name that looks like an id", uuid.Max.String(), misleading.ID},
		{"not by a part of the name", "Foo", uuid.Nil},
		{"not by nothing", "", uuid.Nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tag, err := w.FindTag(t.Context(), tt.asked)
			if tt.want == uuid.Nil {
				wantFault(t, err, fault.KindNotFound)
				return
			}
			if err != nil || tag.ID != tt.want {
				t.Fatalf("FindTag = %+v, %v", tag, err)
			}
		})
	}
}
