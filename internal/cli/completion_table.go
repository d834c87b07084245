package cli

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
)

// addCompletions says for every argument and flag what a shell may complete. Where nothing is said there is nothing,
// least of all the names of files.
func addCompletions(e *env, root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { completeSetting(root, f) })
	arguments, flags := e.completedArguments(), e.completedFlags()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		path := strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")
		if each := arguments[path]; each != nil {
			cmd.ValidArgsFunction = inTurn(each...)
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			complete := flags[path+" --"+f.Name]
			if complete == nil {
				complete = flags["--"+f.Name]
			}
			if complete != nil {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// completedArguments are the arguments of each command, in turn.
func (e *env) completedArguments() map[string][]cobra.CompletionFunc {
	tag, user := e.complete(tagNames), e.complete(addresses)
	speech, batch := e.complete(speechIDs), e.complete(batchIDs)
	return map[string][]cobra.CompletionFunc{
		"import":             {filesNamed(".csv", ".xlsx")},
		"import show":        {batch},
		"import undo":        {batch},
		"speeches show":      {speech},
		"speeches update":    {speech},
		"speeches delete":    {speech},
		"speeches play":      {speech},
		"speeches check":     {speech},
		"speeches export":    {filesNamed(".csv")},
		"tags update":        {tag},
		"tags delete":        {tag},
		"tags merge":         {tag, tag},
		"tags import":        {filesNamed(".csv")},
		"users show":         {user},
		"users set-role":     {user, fixed(account.Learner, account.Admin)},
		"users set-password": {user},
		"users revoke":       {user},
		"users delete":       {user},
		"score":              {filesNamed(".mp3", ".wav", ".m4a")},
		"man":                {folders},
		"speeches audio":     {speech},
		"backup":             {folders},
		"backup list":        {folders},
		"backup verify":      {folders},
		"backup prune":       {folders},
		"restore":            {folders},
	}
}

// completedFlags are the values of flags, by name alone where all commands mean the same by it.
func (e *env) completedFlags() map[string]cobra.CompletionFunc {
	return map[string]cobra.CompletionFunc{
		"--level":                 fixed(catalog.Levels...),
		"--type":                  fixed(catalog.SentenceTypes...),
		"--role":                  fixed(account.Learner, account.Admin),
		"--auth-provider":         fixed(account.AllProviders...),
		"--sort":                  fixed[catalog.SpeechOrder]("created_at", "-created_at", "level", "-level"),
		"--tag":                   e.complete(tagNames),
		"--category":              e.complete(tagCategories),
		"import --audio":          folders,
		"speeches export --audio": folders,
		"--audio":                 filesNamed(".mp3", ".wav", ".m4a"),
		"--rejects":               filesNamed(".csv"),
	}
}

// completeSetting completes the settings that are paths.
func completeSetting(root *cobra.Command, f *pflag.Flag) {
	var complete cobra.CompletionFunc
	switch {
	case f.Name == "config":
		complete = filesNamed(".yaml", ".yml", ".json", ".toml")
	case strings.HasSuffix(f.Name, "-dir"):
		complete = folders
	case strings.HasSuffix(f.Name, "-file"), strings.HasSuffix(f.Name, "-wasm"):
		complete = filesNamed()
	default:
		return
	}
	_ = root.RegisterFlagCompletionFunc(f.Name, complete)
}

// filesNamed completes the names of files that end like one of these, of all files where there are none. It looks by
// itself: a shell would take the words that the program adds, such as subcommands, for names to look for.
func filesNamed(ends ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return paths(typed, func(name string) bool {
			return len(ends) == 0 || slices.Contains(ends, strings.ToLower(filepath.Ext(name)))
		})
	}
}

// folders completes the names of folders.
func folders(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return paths(typed, func(string) bool { return false })
}

// paths returns the folders, and the files that are wanted, whose path begins with what was typed. What begins with a
// tilde is the shell's business.
func paths(typed string, wanted func(name string) bool) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.HasPrefix(typed, "~") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	dir, begun := filepath.Split(typed)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []cobra.Completion
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, begun) || begun == "" && strings.HasPrefix(name, ".") || len(all) == maxCompletions {
			continue
		}
		info, err := os.Stat(dir + name) // through a link
		switch {
		case err != nil:
		case info.IsDir():
			all = append(all, dir+name+"/")
			directive |= cobra.ShellCompDirectiveNoSpace
		case wanted(name):
			all = append(all, dir+name)
		}
	}
	return all, directive
}
