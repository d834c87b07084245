package sqlstore

import (
	"testing"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// BenchmarkSearch lists a page of 100,000 speeches by words that all of them have, that a few have, and that one in hundreds has.
func BenchmarkSearch(b *testing.B) {
	const size, chunk = 100_000, 10_000
	benchEach(b, func(b *testing.B, db *DB) {
		tags := benchTags(b, db)
		for range size / chunk {
			if err := db.Catalog().InsertSpeeches(b.Context(), benchSpeeches(chunk, tags)); err != nil {
				b.Fatal(err)
			}
		}
		if err := db.Seeding().Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		for _, tt := range []struct {
			name   string
			filter catalog.SpeechFilter
			page   int
		}{
			{"no_word", catalog.SpeechFilter{}, 1},
			{"all_have_it", catalog.SpeechFilter{Words: []string{"lunch"}}, 1},
			{"a_letter", catalog.SpeechFilter{Words: []string{"w"}}, 1},
			{"all_have_them", catalog.SpeechFilter{Words: []string{"eat", "for", "with", "on"}}, 1},
			{"all_have_it_page_20", catalog.SpeechFilter{Words: []string{"lunch"}}, 20},
			{"all_have_it_page_2000", catalog.SpeechFilter{Words: []string{"lunch"}}, 2000},
			{"all_have_it_level", catalog.SpeechFilter{Words: []string{"lunch"}, Level: "B1"}, 1},
			{"all_have_it_tag", catalog.SpeechFilter{Words: []string{"lunch"}, TagID: &tags[3]}, 1},
			{"frequent_and_rare", catalog.SpeechFilter{Words: []string{"lunch", "word4000"}}, 1},
			{"two_frequent_rarely_together", catalog.SpeechFilter{Words: []string{"word63", "word976"}}, 1},
			{"one_percent", catalog.SpeechFilter{Words: []string{"word63"}}, 1},
			{"rare", catalog.SpeechFilter{Words: []string{"word4000"}}, 1},
			{"none", catalog.SpeechFilter{Words: []string{"nobody"}}, 1},
		} {
			b.Run(tt.name, func(b *testing.B) {
				for b.Loop() {
					_, _, err := db.Catalog().Speeches(b.Context(), tt.filter, paging.Page{Number: tt.page, Limit: 50})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
