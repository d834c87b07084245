package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/backup"
)

// snapshotsStay is how an interruption leaves the place of backups.
const snapshotsStay = "no snapshot was made; those that were there are as before, and the next backup goes on with the recordings"

func newBackup(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "backup PLACE",
		Short: "Save all rows and recordings in a folder or a bucket",
		Long: `Save all rows and recordings in a folder, or in s3://BUCKET/PREFIX. Each run
makes a snapshot, which "restore" brings back, here or into another kind of
database. It runs beside a running daemon.

All rows are of one moment. Recordings are kept once for all snapshots: what is
there already is not copied again. A snapshot that was broken off is none, and
the next run goes on with its recordings. Files can be read by their owner only:
hashes of passwords are in them. Settings and keys, such as JWT_SECRET_KEY or
DATA_DIR/jwt.key, are not: keep those elsewhere. See docs/backup.md.

The store of a bucket is that of BACKUP_S3_ENDPOINT_URL, or else the one that
the audio is in. The bucket is made where it is missing, and private.

It prints a line for each table: table, rows and sha256, which depends on the
rows alone; a table on the terminal leaves that out. Recordings that are missing
or damaged are named, and the exit code is 1, but the rest is saved.`,
		Example: `  englishctl backup backups
  englishctl backup backups -o json`,
		Args: exactlyOne("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withBackups(cmd, args[0], true, func(ctx context.Context, b *app.Backups) error {
				report, err := b.Create(ctx)
				if err != nil {
					return leaving(ctx, err, snapshotsStay)
				}
				saved := report.Manifest.Recordings
				e.sayf("saved snapshot %s: %s, %s (%d of them new)\n", report.Name,
					counted(report.Manifest.Rows(), "row"), counted(saved.Rows-saved.Missing, "recording"), report.Copied)
				return e.printReport(report, output)
			})
		},
	}
	output.register(cmd, savedColumns)
	cmd.AddCommand(newBackupList(e), newBackupVerify(e), newBackupPrune(e))
	return cmd
}

// withBackups runs fn with the place of backups, and shows how far things are.
func (e *env) withBackups(cmd *cobra.Command, at string, make bool, fn func(context.Context, *app.Backups) error) (err error) {
	cfg, _, err := e.load(cmd)
	if err != nil {
		return err
	}
	watch := &watched{e: e, doing: cmd.Name()}
	defer watch.end()
	b, err := app.OpenBackups(cmd.Context(), cfg, e.logger(cfg), at, make, watch.tell)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return fn(cmd.Context(), b)
}

// watched shows the progress of one kind of thing after the other.
type watched struct {
	e     *env
	doing string
	of    string
	done  int
	bar   *progress
}

func (w *watched) tell(p backup.Progress) {
	if w.bar == nil || w.of != p.Of || p.Done < w.done {
		w.end()
		w.of, w.done, w.bar = p.Of, 0, w.e.begin(work{doing: w.doing, thing: p.Of, total: p.Total})
	}
	w.bar.advance(p.Done-w.done, 0)
	w.done = p.Done
	if p.Done >= p.Total {
		w.end()
	}
}

func (w *watched) end() {
	if w.bar != nil {
		w.bar.end()
		w.bar = nil
	}
}

// snapshotItem is a snapshot as -o json prints it.
type snapshotItem struct {
	Snapshot      string         `json:"snapshot"`
	CreatedAt     time.Time      `json:"created_at"`
	SchemaVersion int64          `json:"schema_version"`
	Tables        []savedItem    `json:"tables"`
	Recordings    recordingsItem `json:"recordings"`
}

type savedItem struct {
	Table  string `json:"table"`
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"`
}

