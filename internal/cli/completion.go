package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	// maxCompletions is how many completions a shell is given: more than that nobody reads.
	maxCompletions = 50
	// completionPatience is how long a person waits after Tab; what takes longer is given up.
	completionPatience = time.Second
)

// completions finds what begins with the text that was typed.
type completions func(ctx context.Context, s services, typed string) ([]cobra.Completion, error)

// complete makes what a shell asks for of completions that are found with the services. Whatever goes wrong or takes too
// long, there is nothing to complete: a person in the middle of a command line has no use for a message.
func (e *env) complete(find completions) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		found := make(chan []cobra.Completion, 1)
		go func() { found <- e.glance(ctx, cmd, find, typed) }()
		select {
		case all := <-found:
			return all[:min(len(all), maxCompletions)], cobra.ShellCompDirectiveNoFileComp
		case <-ctx.Done(): // not everything that is slow minds its context; the process ends now
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

// glance looks for completions without a trace: no directory or schema is made, nothing is said or logged.
func (e *env) glance(ctx context.Context, cmd *cobra.Command, find completions, typed string) (all []cobra.Completion) {
	silent := *e
	silent.glancing, silent.Stderr = true, io.Discard
	cmd.SetContext(ctx)
	err := silent.withServices(cmd, func(ctx context.Context, s services) (err error) {
		all, err = find(ctx, s, typed)
		return err
	})
	if err != nil {
		return nil
	}
	return all
}

// fixed completes with words that never change.
func fixed[T ~string](words ...T) cobra.CompletionFunc {
	all := make([]cobra.Completion, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// inTurn completes the first argument by the first function, the second one by the second; there are no more.
func inTurn(each ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[len(args)](cmd, args, typed)
	}
}

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

// described is a completion with a description, on one line and without what would steer a terminal.
func described(value, description string) cobra.Completion {
	return cobra.CompletionWithDesc(value, visible(description))
}

// begins reports whether text begins with what was typed, ignoring case.
func begins(text, typed string) bool {
	return len(text) >= len(typed) && strings.EqualFold(text[:len(typed)], typed)
}
