//go:build !linux

package app

import "net"

// lastCall lets nobody in: elsewhere than on Linux whoever waits at the moment of closing is reset.
func lastCall(net.Listener) ([]net.Conn, error) { return nil, nil }
