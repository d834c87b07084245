package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// RegisterFlags adds --config, --env-file and one flag for each setting. Secrets get only a flag for the file
// they are in (--jwt-secret-key-file). Load checks the values, together with those of all other sources.
func RegisterFlags(flags *pflag.FlagSet) {
	flags.String(flagConfig, "", "config `file` (YAML, TOML or JSON; also "+varConfig+")")
	flags.String(flagEnvFile, "", "`file` to read instead of "+dotenvName)
	for _, s := range all() {
		kind, help := s.value.kind, s.help
		if s.secret {
			kind, help = path.name, "file that holds "+s.name+": "+help
		}
		if s.instead != nil {
			help += "; " + s.instead.def + " where " + s.instead.when
		}
		f := flags.VarPF(&textFlag{kind: kind}, s.flag(), "", help)
		if kind == boolean.name {
			f.NoOptDefVal = "true"
		}
		f.DefValue = s.def
	}
}

// flagName is the flag of a variable. The program's own name is no part of it.
func flagName(variable string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(variable, "ENGLISHCTL_"), "_", "-"))
}

// textFlag keeps what was given, unread: all mistakes of all sources are reported together.
type textFlag struct{ text, kind string }

func (f *textFlag) String() string { return f.text }

func (f *textFlag) Set(text string) error {
	f.text = text
	return nil
}

func (f *textFlag) Type() string { return f.kind }
