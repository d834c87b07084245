package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
)

// readSnapshot is how the two databases tell live speeches, and then links of tags. Neither can stream two results side by
// side on one connection, and to sort or join a million rows would take longer than to find their places afterwards.
type readSnapshot struct {
	// allSpeeches and allLinks are the queries for everything, changedSpeeches and changedLinks those for a list of speeches.
	allSpeeches, changedSpeeches string
	allLinks, changedLinks       string
	// speeches and tagged tell what such a query finds.
	speeches, tagged func(ctx context.Context, tx conn, into catalog.Collector, query string, args ...any) error
}

// selectTagsOnly is selectTags without counts, which the links tell.
const selectTagsOnly = `
	SELECT id, name, category, created_at, 0 AS speech_count
	  FROM tags t
	 WHERE deleted_at IS NULL`

// Snapshot implements catalog.Store.
func (s *Catalog) Snapshot(ctx context.Context, into catalog.Collector) error {
	err := s.c.inOneVersion(ctx, func(tx conn) error {
		bound := &Catalog{tx}
		version, err := bound.Version(ctx)
		if err != nil {
			return err
		}
		tags, err := tx.tags(ctx, selectTagsOnly+orderTags)
		if err != nil {
			return err
		}
		into.Begin(version, tags)
		read := tx.db.dialect.readSnapshot
		if err := read.speeches(ctx, tx, into, read.allSpeeches); err != nil {
			return fmt.Errorf("select speeches: %w", err)
		}
		if err := read.tagged(ctx, tx, into, read.allLinks); err != nil {
			return fmt.Errorf("select the tags of speeches: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read a snapshot of the catalogue: %w", err)
	}
	return nil
}

// Ids come as 16 bytes: the driver would make a text of each, and we an id of that.
const (
	selectSpeechRows = `SELECT uuid_send(id), level, type, audio_url, text FROM speeches WHERE deleted_at IS NULL`
	selectTagLinks   = `SELECT uuid_send(speech_id) || uuid_send(tag_id) FROM speech_tags`
)

var readSnapshotPostgres = readSnapshot{
	allSpeeches:     selectSpeechRows,
	changedSpeeches: selectSpeechRows + ` AND id = ANY (?::uuid[])`,
	allLinks:        selectTagLinks,
	changedLinks:    selectTagLinks + ` WHERE speech_id = ANY (?::uuid[])`,
	speeches: func(ctx context.Context, tx conn, into catalog.Collector, query string, args ...any) error {
		var id, level, typ, audio, text sql.RawBytes
		row := []any{&id, &level, &typ, &audio, &text}
		return tx.each(ctx, func(rows *sql.Rows) error {
			if err := rows.Scan(row...); err != nil {
				return err
			}
			speech := catalog.SpeechRow{
				Level: known(catalog.Levels, level), Type: known(catalog.SentenceTypes, typ), Audio: audio, Text: text,
			}
			copy(speech.ID[:], id)
			into.Speech(speech)
			return nil
		}, query, args...)
	},
	tagged: func(ctx context.Context, tx conn, into catalog.Collector, query string, args ...any) error {
		var link sql.RawBytes
		row := []any{&link}
		return tx.each(ctx, func(rows *sql.Rows) error {
			if err := rows.Scan(row...); err != nil {
				return err
			}
			var speech, tag uuid.UUID
			copy(tag[:], link[copy(speech[:], link):])
			into.Tagged(speech, tag)
			return nil
		}, query, args...)
	},
}

// SQLite's driver takes about a microsecond for each value that it hands over, four times as long as SQLite takes to find it. So
// many rows come as one text, in which a NUL ends each value: there is none in a text (checkTexts).
const (
	selectSpeechBlocks = `
	WITH RECURSIVE blocks (start) AS (
		SELECT min(rowid) FROM speeches
		 UNION ALL
		SELECT start + 256 FROM blocks WHERE start + 256 <= (SELECT max(rowid) FROM speeches))
	SELECT (SELECT group_concat(id || char(0) || level || char(0) || type || char(0) || audio_url || char(0) || text || char(0), '')
	          FROM speeches NOT INDEXED
	         WHERE rowid >= start AND rowid < start + 256 AND deleted_at IS NULL)
	  FROM blocks`

	selectTagLinkBlocks = `
	WITH RECURSIVE blocks (start) AS (
		SELECT min(rowid) FROM speech_tags
		 UNION ALL
		SELECT start + 256 FROM blocks WHERE start + 256 <= (SELECT max(rowid) FROM speech_tags))
	SELECT (SELECT group_concat(speech_id || char(0) || tag_id || char(0), '')
	          FROM speech_tags NOT INDEXED
	         WHERE rowid >= start AND rowid < start + 256)
	  FROM blocks`

	selectSpeechesInBlocks = `
	SELECT id || char(0) || level || char(0) || type || char(0) || audio_url || char(0) || text || char(0)
	  FROM speeches
	 WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))`

	selectTagLinksInBlocks = `
	SELECT speech_id || char(0) || tag_id || char(0)
	  FROM speech_tags
	 WHERE speech_id IN (SELECT value FROM json_each(?))`
)

var readSnapshotSQLite = readSnapshot{
	allSpeeches:     selectSpeechBlocks,
	changedSpeeches: selectSpeechesInBlocks,
	allLinks:        selectTagLinkBlocks,
	changedLinks:    selectTagLinksInBlocks,
	speeches: func(ctx context.Context, tx conn, into catalog.Collector, query string, args ...any) error {
		return tx.eachBlock(ctx, 5, func(values [][]byte) error {
			id, err := uuid.ParseBytes(values[0])
			if err != nil {
				return fmt.Errorf("the id of a speech: %w", err)
			}
			into.Speech(catalog.SpeechRow{
				ID: id, Level: known(catalog.Levels, values[1]), Type: known(catalog.SentenceTypes, values[2]), Audio: values[3], Text: values[4],
			})
			return nil
		}, query, args...)
	},
	tagged: func(ctx context.Context, tx conn, into catalog.Collector, query string, args ...any) error {
		return tx.eachBlock(ctx, 2, func(values [][]byte) error {
			speech, err := uuid.ParseBytes(values[0])
			if err != nil {
				return fmt.Errorf("the id of a speech with a tag: %w", err)
			}
			tag, err := uuid.ParseBytes(values[1])
			if err != nil {
				return fmt.Errorf("the id of a tag of %s: %w", speech, err)
			}
			into.Tagged(speech, tag)
			return nil
		}, query, args...)
	},
}

// eachBlock calls row for every n values of a query whose rows are many, each ended by a NUL. They are valid during the call.
func (c conn) eachBlock(ctx context.Context, n int, row func(values [][]byte) error, query string, args ...any) error {
	values := make([][]byte, n)
	return c.each(ctx, func(rows *sql.Rows) error {
		var block sql.RawBytes
		if err := rows.Scan(&block); err != nil {
			return err
		}
		for rest := []byte(block); len(rest) > 0; {
			for i := range values {
				var whole bool
				if values[i], rest, whole = bytes.Cut(rest, []byte{0}); !whole {
					return errors.New("a row ends too early")
				}
			}
			if err := row(values); err != nil {
				return err
			}
		}
		return nil
	}, query, args...)
}

// known returns the constant that equals b, so that a million rows share a few strings.
func known[T ~string](values []T, b []byte) T {
	for _, v := range values {
		if string(v) == string(b) {
			return v
		}
	}
	return T(b)
}
