package cli

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/importing"
)

type importUndoOptions struct {
	batch  uuid.UUID
	yes    bool
	format string
}

func newImportUndo(e *env) *cobra.Command {
	var o importUndoOptions
	cmd := &cobra.Command{
		Use:   "undo BATCH",
		Short: "Take an import back",
		Long: `Delete the sentences that an import created, all in one step, but for those that
were edited since and those that a learner has played: these are listed on
stdout, and the exit code is still 0. Tags stay, and so does what the import
found there already.

It asks first. Without a terminal it refuses, unless --yes is given. An import
that is running, has failed or was undone before is refused (exit code 3).`,
		Example: `  englishctl import undo 01a20811-b2ce-7ca8-a519-ae14fb3735e2 --yes`,
		Args:    exactlyOne("the id of an import"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			if o.batch, err = parseBatch(args[0]); err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runImportUndo(ctx, e, s.Imports, o) })
		},
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	addOutputFlag(cmd, &o.format)
	return cmd
}

func runImportUndo(ctx context.Context, e *env, imports imports, o importUndoOptions) error {
	batch, _, err := imports.Batch(ctx, o.batch)
	if err != nil {
		return err
	}
	if batch.State == importing.BatchDone { // otherwise there is nothing to ask: it is refused
		question := fmt.Sprintf("Undo the import of %s by %s, which created %d sentences?", batch.FileName, batch.Author, batch.Created)
		if err := e.confirm(question, o.yes); err != nil {
			return err
		}
	}
	undone, err := imports.Undo(ctx, o.batch)
	if err != nil {
		return err
	}
	e.sayf("%d removed, %d kept\n", undone.Removed, len(undone.Kept))
	if o.format == "table" && len(undone.Kept) == 0 {
		return nil
	}
	return undoneListing(undone).print(e.Stdout, o.format)
}

// undoneItem is an undo as -o json prints it; the names are those of the API.
type undoneItem struct {
	Removed int        `json:"removed"`
	Kept    []keptItem `json:"kept"`
}

type keptItem struct {
	SpeechID string `json:"speech_id"`
	Text     string `json:"text"`
	Reason   string `json:"reason"`
}

func undoneListing(u importing.Undone) listing {
	l := listing{columns: []string{"speech_id", "reason", "text"}}
	item := undoneItem{u.Removed, make([]keptItem, len(u.Kept))}
	for i, k := range u.Kept {
		item.Kept[i] = keptItem{k.SpeechID.String(), k.Text, string(k.Reason)}
		l.rows = append(l.rows, []string{k.SpeechID.String(), string(k.Reason), k.Text})
	}
	l.items = item
	return l
}
