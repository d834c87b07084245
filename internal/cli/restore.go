package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/backup"
)

func newRestore(e *env) *cobra.Command {
	var output outputOptions
	var o backup.RestoreOptions
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore PLACE",
		Short: "Bring back what a backup has saved",
		Long: `Bring the rows and recordings of a snapshot, the latest one unless --snapshot
names another, into the database and the audio store of the settings, whichever
kind they are: this is also the way from SQLite to PostgreSQL and back. The
schema is brought up to date first; snapshots of older versions are migrated.

The database must be empty, unless --replace says that everything in it shall go
(it asks first; without a terminal it needs --yes). Recordings come first, and
then all rows in one transaction: a restore that breaks off leaves the database
as it was, and the same command goes on with the recordings where it stopped.

Nobody stays signed in, since a backup does not know what has ended a session
after it; --keep-signed-in, for a move to another machine with the same
JWT_SECRET_KEY, brings the sessions along. Accounts that were deleted after the
backup come back with it. On SQLite no daemon may run meanwhile; daemons on
PostgreSQL should be stopped. It prints what "backup" has printed, as it was
saved.`,
		Example: `  englishctl restore backups --replace --yes
  englishctl restore backups --snapshot 20260304T020000Z --replace --yes`,
		Args: exactlyOne("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			if o.Replace {
				if err := e.confirm("Remove everything in the database, and restore the backup?", yes); err != nil {
					return err
				}
			}
			return e.withBackups(cmd, args[0], false, func(ctx context.Context, b *app.Backups) error {
				done, err := b.Restore(ctx, o)
				if err != nil {
					return leaving(ctx, err, "the database is as it was; the same command goes on with the recordings")
				}
				e.sayf("restored snapshot %s: %s, %s (%d of them copied)\n", done.Name,
					counted(done.Rows, "row"), counted(done.Recordings, "recording"), done.Copied)
				if done.Left > 0 {
					e.sayf("%s left out: users sign in again\n", counted(done.Left, "refresh token"))
				}
				if done.Missing > 0 {
					e.warn(counted(done.Missing, "recording") + " that rows refer to are not in the backup")
				}
				return output.print(e.Stdout, savedListing(done.Name, done.Manifest))
			})
		},
	}
	cmd.Flags().StringVar(&o.Snapshot, "snapshot", "", "the name of a snapshot (default the latest one)")
	cmd.Flags().BoolVar(&o.Replace, "replace", false, "remove what the database has")
	cmd.Flags().BoolVar(&o.KeepSignedIn, "keep-signed-in", false, "bring back who was signed in, too")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	output.register(cmd, savedColumns)
	return cmd
}
