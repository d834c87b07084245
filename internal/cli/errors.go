package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/englishapp/englishctl/internal/fault"
)

// The exit codes (decisions.md, "CLI").
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3
)

// exitStatuses are the exit codes in words, for the manual.
var exitStatuses = []manItem{
	{"0", "Done. Help that was asked for, and a list that is empty, are done, too."},
	{"1", "Failed, interrupted, or refused at a question: what the message says was not done."},
	{"2", "Wrong usage or settings: nothing was tried."},
	{"3", "Input rejected: it breaks a rule or clashes with what is there. Nothing was changed. Of doctor: something is not as it should be."},
}

// usageError says that the command line or the settings are wrong: nothing was tried.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// exitCode is the one place that turns an error into an exit code.
func exitCode(err error) int {
	var usage *usageError
	if err == nil {
		return exitDone
	}
	if errors.As(err, &usage) {
		return exitUsage
	}
	if _, found := errors.AsType[*sick](err); found {
		return exitRejected
	}
	f, ok := fault.As(err)
	if !ok {
		return exitFailed
	}
	switch f.Kind {
	case fault.KindInvalid, fault.KindConflict, fault.KindUnsuitable, fault.KindTooLarge:
		return exitRejected
	default:
		return exitFailed
	}
}

// report prints err for a person: broken rules a line each, everything else as one sentence with its causes.
func report(w io.Writer, err error) {
	if err == nil {
		return
	}
	say := func(sentence string) { fmt.Fprint(w, labelled(w, red, "englishctl:", sentence)) }
	var stopped *interruption
	if errors.As(err, &stopped) {
		say(stopped.Error())
		return
	}
	f, ok := fault.As(err)
	if !ok {
		say(err.Error())
		return
	}
	if len(f.Fields) == 0 {
		say(f.Error())
		return
	}
	if f.Message != "" {
		say(f.Message)
	}
	for _, field := range f.Fields {
		fmt.Fprint(w, forPeople(w, visible(field.Name)+": "+visible(field.Message)+"\n"))
	}
}