type recordingsItem struct {
	Count     int    `json:"count"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	Missing   int    `json:"missing"`
	Differing int    `json:"differing"`
}

var savedColumns = []string{"table", "rows", "sha256"}

// printReport prints what a snapshot has, and returns what is wrong with its recordings.
func (e *env) printReport(r backup.Report, output outputOptions) error {
	for _, problem := range r.Problems {
		e.warn(problem)
	}
	if err := output.print(e.Stdout, savedListing(r.Name, r.Manifest)); err != nil {
		return err
	}
	return r.Whole()
}

func savedListing(name string, m backup.Manifest) listing {
	l := listing{columns: savedColumns, inTable: savedColumns[:2], numbers: []string{"rows"}}
	item := snapshotItem{
		Snapshot: name, CreatedAt: m.CreatedAt, SchemaVersion: m.SchemaVersion,
		Recordings: recordingsItem{
			m.Recordings.Rows - m.Recordings.Missing, m.Recordings.AudioSize, m.Recordings.RowsSHA256, m.Recordings.Missing, m.Recordings.Differing,
		},
	}
	for _, t := range m.Tables {
		item.Tables = append(item.Tables, savedItem{t.Name, t.Rows, t.RowsSHA256})
		l.rows = append(l.rows, []string{t.Name, strconv.Itoa(t.Rows), t.RowsSHA256})
	}
	l.rows = append(l.rows, []string{"(recordings)", strconv.Itoa(item.Recordings.Count), item.Recordings.SHA256})
	l.items = item
	return l
}

func newBackupList(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "list PLACE",
		Short: "Show which snapshots there are",
		Long: `Show the snapshots in a folder or in s3://BUCKET/PREFIX, oldest first. One that
is "unfinished" was broken off or is being written: it cannot be restored, and
"backup prune" removes it after a day. The columns are snapshot, state,
created_at, schema_version, source, rows, recordings and bytes, the size of the
recordings that it shares with others.`,
		Example: `  englishctl backup list backups`,
		Args:    exactlyOne("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withBackups(cmd, args[0], false, func(ctx context.Context, b *app.Backups) error {
				list, err := b.List(ctx)
				if err != nil {
					return err
				}
				return output.print(e.Stdout, snapshotsListing(list))
			})
		},
	}
	output.register(cmd, snapshotColumns)
	return cmd
}

// snapshotLine is a snapshot of a list as -o json prints it.
type snapshotLine struct {
	Snapshot      string     `json:"snapshot"`
	State         string     `json:"state"`
	CreatedAt     *time.Time `json:"created_at"`
	SchemaVersion *int64     `json:"schema_version"`
	Source        string     `json:"source"`
	Rows          int        `json:"rows"`
	Recordings    int        `json:"recordings"`
	Bytes         int64      `json:"bytes"`
}

var snapshotColumns = []string{"snapshot", "state", "created_at", "schema_version", "source", "rows", "recordings", "bytes"}

func snapshotsListing(list []backup.Snapshot) listing {
	l := listing{
		columns: snapshotColumns, rows: [][]string{},
		inTable: []string{"snapshot", "state", "source", "rows", "recordings", "bytes"},
		numbers: []string{"schema_version", "rows", "recordings", "bytes"},
	}
	items := make([]snapshotLine, len(list))
	for i, s := range list {
		item := snapshotLine{Snapshot: s.Name, State: "unfinished"}
		cells := []string{s.Name, "unfinished", "", "", "", "", "", ""}
		if s.Err != nil {
			item.State, cells[1] = "damaged", "damaged"
		}
		if m := s.Manifest; m != nil {
			item = snapshotLine{
				s.Name, "whole", &m.CreatedAt, &m.SchemaVersion, m.Source, m.Rows(), m.Recordings.Rows - m.Recordings.Missing, m.Recordings.AudioSize,
			}
			cells = []string{
				s.Name, "whole", m.CreatedAt.Format(time.RFC3339), strconv.FormatInt(m.SchemaVersion, 10), m.Source,
				strconv.Itoa(item.Rows), strconv.Itoa(item.Recordings), strconv.FormatInt(item.Bytes, 10),
			}
		}
		items[i] = item
		l.rows = append(l.rows, cells)
	}
	l.items = items
	return l
}

func newBackupVerify(e *env) *cobra.Command {
	var output outputOptions
	var snapshot string
	cmd := &cobra.Command{
		Use:   "verify PLACE",
		Short: "Rebuild a snapshot and check every row and recording",
		Long: `Check a snapshot, the latest one unless --snapshot names another: its rows are
written into a temporary SQLite database, which shows whether they belong
together, and every recording that a row refers to is read and compared with its
SHA-256. Neither the database nor the audio store of the settings is touched.
The folder for temporary files (TMPDIR) must have room for all rows.

It prints what "backup" has printed. A file that is missing or damaged is named,
and the exit code is 3.`,
		Example: `  englishctl backup verify backups`,
		Args:    exactlyOne("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.withBackups(cmd, args[0], false, func(ctx context.Context, b *app.Backups) error {
				report, err := b.Verify(ctx, snapshot)
				if err != nil {
					return leaving(ctx, err, nothingChanged)
				}
				e.sayf("snapshot %s can be restored\n", report.Name)
				return e.printReport(report, output)
			})
		},
	}
	cmd.Flags().StringVar(&snapshot, "snapshot", "", "the name of a snapshot (default the latest one)")
	output.register(cmd, savedColumns)
	return cmd
}

func newBackupPrune(e *env) *cobra.Command {
	var keep int
	var yes bool
	cmd := &cobra.Command{
		Use:   "prune PLACE",
		Short: "Remove old snapshots, and recordings that only they have",
		Long: `Remove all snapshots but the latest ones, what broken ones have left for more
than a day, and then the recordings that no snapshot has any longer.

It asks first. Without a terminal it refuses, unless --yes is given. While a
backup may be running it refuses, too; do not start one meanwhile.`,
		Example: `  englishctl backup prune backups --keep 30 --yes`,
		Args:    exactlyOne("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keep < 1 {
				return usagef("--keep %d is not allowed: at least 1", keep)
			}
			if err := e.confirm(fmt.Sprintf("Remove all but the latest %s?", counted(keep, "snapshot")), yes); err != nil {
				return err
			}
			return e.withBackups(cmd, args[0], false, func(ctx context.Context, b *app.Backups) error {
				pruned, err := b.Prune(ctx, keep)
				if err != nil {
					return leaving(ctx, err, "what was removed is gone; the same command goes on where it stopped")
				}
				e.sayf("removed %s and %s (%s)\n", counted(len(pruned.Snapshots), "snapshot"),
					counted(pruned.Recordings, "recording"), inBytes(float64(pruned.Size)))
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&keep, "keep", 0, "how many snapshots stay")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	_ = cmd.MarkFlagRequired("keep")
	return cmd
}
