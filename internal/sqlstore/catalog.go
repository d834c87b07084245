package sqlstore

import (
	"context"
	"fmt"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
)

const (
	selectCatalogVersion = `SELECT version FROM catalog_version WHERE id = 1`
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
func (s *Catalog) Version(ctx context.Context) (int64, error) {
	var version int64
	if err := s.c.get(ctx, &version, selectCatalogVersion); err != nil {
		return 0, fmt.Errorf("select the catalogue's version: %w", err)
	}
	return version, nil
}

// BumpVersion implements catalog.Store.
func (s *Catalog) BumpVersion(ctx context.Context) error {
	if _, err := s.c.exec(ctx, bumpCatalogVersion); err != nil {
		return fmt.Errorf("raise the catalogue's version: %w", err)
	}
	return nil
}
