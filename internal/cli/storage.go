package cli

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/fault"
)

func newStorage(e *env) *cobra.Command {
	return group("storage", "Look after the bucket that recordings are in", newStorageStatus(e), newStorageSetup(e))
}

// storageColumns are shared by both commands.
var storageColumns = []string{"property", "value", "wanted"}

func newStorageStatus(e *env) *cobra.Command {
	return e.storageCommand("status", "Show whether the bucket is as it should be", `Show where recordings are, and of a bucket whether it is private, whether it
keeps what was deleted or overwritten (versioning), and its rules for
forgotten uploads and old versions, beside what the settings want. Changes
nothing. What the access key may not see is a warning. A folder has no such
properties.`, app.LookAtStorage)
}

func newStorageSetup(e *env) *cobra.Command {
	return e.storageCommand("setup", "Make the bucket private, with versioning and its rules", `Make the bucket where it is missing, private, with versioning, and with rules
that remove forgotten uploads (below audio/uploads/) and,
REPLACED_RECORDING_DAYS later, what was deleted or overwritten. Other rules
stay. A daemon does the same at its start, unless S3_MANAGE_BUCKET is false,
but does not turn versioning on again where somebody has suspended it.

What the access key may not do is named, and the exit code is 1: run it once
with a key that may, or set it up with the store's own tools. It prints what
"storage status" prints.`, app.SetUpStorage)
}

func (e *env) storageCommand(
	name, short, long string, do func(context.Context, *config.Config, *slog.Logger) (app.AudioStore, error),
) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:     name,
		Short:   short,
		Long:    long + "\n\nThe columns are property, value and wanted.",
		Example: "  englishctl storage " + name,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.check(); err != nil {
				return err
			}
			cfg, _, err := e.load(cmd)
			if err != nil {
				return err
			}
			store, err := do(cmd.Context(), cfg, e.logger(cfg))
			if err != nil {
				return err
			}
			if store.Bucket != nil {
				for _, trouble := range store.Bucket.Trouble {
					e.warn(trouble)
				}
			}
			if err := output.print(e.Stdout, storageListing(store)); err != nil {
				return err
			}
			if name == "setup" && !store.Settled() {
				return fault.Unavailable("the bucket is not as it should be")
			}
			return nil
		},
	}
	output.register(cmd, storageColumns)
	return cmd
}

// storageItem is the audio store as -o json prints it.
type storageItem struct {
	Place            string      `json:"place"`
	Bucket           *bucketItem `json:"bucket"`
	ReplacedKeptDays int         `json:"replaced_kept_days"`
}

type bucketItem struct {
	Private    string `json:"private"`
	Versioning string `json:"versioning"`
	// Zero where there is no rule.
	UploadDays  int  `json:"upload_days"`
	VersionDays int  `json:"version_days"`
	Settled     bool `json:"settled"`
}

func storageListing(s app.AudioStore) listing {
	l := listing{columns: storageColumns}
	item := storageItem{Place: s.Place, ReplacedKeptDays: s.KeepDays}
	l.rows = append(l.rows, []string{"place", s.Place, ""}, []string{"replaced recordings are kept", inDays(s.KeepDays), ""})
	if b := s.Bucket; b != nil {
		item.Bucket = &bucketItem{b.Private, b.Versioning, b.UploadDays, b.VersionDays, s.Settled()}
		l.rows = append(l.rows,
			[]string{"private", b.Private, "yes"},
			[]string{"versioning", b.Versioning, "enabled"},
			[]string{"forgotten uploads go after", inDays(b.UploadDays), inDays(s.WantUploadDays)},
			[]string{"old versions are kept", inDays(b.VersionDays), inDays(s.WantVersionDays)},
		)
	}
	l.items = item
	return l
}

func inDays(n int) string {
	if n == 0 {
		return "-"
	}
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}
