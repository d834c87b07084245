package config

import (
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/englishapp/englishctl/internal/fault"
)

// CodeInvalidSettings is the code of the fault that Load, Config.ValidateForServe and Config.ValidateForScoring return.
const CodeInvalidSettings = "invalid_settings"

// Options is where Load looks. The zero value finds nothing, and so gives the defaults.
type Options struct {
	Flags   *pflag.FlagSet // parsed, after RegisterFlags; nil: no flags
	Environ []string       // as os.Environ gives it
	Dir     string         // working directory: of .env and of relative paths; "": the process's own
}

// Load reads all settings from their sources (see the package's rules) and checks them.
//
// The error is a fault.Invalid with the code "invalid_settings"; its Fields hold one sentence for each mistake,
// named by the variable or the file it is in. The Config is nil then. The Report is never nil: it shows what was
// read, wrong values included.
func Load(o Options) (*Config, *Report, error) {
	var mistakes fault.Check
	sources := readSources(o, &mistakes)
	cfg := &Config{}
	report := &Report{Warnings: sources.warnings, settings: map[string]EffectiveSetting{}}
	wrong := map[string]bool{}

	// Defaults that depend on other settings come last, when those are known.
	for _, dependent := range []bool{false, true} {
		for _, s := range all() {
			if (s.instead != nil) == dependent {
				report.settings[s.name], wrong[s.name] = s.read(cfg, sources, &mistakes)
			}
		}
	}
	cfg.checkTogether(wrong, &mistakes)
	if err := failure(&mistakes); err != nil {
		return nil, report, err
	}
	cfg.settle(o.Dir)
	report.Warnings = append(report.Warnings, cfg.warnings()...)
	return cfg, report, nil
}

// read finds the setting's value, puts it into cfg, and reports whether something is wrong with it.
func (s setting) read(cfg *Config, sources sources, mistakes *fault.Check) (shown EffectiveSetting, wrong bool) {
	found, mistake := sources.find(s)
	if mistake != nil {
		mistakes.Addf(mistake.variable, "%s", mistake.message)
		return s.effective(found, false), true
	}
	if found.text == "" {
		found = s.fallback(cfg)
	}
	valid := found.text == "" || (printable(found.text) || s.secret) && s.value.set(cfg, found.text)
	if !valid {
		mistakes.Addf(s.name, "%s is not allowed (%s); allowed: %s", s.shown(found.text, false), found.source, s.value.allowed)
	}
	return s.effective(found, valid), !valid
}

func (s setting) effective(found finding, valid bool) EffectiveSetting {
	return EffectiveSetting{
		Name: s.name, Value: s.shown(found.text, valid), Source: found.source, File: found.file, Help: s.help, Secret: s.secret,
	}
}

func (s setting) fallback(cfg *Config) finding {
	if s.instead != nil && s.instead.holds(cfg) {
		return finding{text: s.instead.def, source: "default (" + s.instead.when + ")"}
	}
	return finding{text: s.def, source: "default"}
}

// printable refuses line breaks, NUL and the like, which no setting has but a secret.
func printable(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

// settle fills in what follows from several settings together.
func (c *Config) settle(dir string) {
	if c.Storage.Endpoint != nil {
		if c.Storage.PublicURL == nil {
			public := *c.Storage.Endpoint
			c.Storage.PublicURL = &public
		}
		c.Storage.Endpoint.Scheme = c.Storage.scheme(c.Storage.Endpoint.Scheme)
		c.Storage.PublicURL.Scheme = c.Storage.scheme(c.Storage.PublicURL.Scheme)
	}
	for _, p := range []*string{
		&c.DataDir, &c.HTTP.TLSCertFile, &c.HTTP.TLSKeyFile, &c.Speech.OfflineModelDir, &c.Speech.AudioDecoderWASM,
	} {
		*p = within(dir, *p)
	}
}

// scheme is the one written in the address, else what S3_USE_SSL says.
func (s Storage) scheme(written string) string {
	switch {
	case written != "":
		return written
	case s.UseSSL:
		return "https"
	}
	return "http"
}

// within returns the path as seen from the folder.
func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func failure(mistakes *fault.Check) error {
	if f, ok := fault.As(mistakes.Err()); ok {
		return f.WithCode(CodeInvalidSettings)
	}
	return nil
}
