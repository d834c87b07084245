package sqlstore_test

import (
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore"
)

// schema describes tables, columns, nullability, keys and indexes in lines that are the same for both databases. Types
// are not in it: SQLite has five. Nor are goose's table and SQLite's tables for searching (see package migrations).
func schema(t *testing.T, db *sqlstore.DB) []string {
	t.Helper()
	queries := postgresSchema
	if db.Dialect() == "sqlite" {
		queries = sqliteSchema
	}
	var lines []string
	for _, query := range queries {
		var part []string
		if err := db.Raw().SelectContext(t.Context(), &part, query); err != nil {
			t.Fatalf("describe the schema: %v", err)
		}
		lines = append(lines, part...)
	}
	return lines
}

var postgresSchema = []string{
	`SELECT format('column %s.%s null=%s default=%s', c.table_name, c.column_name, c.is_nullable,
	               split_part(COALESCE(c.column_default, ''), ':', 1))
	   FROM information_schema.columns c
	  WHERE c.table_schema = 'public' AND c.table_name <> 'goose_db_version'
	  ORDER BY c.table_name COLLATE "C", c.column_name COLLATE "C"`,

	`SELECT format('%s (%s)%s',
	               CASE WHEN i.indisprimary THEN 'primary key ' || t.relname
	                    WHEN i.indisunique THEN 'unique ' || x.relname
	                    ELSE 'index ' || x.relname END,
	               (SELECT string_agg(a.attname || CASE WHEN i.indoption[k.place - 1] & 1 = 1 THEN ' DESC' ELSE '' END,
	                                  ', ' ORDER BY k.place)
	                  FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
	                  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum),
	               CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END)
	   FROM pg_index i
	   JOIN pg_class t ON t.oid = i.indrelid
	   JOIN pg_class x ON x.oid = i.indexrelid
	  WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'goose_db_version' AND x.relname <> 'idx_speech_text_fts'
	  ORDER BY NOT i.indisprimary, t.relname COLLATE "C", x.relname COLLATE "C"`,

	`SELECT format('foreign key %s.%s -> %s.%s %s', t.relname, a.attname, r.relname, b.attname,
	               CASE c.confdeltype WHEN 'c' THEN 'CASCADE' ELSE 'NO ACTION' END)
	   FROM pg_constraint c
	   JOIN pg_class t ON t.oid = c.conrelid
	   JOIN pg_class r ON r.oid = c.confrelid
	   JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
	   JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1]
	  WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace
	  ORDER BY t.relname COLLATE "C", a.attname COLLATE "C"`,

	`SELECT 'check ' || conname FROM pg_constraint
	  WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY conname COLLATE "C"`,
}

const sqliteTables = `(SELECT name, sql FROM sqlite_schema WHERE type = 'table'
	AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'speech_search*' AND name <> 'goose_db_version') t`

var sqliteSchema = []string{
	`SELECT format('column %s.%s null=%s default=%s', t.name, c.name, iif(c."notnull", 'NO', 'YES'), COALESCE(c.dflt_value, ''))
	   FROM ` + sqliteTables + `, pragma_table_info(t.name) c
	  ORDER BY t.name, c.name`,

	`SELECT format('primary key %s (%s)', t.name, group_concat(c.name, ', ' ORDER BY c.pk))
	   FROM ` + sqliteTables + `, pragma_table_info(t.name) c
	  WHERE c.pk > 0
	  GROUP BY t.name
	  ORDER BY t.name`,

	`SELECT format('%s %s (%s)%s', iif(i."unique", 'unique', 'index'), i.name,
	               (SELECT group_concat(k.name || iif(k.desc, ' DESC', ''), ', ' ORDER BY k.seqno)
	                  FROM pragma_index_xinfo(i.name) k WHERE k.key),
	               iif(i.partial, ' partial', ''))
	   FROM ` + sqliteTables + `, pragma_index_list(t.name) i
	  WHERE i.origin <> 'pk'
	  ORDER BY t.name, i.name`,

	`SELECT format('foreign key %s.%s -> %s.%s %s', t.name, f."from", f."table", f."to", f.on_delete)
	   FROM ` + sqliteTables + `, pragma_foreign_key_list(t.name) f
	  ORDER BY t.name, f."from"`,

	// SQLite keeps a constraint's name in the statement's text only.
	`WITH RECURSIVE found (rest, name) AS (
		SELECT substr(t.sql, instr(t.sql, 'CONSTRAINT ')), NULL FROM ` + sqliteTables + ` WHERE instr(t.sql, 'CONSTRAINT ')
		UNION ALL
		SELECT substr(rest, 12 + instr(substr(rest, 12) || 'CONSTRAINT ', 'CONSTRAINT ') - 1),
		       substr(rest, 12, instr(substr(rest, 12), ' CHECK (') - 1)
		  FROM found WHERE rest <> ''
	)
	SELECT 'check ' || name FROM found WHERE name <> '' AND instr(name, ' ') = 0 ORDER BY name`,
}
