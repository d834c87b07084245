package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// A page of a search is read in one of two ways, whose costs docs/decisions/search.md has: the text index gives all matches, which are
// then sorted; or the index of the order is walked, and each speech on the way is asked for its words, until the page is full. The
// second is for words that so many speeches have that few are passed in vain.
const (
	// walkFrom is how many matches are fewer than are worth a walk.
	walkFrom = 10_000
	// walkShare is which part of the matches a walk may see: one in so many.
	walkShare = 20
)

// searchSpeeches is Speeches for a filter with words. The number of matches comes first, of the same state of the database: it
// decides how the page is read.
func (s *Catalog) searchSpeeches(ctx context.Context, f catalog.SpeechFilter, p paging.Page) (found []catalog.Speech, total int, err error) {
	words := searchWords(f.Words)
	if len(words) == 0 {
		return nil, 0, nil // nothing has a word of nothing
	}
	terms := s.c.db.dialect.terms(words)
	err = s.c.inOneVersion(ctx, func(tx conn) error {
		if err := tx.plan(ctx, s.c.db.dialect.planByText); err != nil {
			return fmt.Errorf("prepare a search: %w", err)
		}
		if total, err = tx.countSearched(ctx, f, terms); err != nil {
			return fmt.Errorf("count speeches: %w", err)
		}
		found, err = tx.searched(ctx, f, terms, p, walks(total, p))
		return err
	})
	return found, total, err
}

// countSearched counts by the text index alone, where no more than the words are asked for and that index knows.
func (c conn) countSearched(ctx context.Context, f catalog.SpeechFilter, terms string) (total int, err error) {
	d := c.db.dialect
	if d.searchedCount != "" && f.Level == "" && f.Type == "" && f.TagID == nil {
		return total, c.get(ctx, &total, d.searchedCount, terms)
	}
	where := speechFilter(f)
	return total, c.get(ctx, &total, `SELECT count(*)`+d.searched+where.sql(), append([]any{terms}, where.args...)...)
}

// searched reads a page of a search, by a walk or not.
func (c conn) searched(ctx context.Context, f catalog.SpeechFilter, terms string, p paging.Page, walk bool) ([]catalog.Speech, error) {
	d, where := c.db.dialect, speechFilter(f)
	rest := orderSpeeches[f.Order] + ` LIMIT ? OFFSET ?`
	if walk {
		where.and(d.searchedOnTheWay, terms)
		if err := c.plan(ctx, d.planFreely); err != nil {
			return nil, fmt.Errorf("prepare a walk: %w", err)
		}
		return c.speeches(ctx, selectSpeeches+where.sql()+rest, where.with(p.Limit, p.Offset())...)
	}
	return c.speeches(ctx, `SELECT`+speechColumns+d.searched+where.sql()+rest, append([]any{terms}, where.with(p.Limit, p.Offset())...)...)
}

// plan tells the planner how to find what is searched for, until the end of the transaction.
func (c conn) plan(ctx context.Context, statement string) error {
	if statement == "" {
		return nil
	}
	var setting string
	return c.get(ctx, &setting, statement)
}

// walks reports whether a page of so many matches is read by a walk.
func walks(total int, p paging.Page) bool {
	seen := int64(total / walkShare)
	return total >= walkFrom && int64(p.Limit) <= seen && p.Offset() <= seen-int64(p.Limit)
}

// searchWords cuts the words into runs of letters and digits in lower case, as the indexes do with texts. Nothing else
// may reach the query languages of the text indexes, in which it could have a meaning.
func searchWords(words []string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.Join(words, " ")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
