package cli

import (
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/config"
)

func newConfig(e *env) *cobra.Command {
	return group("config", "Look at the settings", newConfigShow(e))
}

// settingItem is a setting as -o json prints it. The value of a secret is masked.
type settingItem struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Secret bool   `json:"secret"`
	Help   string `json:"help"`
}

func newConfigShow(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show every setting, its value and where it comes from",
		Long: `Show every setting with the value in force and where it comes from: a flag, the
environment, .env, a configuration file or the default. Secrets are masked. The
columns are name, value and source; -o json says what each is for as well.

If a setting is wrong, all mistakes are listed instead and the exit code is 2.`,
		Example: `  englishctl config show
  englishctl config show --columns name,value
  englishctl config show -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := output.check(); err != nil {
				return err
			}
			_, settings, err := e.load(cmd)
			if err != nil {
				return err
			}
			return output.print(e.Stdout, settingListing(settings.Effective()))
		},
	}
	output.register(cmd, settingColumns)
	return cmd
}

var settingColumns = []string{"name", "value", "source"}

func settingListing(settings []config.EffectiveSetting) listing {
	l := listing{columns: settingColumns, rows: [][]string{}}
	items := make([]settingItem, 0, len(settings))
	for _, s := range settings {
		items = append(items, settingItem{Name: s.Name, Value: s.Value, Source: s.Source, Secret: s.Secret, Help: s.Help})
		l.rows = append(l.rows, []string{s.Name, s.Value, s.Source})
	}
	l.items = items
	return l
}
