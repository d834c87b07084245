package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/telemetry"
)

const rootLong = `The backend of an English-learning app, and the tool of those who look after it.

"englishctl serve" is the daemon that phones call. The other commands do their
work with the same services, in this process, beside a running daemon or without
one; or, from a laptop, with a daemon elsewhere, over HTTP.

Where a command works is the first of these: --server URL; ENGLISHCTL_SERVER;
this machine, if DATABASE_URL or DATA_DIR is set anywhere; the daemon that
"englishctl login" has signed in to last; this machine, in ./data. --server
local is this machine in any case.

Settings come from flags, the environment, .env, a configuration file and
defaults, in this order. "englishctl config show" prints all of them; each has a
flag, API_PORT is --api-port.

Data goes to stdout, talk to stderr. Colours and progress bars are for people at
a terminal; --no-color or NO_COLOR takes the colours away, --quiet all talk but
questions, warnings and errors. Ctrl-C ends a command in good order with exit
code 1, and it says in what state it leaves things.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 input rejected
(nothing was changed).`

const rootExample = `  englishctl serve
  englishctl import lessons --dry-run -o json
  englishctl speeches list --level A1 --type question --tag food
  englishctl config show`

// newRoot builds the command tree.
func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:           "englishctl",
		Short:         "The backend of an English-learning app",
		Long:          rootLong,
		Example:       rootExample,
		Args:          noArgs,
		SilenceErrors: true, // Run reports
		SilenceUsage:  true,
		Version:       telemetry.Version().String(), // makes the flag --version
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	addSettings(root.PersistentFlags())
	root.PersistentFlags().Bool("no-color", false, "print without colour, as with NO_COLOR") // newStream looks for it
	root.PersistentFlags().BoolVarP(&e.quiet, "quiet", "q", false, "say nothing on stderr but questions, warnings and errors")
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetUsageTemplate(strings.NewReplacer(
		".FlagUsages", ".FlagUsagesWrapped 80", "for more information about a command", "for more",
	).Replace(root.UsageTemplate()))
	root.AddCommand(
		hereOnly("it is the daemon", newServe(e)),
		hereOnly("a schema is changed beside its database", newMigrate(e)),
		newImport(e),
		newSpeeches(e),
		newTags(e),
		newUsers(e),
		newAudit(e),
		hereOnly("it writes beside the API, which makes no such rows", newSeed(e)),
		hereOnly("it saves the database and the recordings of this machine's settings", newBackup(e)),
		hereOnly("it writes into the database of this machine's settings", newRestore(e)),
		hereOnly("it looks after the bucket of this machine's settings", newStorage(e)),
		newStats(e),
		newScore(e),
		hereOnly("the model is for this machine's daemon", newModel(e)),
		newLogin(e),
		newLogout(e),
		hereOnly("the settings are those of this machine", newConfig(e)),
		hereOnly("it looks from where the daemon runs", newDoctor(e)),
		hereOnly("it asks the daemon of this machine's settings", newReady(e)),
		newMan(e),
		newVersion(e),
		newCompletion(e),
	)
	root.SetHelpCommand(newHelp(root))
	root.InitDefaultHelpCmd() // adds it
	noteStart(e, root)
	addCompletions(e, root)
	return root
}

// noteStart makes every command say that its own code has begun, which is after cobra has judged the command line.
func noteStart(e *env, cmd *cobra.Command) {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e.started = true
		if err := checkPlace(cmd); err != nil {
			return err
		}
		return leaving(cmd.Context(), run(cmd, args), stateLeft(cmd))
	}
	for _, sub := range cmd.Commands() {
		noteStart(e, sub)
	}
}

// addSettings gives every setting its flag. All but those that say where settings are read from, and where the command
// works, stay out of the help texts, which they would drown; "config show" lists them.
func addSettings(flags *pflag.FlagSet) {
	settings := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	config.RegisterFlags(settings)
	settings.VisitAll(func(f *pflag.Flag) {
		f.Hidden = f.Name != "config" && f.Name != "env-file" && f.Name != "data-dir" && f.Name != "server"
		flags.AddFlag(f)
	})
}

// group makes a command that only holds others. Its examples are the first ones of theirs.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	var examples []string
	for _, sub := range commands {
		examples = append(examples, firstExample(sub))
	}
	cmd.Example = strings.Join(examples, "\n")
	return cmd
}

// firstExample is the first command line of a command's examples, in as many lines as it stands there.
func firstExample(cmd *cobra.Command) string {
	var first []string
	for line := range strings.SplitSeq(cmd.Example, "\n") {
		first = append(first, line)
		if !strings.HasSuffix(line, "\\") {
			break
		}
	}
	return strings.Join(first, "\n")
}
