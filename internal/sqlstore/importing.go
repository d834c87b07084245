package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	selectReferencedKeys = `
	SELECT s.audio_url FROM speeches s WHERE s.audio_url %[1]s
	UNION
	SELECT i.object_key
	  FROM import_items i
	  JOIN import_batches b ON b.id = i.batch_id
	 WHERE b.state = 'running' AND i.object_key %[1]s
	UNION
	SELECT u.object_key FROM upload_files u WHERE u.object_key %[1]s
	UNION
	SELECT p.audio_url FROM past_recordings p WHERE p.audio_url %[1]s`

	unlessLinked = ` ON CONFLICT (speech_id, tag_id) DO NOTHING`
)

// Importing implements importing.Store.
type Importing struct{ c conn }

var _ importing.Store = (*Importing)(nil)

// InTx implements importing.Store. Called on a store that is bound to a transaction, it joins that one.
func (s *Importing) InTx(ctx context.Context, fn func(tx importing.Store) error) error {
	return s.c.inTx(ctx, func(tx conn) error { return fn(&Importing{tx}) })
}

// Catalog implements importing.Store.
func (s *Importing) Catalog() catalog.Store { return &Catalog{s.c} }

// selectLikeIDs has lists for its parameters: digests, texts, and the digests again; inTexts stands for %[1]s.
const selectLikeIDs = `
	SELECT l.id FROM speeches l WHERE l.deleted_at IS NULL AND l.audio_sha256%[1]s AND l.text%[1]s
	UNION
	SELECT (SELECT o.id FROM speeches o WHERE o.deleted_at IS NULL AND o.audio_sha256 = d.audio_sha256 ORDER BY o.created_at, o.id LIMIT 1)
	FROM (SELECT DISTINCT audio_sha256 FROM speeches WHERE deleted_at IS NULL AND audio_sha256%[1]s) d`

// LiveSpeechesLike implements importing.Store.
func (s *Importing) LiveSpeechesLike(ctx context.Context, digests, texts []string) ([]catalog.Speech, error) {
	digestList, err := s.c.list(digests)
	if err != nil {
		return nil, err
	}
	textList, err := s.c.list(texts)
	if err != nil {
		return nil, err
	}
	return s.c.speeches(ctx,
		selectSpeeches+` WHERE s.id IN (`+fmt.Sprintf(selectLikeIDs, s.c.db.dialect.inTexts)+`) ORDER BY s.created_at, s.id`,
		digestList, textList, digestList)
}

// AddTags implements importing.Store.
func (s *Importing) AddTags(ctx context.Context, links []importing.TagLink) (int, error) {
	rows := convert(links, func(l importing.TagLink) []any { return []any{l.SpeechID, l.TagID} })
	added, err := s.c.insertRows(ctx, insertSpeechTags, rows, unlessLinked)
	if err != nil {
		return 0, fmt.Errorf("insert %d tags of speeches: %w", len(links), err)
	}
	s.c.changed(convert(links, func(l importing.TagLink) uuid.UUID { return l.SpeechID })...)
	return added, nil
}

// ReferencedKeys implements importing.Store.
func (s *Importing) ReferencedKeys(ctx context.Context, keys []string) (map[string]bool, error) {
	list, err := s.c.list(keys)
	if err != nil {
		return nil, err
	}
	return s.c.keySet(ctx, fmt.Sprintf(selectReferencedKeys, s.c.db.dialect.inTexts), list, list, list, list)
}

// keySet runs a query for one column of object keys.
func (c conn) keySet(ctx context.Context, query string, args ...any) (map[string]bool, error) {
	var found []string
	if err := c.all(ctx, &found, query, args...); err != nil {
		return nil, fmt.Errorf("select object keys: %w", err)
	}
	set := make(map[string]bool, len(found))
	for _, key := range found {
		set[key] = true
	}
	return set, nil
}
