// Package config reads the settings of the program, once, into a typed Config.
//
// Each setting is one row of the table in settings.go. Flags, environment variables, .env.example, `config show`
// and docs/settings.md all come from that row, so nothing can be true in one and wrong in another.
//
// The rules, in the order in which they decide:
//
//  1. The stronger source wins: flag > environment > .env > config file > default. It wins by any of the setting's
//     names: an alias in the environment beats the first name in .env.
//  2. Within one source the first name wins over its aliases.
//  3. A secret may be given as NAME_FILE, the path of a file that holds it. NAME and NAME_FILE in one source
//     contradict each other and are refused.
//  4. An empty value counts as not set, in every source.
//  5. Relative paths are relative to the working directory, also those in a config file.
//
// All mistakes are reported at once, each with the variable, the value (never a secret's) and what is allowed.
//
// Viper reads the config file (YAML, TOML, JSON). The other sources are not left to it because it reads the
// process's own environment, which tests could not replace; because it cannot say where a value came from, which
// `config show` has to; and because its .env reader expands $, which destroys password hashes.
package config
