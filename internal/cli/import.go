package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/importing"
)

type importOptions struct {
	source, audioDir    string
	skipInvalid, strict bool
	dryRun, yes         bool
	rejects             string
	format              string
	verify              verifyOptions
}

func newImport(e *env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE|DIR [--audio DIR]",
		Short: "Import sentences with their recordings",
		Long: `Import the sentences of a CSV file, or of the first sheet of an XLSX workbook,
with the recordings that stand in a folder: FILE with --audio DIR, or a DIR that
holds one such file and the recordings.

Columns, in any order: audio_filename, text, level (A1, A2, B1, B2, C1), and, if
you like, type (question or answer; answer where it is missing) and tags (names,
separated by commas). CSV is UTF-8, with commas, semicolons or tabs. Recordings
are MP3, WAV or M4A of at most 10 MiB.

First it says what it is going to do: which rows are new, unchanged (in the
catalogue already: same text, level, type and recording) or rejected, which
recordings are missing or not used, which tags would be created. Recordings of
new rows are decoded: one that cannot be played rejects its row, one that sounds
wrong (too quiet, clipped, too long for its text, ...) is a warning, and with
--strict an error. On a terminal it then asks, unless --yes is given. --dry-run
stops there: nothing is uploaded or changed, and the exit code is 3 if rows are
rejected.

All or nothing: if one row is wrong, every mistake is listed on stdout, nothing
is imported, and the exit code is 3. With --skip-invalid the good rows are
imported and the others listed. --rejects FILE.csv writes the rejected rows with
a column "error" that an import ignores: mend them and import that file. Of an
unchanged row only the tags are completed; its recording is not uploaded.

--verify-audio scores each new recording against its own sentence, as the daemon
does for learners, with the provider of the settings (of the daemon, where the
command works there): what is under --min-score, or says something else, is a
warning before learners hear it. Every recording costs a call of the provider.

If it is interrupted, or dies, nothing is in the catalogue, and what was
uploaded is kept for 24 hours (UPLOAD_SESSION_TTL): the same command goes on
from there.

A file that is named like one of the commands below needs a path: ./list.`,
		Example: `  englishctl import examples/starter-pack/lessons.csv \
      --audio examples/starter-pack/audio
  englishctl import lessons --dry-run -o json
  englishctl import lessons.csv --audio recordings --skip-invalid \
      --rejects rejects.csv --yes
  englishctl import lessons.xlsx --audio recordings --strict --dry-run
  englishctl import lessons --verify-audio --min-score 75 --dry-run`,
		Args: exactlyOne("a CSV or XLSX file or a folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(checkFormat(o.format), o.verify.check(cmd)); err != nil {
				return err
			}
			o.source = args[0]
			src, err := openSource(o)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error {
				return (&importRun{e: e, s: s, o: o, src: src}).run(ctx)
			})
		},
	}
	cmd.Flags().StringVar(&o.audioDir, "audio", "", "the folder with the recordings")
	cmd.Flags().BoolVar(&o.skipInvalid, "skip-invalid", false, "import the good rows even if others are wrong")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "reject rows whose recording there is a warning about")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be done")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.Flags().StringVar(&o.rejects, "rejects", "", "write the rejected rows to this `file`")
	o.verify.register(cmd)
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
