package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func newImportShow(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "show BATCH",
		Short: "Show an import and what became of its rows",
		Long: `Show an import: its counts on stderr, and on stdout a line for each row that
was not rejected, with its outcome, the speech that it created or equals and the
text as it is now. -o json has all of it on stdout. The columns are row,
speech_id, outcome, deleted and text; a table leaves out the id.`,
		Example: `  englishctl import show 01a20811-b2ce-7ca8-a519-ae14fb3735e2
  englishctl import show 01a20811-b2ce-7ca8-a519-ae14fb3735e2 -o json`,
		Args: exactlyOne("the id of an import"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			id, err := parseBatch(args[0])
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runImportShow(ctx, e, s.Imports, id, output) })
		},
	}
	output.register(cmd, batchRowColumns)
	return cmd
}

// batchDetail is an import with its rows as -o json prints it; the names are those of the API.
type batchDetail struct {
	batchItem
	Rows []batchRowItem `json:"rows"`
}

type batchRowItem struct {
	Row      int     `json:"row"`
	SpeechID string  `json:"speech_id"`
	Outcome  string  `json:"outcome"`
	Text     *string `json:"text"`
	Deleted  bool    `json:"deleted"`
}

var batchRowColumns = []string{"row", "speech_id", "outcome", "deleted", "text"}

func runImportShow(ctx context.Context, e *env, imports imports, id uuid.UUID, output outputOptions) error {
	batch, rows, err := imports.Batch(ctx, id)
	if err != nil {
		return err
	}
	if output.format == "table" {
		e.sayf("%s by %s, begun %s UTC: %s\n%s\n",
			batch.FileName, batch.Author, batch.StartedAt.UTC().Format("2006-01-02 15:04"), batch.State,
			counts(batch.Created, batch.Unchanged, batch.Rejected))
	}
	l := listing{
		columns: batchRowColumns,
		inTable: []string{"row", "outcome", "deleted", "text"},
		numbers: []string{"row"},
	}
	detail := batchDetail{newBatchItem(batch), make([]batchRowItem, len(rows))}
	for i, r := range rows {
		item := batchRowItem{Row: r.Row, SpeechID: r.SpeechID.String(), Outcome: string(r.Outcome), Deleted: r.Deleted}
		if r.Text != "" {
			item.Text = &r.Text
		}
		detail.Rows[i] = item
		l.rows = append(l.rows, []string{strconv.Itoa(r.Row), item.SpeechID, item.Outcome, strconv.FormatBool(r.Deleted), r.Text})
	}
	l.items = detail
	return output.print(e.Stdout, l)
}

// counts is what an import came to, in words.
func counts(created, unchanged, rejected int) string {
	return fmt.Sprintf("%d created, %d unchanged, %d rejected", created, unchanged, rejected)
}
