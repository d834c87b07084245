package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

const (
	// maxNoted is how many changed speeches are noted of one version: as many as the largest import has. 100,000 ids take 1.6 MB in
	// PostgreSQL and 3.9 MB in SQLite.
	maxNoted = 100_000

	// Of the latest 1,000 versions it is known what they have changed. A number that is higher than the version's is of a past that
	// this database has lost.
	dropChanges = `
	DELETE FROM catalog_changes
	 WHERE version <= (SELECT version - 1000 FROM catalog_version WHERE id = 1)
	    OR version >= (SELECT version FROM catalog_version WHERE id = 1)`

	insertContentChanges = `
	INSERT INTO catalog_changes (version, mark, speeches)
	SELECT version, ?, ? FROM catalog_version WHERE id = 1`

	// countVersions yields how many versions are noted from one on; none where that one is not in this database's past.
	countVersions = `
	SELECT count(*)
	  FROM catalog_changes
	 WHERE version >= ? AND EXISTS (SELECT 1 FROM catalog_changes WHERE version = ? AND mark = ?)`
)

// contentChanges are what a transaction has done to the catalogue.
type contentChanges struct {
	// raised says that the transaction has raised the catalogue's version, and so holds its lock.
	raised   bool
	speeches map[uuid.UUID]bool
}

// changed notes that the running transaction has changed speeches, or their tags.
func (c conn) changed(speeches ...uuid.UUID) {
	if c.tx == nil {
		return // nobody has raised the version with this write
	}
	if c.tx.content.speeches == nil {
		c.tx.content.speeches = make(map[uuid.UUID]bool)
	}
	for _, id := range speeches {
		c.tx.content.speeches[id] = true
	}
}

// noteChanges writes down what the transaction has changed, at its end. Where there is too much, the version stays without a note,
// and whoever has an older one reads everything.
func (c conn) noteChanges(ctx context.Context) error {
	content := c.tx.content
	if !content.raised {
		return nil
	}
	if _, err := c.exec(ctx, dropChanges); err != nil {
		return fmt.Errorf("drop old notes of changes: %w", err)
	}
	if len(content.speeches) > maxNoted {
		return nil
	}
	list, err := c.list(slices.AppendSeq(make([]uuid.UUID, 0, len(content.speeches)), maps.Keys(content.speeches)))
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, insertContentChanges, uuid.New(), list); err != nil {
		return fmt.Errorf("note %d changed speeches: %w", len(content.speeches), err)
	}
	return nil
}

// Changes implements catalog.Store.
func (s *Catalog) Changes(ctx context.Context, since catalog.Version, most int, into catalog.Collector) (known bool, err error) {
	err = s.c.inOneVersion(ctx, func(tx conn) error {
		version, err := (&Catalog{tx}).Version(ctx)
		if err != nil {
			return err
		}
		var speeches []uuid.UUID
		if speeches, known, err = tx.changedSince(ctx, since, version, most); err != nil || !known {
			return err
		}
		return tx.tellChanges(ctx, version, speeches, into)
	})
	if err != nil {
		return false, fmt.Errorf("read what has changed in the catalogue since version %d: %w", since.Number, err)
	}
	return known, nil
}

// changedSince returns the speeches that have changed between two versions. It does not know them where a version between has no
// note, or where there are more than most.
func (c conn) changedSince(ctx context.Context, since, version catalog.Version, most int) (speeches []uuid.UUID, known bool, err error) {
	var noted int64
	if err := c.get(ctx, &noted, countVersions, since.Number, since.Number, since.Mark); err != nil {
		return nil, false, fmt.Errorf("count the versions since: %w", err)
	}
	if noted == 0 || noted != version.Number-since.Number+1 {
		return nil, false, nil
	}
	if err := c.all(ctx, &speeches, c.db.dialect.selectChanged, since.Number, most+1); err != nil {
		return nil, false, fmt.Errorf("select the changed speeches: %w", err)
	}
	return speeches, len(speeches) <= most, nil
}

// tellChanges tells what is true now of all tags and of these speeches.
func (c conn) tellChanges(ctx context.Context, version catalog.Version, speeches []uuid.UUID, into catalog.Collector) error {
	tags, err := c.tags(ctx, selectTagsOnly+orderTags)
	if err != nil {
		return err
	}
	into.Begin(version, tags)
	into.Changed(speeches)
	if len(speeches) == 0 {
		return nil
	}
	list, err := c.list(speeches)
	if err != nil {
		return err
	}
	read := c.db.dialect.readSnapshot
	if err := read.speeches(ctx, c, into, read.changedSpeeches, list); err != nil {
		return fmt.Errorf("select the changed speeches: %w", err)
	}
	if err := read.tagged(ctx, c, into, read.changedLinks, list); err != nil {
		return fmt.Errorf("select the tags of the changed speeches: %w", err)
	}
	return nil
}
