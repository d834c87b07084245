package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/catalog"
)

func newTagsImport(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Create tags and set their categories from a CSV file",
		Long: `Create the tags of a CSV file that do not exist, and give the others the file's
category. The columns are name and category; an empty category means none. Names
are compared ignoring case, and a tag that exists keeps its spelling.

All or nothing: if one row is wrong, every mistake is listed, nothing is
changed, and the exit code is 3. The same file again changes nothing.
"englishctl tags list -o csv --columns name,category" writes such a file.`,
		Example: `  englishctl tags import examples/starter-pack/tags.csv`,
		Args:    exactlyOne("a CSV file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return usagef("read the CSV file: %w", err)
			}
			tags, err := catalog.ReadTags(content)
			if err != nil {
				return err
			}
			return e.withServices(cmd, func(ctx context.Context, s services) error { return runTagsImport(ctx, e, s.Catalog, tags) })
		},
	}
}

func runTagsImport(ctx context.Context, e *env, content catalogue, tags []catalog.NewTag) error {
	report, err := content.ApplyTags(ctx, tags)
	if err != nil {
		return err
	}
	e.sayf("%d created, %d updated, %d unchanged\n", report.Created, report.Updated, report.Unchanged)
	return nil
}
