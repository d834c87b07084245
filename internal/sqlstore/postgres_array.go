package sqlstore

import (
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// array is an array as PostgreSQL reads it (its documentation, "Array Input and Output Syntax"), while it is being written: what pq.Array makes of a
// slice, without asking the type of each element again.
type array []byte

// arrayOf is one array parameter: one value of each row.
func arrayOf[Row any](rows []Row, add func(array, Row) array) string {
	a := append(make(array, 0, 2+40*len(rows)), '{')
	for i, r := range rows {
		if i > 0 {
			a = append(a, ',')
		}
		a = add(a, r)
	}
	return string(append(a, '}'))
}

// id appends a UUID. PostgreSQL needs no hyphens.
func (a array) id(id uuid.UUID) array { return hex.AppendEncode(a, id[:]) }

// idOrNull appends a UUID, or null for the zero one.
func (a array) idOrNull(id uuid.UUID) array {
	if id == uuid.Nil {
		return a.null()
	}
	return a.id(id)
}

func (a array) number(n int) array { return strconv.AppendInt(a, int64(n), 10) }

// float appends a number with as many digits as it takes to read the same one.
func (a array) float(f *float64) array {
	if f == nil {
		return a.null()
	}
	return strconv.AppendFloat(a, *f, 'g', -1, 64)
}

// time appends a time that timestamp.check has found nothing wrong with.
func (a array) time(t time.Time) array { return t.UTC().AppendFormat(a, timestampLayout) }

// text appends a text between quotes, whatever is in it.
func (a array) text(text string) array {
	a = append(a, '"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			a = append(a, '\\')
		}
		a = append(a, text[i])
	}
	return append(a, '"')
}

func (a array) textOrNull(text *string) array {
	if text == nil {
		return a.null()
	}
	return a.text(*text)
}

func (a array) null() array { return append(a, "NULL"...) }
