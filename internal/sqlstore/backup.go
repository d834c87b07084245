package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/fault"
)

// Backup gives and takes the rows of a whole database.
type Backup struct{ db *DB }

var _ backup.Database = (*Backup)(nil)

// Backup returns what backups are made of, and restored into.
func (db *DB) Backup() *Backup { return &Backup{db} }

// table makes a table of "name kind, name kind".
func table(name, key, columns string) backup.Table {
	t := backup.Table{Name: name, Key: strings.Fields(key)}
	for part := range strings.SplitSeq(columns, ",") {
		words := strings.Fields(part)
		t.Columns = append(t.Columns, backup.Column{Name: words[0], Kind: backup.Kind(words[1])})
	}
	return t
}

// Name implements backup.Database.
func (b *Backup) Name() string { return b.db.Dialect() }

// SchemaVersion implements backup.Database.
func (b *Backup) SchemaVersion(ctx context.Context) (int64, error) {
	applied, err := b.db.appliedVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	var latest int64
	for version := range applied {
		latest = max(latest, version)
	}
	return latest, nil
}

// Read implements backup.Database.
func (b *Backup) Read(ctx context.Context, fn func(backup.Reader) error) error {
	return b.db.conn().inOneVersion(ctx, func(tx conn) error { return fn(backupRows{tx}) })
}

// Write implements backup.Database.
func (b *Backup) Write(ctx context.Context, fn func(backup.Writer) error) error {
	return b.db.conn().inTx(ctx, func(tx conn) error {
		// The lock that every writer of content takes first, and whoever removes recordings that nothing refers to. Nothing is noted
		// of what this version changes: whoever has an older one reads everything.
		if _, err := tx.exec(ctx, bumpCatalogVersion); err != nil {
			return fmt.Errorf("raise the catalogue's version: %w", err)
		}
		if err := tx.forgetRollUps(ctx); err != nil {
			return err
		}
		return fn(backupRows{tx})
	})
}

// forgetRollUps has everything counted anew.
func (c conn) forgetRollUps(ctx context.Context) error {
	names, err := c.existing(ctx, rolledUp)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := c.exec(ctx, `DELETE FROM `+name); err != nil {
			return fmt.Errorf("empty table %s: %w", name, err)
		}
	}
	return nil
}

// existing are those of the tables that there are: an old backup is restored into the schema of its time first.
func (c conn) existing(ctx context.Context, names []string) ([]string, error) {
	var found []string
	for _, name := range names {
		var there bool
		if err := c.get(ctx, &there, c.db.dialect.hasTable, name); err != nil {
			return nil, fmt.Errorf("look for table %s: %w", name, err)
		}
		if there {
			found = append(found, name)
		}
	}
	return found, nil
}

// backupRows implements backup.Writer in one transaction.
type backupRows struct{ c conn }

// Tables implements backup.Reader.
func (backupRows) Tables() []backup.Table { return slices.Clone(saved) }

