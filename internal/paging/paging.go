// Package paging holds the page numbers that every list of the product shares.
package paging

import (
	"math"

	"github.com/englishapp/englishctl/internal/fault"
)

// Page asks for one page of a list.
type Page struct {
	// Number counts from 1.
	Number int
	// Limit is the number of items on a full page.
	Limit int
}

// Check notes in c every rule that p breaks: both are at least 1, and limit is at most maxLimit.
// A page past the end is no mistake: it is empty.
func (p Page) Check(c *fault.Check, maxLimit int) {
	c.Require(p.Number >= 1, "page", "%d is not a page number: pages count from 1", p.Number)
	c.Require(p.Limit >= 1 && p.Limit <= maxLimit, "limit", "%d is not allowed: between 1 and %d", p.Limit, maxLimit)
}

// Offset returns how many items stand before the page; it saturates instead of overflowing.
func (p Page) Offset() int64 {
	before := int64(p.Number) - 1
	if before > math.MaxInt64/int64(p.Limit) {
		return math.MaxInt64
	}
	return before * int64(p.Limit)
}

// Pages returns how many pages total items fill: 0 for none.
func (p Page) Pages(total int) int {
	return (total + p.Limit - 1) / p.Limit
}
