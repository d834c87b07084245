package catalog

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// maxPage is the largest page of speeches (spec, "GET /admin/speeches").
const maxPage = 200

// newestFirst is NewestFirst where somebody writes it out.
const newestFirst SpeechOrder = "-created_at"

// SpeechQuery chooses speeches for a list; zero fields do not filter.
type SpeechQuery struct {
	Level Level
	Type  SentenceType
	TagID *uuid.UUID
	// Search are words of which each must begin a word of the text, ignoring case.
	Search string
	// Order is how the list is sorted.
	Order SpeechOrder
}

// Speeches returns one page of speeches in the order asked for, and the number of all matches. A page holds at most 200. It
// returns fault.Invalid, naming every field that breaks a rule.
func (s *Service) Speeches(ctx context.Context, q SpeechQuery, p paging.Page) ([]Speech, int, error) {
	var c fault.Check
	filter := q.check(&c)
	p.Check(&c, maxPage)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	speeches, total, err := s.store.Speeches(ctx, filter, p)
	if err != nil {
		return nil, 0, fmt.Errorf("list speeches: %w", err)
	}
	return speeches, total, nil
}

// AllSpeeches returns all speeches that match, in no particular order. It returns fault.Invalid as Speeches does.
func (s *Service) AllSpeeches(ctx context.Context, q SpeechQuery) ([]Speech, error) {
	var c fault.Check
	filter := q.check(&c)
	if err := c.Err(); err != nil {
		return nil, err
	}
	speeches, _, err := s.store.Speeches(ctx, filter, paging.Page{Number: 1, Limit: math.MaxInt32})
	if err != nil {
		return nil, fmt.Errorf("read all speeches: %w", err)
	}
	return speeches, nil
}

// check returns the filter that q means and notes in c every rule that q breaks.
func (q SpeechQuery) check(c *fault.Check) SpeechFilter {
	if q.Level != "" {
		CheckLevel(c, "level", string(q.Level))
	}
	CheckType(c, "type", string(q.Type))
	if q.Order == newestFirst {
		q.Order = NewestFirst
	}
	c.Require(slices.Contains(SpeechOrders, q.Order), "sort", "'%s' is not an order. Must be one of: %s", Shown(string(q.Order)),
		OneOf(append([]SpeechOrder{newestFirst}, SpeechOrders[1:]...)))
	return SpeechFilter{
		Level: q.Level, Type: q.Type, TagID: q.TagID, Words: checkSearch(c, "search", q.Search), Order: q.Order,
	}
}

// checkSearch returns the words of a search. One that is not empty but has no word is a mistake: to return everything
// would be as wrong as to return nothing.
func checkSearch(c *fault.Check, field, search string) []string {
	switch n := utf8.RuneCountInString(search); {
	case search == "":
		return nil
	case !utf8.ValidString(search):
		c.Addf(field, "The search is not valid UTF-8")
		return nil
	case n > maxSearchRunes:
		c.Addf(field, "The search has %d characters; at most %d are allowed", n, maxSearchRunes)
		return nil
	}
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(search)), func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Digit, unicode.Mark)
	})
	c.Require(len(words) > 0, field, "'%s' has no letter or digit to search for", Shown(search))
	return words
}

// Speech returns a live speech, or fault.NotFound.
func (s *Service) Speech(ctx context.Context, id uuid.UUID) (Speech, error) {
	speech, err := s.store.Speech(ctx, id)
	if err != nil {
		return Speech{}, fmt.Errorf("read speech %s: %w", id, err)
	}
	return speech, nil
}

// SpeechesEver returns the speeches among ids, deleted ones included, in no particular order; unknown ids are left out.
func (s *Service) SpeechesEver(ctx context.Context, ids []uuid.UUID) ([]Speech, error) {
	speeches, err := s.store.SpeechesEver(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read speeches: %w", err)
	}
	return speeches, nil
}