// Rows implements backup.Reader.
func (b backupRows) Rows(ctx context.Context, t backup.Table, fn func(backup.Row) error) error {
	order := make([]string, len(t.Key))
	for i, name := range t.Key {
		order[i] = b.inByteOrder(t, name)
	}
	query := fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`, columnList(t), t.Name, strings.Join(order, ", "))
	row, into := make(backup.Row, len(t.Columns)), make([]any, len(t.Columns))
	for i := range row {
		into[i] = &row[i]
	}
	return b.c.each(ctx, func(rows *sql.Rows) error {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("scan a row of %s: %w", t.Name, err)
		}
		for i, column := range t.Columns {
			var err error
			if row[i], err = portable(column.Kind, row[i]); err != nil {
				return fmt.Errorf("column %s of a row of %s: %w", column.Name, t.Name, err)
			}
		}
		return fn(row)
	}, query)
}

// inByteOrder is the expression that sorts by a column as both databases do.
func (b backupRows) inByteOrder(t backup.Table, name string) string {
	i := slices.IndexFunc(t.Columns, func(c backup.Column) bool { return c.Name == name })
	if t.Columns[i].Kind == backup.Text {
		return name + b.c.db.dialect.byteOrder
	}
	return name
}

// selectReferences: a key that several rows share has one digest, wherever any is known.
const selectReferences = `
SELECT audio_url, max(audio_sha256)
  FROM (SELECT audio_url, audio_sha256 FROM speeches UNION ALL SELECT audio_url, audio_sha256 FROM past_recordings) r
 WHERE substr(audio_url, 1, 6) = 'audio/'
 GROUP BY audio_url
 ORDER BY audio_url%s`

// Recordings implements backup.Reader.
func (b backupRows) Recordings(ctx context.Context, fn func(backup.Reference) error) error {
	return b.c.each(ctx, func(rows *sql.Rows) error {
		var key string
		var sha256 *string
		if err := rows.Scan(&key, &sha256); err != nil {
			return fmt.Errorf("scan a recording: %w", err)
		}
		return fn(backup.Reference{Key: key, SHA256: orEmpty(sha256)})
	}, fmt.Sprintf(selectReferences, b.c.db.dialect.byteOrder))
}

// Filled implements backup.Writer.
func (b backupRows) Filled(ctx context.Context) (string, error) {
	names, err := b.c.existing(ctx, allTables())
	if err != nil {
		return "", err
	}
	for _, name := range names {
		var filled bool
		if err := b.c.get(ctx, &filled, `SELECT EXISTS (SELECT 1 FROM `+name+`)`); err != nil {
			return "", fmt.Errorf("look into table %s: %w", name, err)
		}
		if filled {
			return name, nil
		}
	}
	return "", nil
}

// Clear implements backup.Writer.
func (b backupRows) Clear(ctx context.Context) error {
	tables, err := b.c.existing(ctx, slices.Concat(rolledUp, allTables()))
	if err != nil {
		return err
	}
	if together := b.c.db.dialect.truncate; together != "" {
		_, err := b.c.exec(ctx, together+strings.Join(tables, ", "))
		if err != nil {
			return fmt.Errorf("empty the tables: %w", err)
		}
		return nil
	}
	for _, name := range tables {
		if _, err := b.c.exec(ctx, `DELETE FROM `+name); err != nil {
			return fmt.Errorf("empty table %s: %w", name, err)
		}
	}
	return nil
}

// allTables are all tables with rows of ours but roll-ups, each before those that it refers to.
func allTables() []string {
	tables := slices.Clone(notSaved)
	for _, t := range slices.Backward(saved) {
		tables = append(tables, t.Name)
	}
	return tables
}

// Insert implements backup.Writer.
func (b backupRows) Insert(ctx context.Context, t backup.Table, rows iter.Seq2[backup.Row, error]) (int, error) {
	if err := checkTable(t); err != nil {
		return 0, err
	}
	values := func(yield func([]any, error) bool) {
		for row, err := range rows {
			var converted []any
			if err == nil {
				converted, err = driverValues(t, row)
			}
			if !yield(converted, err) || err != nil {
				return
			}
		}
	}
	n, err := b.c.db.dialect.load(ctx, b.c, t, values)
	if hasCode(err, codeDangling) {
		err = fmt.Errorf("a row refers to one that is not there: %w", err)
	}
	return n, err
}

// checkTable refuses what is no table of ours, and names that are no names: they come from a file.
func checkTable(t backup.Table) error {
	if !slices.ContainsFunc(saved, func(s backup.Table) bool { return s.Name == t.Name }) {
		return fault.Invalid("tables", "%.80q is no table that belongs into a backup", t.Name)
	}
	for _, column := range t.Columns {
		if !isName(column.Name) {
			return fault.Invalid("columns", "%.80q is no name of a column", column.Name)
		}
	}
	return nil
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

func columnList(t backup.Table) string {
	names := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		names[i] = column.Name
	}
	return strings.Join(names, ", ")
}

// portable makes of what a driver gives what the kind's values are.
func portable(kind backup.Kind, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	switch kind {
	case backup.Bytes:
		b, ok := value.([]byte)
		return append([]byte{}, b...), matches(ok, kind, value) // SQLite's driver gives nil for none
	case backup.Int:
		n, ok := value.(int64)
		return n, matches(ok, kind, value)
	case backup.Float:
		f, ok := value.(float64)
		return f, matches(ok, kind, value)
	case backup.Time:
		var t timestamp
		err := t.Scan(value)
		return t.time(), err
	case backup.Bool:
		if n, ok := value.(int64); ok { // SQLite has no other
			return n != 0, nil
		}
		is, ok := value.(bool)
		return is, matches(ok, kind, value)
	}
	text, ok := value.(string)
	if b, isBytes := value.([]byte); isBytes {
		text, ok = string(b), true
	}
	if kind == backup.UUID && ok {
		id, err := uuid.Parse(text)
		return id.String(), err
	}
	return text, matches(ok, kind, value)
}

func matches(ok bool, kind backup.Kind, value any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("a %T is no %s", value, kind)
}

// driverValues makes of a row what both drivers take.
func driverValues(t backup.Table, row backup.Row) ([]any, error) {
	if len(row) != len(t.Columns) {
		return nil, fmt.Errorf("a row of %s has %d values for %d columns", t.Name, len(row), len(t.Columns))
	}
	values := make([]any, len(row))
	for i, value := range row {
		at, isTime := value.(time.Time)
		if !isTime {
			values[i] = value
			continue
		}
		var err error
		if values[i], err = timestamp(at).Value(); err != nil {
			return nil, err
		}
	}
	return values, checkTexts(values)
}

// load writes rows into a table as fast as a database can, and returns how many. An error of the rows is returned as it is.
type load func(ctx context.Context, c conn, t backup.Table, rows iter.Seq2[[]any, error]) (int, error)

// loadSQLite writes many rows with each statement.
func loadSQLite(ctx context.Context, c conn, t backup.Table, rows iter.Seq2[[]any, error]) (int, error) {
	insert := fmt.Sprintf(`INSERT INTO %s (%s)`, t.Name, columnList(t))
	size := min(maxRowsPerStatement, maxParameters/len(t.Columns))
	total := 0
	chunk := make([][]any, 0, size)
	flush := func() error {
		n, err := c.insertRows(ctx, insert, chunk, ``)
		if err != nil {
			return fmt.Errorf("rows %d to %d: %w", total+1, total+len(chunk), err)
		}
		total += n
		chunk = chunk[:0]
		return nil
	}
	for row, err := range rows {
		if err != nil {
			return total, err
		}
		if chunk = append(chunk, row); len(chunk) == size {
			if err := flush(); err != nil {
				return total, err
			}
		}
	}
	return total, flush()
}

// loadPostgres writes all rows with one COPY.
func loadPostgres(ctx context.Context, c conn, t backup.Table, rows iter.Seq2[[]any, error]) (n int, err error) {
	preparer, ok := c.write.(interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	})
	if !ok {
		return 0, errors.New("this connection cannot prepare statements")
	}
	copying, err := preparer.PrepareContext(ctx, fmt.Sprintf(`COPY %s (%s) FROM STDIN`, t.Name, columnList(t)))
	if err != nil {
		return 0, c.db.fault(ctx, err)
	}
	defer func() {
		if closeErr := copying.Close(); err == nil {
			err = c.db.fault(ctx, closeErr)
		}
	}()
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		if _, err := copying.ExecContext(ctx, row...); err != nil {
			return n, c.db.fault(ctx, err)
		}
		n++
	}
	_, err = copying.ExecContext(ctx) // the end
	return n, c.db.fault(ctx, err)
}
