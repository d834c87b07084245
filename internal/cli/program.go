package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// Program is one run of englishctl: everything outside itself that it may touch.
type Program struct {
	// Args are the arguments without the program's name.
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Environ is the environment as "NAME=value" lines.
	Environ []string
	// Dir is the working directory, where `.env` is looked for.
	Dir string
}

// Main runs the program that the operating system has started, with some arguments put first, and returns its exit code.
// Ctrl-C and SIGTERM end it in good order; a second signal ends the process at once.
func Main(first ...string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go obey(signals, cancel, die)
	p := fromOS()
	p.Args = append(first, p.Args...)
	return p.Run(ctx)
}

// obey calls cancel at the first signal and die with the second. It listens all the time: whoever stops listening after the first
// one, so that the second does what it does by itself, loses one that comes in between.
func obey(signals <-chan os.Signal, cancel func(), die func(os.Signal)) {
	<-signals
	cancel()
	die(<-signals)
}

// die ends the process by the signal, as if nobody had listened to it: whoever has started the process sees that.
func die(by os.Signal) {
	signal.Reset(by)
	self, err := os.FindProcess(os.Getpid())
	if err == nil && self.Signal(by) != nil {
		_ = self.Kill() // on a system without signals
	}
}

// fromOS returns the program that the operating system has started.
func fromOS() Program {
	return Program{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Dir: "."}
}

// Run carries out the command and returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 input rejected.
// It ends early, in good order, when ctx does.
func (p Program) Run(ctx context.Context) int {
	p.Stdout, p.Stderr = p.newStream(p.Stdout), newScreen(p.newStream(p.Stderr))
	e := &env{Program: p, interrupted: ctx.Done(), headroom: make([]byte, headroomBytes)}
	root := newRoot(e)
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)

	cmd, err := root.ExecuteContextC(audit.WithOrigin(ctx, audit.Origin{Actor: actor()}))
	if err != nil && !e.started {
		err = misused(cmd, err) // cobra refused the command line before any command ran
	}
	report(p.Stderr, err)
	return exitCode(err)
}

// env is what the commands share. Its parts are made when a command asks for them, so that --help opens nothing.
type env struct {
	Program
	// started says that a command's own code has begun: what fails later is no mistake of the command line.
	started bool
	// quiet is --quiet: nothing is said but data, questions, warnings and errors.
	quiet bool
	// glancing says that a shell asks what it may complete: nothing is made, said or logged.
	glancing bool
	// at is the daemon that the command works with; empty on this machine.
	at string
	// interrupted is closed when the command is told to end.
	interrupted <-chan struct{}
	// headroom is memory that is never touched, so that the system has to find none for it. The runtime collects garbage when as
	// much has been allocated as is in use, which in a command is little: without headroom it did so 300 times in an import of
	// 200 recordings.
	headroom []byte
}

// headroomBytes is about what a command may grow by before its garbage is collected.
const headroomBytes = 32 << 20

// load reads the settings for the command.
func (e *env) load(cmd *cobra.Command) (*config.Config, *config.Report, error) {
	cfg, settings, err := config.Load(config.Options{Flags: cmd.Flags(), Environ: e.Environ, Dir: e.Dir})
	if err != nil {
		return nil, nil, &usageError{err}
	}
	for _, warning := range settings.Warnings {
		e.warn(warning)
	}
	return cfg, settings, nil
}

// openHere wires the services of this machine: for a command, or for a glance at what may complete its arguments.
func (e *env) openHere(ctx context.Context, cfg *config.Config) (*app.App, error) {
	if e.glancing {
		return app.Glance(ctx, cfg)
	}
	return app.Open(ctx, cfg, e.logger(cfg))
}

// talk is where a command says what it does, for people; what it was asked for goes to Stdout. --quiet closes it.
func (e *env) talk() io.Writer {
	if e.quiet {
		return io.Discard
	}
	return toPeople{e.Stderr}
}

// say prints a line of talk.
func (e *env) say(line string) { fmt.Fprintln(e.talk(), line) }

// sayf prints talk, formatted.
func (e *env) sayf(format string, args ...any) { fmt.Fprintf(e.talk(), format, args...) }

// warn prints what somebody should know who wants to hear nothing else.
func (e *env) warn(warning string) {
	fmt.Fprint(e.Stderr, labelled(e.Stderr, yellow, "warning:", warning))
}

// logger returns the program's log. With --quiet only warnings and errors are logged, whatever LOG_LEVEL says.
func (e *env) logger(cfg *config.Config) *slog.Logger {
	level := cfg.Log.Level
	if e.quiet {
		level = max(level, slog.LevelWarn)
	}
	return telemetry.NewLogger(e.Stderr, level, telemetry.Format(cfg.Log.Format), isTerminal(e.Stderr))
}

// actor is how the audit log names whoever runs the command.
func actor() string {
	if u, err := user.Current(); err == nil {
		return "cli:" + u.Username
	}
	return fmt.Sprintf("cli:uid-%d", os.Getuid())
}
