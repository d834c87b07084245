package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/fault"
)

// withServices runs fn with the services wired, here or in a daemon elsewhere, and closes them.
func (e *env) withServices(cmd *cobra.Command, fn func(ctx context.Context, s services) error) (err error) {
	cfg, settings, err := e.load(cmd)
	if err != nil {
		return err
	}
	server, err := e.server(cfg, settings)
	if err != nil {
		return err
	}
	if server != "" {
		return e.withServer(cmd.Context(), cfg, server, fn)
	}
	a, err := e.openHere(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return fn(cmd.Context(), local(a))
}

// open wires the services of this machine, for a command that works nowhere else; close ends them.
func (e *env) open(cmd *cobra.Command) (*app.App, error) {
	cfg, _, err := e.load(cmd)
	if err != nil {
		return nil, err
	}
	return e.openHere(cmd.Context(), cfg)
}

// withServer runs fn with the services of a daemon that the user has signed in to.
func (e *env) withServer(ctx context.Context, cfg *config.Config, server string, fn func(ctx context.Context, s services) error) (err error) {
	keyring, err := e.keyring()
	if err != nil {
		return err
	}
	signIn, found, err := keyring.Find(server)
	if err != nil {
		return err
	}
	if !found {
		return fault.Unauthorized("you are not signed in to %s: englishctl login --server %[1]s", server)
	}
	if app.Overheard(server) && !signIn.InsecureHTTP {
		return mayBeOverheard(server)
	}
	e.at = server
	r, err := app.OpenRemote(cfg, keyring, signIn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return fn(ctx, elsewhere(r))
}

// mayBeOverheard refuses to send tokens or a password where others can read them.
func mayBeOverheard(server string) error {
	return usagef("--server %s begins with http://, and everybody on the way could read what is sent: use https://, or sign in with --insecure-http",
		server)
}

// storeSettings are those that make commands work on this machine.
var storeSettings = []string{"DATABASE_URL", "DATA_DIR"}

// server says where the command works: the address of a daemon, or "" for this machine (docs/remote.md).
func (e *env) server(cfg *config.Config, settings *config.Report) (string, error) {
	switch {
	case cfg.Server == config.ServerLocal:
		return "", nil
	case cfg.Server != "":
		return cfg.Server, nil
	case settings.FirstSet(storeSettings...) != "":
		return "", nil
	}
	dir, ok := e.configDir()
	if !ok {
		return "", nil
	}
	current, _, err := app.SignIns(dir).Current()
	return current.Server, err
}

// keyring is where sign-ins are kept.
func (e *env) keyring() (*app.Keyring, error) {
	dir, ok := e.configDir()
	if !ok {
		return nil, errors.New("there is no place for sign-ins: neither XDG_CONFIG_HOME nor HOME is an absolute path")
	}
	return app.SignIns(dir), nil
}

// configDir is the program's folder below XDG_CONFIG_HOME, or else below HOME/.config (XDG Base Directory Specification,
// which says that a path that is not absolute counts as not set).
func (e *env) configDir() (dir string, ok bool) {
	for _, base := range []string{e.getenv("XDG_CONFIG_HOME"), filepath.Join(e.getenv("HOME"), ".config")} {
		if filepath.IsAbs(base) {
			return filepath.Join(base, "englishctl"), true
		}
	}
	return "", false
}

func (e *env) getenv(name string) string {
	for _, entry := range e.Environ {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}

// whyHere is the annotation of a command that works on this machine only: a sentence that says why.
const whyHere = "why-here"

// hereOnly marks a command, and all below it, as one that works on this machine only.
func hereOnly(why string, cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{whyHere: why}
	return cmd
}

// checkPlace refuses --server for a command that works on this machine only. The variable is no mistake: it says where
// the other commands work.
func checkPlace(cmd *cobra.Command) error {
	server := cmd.Flags().Lookup("server")
	if server == nil || !server.Changed || server.Value.String() == config.ServerLocal {
		return nil
	}
	for c := cmd; c != nil; c = c.Parent() {
		if why, marked := c.Annotations[whyHere]; marked {
			return usagef("%q works on this machine only: %s. Leave --server out", cmd.CommandPath(), why)
		}
	}
	return nil
}
