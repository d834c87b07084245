package app

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// lastCall takes all connections that wait and stops listening, in one go: no connection is made between the two that
// anybody would notice.
func lastCall(l net.Listener) ([]net.Conn, error) {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return nil, nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fds []int
	var stopped error
	if err := raw.Control(func(fd uintptr) {
		for {
			conn, _, err := syscall.Accept4(int(fd), syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK)
			if errors.Is(err, syscall.EINTR) || errors.Is(err, syscall.ECONNABORTED) {
				continue
			}
			if err != nil { // EAGAIN: nobody waits any more
				break
			}
			fds = append(fds, conn)
		}
		stopped = syscall.Shutdown(int(fd), syscall.SHUT_RD)
	}); err != nil {
		return nil, err
	}
	conns, err := connections(fds)
	return conns, errors.Join(err, stopped)
}

// connections makes net's connections of file descriptors, which it takes over.
func connections(fds []int) ([]net.Conn, error) {
	conns := make([]net.Conn, 0, len(fds))
	var failed error
	for _, fd := range fds {
		file := os.NewFile(uintptr(fd), "connection")
		conn, err := net.FileConn(file) // a copy
		if err = errors.Join(err, file.Close()); err != nil {
			failed = errors.Join(failed, fmt.Errorf("take a waiting connection: %w", err))
			continue
		}
		conns = append(conns, conn)
	}
	return conns, failed
}
