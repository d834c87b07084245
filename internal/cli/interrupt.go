package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/fault"
)

// interruption is the end of a command that was told to end, by Ctrl-C or SIGTERM.
type interruption struct {
	// left says in what state things are: "nothing was changed".
	left string
	err  error
}

func (i *interruption) Error() string { return "interrupted; " + i.left }

func (i *interruption) Unwrap() error { return i.err }

// leaving says what state a command leaves things in, if err comes of an interruption. Other errors pass, and so does an
// interruption of which the state has been said already: whoever was nearer knows better.
func leaving(ctx context.Context, err error, state string) error {
	var said *interruption
	if errors.As(err, &said) || !interrupts(ctx, err) {
		return err
	}
	return &interruption{state, err}
}

// interrupts reports whether err comes of an interruption. Whatever breaks off when the context ends does; a refusal that
// happens to come at the same time does not.
func interrupts(ctx context.Context, err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return err != nil
	}
	f, ok := fault.As(err)
	return ctx.Err() != nil && (!ok || f.Kind == fault.KindUnavailable)
}

// The states in which commands leave things that do not say more themselves.
const (
	nothingChanged = "nothing was changed"
	wholeOrNot     = "it was done whole or not at all: look before repeating"
)

// stateLeft is the state in which a command leaves things that does not say more itself.
func stateLeft(cmd *cobra.Command) string {
	switch cmd.Name() {
	case "list", "show", "stats", "days", "scores", "hardest", "incorrect", "errors", "status", "play", "score", "check", "verify", "ready", "version",
		"hash-password":
		return nothingChanged
	case "serve":
		return "the daemon was not serving yet"
	}
	return wholeOrNot
}
