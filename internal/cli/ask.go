package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxPasswordInput bounds what is read as a password, in bytes; the longest allowed one has 128 characters.
const maxPasswordInput = 4096

// confirm asks a yes-or-no question before something is destroyed. Without a terminal there is nobody to ask,
// and the command refuses.
func (e *env) confirm(question string, yes bool) error {
	if yes {
		return nil
	}
	if e.at != "" {
		question = "At " + e.at + ": " + question
	}
	if !isTerminal(e.Stdin) {
		return usagef("%s There is no terminal to ask on: say --yes to go ahead", question)
	}
	fmt.Fprint(e.Stderr, forPeople(e.Stderr, visible(question)+" [y/N] "))
	answer, err := e.interruptible(func() (string, error) { return bufio.NewReader(e.Stdin).ReadString('\n') })
	if err != nil {
		fmt.Fprintln(e.Stderr) // nobody has pressed Enter
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}

// password reads a new password from stdin, or asks twice on the terminal. It is never an argument: arguments are
// seen by everybody on the machine.
func (e *env) password(fromStdin bool) (string, error) {
	if fromStdin {
		return e.interruptible(func() (string, error) { return readSecret(e.Stdin) })
	}
	f, ok := e.Stdin.(*os.File)
	if !ok || !isTerminal(f) {
		return "", usagef("there is no terminal to ask for the password on: give it with --password-stdin")
	}
	first, err := e.ask(f, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := e.ask(f, "The same again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", usagef("the two passwords differ; nothing was changed")
	}
	return first, nil
}

func (e *env) ask(terminal *os.File, prompt string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("look at the terminal: %w", err)
	}
	fmt.Fprint(e.Stderr, prompt)
	typed, err := e.interruptible(func() (string, error) {
		password, err := term.ReadPassword(fd)
		return string(password), err
	})
	fmt.Fprintln(e.Stderr)
	if err != nil {
		// Interrupted in the middle, ReadPassword has not turned the echo on again.
		return "", errors.Join(fmt.Errorf("read the password: %w", err), term.Restore(fd, before))
	}
	return typed, nil
}

// interruptible runs read, which waits for a person and cannot be stopped, and goes on without it when the command is
// interrupted; the process ends soon after.
func (e *env) interruptible(read func() (string, error)) (string, error) {
	type input struct {
		text string
		err  error
	}
	typed := make(chan input, 1)
	go func() {
		text, err := read()
		typed <- input{text, err}
	}()
	select {
	case in := <-typed:
		return in.text, in.err
	case <-e.interrupted:
		return "", &interruption{nothingChanged, context.Canceled}
	}
}

// readSecret takes all of r without the line end that echo adds.
func readSecret(r io.Reader) (string, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPasswordInput+1))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if len(content) > maxPasswordInput {
		return "", usagef("the password on stdin is longer than %d bytes", maxPasswordInput)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}
