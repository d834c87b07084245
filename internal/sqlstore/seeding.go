package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
	"github.com/englishapp/englishctl/internal/statistics"
)

const (
	selectSpeechIDs  = `SELECT id, deleted_at IS NULL FROM speeches WHERE id >= ? AND id < ?`
	selectUserIDs    = `SELECT id, TRUE FROM users WHERE id >= ? AND id < ?`
	selectSessionIDs = `SELECT id, TRUE FROM game_sessions WHERE id >= ? AND id < ?`
)

// Seeding implements seeding.Store.
type Seeding struct{ c conn }

var _ seeding.Store = (*Seeding)(nil)

// InTx implements seeding.Store. Called on a store that is bound to a transaction, it joins that one.
func (s *Seeding) InTx(ctx context.Context, fn func(tx seeding.Store) error) error {
	return s.c.inTx(ctx, func(tx conn) error { return fn(&Seeding{tx}) })
}

// Catalog implements seeding.Store.
func (s *Seeding) Catalog() catalog.Store { return &Catalog{s.c} }

// Practice implements seeding.Store.
func (s *Seeding) Practice() practice.Store { return &Practice{s.c} }

// Lock implements seeding.Store.
func (s *Seeding) Lock(ctx context.Context) error {
	var version int64
	if err := s.c.get(ctx, &version, lockCatalogVersion+s.c.db.dialect.forUpdate); err != nil {
		return fmt.Errorf("lock the catalogue: %w", err)
	}
	return nil
}

// EachID implements seeding.Store.
func (s *Seeding) EachID(
	ctx context.Context, kind seeding.Kind, from, end uuid.UUID, row func(id uuid.UUID, live bool),
) error {
	query := map[seeding.Kind]string{
		seeding.Speeches: selectSpeechIDs, seeding.Users: selectUserIDs, seeding.Sessions: selectSessionIDs,
	}[kind]
	err := s.c.each(ctx, func(rows *sql.Rows) error {
		var id uuid.UUID
		var live bool
		if err := rows.Scan(&id, &live); err != nil {
			return err
		}
		row(id, live)
		return nil
	}, query, from, end)
	if err != nil {
		return fmt.Errorf("select the ids of %s: %w", kind, err)
	}
	return nil
}

// NoteDays implements seeding.Store.
func (s *Seeding) NoteDays(ctx context.Context, times []time.Time) error {
	var days []statistics.Date
	for _, t := range times {
		days = append(days, statistics.DateOf(t))
	}
	slices.Sort(days)
	rows := convert(slices.Compact(days), func(d statistics.Date) []any { return []any{day(d)} })
	if _, err := s.c.insertRows(ctx, insertChanges, rows, ``); err != nil {
		return fmt.Errorf("note the days of a seed: %w", err)
	}
	return nil
}

// InsertUsers implements seeding.Store.
func (s *Seeding) InsertUsers(ctx context.Context, users []account.User) error {
	if _, err := s.c.insertRows(ctx, insertUsers, convert(users, newUserRow), ``); err != nil {
		return fmt.Errorf("insert %d users: %w", len(users), err)
	}
	return nil
}

// Analyze implements seeding.Store. A table that is empty is left alone: PostgreSQL takes one of which it knows nothing for larger than that. Of one
// that it knows to be empty it reads every row to check a foreign key, on connections that began then, until it notices by itself that there are
// thousands.
func (s *Seeding) Analyze(ctx context.Context) error {
	for _, table := range s.c.db.dialect.analyzed {
		var filled bool
		if err := s.c.get(ctx, &filled, `SELECT EXISTS (SELECT 1 FROM `+table+`)`); err != nil { // our own name
			return fmt.Errorf("look into %s: %w", table, err)
		}
		if !filled {
			continue
		}
		if _, err := s.c.exec(ctx, `ANALYZE `+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
	}
	return nil
}
