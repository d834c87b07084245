package main

import "golang.org/x/sys/unix"

// stands waits until a child that has been sent SIGSTOP has stopped, or ended. It may work on for as long as the one thread that takes the
// signal gets no processor.
func stands(pid int) error {
	for {
		// WNOWAIT leaves its end to be waited for by os/exec.
		if err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			return err
		}
	}
}
