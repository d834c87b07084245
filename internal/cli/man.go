package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/telemetry"
)

func newMan(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages",
		Long: `Write a manual page for each command into a folder, which is made where it is
missing. Pages that are there already are overwritten. "man -l" shows a file;
in a folder man1 below one of MANPATH's, "man englishctl" finds them.

The same program writes the same pages: their date is SOURCE_DATE_EPOCH (seconds
since 1970) where that is set, else the date of the commit that was built, else
none.`,
		Example: `  englishctl man man1
  SOURCE_DATE_EPOCH=1767225600 englishctl man man1`,
		Args: exactlyOne("a folder"),
		RunE: func(cmd *cobra.Command, args []string) error { return runMan(e, cmd.Root(), args[0]) },
	}
}

func runMan(e *env, root *cobra.Command, dir string) error {
	date, err := manDate(e.environ("SOURCE_DATE_EPOCH"), telemetry.Version().Date)
	if err != nil {
		return err
	}
	sections, err := mainSections()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the pages: %w", err)
	}
	count := 0
	for _, cmd := range manCommands(root) {
		page, err := manPage(cmd, date, sections)
		if err != nil {
			return fmt.Errorf("write the page of %q: %w", cmd.CommandPath(), err)
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
			return fmt.Errorf("write a page: %w", err)
		}
		count++
	}
	e.sayf("wrote %s to %s\n", counted(count, "page"), dir)
	return nil
}

// manDate is the date that the pages carry; the zero time means none.
func manDate(epoch, built string) (time.Time, error) {
	if epoch == "" {
		date, _ := time.Parse(time.RFC3339, built) // the zero time where nobody knows
		return date.UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, usagef("SOURCE_DATE_EPOCH %q is not allowed; allowed: seconds since 1970, such as 1767225600", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// manCommands returns cmd and all below it that people use.
func manCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			all = append(all, manCommands(sub)...)
		}
	}
	return all
}
