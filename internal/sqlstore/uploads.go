package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

const (
	insertUploadSession = `
	INSERT INTO upload_sessions (id, author, state, created_at, expires_at, file_sha256, lease_until)
	VALUES (?, ?, ?, ?, ?, ?, ?)`

	selectUploadSessions = `
	SELECT id, author, state, created_at, expires_at, file_sha256, lease_until
	  FROM upload_sessions`

	forAFile = ` WHERE file_sha256 = ? AND author = ? AND (state = ? OR (state = ? AND expires_at > ?))
	 ORDER BY created_at DESC, id DESC`

	moveUploadSession = `UPDATE upload_sessions SET state = ? WHERE id = ? AND state = ?`

	leaseUploadSession = `UPDATE upload_sessions SET lease_until = ? WHERE id = ? AND state = ? AND COALESCE(lease_until, created_at) < ?`

	// The records of its files go with it: ON DELETE CASCADE.
	deleteUploadSession = `DELETE FROM upload_sessions WHERE id = ?`

	insertUploadFiles = `
	INSERT INTO upload_files (id, session_id, original_name, name, object_key, size_bytes, sha256, ext, uploaded_at, sound)`

	selectUploadFiles = `
	SELECT id, session_id, original_name, name, object_key, size_bytes, sha256, ext, uploaded_at, sound
	  FROM upload_files
	 WHERE session_id = ?
	 ORDER BY name, id`

	deleteUploadFiles = `DELETE FROM upload_files WHERE id`
	selectUploadKeys  = `SELECT object_key FROM upload_files WHERE object_key`
)

type uploadSessionRow struct {
	ID         uuid.UUID `db:"id"`
	Author     string    `db:"author"`
	State      string    `db:"state"`
	CreatedAt  timestamp `db:"created_at"`
	ExpiresAt  timestamp `db:"expires_at"`
	FileSHA256 string    `db:"file_sha256"`
	// LeaseUntil is null in rows that are older than leases.
	LeaseUntil *timestamp `db:"lease_until"`
}

