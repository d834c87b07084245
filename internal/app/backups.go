package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// Backups makes and restores backups of the database and the audio store that the settings name, in one place.
type Backups struct {
	*backup.Service
	cfg   *config.Config
	log   *slog.Logger
	place store
}

// OpenBackups opens a place: a folder, or s3://BUCKET or s3://BUCKET/PREFIX. With make it is made where it is missing;
// without, that is fault.NotFound. Neither database nor audio store is opened yet. watch is told how far things are.
func OpenBackups(ctx context.Context, cfg *config.Config, log *slog.Logger, at string, make bool, watch func(backup.Progress)) (*Backups, error) {
	files, prefix, err := openPlace(ctx, cfg, log, at, make)
	if err != nil {
		return nil, err
	}
	known, err := sqlstore.KnownVersion("sqlite")
	if err != nil {
		return nil, errors.Join(err, files.Close())
	}
	service := backup.New(backupPlace{files, prefix}, backup.Config{
		Program: telemetry.Version().String(), Scratch: newScratch, Known: known, Watch: watch,
	})
	return &Backups{service, cfg, log, files}, nil
}

// Close lets go of the place.
func (b *Backups) Close() error { return b.place.Close() }

// openPlace opens what backups are written to, and says what its keys begin with.
func openPlace(ctx context.Context, cfg *config.Config, log *slog.Logger, at string, make bool) (store, string, error) {
	rest, isBucket := strings.CutPrefix(at, "s3://")
	if !isBucket {
		files, err := openFolder(at, make)
		return files, "", err
	}
	bucket, prefix, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	if prefix != "" {
		if err := blob.CheckKey(prefix); err != nil {
			return nil, "", err
		}
		prefix += "/"
	}
	mc, err := backupStore(cfg, log)
	if err != nil {
		return nil, "", err
	}
	mc.Bucket = bucket
	files, err := blob.NewMinIO(mc)
	if err != nil {
		return nil, "", asWritten(err)
	}
	if make {
		err = files.EnsureBucket(ctx) // and private: hashes of passwords will be in it
	} else {
		err = files.Ping(ctx)
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("open %s: %w", at, err), files.Close())
	}
	return files, prefix, nil
}

// asWritten names the settings of the store of backups where the store knows those of the audio.
func asWritten(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	named := *f
	named.Fields = slices.Clone(f.Fields)
	for i, field := range named.Fields {
		if named.Fields[i].Name = "BACKUP_" + field.Name; field.Name == "S3_BUCKET_NAME" {
			named.Fields[i].Name = "PLACE"
		}
	}
	return &named
}

// openFolder opens a folder whose files only their owner can read.
func openFolder(at string, make bool) (store, error) {
	if strings.Contains(at, "://") {
		return nil, fault.Invalid("PLACE", "%q is neither a folder nor s3://BUCKET/PREFIX", at)
	}
	if _, err := os.Stat(at); err != nil && !make {
		return nil, fault.NotFound("there is no backup: the folder %s cannot be opened", at).WithCause(err)
	}
	unused := [32]byte{} // nobody gets a link to a backup
	if _, err := rand.Read(unused[:]); err != nil {
		return nil, err
	}
	files, err := blob.NewDisk(blob.DiskConfig{Dir: at, Private: true, SigningKey: unused[:]})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	return files, nil
}

// backupStore is the store that has the buckets of backups.
func backupStore(cfg *config.Config, log *slog.Logger) (blob.MinIOConfig, error) {
	switch b := cfg.Backup; {
	case b.Endpoint != nil:
		return blob.MinIOConfig{
			Endpoint: b.Endpoint.String(), AccessKey: b.AccessKey.Reveal(), SecretKey: b.SecretKey.Reveal(), Region: b.Region, Log: log,
		}, nil
	case cfg.Storage.S3():
		s := cfg.Storage
		return blob.MinIOConfig{
			Endpoint: s.Endpoint.String(), AccessKey: s.AccessKey.Reveal(), SecretKey: s.SecretKey.Reveal(), Region: s.Region, Log: log,
		}, nil
	}
	return blob.MinIOConfig{}, fault.Invalid("BACKUP_S3_ENDPOINT_URL", "is not set, and neither is S3_ENDPOINT_URL: nobody knows which store the bucket is in")
}

