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
	walkFrom = 5_000
	// walkShare is which part of the matches a walk may see: one in so many.
	walkShare = 20
	// frequent is how many speeches have words that are looked for among those of a tag, where the filter has one, and not the
	// other way round.
	frequent = 5_000
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
		matching, err := tx.matching(ctx, f, terms)
		if err != nil {
			return err
		}
		if total, err = tx.count(ctx, matching); err != nil {
			return fmt.Errorf("count speeches: %w", err)
		}
		if walks(total, p) {
			found, err = tx.walked(ctx, f, terms, p)
		} else {
			found, err = tx.sorted(ctx, matching, f.Order, p)
		}
		return err
	})
	return found, total, err
}

// matching are the speeches of a search.
type matching struct {
	// from is a FROM clause of speeches "s" with the words, args are its parameters, and where is what else is asked of them.
	from  string
	args  []any
	where filter
	// count counts them, with args; empty where nothing counts faster than a query.
	count string
}

// matching returns how the speeches of a search are found: by their words, or where those say little, by their tag.
func (c conn) matching(ctx context.Context, f catalog.SpeechFilter, terms string) (matching, error) {
	d := c.db.dialect
	if f.TagID == nil || d.searchedOfTag == "" {
		return d.byWords(f, terms), nil
	}
	var many int
	if err := c.get(ctx, &many, d.searchedUpTo, terms, frequent); err != nil {
		return matching{}, fmt.Errorf("see how frequent words are: %w", err)
	}
	if many < frequent {
		return d.byWords(f, terms), nil
	}
	return d.byTag(f, terms), nil
}

func (d *dialect) byWords(f catalog.SpeechFilter, terms string) matching {
	m := matching{from: d.searched, args: []any{terms}, where: speechFilter(f)}
	if f.Level == "" && f.Type == "" && f.TagID == nil {
		m.count = d.searchedCount
	}
	return m
}

func (d *dialect) byTag(f catalog.SpeechFilter, terms string) matching {
	m := matching{from: d.searchedOfTag, args: []any{*f.TagID, terms}}
	f.TagID = nil
	m.where = speechFilter(f)
	if f.Level == "" && f.Type == "" {
		m.count = d.searchedOfTagCount
	}
	return m
}

// count counts by an index alone, where there is one that knows.
func (c conn) count(ctx context.Context, m matching) (total int, err error) {
	if m.count != "" {
		return total, c.get(ctx, &total, m.count, m.args...)
	}
	return total, c.get(ctx, &total, `SELECT count(*)`+m.from+m.where.sql(), append(m.args[:len(m.args):len(m.args)], m.where.args...)...)
}

// pageOfSpeeches follows an order.
const pageOfSpeeches = ` LIMIT ? OFFSET ?`

// sorted reads a page out of all matches.
func (c conn) sorted(ctx context.Context, m matching, order catalog.SpeechOrder, p paging.Page) ([]catalog.Speech, error) {
	return c.speeches(ctx, `SELECT`+speechColumns+m.from+m.where.sql()+orderSpeeches[order]+pageOfSpeeches,
		append(m.args[:len(m.args):len(m.args)], m.where.with(p.Limit, p.Offset())...)...)
}

// walked reads a page by going through the order.
func (c conn) walked(ctx context.Context, f catalog.SpeechFilter, terms string, p paging.Page) ([]catalog.Speech, error) {
	d, where := c.db.dialect, speechFilter(f)
	where.and(d.searchedOnTheWay, terms)
	if err := c.plan(ctx, d.planFreely); err != nil {
		return nil, fmt.Errorf("prepare a walk: %w", err)
	}
	return c.speeches(ctx, selectSpeeches+where.sql()+orderSpeeches[f.Order]+pageOfSpeeches, where.with(p.Limit, p.Offset())...)
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
