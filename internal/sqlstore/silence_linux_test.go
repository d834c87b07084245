package sqlstore

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// A machine that is gone takes nothing any longer: the kernel is told to notice, since its own patience is a quarter of an hour.
func TestVanishedMachineIsNoticed(t *testing.T) {
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := impatient{time.Minute}.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	raw, err := conn.(*impatientConn).Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[int]int{tcpUserTimeout: 5000, syscall.TCP_KEEPIDLE: 5, syscall.TCP_KEEPINTVL: 1, syscall.TCP_KEEPCNT: 3} {
		var got int
		var failed error
		if err := raw.Control(func(fd uintptr) { got, failed = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option) }); err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		if got != want {
			t.Errorf("option %d of the connection is %d, want %d", option, got, want)
		}
	}
}
