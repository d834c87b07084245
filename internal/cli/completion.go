package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// completeColumns completes a list of columns, separated by commas, each of them once.
func completeColumns(known []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		begun := typed[:strings.LastIndexByte(typed, ',')+1]
		chosen := strings.Split(begun, ",")
		var all []cobra.Completion
		for _, column := range known {
			if !slices.Contains(chosen, column) {
				all = append(all, begun+column)
			}
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}
