package config

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteEnvExample writes .env.example: every setting, its default and what is allowed. All lines are comments,
// so that a copy changes nothing until somebody decides to.
func WriteEnvExample(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, `# Settings of englishctl. Copy this file to .env and take the # off the lines that you want to change.
# Stronger than .env are the environment and flags; weaker are a config file and the defaults.
# A secret NAME may also be given as NAME_FILE, the path of a file that holds it.
# Written by the tests of internal/config from the table of settings: change it there.
`)
	for _, g := range groups {
		fmt.Fprintf(out, "\n# --- %s ---\n", g.title)
		for _, s := range g.settings {
			fmt.Fprintf(out, "\n# %s\n# Allowed: %s\n", s.about(), s.value.allowed)
			if len(s.aliases) > 0 {
				fmt.Fprintf(out, "# Also: %s\n", strings.Join(s.aliases, ", "))
			}
			if note := s.defaultNote(); note != "" {
				fmt.Fprintf(out, "# %s\n", note)
			}
			fmt.Fprintf(out, "# %s=%s\n", s.name, s.sample())
		}
	}
	return out.Flush()
}

// WriteSettingsDoc writes docs/settings.md, for people.
func WriteSettingsDoc(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, `# Settings

Written by the tests of internal/config from the table of settings: change it there.

- The stronger source wins: flag, environment, `+"`.env`"+` (or the file of `+"`--env-file`"+`), config file (`+"`--config`"+` or
  `+"`ENGLISHCTL_CONFIG`"+`; YAML, TOML or JSON with the names below as keys, in any case), default. It wins by any of the
  setting's names: an alias in the environment beats the first name in `+"`.env`"+`.
- Within one source the first name wins over its aliases. An empty value counts as not set.
- A secret has no flag for itself, since everybody on the machine can read command lines. `+"`NAME_FILE`"+` (flag
  `+"`--name-file`"+`) is the path of a file that holds it; one line break at its end is not part of it. `+"`NAME`"+` and `+"`NAME_FILE`"+`
  in one source are a mistake.
- Relative paths are relative to the working directory.
- A flag's name is the setting's in small letters with hyphens: `+"`API_PORT`"+` is `+"`--api-port`"+`; `+"`ENGLISHCTL_SERVER`"+` is `+"`--server`"+`.
- `+"`englishctl config show`"+` prints what holds, and where each value came from, secrets masked.
- Each mistake is named with its value (not a secret's) and what is allowed; all of them at once, and nothing is started.
- `+"`DATABASE_URL`"+` without `+"`sslmode`"+` means `+"`disable`"+` on this machine (loopback, Unix sockets) and `+"`require`"+` elsewhere.
- `+"`DATABASE_URL`"+` may name several servers of a cluster, `+"`postgres://user:password@db1:5432,db2:5432/englishapp`"+`. The one that takes writes is
  used (`+"`target_session_attrs=read-write`"+`), one that does not answer within 2 seconds is passed over (`+"`connect_timeout=2`"+`); both can be set otherwise in the address.
`)
	for _, g := range groups {
		fmt.Fprintf(out, "\n## %s\n\n| name | meaning | default | allowed |\n| --- | --- | --- | --- |\n", g.title)
		for _, s := range g.settings {
			fmt.Fprintf(out, "| %s | %s | %s | %s |\n", s.nameCell(), s.about(), s.defaultCell(), cell(s.value.allowed))
		}
	}
	return out.Flush()
}

// sample is what stands behind the = in .env.example.
func (s setting) sample() string {
	if s.def != "" {
		return s.def
	}
	return s.example
}

// defaultNote says what a reader of .env.example cannot see from the line itself.
func (s setting) defaultNote() string {
	switch {
	case s.instead != nil:
		return fmt.Sprintf("Default: %s; where %s: %s", s.def, s.instead.when, s.instead.def)
	case s.def == "" && s.example != "":
		return "Not set by default; an example:"
	}
	return ""
}

func (s setting) nameCell() string {
	text := "`" + s.name + "`"
	for _, alias := range s.aliases {
		text += ", `" + alias + "`"
	}
	if s.secret {
		text += " (secret)"
	}
	return text
}

func (s setting) defaultCell() string {
	if s.def == "" {
		return ""
	}
	text := "`" + s.def + "`"
	if s.unit != "" {
		text += " " + s.unit
	}
	if s.instead != nil {
		text += "; where " + s.instead.when + ": `" + s.instead.def + "`"
	}
	return text
}

// cell escapes what would end a table cell.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}

// about says what the setting is for.
func (s setting) about() string {
	return sentence(s.help)
}

// sentence begins with a capital and ends with a full stop, but leaves names in small letters alone.
func sentence(help string) string {
	return strings.ToUpper(help[:1]) + help[1:] + "."
}
