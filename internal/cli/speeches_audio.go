package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

func newSpeechesAudio(e *env) *cobra.Command {
	var output outputOptions
	var restore string
	cmd := &cobra.Command{
		Use:   "audio ID",
		Short: "Show the recordings that a sentence had, and bring one back",
		Long: `Show the recording that a sentence has, and those that it can have again: what
was replaced within REPLACED_RECORDING_DAYS (30 days) is kept, in a folder and
in a bucket; a bucket with versioning also has what was deleted or overwritten
there ("removed"). "missing" is a recording that the store does not have any
longer.

--restore brings one back: "previous" is the one that was replaced last, else
give what stands under version. The recording in use then becomes an earlier
one, so that this can be taken back, too. It is in the audit log like every
change. Learners hear it from the next sentence they are given on.

The columns are version, state, sha256, size_bytes, stored_at and replaced_at;
a table leaves out sha256 and stored_at.`,
		Example: `  englishctl speeches audio 01985a2e-7c1b-7000-8000-00000000000a
  englishctl speeches audio 01985a2e-7c1b-7000-8000-00000000000a -o json`,
		Args: exactlyOne("the id of a sentence"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			return e.speechesAudio(cmd, args[0], restore, output)
		},
	}
	cmd.Flags().StringVar(&restore, "restore", "", "bring this version back, or the \"previous\" one")
	output.register(cmd, recordingColumns)
	return cmd
}

func (e *env) speechesAudio(cmd *cobra.Command, id, restore string, output outputOptions) error {
	return e.withServices(cmd, func(ctx context.Context, sv services) error {
		s, err := findSpeech(ctx, sv.Catalog, id)
		if err != nil {
			return err
		}
		if restore != "" {
			if s, err = sv.Catalog.RestoreRecording(ctx, s.ID, restore); err != nil {
				return err
			}
			e.sayf("the sentence has the recording %s now\n", s.Audio)
		}
		recordings, err := sv.Catalog.Recordings(ctx, s.ID)
		if err != nil {
			return err
		}
		return output.print(e.Stdout, recordingsListing(recordings))
	})
}

// recordingItem is a recording of a sentence as -o json prints it; the names are those of the API.
type recordingItem struct {
	Version    string     `json:"version"`
	State      string     `json:"state"`
	SHA256     *string    `json:"sha256"`
	Size       int64      `json:"size_bytes"`
	StoredAt   *time.Time `json:"stored_at"`
	ReplacedAt *time.Time `json:"replaced_at"`
}

var recordingColumns = []string{"version", "state", "sha256", "size_bytes", "stored_at", "replaced_at"}

func recordingsListing(recordings []catalog.Recording) listing {
	l := listing{
		columns: recordingColumns, rows: [][]string{}, numbers: []string{"size_bytes"},
		inTable: []string{"version", "state", "size_bytes", "replaced_at"},
	}
	items := make([]recordingItem, len(recordings))
	for i, r := range recordings {
		items[i] = newRecordingItem(r)
		l.rows = append(l.rows, []string{
			r.Version, string(r.State), r.SHA256, strconv.FormatInt(r.Size, 10), orNothing(items[i].StoredAt), orNothing(r.ReplacedAt),
		})
	}
	l.items = items
	return l
}

func newRecordingItem(r catalog.Recording) recordingItem {
	item := recordingItem{Version: r.Version, State: string(r.State), Size: r.Size, ReplacedAt: inUTC(r.ReplacedAt)}
	if r.SHA256 != "" {
		item.SHA256 = &r.SHA256
	}
	if !r.StoredAt.IsZero() {
		item.StoredAt = inUTC(&r.StoredAt)
	}
	return item
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}

func orNothing(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
