package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func ptr[T any](v T) *T { return &v }

func TestCreateTag(t *testing.T) {
	w := newWorld(t)
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: "user:7", RequestID: "r1"})
	got, err := w.CreateTag(ctx, catalog.NewTag{Name: " Past  Tense ", Category: " tense "})
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Tag{ID: got.ID, Name: "Past  Tense", Category: "tense", CreatedAt: start}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	all, err := w.AllTags(t.Context())
	if diff := cmp.Diff([]catalog.Tag{want}, all); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	entry := w.lastAudit(t)
	wantEntry := audit.Entry{
		ID: entry.ID, At: start, Origin: audit.Origin{Actor: "user:7", RequestID: "r1"}, Action: "tag.create", ObjectID: got.ID.String(),
		Changes: map[string]audit.Change{"name": {After: "Past  Tense"}, "category": {After: "tense"}},
	}
	if diff := cmp.Diff(wantEntry, entry); diff != "" {
		t.Fatal(diff)
	}
}

func TestTagRules(t *testing.T) {
	long := strings.Repeat("x", 101)
	tests := []struct {
		name string
		tag  catalog.NewTag
		want []string
	}{
		{"a name is required", catalog.NewTag{}, []string{"name"}},
		{"both are too long", catalog.NewTag{Name: long, Category: long[:51]}, []string{"name", "category"}},
		{"NUL bytes", catalog.NewTag{Name: "a\x00", Category: "b\x00"}, []string{"name", "category"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.CreateTag(t.Context(), tt.tag)
			wantFault(t, err, fault.KindInvalid, tt.want...)
			_, err = w.UpdateTag(t.Context(), uuid.Max, catalog.TagChange{Name: &tt.tag.Name, Category: &tt.tag.Category})
			wantFault(t, err, fault.KindInvalid, tt.want...)
			if w.count("InTx") != 0 {
				t.Fatal("something was written")
			}
		})
	}
}

func TestUpdateTag(t *testing.T) {
	tests := []struct {
		name    string
		change  catalog.TagChange
		want    catalog.Tag
		changes map[string]audit.Change
	}{
		{"a missing field is kept", catalog.TagChange{Name: ptr("Meals")}, catalog.Tag{Name: "Meals", Category: "topic"}, map[string]audit.Change{"name": {Before: "Food", After: "Meals"}}},
		{"an empty category removes it", catalog.TagChange{Category: ptr("")}, catalog.Tag{Name: "Food"}, map[string]audit.Change{"category": {Before: "topic", After: ""}}},
		{"its own name in another case is no conflict", catalog.TagChange{Name: ptr("FOOD")}, catalog.Tag{Name: "FOOD", Category: "topic"}, map[string]audit.Change{"name": {Before: "Food", After: "FOOD"}}},
		{"nothing to change is recorded nowhere", catalog.TagChange{Name: ptr("Food")}, catalog.Tag{Name: "Food", Category: "topic"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tag, err := w.CreateTag(t.Context(), catalog.NewTag{Name: "Food", Category: "topic"})
			if err != nil {
				t.Fatal(err)
			}
			before := len(w.store.Audit())
			got, err := w.UpdateTag(t.Context(), tag.ID, tt.change)
			tt.want.ID, tt.want.CreatedAt = tag.ID, start
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
			var changes map[string]audit.Change
			for _, entry := range w.store.Audit()[before:] {
				changes = entry.Changes
			}
			if diff := cmp.Diff(tt.changes, changes); diff != "" {
				t.Fatal(diff)
			}
			if tags, err := w.Tags(t.Context()); err != nil || tags[0].Name != tt.want.Name {
				t.Fatalf("the public list has %v, %v", tags, err)
			}
		})
	}
}

func TestTagConflicts(t *testing.T) {
	w := newWorld(t)
	food, travel := w.tag(t, "Food"), w.tag(t, "Travel")
	w.speech(t, "A1", "answer", food)
	recorded := len(w.store.Audit())
	_, taken := w.CreateTag(t.Context(), catalog.NewTag{Name: "fOOD"})
	_, renamed := w.UpdateTag(t.Context(), travel, catalog.TagChange{Name: ptr("FOOD")})
	_, missing := w.UpdateTag(t.Context(), uuid.Max, catalog.TagChange{Name: ptr("x")})
	tests := []struct {
		name string
		err  error
		kind fault.Kind
		code string
	}{
		{"a name is taken ignoring case", taken, fault.KindConflict, "tag_exists"},
		{"a tag is not renamed to another's name", renamed, fault.KindConflict, "tag_exists"},
		{"a tag in use is not deleted", w.DeleteTag(t.Context(), food), fault.KindConflict, "tag_in_use"},
		{"a missing tag is not changed", missing, fault.KindNotFound, ""},
		{"a missing tag is not deleted", w.DeleteTag(t.Context(), uuid.Max), fault.KindNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantFault(t, tt.err, tt.kind)
			if f, _ := fault.As(tt.err); f.Code != tt.code {
				t.Fatalf("code = %q, want %q", f.Code, tt.code)
			}
		})
	}
	if got := len(w.store.Audit()); got != recorded {
		t.Fatalf("%d refused changes were recorded", got-recorded)
	}
}

func TestDeleteTag(t *testing.T) {
	w := newWorld(t)
	food := w.tag(t, "Food")
	if err := w.DeleteTag(t.Context(), food); err != nil {
		t.Fatal(err)
	}
	if tags, err := w.Tags(t.Context()); err != nil || len(tags) != 0 {
		t.Fatalf("Tags = %v, %v; want none", tags, err)
	}
	if names, err := w.TagNamesEver(t.Context(), []uuid.UUID{food, uuid.Max}); err != nil || names[food] != "Food" || len(names) != 1 {
		t.Fatalf("TagNamesEver = %v, %v; want the deleted tag's", names, err)
	}
	if e := w.lastAudit(t); e.Action != "tag.delete" || e.Changes["name"].Before != "Food" {
		t.Fatalf("recorded %+v", e)
	}
	w.tag(t, "food") // the name is free again
}