// Create makes a snapshot. It may run beside daemons.
func (b *Backups) Create(ctx context.Context) (backup.Report, error) {
	var report backup.Report
	if !b.cfg.Database.Postgres() {
		if _, err := os.Stat(sqlitePath(b.cfg)); err != nil { // an empty one would be made, and saved
			return report, fault.NotFound("there is no database in %s (DATA_DIR)", b.cfg.DataDir).WithCause(err)
		}
	}
	err := b.with(ctx, func(db *sqlstore.DB, audio recordings) (err error) {
		if err := db.CheckSchema(ctx); err != nil {
			return err
		}
		report, err = b.Service.Create(ctx, db.Backup(), savedAudio{audio})
		return err
	})
	return report, err
}

// Restore writes a snapshot into the database and the audio store, and brings the schema up to date before. With SQLite no
// daemon may run on the data directory.
func (b *Backups) Restore(ctx context.Context, o backup.RestoreOptions) (restored backup.Restored, err error) {
	lock, err := lockInstance(b.cfg)
	if err != nil {
		return restored, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	err = b.with(ctx, func(db *sqlstore.DB, audio recordings) (err error) {
		if _, err := db.Migrate(ctx); err != nil {
			return err
		}
		if bucket, ok := audio.store.(*blob.MinIO); ok {
			if err := bucket.EnsureBucket(ctx); err != nil {
				return fmt.Errorf("prepare the audio store: %w", err)
			}
		}
		restored, err = b.Service.Restore(ctx, db.Backup(), savedAudio{audio}, o)
		return err
	})
	return restored, err
}

// with opens database and audio store. The database may be silent for as long as it likes: a large table is sorted, or
// written, without a word.
func (b *Backups) with(ctx context.Context, do func(*sqlstore.DB, recordings) error) (err error) {
	db, err := openDatabase(ctx, b.cfg, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	audio, err := openRecordings(b.cfg, b.log, "", keys{signing: make([]byte, 32)}) // no link is made
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, audio.Close()) }()
	return do(db, audio)
}

// backupPlace is a store of files, or what begins with a prefix of it, in the words of package backup.
type backupPlace struct {
	store
	prefix string
}

func (p backupPlace) Put(ctx context.Context, name string, r io.Reader) error {
	_, err := p.store.Put(ctx, p.prefix+name, r, "application/octet-stream")
	if full, ok := fault.As(err); ok && blob.IsFull(err) { // the audio store may have plenty of room
		return fault.Unavailable("the place of the backup is full; make room and try again").WithCode(full.Code).WithCause(full.Unwrap())
	}
	return err
}

func (p backupPlace) Open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	content, info, err := p.store.Open(ctx, p.prefix+name)
	return content, info.Size, err
}

func (p backupPlace) Delete(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = p.prefix + name
	}
	return p.store.Delete(ctx, keys...)
}

func (p backupPlace) List(ctx context.Context, prefix string) iter.Seq2[backup.File, error] {
	return func(yield func(backup.File, error) bool) {
		for o, err := range p.store.List(ctx, p.prefix+prefix) {
			if !yield(backup.File{Name: strings.TrimPrefix(o.Key, p.prefix), Size: o.Size, ModTime: o.ModTime}, err) {
				return
			}
		}
	}
}

// savedAudio is the audio store in the words of package backup.
type savedAudio struct{ recordings }

func (s savedAudio) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return s.Read(ctx, key)
}

func (s savedAudio) Put(ctx context.Context, key string, r io.Reader) error {
	_, err := s.recordings.Put(ctx, key, r, blob.ContentType(key))
	return err
}

// scratch is a SQLite database in a temporary folder.
type scratch struct {
	*sqlstore.Backup
	db  *sqlstore.DB
	dir string
}

func newScratch(ctx context.Context, version int64) (_ backup.Scratch, err error) {
	dir, err := os.MkdirTemp("", "englishctl-scratch-*")
	if err != nil {
		return nil, err
	}
	s := &scratch{dir: dir}
	if s.db, err = sqlstore.Open(ctx, sqlstore.Config{SQLitePath: filepath.Join(dir, "scratch.db")}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.Backup = s.db.Backup()
	if _, err := s.db.MigrateTo(ctx, version); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *scratch) Migrate(ctx context.Context) error {
	_, err := s.db.Migrate(ctx)
	return err
}

func (s *scratch) Close() error { return errors.Join(s.db.Close(), os.RemoveAll(s.dir)) }
