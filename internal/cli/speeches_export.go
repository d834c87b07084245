package cli

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

type speechesExportOptions struct {
	filter            speechFilter
	csvPath, audioDir string
}

func newSpeechesExport(e *env) *cobra.Command {
	var o speechesExportOptions
	cmd := &cobra.Command{
		Use:   "export FILE.csv [--audio DIR]",
		Short: "Write sentences to a CSV file that can be imported again",
		Long: `Write sentences to a CSV file that "englishctl import" takes back unchanged,
and, with --audio, their recordings to a folder. Files that are there already
are overwritten. Categories of tags are not part of it: "englishctl tags list
-o csv --columns name,category" writes them.

Sentences whose recording is somebody else's cannot be imported: they are left
out, and named on stderr.`,
		Example: `  englishctl speeches export lessons.csv --audio recordings
  englishctl speeches export food.csv --level A1 --tag Food`,
		Args: exactlyOne("a CSV file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.csvPath = args[0]
			return e.withServices(cmd, func(ctx context.Context, sv services) error { return runSpeechesExport(ctx, e, sv.Catalog, o) })
		},
	}
	o.filter.register(cmd)
	cmd.Flags().StringVar(&o.audioDir, "audio", "", "the folder for the recordings; made where it is missing")
	return cmd
}

func runSpeechesExport(ctx context.Context, e *env, content catalogue, o speechesExportOptions) error {
	if info, err := os.Stat(filepath.Dir(o.csvPath)); err != nil || !info.IsDir() {
		return usagef("%s: there is no folder %s", o.csvPath, filepath.Dir(o.csvPath))
	}
	q, err := o.filter.query(ctx, content)
	if err != nil {
		return err
	}
	rows, elsewhere, err := content.Export(ctx, q)
	if err != nil {
		return err
	}
	if o.audioDir != "" {
		if err := exportRecordings(ctx, e, content, rows, o.audioDir); err != nil {
			return leaving(ctx, err, "the CSV file was not written; recordings stay whole")
		}
	}
	// Last, so that a new CSV file never names recordings that are not there.
	if err := replaceFile(o.csvPath, func(w io.Writer) error { return writeLessons(w, rows) }); err != nil {
		return err
	}
	for _, s := range elsewhere {
		e.warn(fmt.Sprintf("left out %s: its recording is at %s", s.ID, s.Audio))
	}
	e.sayf("exported %s, left out %d\n", counted(len(rows), "sentence"), len(elsewhere))
	return nil
}

// writeLessons writes rows with the columns of an import file.
func writeLessons(w io.Writer, rows []catalog.Exported) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"audio_filename", "text", "level", "type", "tags"}}
	for _, row := range rows {
		lines = append(lines, []string{row.FileName, row.Text, string(row.Level), string(row.Type), row.TagNames()})
	}
	return out.WriteAll(lines)
}

func exportRecordings(ctx context.Context, e *env, content catalogue, rows []catalog.Exported, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the folder for the recordings: %w", err)
	}
	progress := e.begin(work{doing: "downloading", thing: "recording", total: len(rows)})
	defer progress.end()
	for _, row := range rows {
		size, err := exportRecording(ctx, content, row, dir)
		if err != nil {
			return err
		}
		progress.advance(1, size)
	}
	return nil
}

// exportRecording returns the size of the file in bytes.
func exportRecording(ctx context.Context, content catalogue, row catalog.Exported, dir string) (size int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = replaceFile(filepath.Join(dir, row.FileName), func(w io.Writer) error {
		recording, err := content.OpenRecording(ctx, row.Speech)
		if err != nil {
			return err
		}
		size, err = io.Copy(w, recording)
		return errors.Join(err, recording.Close())
	})
	return size, err
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(file.Name()))
		}
	}()
	err = errors.Join(write(file), file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
