package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// cleanup is what has to be undone, the last thing first.
type cleanup struct{ steps []func() error }

func (c *cleanup) add(step func() error) { c.steps = append(c.steps, step) }

// run undoes everything.
func (c *cleanup) run() error {
	var failed error
	for i := len(c.steps) - 1; i >= 0; i-- {
		failed = errors.Join(failed, c.steps[i]())
	}
	c.steps = nil
	return failed
}

// child is a process that was started.
type child struct {
	pid int
	in  io.WriteCloser
	out io.Reader
	// stop asks it to end, and waits.
	stop func() error
}

// process starts one that has ended when run returns.
func (c *cleanup) process(name string, args ...string) (child, error) {
	return c.start(exec.Command(name, args...)) //nolint:noctx // it is stopped in good order
}

// start starts one. What it says on its standard error is passed on unless the command says otherwise.
func (c *cleanup) start(cmd *exec.Cmd) (child, error) {
	var p child
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return child{}, err
	}
	if p.out, err = cmd.StdoutPipe(); err != nil {
		return child{}, err
	}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		return child{}, err
	}
	p.pid = cmd.Process.Pid
	stopped := false
	p.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		_ = p.in.Close()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		_ = cmd.Wait() // it was told to end, however that looks
		return nil
	}
	c.add(p.stop)
	return p, nil
}
