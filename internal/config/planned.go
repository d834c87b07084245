package config

import (
	"slices"
	"strings"
)

// planned are the settings of parts that this version does not have yet. They are known and checked, so that a
// configuration written for the whole product is accepted; whoever sets one is told that it does nothing.
var planned = []string{
	"DATABASE_REPLICA_URL",
}

// planned reports whether the setting does nothing yet.
func (s setting) planned() bool { return slices.Contains(planned, s.name) }

// withoutEffect returns one warning that names the planned settings that somebody has set, or none.
func (r *Report) withoutEffect() []string {
	var set []string
	for _, s := range all() {
		if shown := r.settings[s.name]; s.planned() && shown.Source != "default" && shown.Value != s.def {
			set = append(set, s.name)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return []string{"set, but without effect in this version: " + strings.Join(set, ", ")}
}
