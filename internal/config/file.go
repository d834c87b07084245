package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/viper"

	"github.com/englishapp/englishctl/internal/fault"
)

// noDelimiter keeps viper from taking a dot in a key for a path into nested keys; we have none.
const noDelimiter = "\x00"

// fileSource reads the config file that --config or ENGLISHCTL_CONFIG names.
func fileSource(o Options, stronger []source, mistakes *fault.Check) source {
	name := flagText(o.Flags, flagConfig)
	for _, src := range stronger {
		if name == "" {
			name = src.values[varConfig]
		}
	}
	src := source{values: map[string]string{}, label: func(string) string { return "file " + name }}
	if name == "" {
		return src
	}
	src.file = within(o.Dir, name)
	v, err := readFile(src.file)
	if err != nil {
		mistakes.Addf(name, "%v", err)
		return src
	}
	for _, key := range topLevel(v.AllKeys()) {
		variable := strings.ToUpper(key)
		if !slices.Contains(knownNames(), variable) {
			mistakes.Addf(name, "unknown setting %q%s", key, didYouMean(variable))
			continue
		}
		text, ok := scalar(v.Get(key))
		if !ok {
			mistakes.Addf(name, "%s is neither a single value nor a list of them", variable)
			continue
		}
		src.values[variable] = text
	}
	return src
}

// readFile parses a file by its extension.
func readFile(path string) (*viper.Viper, error) {
	kind := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	if !slices.Contains([]string{"yaml", "yml", "toml", "json"}, kind) {
		return nil, errors.New("the name of a config file must end in .yaml, .yml, .toml or .json")
	}
	content, err := readCapped(path, maxFile)
	if err != nil {
		return nil, err
	}
	v := viper.NewWithOptions(viper.KeyDelimiter(noDelimiter))
	v.SetConfigType(kind)
	if err := v.ReadConfig(bytes.NewReader(content)); err != nil {
		// The parsers' own messages quote the file, which may hold secrets.
		return nil, fmt.Errorf("is not valid %s%s", strings.ToUpper(kind), whereIn(content, err))
	}
	return v, nil
}

var lineNumber = pattern(`line (\d+)`)

// whereIn returns ", see line N" where the parser's error tells it.
func whereIn(content []byte, err error) string {
	var toml interface{ Position() (row, column int) }
	var syntax *json.SyntaxError
	line := ""
	switch {
	case errors.As(err, &toml):
		row, _ := toml.Position()
		line = strconv.Itoa(row)
	case errors.As(err, &syntax):
		line = strconv.Itoa(1 + bytes.Count(content[:syntax.Offset], []byte("\n")))
	default:
		if m := lineNumber().FindStringSubmatch(err.Error()); m != nil {
			line = m[1]
		}
	}
	if line == "" {
		return ""
	}
	return ", see line " + line
}

// topLevel returns the first parts of nested keys, sorted, each once.
func topLevel(keys []string) []string {
	for i, key := range keys {
		keys[i], _, _ = strings.Cut(key, noDelimiter)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// scalar writes a value from a file as it would stand in the environment; a list becomes a comma list.
func scalar(value any) (text string, ok bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool, int, int64, uint64:
		return fmt.Sprint(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true // JSON has no integers; %v would write 1e+06
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			if items[i], ok = scalar(item); !ok {
				return "", false
			}
		}
		return strings.Join(items, ","), true
	}
	return "", false
}
