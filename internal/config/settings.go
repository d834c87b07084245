package config

// setting is one row of the table.
type setting struct {
	name    string   // of the environment variable, of the key in .env and in the config file
	aliases []string // other names for the same thing, the stronger first
	secret  bool     // no flag, masked when shown, may be read from NAME_FILE
	def     string   // default; "" means not set
	instead *instead // another default, in a certain case
	unit    string   // of a bare number
	help    string   // one line, no full stop
	example string   // for .env.example where there is no default
	value   binding  // its type, what is allowed, and where it goes
}

// instead is the default that a setting has when another setting calls for it.
type instead struct {
	def   string
	when  string             // for people: "DATABASE_URL is set"
	holds func(*Config) bool // sees every setting that has no instead
}

func (s setting) names() []string { return append([]string{s.name}, s.aliases...) }

// flag returns the name of the command-line flag. A secret has one for its file only: what stands on a command
// line is seen by every user of the machine.
func (s setting) flag() string { return flagName(s.variable()) }

// variable returns the name that is set by the flag.
func (s setting) variable() string {
	if s.secret {
		return s.name + fileSuffix
	}
	return s.name
}

// fileSuffix turns the name of a secret into the name of the variable that says which file holds it.
const fileSuffix = "_FILE"

// group is settings that belong together, under a heading.
type group struct {
	title    string
	settings []setting
}

// all returns the rows in the order of the table.
func all() []setting {
	var rows []setting
	for _, g := range groups {
		rows = append(rows, g.settings...)
	}
	return rows
}
