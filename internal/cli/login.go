package cli

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/config"
)

type loginOptions struct {
	email         string
	passwordStdin bool
	insecureHTTP  bool
}

func newLogin(e *env) *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use:   "login --server URL [--email ADDRESS]",
		Short: "Sign in to a daemon, and work with it from here",
		Long: `Sign in to a daemon as an administrator. From then on the commands work with
that daemon, over HTTP, unless something else is said: see "englishctl --help".

The password is asked for on the terminal, or read from stdin with
--password-stdin. It is not kept: a token is, which ends after some days without
use, in $XDG_CONFIG_HOME/englishctl/credentials.json (or below ~/.config),
readable by you alone. Several daemons may be signed in to; the last one is
meant where none is named.

A daemon may ask for signatures (docs/request-signing.md). Set
REQUEST_SIGNING_SECRET, or REQUEST_SIGNING_SECRET_FILE, for this command: it is
kept with the token.

The address begins with https://; http:// is for this machine. An account that
is no administrator's is refused with exit code 1.`,
		Example: `  englishctl login --server https://api.example.com
  englishctl login --server https://api.example.com \
      --email ada@example.com --password-stdin < password.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLogin(cmd, e, o) },
	}
	cmd.Flags().StringVar(&o.email, "email", "", "your e-mail address there")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from stdin")
	cmd.Flags().BoolVar(&o.insecureHTTP, "insecure-http", false, "let everybody on the way read what is sent")
	return cmd
}

func runLogin(cmd *cobra.Command, e *env, o loginOptions) error {
	keyring, err := e.keyring()
	if err != nil {
		return err
	}
	cfg, settings, err := e.load(cmd)
	if err != nil {
		return err
	}
	server, err := serverToSignIn(cfg, keyring)
	if err != nil {
		return err
	}
	if app.Overheard(server) && !o.insecureHTTP {
		return mayBeOverheard(server)
	}
	known, _, err := keyring.Find(server)
	if err != nil {
		return err
	}
	email, err := e.emailAddress(o, known.Email)
	if err != nil {
		return err
	}
	password, err := e.onePassword(o.passwordStdin)
	if err != nil {
		return err
	}
	signIn, err := app.SignIn(cmd.Context(), server, email, password)
	if err != nil {
		return err
	}
	signIn.InsecureHTTP, signIn.SigningSecret = o.insecureHTTP, cfg.HTTP.RequestSigningSecret.Reveal()
	if err := keyring.Put(signIn); err != nil {
		return errors.Join(err, app.SignOut(cmd.Context(), signIn)) // nobody would know the token
	}
	e.sayf("signed in to %s as %s\n", signIn.Server, signIn.Email)
	if signIn.SigningSecret != "" {
		e.sayf("what changes something there is signed with REQUEST_SIGNING_SECRET, which is kept with the sign-in\n")
	}
	if setting := settings.FirstSet(storeSettings...); setting != "" {
		e.warn(fmt.Sprintf("%s is set, so that commands work on this machine; for that daemon, unset it or say --server %s", setting, signIn.Server))
	}
	return nil
}

// serverToSignIn is the daemon that is named, or the one that was signed in to last.
func serverToSignIn(cfg *config.Config, keyring *app.Keyring) (string, error) {
	if cfg.Server != "" && cfg.Server != config.ServerLocal {
		return cfg.Server, nil
	}
	current, found, err := keyring.Current()
	if err == nil && !found {
		err = usagef("--server is missing: the daemon's address, such as https://api.example.com")
	}
	return current.Server, err
}

// emailAddress is the one that was given, or typed, or used before.
func (e *env) emailAddress(o loginOptions, before string) (string, error) {
	if o.email != "" {
		return o.email, nil
	}
	if o.passwordStdin || !isTerminal(e.Stdin) {
		if before == "" {
			return "", usagef("--email is missing, and there is no terminal to ask on")
		}
		return before, nil
	}
	prompt := "E-mail address: "
	if before != "" {
		prompt = fmt.Sprintf("E-mail address [%s]: ", before)
	}
	fmt.Fprint(e.Stderr, prompt)
	typed, err := e.interruptible(func() (string, error) { return bufio.NewReader(e.Stdin).ReadString('\n') })
	if err != nil {
		fmt.Fprintln(e.Stderr) // nobody has pressed Enter
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the e-mail address: %w", err)
	}
	return cmp.Or(strings.TrimSpace(typed), before), nil
}

// onePassword reads a password that exists already: from stdin, or asked for once on the terminal.
func (e *env) onePassword(fromStdin bool) (string, error) {
	if fromStdin {
		return e.interruptible(func() (string, error) { return readSecret(e.Stdin) })
	}
	f, ok := e.Stdin.(*os.File)
	if !ok || !isTerminal(f) {
		return "", usagef("there is no terminal to ask for the password on: give it with --password-stdin")
	}
	return e.ask(f, "Password: ")
}
