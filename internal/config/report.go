package config

import (
	"slices"
	"strings"
)

// EffectiveSetting is one setting as it holds, fit to be shown.
type EffectiveSetting struct {
	Name   string
	Value  string // as written, secrets masked; "" where it is not set
	Source string // "flag --api-port", "environment API_PORT", "default", …
	File   string // path of the file that it was read from, "" where it was none
	Help   string // one line, no full stop
	Secret bool
}

// Report is what Load has found, for `config show` and for the terminal.
type Report struct {
	// Warnings are sentences about what is allowed but hardly meant.
	Warnings []string
	settings map[string]EffectiveSetting
}

// FirstSet returns the first of the settings that a source says something of, or "": a default is nobody's word.
func (r *Report) FirstSet(names ...string) string {
	i := slices.IndexFunc(names, func(name string) bool {
		return !strings.HasPrefix(r.settings[name].Source, "default")
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// Effective returns every setting, in the order of docs/settings.md.
func (r *Report) Effective() []EffectiveSetting {
	var ordered []EffectiveSetting
	for _, s := range all() {
		ordered = append(ordered, r.settings[s.name])
	}
	return ordered
}

// SecretFiles returns the files that secrets were read from, by their paths, with the names of the secrets in each.
func (r *Report) SecretFiles() map[string][]string {
	files := map[string][]string{}
	for _, s := range r.Effective() {
		if s.Secret && s.File != "" {
			files[s.File] = append(files[s.File], s.Name)
		}
	}
	return files
}
