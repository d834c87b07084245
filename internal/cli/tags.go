package cli

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

func newTags(e *env) *cobra.Command {
	return group("tags", "Manage the tags that sort sentences",
		newTagsList(e), newTagsCreate(e), newTagsUpdate(e), newTagsDelete(e), newTagsMerge(e), newTagsImport(e))
}

// tagItem is a tag as -o json prints it; the names are those of the API.
type tagItem struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Category    *string   `json:"category"`
	SpeechCount int       `json:"speech_count"`
	CreatedAt   time.Time `json:"created_at"`
}

var tagColumns = []string{"id", "name", "category", "speech_count", "created_at"}

func tagListing(tags []catalog.Tag) listing {
	l := listing{
		columns: tagColumns,
		inTable: []string{"name", "category", "speech_count"},
		numbers: []string{"speech_count"},
		rows:    [][]string{},
	}
	items := make([]tagItem, 0, len(tags))
	for _, t := range tags {
		item := tagItem{ID: t.ID.String(), Name: t.Name, SpeechCount: t.SpeechCount, CreatedAt: t.CreatedAt.UTC()}
		if t.Category != "" {
			item.Category = &t.Category
		}
		items = append(items, item)
		l.rows = append(l.rows, []string{item.ID, t.Name, t.Category, strconv.Itoa(t.SpeechCount), item.CreatedAt.Format(time.DateOnly)})
	}
	l.items = items
	return l
}
