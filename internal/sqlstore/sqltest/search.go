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

// Search looks for a text in every column of every table, as text and as bytes, ignoring the case of ASCII letters, and
// returns the columns that hold it, as "table.column". An id is looked for without hyphens too, and as its 16 bytes.
func Search(tb testing.TB, db *sqlstore.DB, text string) []string {
	tb.Helper()
	forms := []string{text, hex.EncodeToString([]byte(text))} // the latter in what is shown of bytes
	if id, err := uuid.Parse(text); err == nil {
		forms = append(forms, strings.ReplaceAll(text, "-", ""), hex.EncodeToString(id[:]))
	}
	var found []string
	for _, table := range Tables(tb, db) {
		for _, column := range columns(tb, db, table) {
			if holds(tb, db, table, column, forms) {
				found = append(found, table+"."+column)
			}
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

// holds reports whether a column holds one of the texts in any row.
func holds(tb testing.TB, db *sqlstore.DB, table, column string, texts []string) bool {
	tb.Helper()
	value := fmt.Sprintf(`lower(CAST("%s" AS TEXT)) || ' ' || lower(hex("%s"))`, column, column)
	if postgres(db) { // bytes are shown in hexadecimal
		value = fmt.Sprintf(`lower(CAST("%s" AS TEXT))`, column)
	}
	var conditions []string
	var patterns []any
	for _, text := range texts {
		conditions = append(conditions, value+` LIKE ? ESCAPE '!'`)
		patterns = append(patterns, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text))+"%")
	}
	query := fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE %s`, table, strings.Join(conditions, " OR "))
	var n int
	if err := db.Raw().GetContext(tb.Context(), &n, db.Raw().Rebind(query), patterns...); err != nil {
		tb.Fatalf("search %s.%s: %v", table, column, err)
	}
	return n > 0
}
