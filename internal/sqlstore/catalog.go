package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
)

const (
	selectCatalogVersion = `
	SELECT v.version, c.mark
	  FROM catalog_version v
	  LEFT JOIN catalog_changes c ON c.version = v.version
	 WHERE v.id = 1`
	lockCatalogVersion = `SELECT version FROM catalog_version WHERE id = 1`

	// The row's lock is what makes content writers wait for each other on PostgreSQL.
	bumpCatalogVersion = `UPDATE catalog_version SET version = version + 1 WHERE id = 1`
)

// Catalog implements catalog.Store.
type Catalog struct{ c conn }

var _ catalog.Store = (*Catalog)(nil)

// InTx implements catalog.Store. Called on a store that is bound to a transaction, it joins that one.
func (s *Catalog) InTx(ctx context.Context, fn func(tx catalog.Store) error) error {
	return s.c.inTx(ctx, func(tx conn) error { return fn(&Catalog{tx}) })
}

// InsertAudit implements catalog.Store.
func (s *Catalog) InsertAudit(ctx context.Context, e audit.Entry) error {
	return s.c.insertAudit(ctx, e)
}

// Version implements catalog.Store.
func (s *Catalog) Version(ctx context.Context) (catalog.Version, error) {
	var row struct {
		Version int64         `db:"version"`
		Mark    uuid.NullUUID `db:"mark"`
	}
	if err := s.c.get(ctx, &row, selectCatalogVersion); err != nil {
		return catalog.Version{}, fmt.Errorf("select the catalogue's version: %w", err)
	}
	return catalog.Version{Number: row.Version, Mark: row.Mark.UUID}, nil
}

// BumpVersion implements catalog.Store.
func (s *Catalog) BumpVersion(ctx context.Context) error {
	if _, err := s.c.exec(ctx, bumpCatalogVersion); err != nil {
		return fmt.Errorf("raise the catalogue's version: %w", err)
	}
	if s.c.tx != nil {
		s.c.tx.content.raised = true
	}
	return nil
}
