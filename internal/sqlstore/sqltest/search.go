package sqltest

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Tables returns every table of the database that holds rows of ours or of its search index, in the order of the alphabet.
func Tables(tb testing.TB, db *sqlstore.DB) []string {
	tb.Helper()
	query := `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`
	if postgres(db) {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`
	}
	var tables []string
	if err := db.Raw().SelectContext(tb.Context(), &tables, query); err != nil || len(tables) == 0 {
		tb.Fatalf("list the tables (%d): %v", len(tables), err)
	}
	return tables
}

// Contents is all that a database holds, by "table.column": the values of the column as text and, in hexadecimal, as bytes, with ASCII
// letters in lower case.
type Contents map[string]string

// Read reads every column of every table. It is meant for databases of a few thousand rows.
func Read(tb testing.TB, db *sqlstore.DB) Contents {
	tb.Helper()
	c := Contents{}
	for _, table := range Tables(tb, db) {
		c.readTable(tb, db, table)
	}
	return c
}

// Search returns the columns that hold a text, in the order of the alphabet; the case of ASCII letters does not matter. An id is looked
// for without hyphens too, and as its 16 bytes.
func (c Contents) Search(text string) []string {
	text = strings.ToLower(text)
	forms := []string{text, hex.EncodeToString([]byte(text))}
	if id, err := uuid.Parse(text); err == nil {
		forms = append(forms, strings.ReplaceAll(text, "-", ""), hex.EncodeToString(id[:]))
	}
	var found []string
	for column, values := range c {
		if slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(values, form) }) {
			found = append(found, column)
		}
	}
	slices.Sort(found)
	return found
}

func postgres(db *sqlstore.DB) bool { return db.Dialect() == "postgres" }

func columns(tb testing.TB, db *sqlstore.DB, table string) []string {
	tb.Helper()
	query := `SELECT name FROM pragma_table_info(?)`
	if postgres(db) {
		query = `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
	}
	var names []string
	if err := db.Raw().SelectContext(tb.Context(), &names, query, table); err != nil || len(names) == 0 {
		tb.Fatalf("list the columns of %s (%d): %v", table, len(names), err)
	}
	return names
}

func (c Contents) readTable(tb testing.TB, db *sqlstore.DB, table string) {
	tb.Helper()
	names := columns(tb, db, table)
	var values []string
	for _, name := range names {
		value := fmt.Sprintf(`COALESCE(CAST("%s" AS TEXT), '')`, name) // PostgreSQL shows bytes in hexadecimal
		if !postgres(db) {
			value += fmt.Sprintf(` || ' ' || COALESCE(hex("%s"), '')`, name)
		}
		values = append(values, value)
	}
	rows, err := db.Raw().QueryxContext(tb.Context(), fmt.Sprintf(`SELECT %s FROM "%s"`, strings.Join(values, ", "), table))
	if err != nil {
		tb.Fatalf("read %s: %v", table, err)
	}
	defer func() { _ = rows.Close() }()
	all := make([]strings.Builder, len(names))
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			tb.Fatalf("read %s: %v", table, err)
		}
		for i, value := range row {
			_, _ = fmt.Fprintf(&all[i], "%s\n", value)
		}
	}
	if err := rows.Err(); err != nil {
		tb.Fatalf("read %s: %v", table, err)
	}
	for i, name := range names {
		c[table+"."+name] = strings.ToLower(all[i].String())
	}
}
