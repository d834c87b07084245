package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/englishapp/englishctl/internal/fault"
)

// source is one place that settings come from: what it says, by the name of the variable.
type source struct {
	values map[string]string
	file   string                       // the path of the file that it is, "" if it is none
	label  func(variable string) string // "flag --api-port", "environment API_PORT"
}

// sources is all of them, the strongest first.
type sources struct {
	list     []source
	dir      string
	warnings []string
}

// finding is a value and where it came from.
type finding struct {
	text, source string
	file         string // the file that holds it, "" if none does
}

// mistake is what is wrong with a variable.
type mistake struct{ variable, message string }

// The names of what says where to look.
const (
	flagConfig  = "config"
	flagEnvFile = "env-file"
	varConfig   = "ENGLISHCTL_CONFIG"
	dotenvName  = ".env"
)

// maxFile is the most bytes that a .env or config file may have. The largest honest one has a few thousand.
const maxFile = 1 << 20

// maxSecret is the most bytes that the file of a secret may have: whoever names a bigger one meant another.
const maxSecret = 64 << 10

func readSources(o Options, mistakes *fault.Check) sources {
	flags := flagSource(o.Flags)
	environ := environSource(o.Environ)
	dotenv := dotenvSource(o, mistakes)
	file := fileSource(o, []source{environ, dotenv}, mistakes)

	all := sources{list: []source{flags, environ, dotenv, file}, dir: o.Dir}
	all.warnings = nearMisses(dotenv, all)
	return all
}

// find returns the value from the strongest source that has one, or nothing.
func (ss sources) find(s setting) (finding, *mistake) {
	for _, src := range ss.list {
		for _, name := range s.names() {
			text, file := src.values[name], ""
			if s.secret {
				file = src.values[name+fileSuffix]
			}
			switch {
			case text != "" && file != "":
				return finding{source: src.label(name)}, &mistake{name, fmt.Sprintf(
					"%s and %s are both set (%s); set one of them", name, name+fileSuffix, src.label(name))}
			case text != "":
				return finding{text, src.label(name), src.file}, nil
			case file != "":
				return readSecret(name+fileSuffix, within(ss.dir, file))
			}
		}
	}
	return finding{}, nil
}

// sets reports whether any source sets the variable.
func (ss sources) sets(variable string) bool {
	return slices.ContainsFunc(ss.list, func(s source) bool { return s.values[variable] != "" })
}

// readSecret takes one line break off the end, which editors and echo leave there.
func readSecret(variable, path string) (finding, *mistake) {
	found := finding{source: variable + " " + path, file: path}
	content, err := readCapped(path, maxSecret)
	if err != nil {
		return found, &mistake{variable, err.Error()}
	}
	found.text = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if found.text == "" {
		return found, &mistake{variable, path + " is empty; it must hold the secret"}
	}
	return found, nil
}

// readCapped returns the content of a file of at most so many bytes. Errors name the path.
func readCapped(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing can be lost
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%s has more than the allowed %d bytes", path, most)
	}
	return content, nil
}

func flagSource(flags *pflag.FlagSet) source {
	src := source{values: map[string]string{}, label: func(variable string) string { return "flag --" + flagName(variable) }}
	if flags == nil {
		return src
	}
	for _, s := range all() {
		if f := flags.Lookup(s.flag()); f != nil && f.Changed {
			src.values[s.variable()] = f.Value.String()
		}
	}
	return src
}

func environSource(environ []string) source {
	values := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if _, again := values[name]; !again { // os.Getenv, too, goes by the first
			values[name] = value
		}
	}
	return source{values: values, label: func(variable string) string { return "environment " + variable }}
}

// dotenvSource reads .env, which may be missing, or the file that --env-file names, which may not.
func dotenvSource(o Options, mistakes *fault.Check) source {
	name, named := flagText(o.Flags, flagEnvFile), true
	if name == "" {
		name, named = dotenvName, false
	}
	src := source{file: within(o.Dir, name), label: func(variable string) string { return name + " " + variable }}
	content, err := readCapped(within(o.Dir, name), maxFile)
	if !named && errors.Is(err, os.ErrNotExist) {
		return src
	}
	if err != nil {
		mistakes.Addf(name, "%v", err)
		return src
	}
	values, bad := parseDotenv(string(content))
	for _, line := range bad {
		mistakes.Addf(name, "line %d is not NAME=value", line) // its text may be a secret
	}
	src.values = values
	return src
}

func flagText(flags *pflag.FlagSet, name string) string {
	if flags == nil {
		return ""
	}
	if f := flags.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}
