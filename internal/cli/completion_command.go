package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// newCompletion is cobra's completion command with helps that fit the terminal.
func newCompletion(e *env) *cobra.Command {
	script := func(shell, long string, write func(root *cobra.Command, w io.Writer) error) *cobra.Command {
		return &cobra.Command{
			Use:     shell,
			Short:   "Print the completion script for " + shell,
			Long:    long,
			Example: "  englishctl completion " + shell,
			Args:    noArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return write(cmd.Root(), e.Stdout) },
		}
	}
	cmd := group("completion", "Let a shell complete commands, flags, tags and ids",
		script("bash", `Print the completion script for bash, which needs the package bash-completion.

For this shell:

    source <(englishctl completion bash)

For every new one of yours:

    mkdir -p ~/.local/share/bash-completion/completions
    englishctl completion bash \
        > ~/.local/share/bash-completion/completions/englishctl`,
			func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }),
		script("zsh", `Print the completion script for zsh. Completion itself has to be on: the line
"autoload -U compinit; compinit" in ~/.zshrc sees to it.

For this shell:

    source <(englishctl completion zsh)

For every new one, in a folder of $fpath:

    englishctl completion zsh > "${fpath[1]}/_englishctl"`,
			func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) }),
		script("fish", `Print the completion script for fish.

For this shell:

    englishctl completion fish | source

For every new one of yours:

    englishctl completion fish > ~/.config/fish/completions/englishctl.fish`,
			func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }),
		script("powershell", `Print the completion script for PowerShell.

For this shell:

    englishctl completion powershell | Out-String | Invoke-Expression

For every new one, put that line into the file that $PROFILE names.`,
			func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) }),
	)
	cmd.Long = `Print a script by which a shell completes commands and flags, levels, types and
columns, and what is in the catalogue: tags, accounts, sentences, imports. It
looks at the data that the settings name, for a second at most; where there is
none, nothing is made and nothing completed.`
	return cmd
}
