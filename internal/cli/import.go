package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/importing"
)

type importOptions struct {
	source, audioDir string
	skipInvalid      bool
	dryRun, yes      bool
	rejects          string
	format           string
}

func newImport(e *env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE.csv|DIR [--audio DIR]",
		Short: "Import sentences with their recordings",
		Long: `Import the sentences of a CSV file with the recordings that stand in a folder:
FILE.csv with --audio DIR, or a DIR that holds one CSV file and the recordings.

Columns, in any order: audio_filename, text, level (A1, A2, B1, B2, C1), and, if
you like, type (question or answer; answer where it is missing) and tags (names,
separated by commas). The file is UTF-8, with commas, semicolons or tabs.
Recordings are MP3, WAV or M4A of at most 10 MiB.

First it says what it is going to do: which rows are new, unchanged (in the
catalogue already: same text, level, type and recording) or rejected, which
recordings are missing or not used, which tags would be created. On a terminal
it then asks, unless --yes is given. --dry-run stops there: nothing is uploaded
or changed, and the exit code is 3 if rows are rejected.

All or nothing: if one row is wrong, every mistake is listed on stdout, nothing
is imported, and the exit code is 3. With --skip-invalid the good rows are
imported and the others listed. --rejects FILE.csv writes the rejected rows with
a column "error" that an import ignores: mend them and import that file. Of an
unchanged row only the tags are completed; its recording is not uploaded.

A file that is named like one of the commands below needs a path: ./list.`,
		Example: `  englishctl import examples/starter-pack/lessons.csv \
      --audio examples/starter-pack/audio
  englishctl import lessons --dry-run -o json
  englishctl import lessons.csv --audio recordings --skip-invalid \
      --rejects rejects.csv --yes`,
		Args: exactlyOne("a CSV file or a folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			o.source = args[0]
			src, err := openSource(o)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				return runImport(ctx, e, s, src, o)
			})
		},
	}
	cmd.Flags().StringVar(&o.audioDir, "audio", "", "the folder with the recordings")
	cmd.Flags().BoolVar(&o.skipInvalid, "skip-invalid", false, "import the good rows even if others are wrong")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be done")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.Flags().StringVar(&o.rejects, "rejects", "", "write the rejected rows to this `file`")
	addOutputFlag(cmd, &o.format)
	cmd.AddCommand(newImportList(e), newImportShow(e), newImportUndo(e))
	return cmd
}

func (o importOptions) onError() importing.OnError {
	if o.skipInvalid {
		return importing.Skip
	}
	return importing.Abort
}

func runImport(ctx context.Context, e *env, s services, src source, o importOptions) error {
	recordings, err := src.folder.inspect(ctx, s.Imports)
	if err != nil {
		return err
	}
	plan, err := s.Imports.Plan(ctx, src.content, recordings)
	if err != nil {
		return err
	}
	out := newImportItem(src, plan)
	out.Plan.talk(e.talk())
	if err := o.writeRejects(e.talk(), plan); err != nil {
		return err
	}
	if o.format != "json" {
		if err := printPlanErrors(e.Stdout, plan, o.format); err != nil {
			return err
		}
	}
	done, err := o.carryOut(ctx, e, s, src, plan)
	if done != nil {
		out.Result = newImportResult(*done)
		e.say(counts(done.SuccessCount, done.UnchangedCount, done.ErrorCount))
		if done.SuccessCount > 0 {
			e.sayf("undo it with: englishctl import undo %s\n", done.BatchID)
		}
	}
	if o.format == "json" {
		err = errors.Join(err, printJSON(e.Stdout, out))
	}
	return err
}

// carryOut does what was planned, unless it was only to be planned or somebody does not want it. It returns nil for
// what was not done.
func (o importOptions) carryOut(ctx context.Context, e *env, s services, src source, plan importing.Plan) (*importing.Report, error) {
	if o.dryRun {
		return nil, plan.Refusal(importing.Abort)
	}
	if err := plan.Refusal(o.onError()); err != nil {
		return nil, err
	}
	if plan.New > 0 && isTerminal(e.Stdin) {
		if err := e.confirm(fmt.Sprintf("Import %d sentences?", plan.New), o.yes); err != nil {
			return nil, err
		}
	}
	if err := s.PrepareAudio(ctx); err != nil {
		return nil, err
	}
	session, err := s.Imports.Open(ctx)
	if err != nil {
		return nil, err
	}
	report, err := uploadAndImport(ctx, s.Imports, importing.Request{
		SessionID: session.ID, FileName: filepath.Base(src.csvPath), Content: bytes.NewReader(src.content),
		OnError: o.onError(), Known: plan.Known,
	}, src.folder.only(plan.Upload))
	if err != nil { // what was uploaded has no further use: the command begins with a session of its own
		return nil, errors.Join(err, s.Imports.Discard(ctx, session.ID))
	}
	if o.skipInvalid {
		err = s.Imports.Discard(ctx, session.ID)
	}
	return &report, err
}

func uploadAndImport(ctx context.Context, imports imports, r importing.Request, recordings *folder) (importing.Report, error) {
	for len(recordings.names) > 0 {
		_, err := imports.Upload(ctx, &r.SessionID, recordings.some(filesPerUpload))
		if err = errors.Join(err, recordings.close()); err != nil {
			return importing.Report{}, err
		}
	}
	return imports.ImportCSV(ctx, r)
}
