package httpapi

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// cursor says where a page of a history begins, and which number it has by then. It holds nothing that its reader has not just been
// given, and opens no other history than the reader's own: so it is checked, and not signed.
type cursor struct {
	page  int
	after practice.Position
}

// A cursor is its form, the number of the page, completed_at in Unix microseconds and the id of the last session: in base64url.
const (
	cursorForm  = 1
	cursorBytes = 1 + 4 + 8 + 16
)

func (c cursor) String() string {
	b := make([]byte, 0, cursorBytes)
	b = append(b, cursorForm)
	b = binary.BigEndian.AppendUint32(b, uint32(c.page))                          //nolint:gosec // parseCursor and parseQuery take no other numbers
	b = binary.BigEndian.AppendUint64(b, uint64(c.after.CompletedAt.UnixMicro())) //nolint:gosec // and back again
	return base64.RawURLEncoding.EncodeToString(append(b, c.after.ID[:]...))
}

// parseCursor returns false for what String has not made.
func parseCursor(text string) (cursor, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != cursorBytes || b[0] != cursorForm {
		return cursor{}, false
	}
	page := binary.BigEndian.Uint32(b[1:])
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b[5:]))).UTC() //nolint:gosec // as String writes it
	if page < 2 || page > 1<<31-1 || at.Year() < 1970 || at.Year() > 9999 {
		return cursor{}, false
	}
	return cursor{int(page), practice.Position{CompletedAt: at, ID: uuid.UUID(b[13:])}}, true
}

// cursor returns the parameter cursor, and writes the number that its page has into page; nil if it was not given.
func (q *query) cursor(page *paging.Page) *practice.Position {
	text, given := q.text("cursor")
	if !given {
		return nil
	}
	c, ok := parseCursor(text)
	if !ok {
		q.check.Addf("cursor", "%s is none that an answer has had as next_cursor", quoted(text))
		return nil
	}
	q.check.Require(!q.values.Has("page"), "page", "stands beside a cursor, which knows its page; send one of them")
	page.Number = c.page
	return &c.after
}