func (r uploadSessionRow) session() importing.UploadSession {
	return importing.UploadSession{
		ID: r.ID, Author: r.Author, State: importing.SessionState(r.State), CreatedAt: r.CreatedAt.time(),
		ExpiresAt: r.ExpiresAt.time(), FileSHA256: r.FileSHA256, LeaseUntil: orZero(r.LeaseUntil.timePtr()),
	}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

type uploadFileRow struct {
	ID           uuid.UUID `db:"id"`
	SessionID    uuid.UUID `db:"session_id"`
	OriginalName string    `db:"original_name"`
	Name         string    `db:"name"`
	ObjectKey    string    `db:"object_key"`
	SizeBytes    int64     `db:"size_bytes"`
	SHA256       string    `db:"sha256"`
	Ext          string    `db:"ext"`
	UploadedAt   timestamp `db:"uploaded_at"`
	Sound        *sound    `db:"sound"`
}

func (r uploadFileRow) file() importing.UploadFile {
	return importing.UploadFile{
		ID: r.ID, SessionID: r.SessionID, OriginalName: r.OriginalName, Name: r.Name, Key: r.ObjectKey,
		Size: r.SizeBytes, SHA256: r.SHA256, Ext: r.Ext, UploadedAt: r.UploadedAt.time(),
		Sound: (*importing.Sound)(r.Sound),
	}
}

// InsertUploadSession implements importing.Store.
func (s *Importing) InsertUploadSession(ctx context.Context, u importing.UploadSession) error {
	_, err := s.c.exec(ctx, insertUploadSession, u.ID, u.Author, u.State, timestamp(u.CreatedAt), timestamp(u.ExpiresAt),
		u.FileSHA256, timestamp(u.LeaseUntil))
	if err != nil {
		return fmt.Errorf("insert upload session %s: %w", u.ID, err)
	}
	return nil
}

// UploadSession implements importing.Store.
func (s *Importing) UploadSession(ctx context.Context, id uuid.UUID) (importing.UploadSession, error) {
	var row uploadSessionRow
	if err := s.c.get(ctx, &row, selectUploadSessions+` WHERE id = ?`, id); err != nil {
		return importing.UploadSession{}, noRowf(err, fault.NotFound("no upload session has the id %s", id), "select upload session %s", id)
	}
	return row.session(), nil
}

// MoveUploadSession implements importing.Store.
func (s *Importing) MoveUploadSession(ctx context.Context, id uuid.UUID, from, to importing.SessionState) (bool, error) {
	n, err := s.c.exec(ctx, moveUploadSession, to, id, from)
	if err != nil {
		return false, fmt.Errorf("move upload session %s from %s to %s: %w", id, from, to, err)
	}
	return n > 0, nil
}

// LockUploads implements importing.Store. It has no effect outside of a transaction.
func (s *Importing) LockUploads(ctx context.Context, author, fileSHA256 string) error {
	lock := s.c.db.dialect.lockText
	if lock == "" {
		return nil
	}
	if _, err := s.c.exec(ctx, lock, "uploads of "+fileSHA256+" by "+author); err != nil {
		return fmt.Errorf("lock the uploads of a file: %w", err)
	}
	return nil
}

// UploadSessionsFor implements importing.Store.
func (s *Importing) UploadSessionsFor(
	ctx context.Context, author, fileSHA256 string, now time.Time,
) ([]importing.UploadSession, error) {
	var rows []uploadSessionRow
	err := s.c.all(ctx, &rows, selectUploadSessions+forAFile,
		fileSHA256, author, importing.SessionImporting, importing.SessionOpen, timestamp(now))
	if err != nil {
		return nil, fmt.Errorf("select the upload sessions for a file: %w", err)
	}
	return convert(rows, uploadSessionRow.session), nil
}

// LeaseUploadSession implements importing.Store.
func (s *Importing) LeaseUploadSession(ctx context.Context, id uuid.UUID, until, ifBefore time.Time) (bool, error) {
	n, err := s.c.exec(ctx, leaseUploadSession, timestamp(until), id, importing.SessionOpen, timestamp(ifBefore))
	if err != nil {
		return false, fmt.Errorf("lease upload session %s: %w", id, err)
	}
	return n > 0, nil
}

// DeleteUploadSession implements importing.Store.
func (s *Importing) DeleteUploadSession(ctx context.Context, id uuid.UUID) error {
	if _, err := s.c.exec(ctx, deleteUploadSession, id); err != nil {
		return fmt.Errorf("delete upload session %s: %w", id, err)
	}
	return nil
}

// ExpiredUploadSessions implements importing.Store. Those that expired first come first.
func (s *Importing) ExpiredUploadSessions(
	ctx context.Context, now time.Time, limit int,
) ([]importing.UploadSession, error) {
	var rows []uploadSessionRow
	err := s.c.all(ctx, &rows,
		selectUploadSessions+` WHERE state = ? OR (state = ? AND expires_at < ?) ORDER BY expires_at, id LIMIT ?`,
		importing.SessionUsed, importing.SessionOpen, timestamp(now), limit)
	if err != nil {
		return nil, fmt.Errorf("select expired upload sessions: %w", err)
	}
	return convert(rows, uploadSessionRow.session), nil
}

// InsertUploadFiles implements importing.Store: all files or none.
func (s *Importing) InsertUploadFiles(ctx context.Context, files []importing.UploadFile) error {
	rows := convert(files, func(f importing.UploadFile) []any {
		return []any{f.ID, f.SessionID, f.OriginalName, f.Name, f.Key, f.Size, f.SHA256, f.Ext, timestamp(f.UploadedAt), (*sound)(f.Sound)}
	})
	_, err := s.c.insertRows(ctx, insertUploadFiles, rows, ``)
	if hasCode(err, codeDuplicate) {
		return fault.Conflict("a file of that name is in the upload session already").WithCode("file_exists").WithCause(err)
	}
	if err != nil {
		return fmt.Errorf("insert %d upload files: %w", len(files), err)
	}
	return nil
}

// UploadFiles implements importing.Store.
func (s *Importing) UploadFiles(ctx context.Context, session uuid.UUID) ([]importing.UploadFile, error) {
	var rows []uploadFileRow
	if err := s.c.all(ctx, &rows, selectUploadFiles, session); err != nil {
		return nil, fmt.Errorf("select the files of upload session %s: %w", session, err)
	}
	return convert(rows, uploadFileRow.file), nil
}

// DeleteUploadFiles implements importing.Store.
func (s *Importing) DeleteUploadFiles(ctx context.Context, ids []uuid.UUID) (int, error) {
	list, err := s.c.list(ids)
	if err != nil {
		return 0, err
	}
	n, err := s.c.exec(ctx, deleteUploadFiles+s.c.db.dialect.inUUIDs, list)
	if err != nil {
		return 0, fmt.Errorf("delete %d upload files: %w", len(ids), err)
	}
	return n, nil
}

// UploadKeys implements importing.Store.
func (s *Importing) UploadKeys(ctx context.Context, keys []string) (map[string]bool, error) {
	list, err := s.c.list(keys)
	if err != nil {
		return nil, err
	}
	return s.c.keySet(ctx, selectUploadKeys+s.c.db.dialect.inTexts, list)
}
