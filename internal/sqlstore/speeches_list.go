package sqlstore

import (
	"context"
	"fmt"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

const (
	countSpeeches = `SELECT count(*) FROM speeches s`

	countSpeechKinds = `
	SELECT level, type, count(*) AS speeches
	  FROM speeches
	 WHERE deleted_at IS NULL
	 GROUP BY level, type`
)

var orderSpeeches = map[catalog.SpeechOrder]string{
	catalog.NewestFirst:  ` ORDER BY s.created_at DESC, s.id DESC`,
	catalog.OldestFirst:  ` ORDER BY s.created_at, s.id`,
	catalog.EasiestFirst: ` ORDER BY s.level, s.created_at DESC, s.id DESC`,
	catalog.HardestFirst: ` ORDER BY s.level DESC, s.created_at, s.id`, // backwards through the index
}

// CountSpeeches implements catalog.Store.
func (s *Catalog) CountSpeeches(ctx context.Context) ([]catalog.SpeechCount, error) {
	var rows []struct {
		Level    string `db:"level"`
		Type     string `db:"type"`
		Speeches int    `db:"speeches"`
	}
	if err := s.c.all(ctx, &rows, countSpeechKinds); err != nil {
		return nil, fmt.Errorf("count the speeches of each level and type: %w", err)
	}
	counts := make([]catalog.SpeechCount, len(rows))
	for i, r := range rows {
		counts[i] = catalog.SpeechCount{Level: catalog.Level(r.Level), Type: catalog.SentenceType(r.Type), Speeches: r.Speeches}
	}
	return counts, nil
}

// Speeches implements catalog.Store.
func (s *Catalog) Speeches(
	ctx context.Context, f catalog.SpeechFilter, p paging.Page,
) ([]catalog.Speech, int, error) {
	if len(f.Words) > 0 {
		return s.searchSpeeches(ctx, f, p)
	}
	where := speechFilter(f)
	var total int
	if err := s.c.get(ctx, &total, countSpeeches+where.sql(), where.args...); err != nil {
		return nil, 0, fmt.Errorf("count speeches: %w", err)
	}
	speeches, err := s.c.speeches(ctx,
		selectSpeeches+where.sql()+orderSpeeches[f.Order]+` LIMIT ? OFFSET ?`,
		where.with(p.Limit, p.Offset())...)
	return speeches, total, err
}

// speechFilter is the filter's but for its words.
func speechFilter(f catalog.SpeechFilter) (where filter) {
	where.and(`s.deleted_at IS NULL`)
	if f.Level != "" {
		where.and(`s.level = ?`, f.Level)
	}
	if f.Type != "" {
		where.and(`s.type = ?`, f.Type)
	}
	if f.TagID != nil {
		where.and(`EXISTS (SELECT 1 FROM speech_tags st WHERE st.speech_id = s.id AND st.tag_id = ?)`, *f.TagID)
	}
	return where
}
