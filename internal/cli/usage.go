package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// misused says what is wrong with a command line that cobra has refused, in the words of the rest of the program.
func misused(cmd *cobra.Command, err error) error {
	var ours *usageError
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &ours):
		return err
	case errors.As(err, &unknown):
		return usagef("%w; see %q", err, cmd.CommandPath()+" --help")
	case errors.As(err, &lacking):
		return usagef("--%s needs a value", lacking.GetFlag().Name)
	case errors.As(err, &wrong):
		return usagef("--%s %q is not allowed; allowed: %s", wrong.GetFlag().Name, wrong.GetValue(), valuesOf(wrong.GetFlag()))
	}
	return &usageError{errors.New(aboutGroups(err.Error()))}
}

// valuesOf says what a flag takes.
func valuesOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "uint64":
		return "a whole number, from 0"
	case "bool":
		return "true or false"
	case "stringSlice":
		return "values separated by commas"
	}
	return "a " + f.Value.Type()
}

// What cobra says of flags that belong together.
var (
	requiredFlags = regexp.MustCompile(`^required flag\(s\) (.*) not set$`)
	oneRequired   = regexp.MustCompile(`^at least one of the flags in the group \[(.*)\] is required$`)
	exclusive     = regexp.MustCompile(`^if any flags in the group .* none of the others can be; \[(.*)\] were all set$`)
)

// aboutGroups says the same with the flags as people write them.
func aboutGroups(message string) string {
	if found := requiredFlags.FindStringSubmatch(message); found != nil {
		names := strings.Fields(strings.NewReplacer(`"`, "", ",", "").Replace(found[1]))
		if len(names) == 1 {
			return "--" + names[0] + " is missing"
		}
		return listed(names, "and") + " are missing"
	}
	if found := oneRequired.FindStringSubmatch(message); found != nil {
		return "nothing to do: give at least one of " + listed(strings.Fields(found[1]), "or")
	}
	if found := exclusive.FindStringSubmatch(message); found != nil {
		return listed(strings.Fields(found[1]), "and") + " contradict each other: give one of them"
	}
	return message
}

// listed is "--a, --b and --c".
func listed(names []string, last string) string {
	for i, name := range names {
		names[i] = "--" + name
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// noArgs refuses arguments, with a sentence that names the first one.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasAvailableSubCommands() {
		return usagef("%q takes no argument %q", cmd.CommandPath(), args[0])
	}
	cmd.SuggestionsMinimumDistance = 1 + min(1, len(args[0])/6) // two slips make another word of a short one
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("%q is not a command of %q; did you mean %s?", args[0], cmd.CommandPath(), strings.Join(near, " or "))
	}
	return usagef("%q is not a command of %q; see %q", args[0], cmd.CommandPath(), cmd.CommandPath()+" --help")
}

// exactlyOne wants one argument, which name describes: "EMAIL or ID".
func exactlyOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return usagef("%q takes one argument, %s; it got %s", cmd.CommandPath(), name, numbered(len(args)))
	}
}

// numbered is "none" or how many arguments a command got.
func numbered(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
