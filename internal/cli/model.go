package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
)

func newModel(e *env) *cobra.Command {
	return group("model", "Look after the acoustic model that scores without a cloud", newModelInstall(e))
}

type modelFileItem struct {
	File   string `json:"file"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func newModelInstall(e *env) *cobra.Command {
	var output outputOptions
	cmd := &cobra.Command{
		Use:   "install DIR|FILE.deb",
		Short: "Copy an acoustic model to where the daemon finds it",
		Long: `Copy the acoustic model and dictionary of Debian's package pocketsphinx-en-us
into DATA_DIR/model, from the package's file or from a folder such as
/usr/share/pocketsphinx/model/en-us. With it, pronunciation is scored on this
machine, without a cloud (SPEECH_PROVIDER=offline). Where the package itself is
installed, nothing needs to be done.

The model is read before anything is changed, and its checksums are kept and
compared whenever it is read again. It prints the files with their checksums.`,
		Example: `  englishctl model install pocketsphinx-en-us.deb
  englishctl model install /usr/share/pocketsphinx/model/en-us -o json`,
		Args: exactlyOne("a folder with an acoustic model, or a Debian package"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.check(); err != nil {
				return err
			}
			cfg, _, err := e.load(cmd)
			if err != nil {
				return err
			}
			done, err := app.InstallModel(cfg, args[0])
			if err != nil {
				return err
			}
			e.sayf("installed in %s\n", visible(done.Dir))
			l := listing{columns: modelColumns, numbers: []string{"bytes"}}
			items := make([]modelFileItem, len(done.Files))
			for i, f := range done.Files {
				items[i] = modelFileItem{f.Name, f.Bytes, f.SHA256}
				l.rows = append(l.rows, []string{f.Name, strconv.Itoa(f.Bytes), f.SHA256})
			}
			l.items = items
			return output.print(e.Stdout, l)
		},
	}
	output.register(cmd, modelColumns)
	return cmd
}

var modelColumns = []string{"file", "bytes", "sha256"}
