package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/importing"
)

type importOptions struct {
	csvPath, audioDir string
	skipInvalid       bool
}

func newImport(e *env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE.csv --audio DIR",
		Short: "Import sentences with their recordings",
		Long: `Import the sentences of a CSV file with the recordings that stand in a folder.

Columns, in any order: audio_filename, text, level (A1, A2, B1, B2, C1), and, if
you like, type (question or answer; answer where it is missing) and tags (names,
separated by commas). The file is UTF-8, with commas, semicolons or tabs.
Recordings are MP3, WAV or M4A of at most 10 MiB.

All or nothing: if one row is wrong, every mistake is listed on stdout, nothing
is imported, and the exit code is 3. With --skip-invalid the good rows are
imported and the others listed. Rows that are in the catalogue already (same
text, level, type and recording) create nothing; their tags are completed.

A file that is named like one of the commands below needs a path: ./list.`,
		Example: `  englishctl import examples/starter-pack/lessons.csv \
      --audio examples/starter-pack/audio
  englishctl import lessons.csv --audio recordings --skip-invalid`,
		Args: exactlyOne("a CSV file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.csvPath = args[0]
			return e.withApp(cmd, func(ctx context.Context, a *app.App) error {
				if err := a.PrepareAudio(ctx); err != nil {
					return err
				}
				return runImport(ctx, e, a.Imports, o)
			})
		},
	}
	cmd.Flags().StringVar(&o.audioDir, "audio", "", "the folder with the recordings")
	cmd.Flags().BoolVar(&o.skipInvalid, "skip-invalid", false, "import the good rows even if others are wrong")
	_ = cmd.MarkFlagRequired("audio")
	cmd.AddCommand(newImportList(e), newImportShow(e), newImportUndo(e))
	return cmd
}

func runImport(ctx context.Context, e *env, imports *importing.Service, o importOptions) error {
	content, err := os.ReadFile(o.csvPath)
	if err != nil {
		return usagef("read the CSV file: %w", err)
	}
	names, err := importing.AudioNames(content)
	if err != nil {
		return err
	}
	recordings, err := openFolder(o.audioDir, names)
	if err != nil {
		return err
	}
	session, err := uploadFolder(ctx, imports, recordings)
	if err != nil {
		return err
	}
	request := importing.Request{
		SessionID: session, FileName: filepath.Base(o.csvPath), Content: bytes.NewReader(content), OnError: importing.Abort,
	}
	if o.skipInvalid {
		request.OnError = importing.Skip
	}
	report, err := imports.ImportCSV(ctx, request)
	var rejected *importing.Rejected
	if errors.As(err, &rejected) {
		report = rejected.Report
	} else if err != nil {
		return errors.Join(err, imports.Discard(ctx, session))
	}
	if printing := printReport(e, report); printing != nil {
		return printing
	}
	if err != nil || o.skipInvalid { // what is left over has no further use: the command begins with a session of its own
		return errors.Join(err, imports.Discard(ctx, session))
	}
	return nil
}

// printReport says on stderr what was done, and lists the rejected rows on stdout.
func printReport(e *env, r importing.Report) error {
	fmt.Fprintln(e.Stderr, counts(r.SuccessCount, r.UnchangedCount, r.ErrorCount))
	if r.SuccessCount > 0 {
		fmt.Fprintf(e.Stderr, "undo it with: englishctl import undo %s\n", r.BatchID)
	}
	if len(r.Errors) == 0 {
		return nil
	}
	l := listing{columns: []string{"row", "column", "error"}}
	for _, re := range r.Errors {
		l.rows = append(l.rows, []string{strconv.Itoa(re.Row), re.Field, re.Message})
	}
	return l.print(e.Stdout, "table")
}
