package app

import (
	"net"
	"net/http"
	"testing"
)

// TestSeats: nobody is let in without a seat until somebody has left one, however that one's connection has ended.
func TestSeats(t *testing.T) {
	port, err := listen(t.Context(), "127.0.0.1:0", "TEST")
	if err != nil {
		t.Fatal(err)
	}
	s := newSeats(2)
	l := newLastCallListener(port, s)
	let := make(chan net.Conn)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				close(let)
				return
			}
			let <- conn
		}
	}()
	var dialer net.Dialer
	for range 5 {
		client, err := dialer.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close() //nolint:errcheck // the test is over
	}
	<-let
	<-let
	for _, end := range []http.ConnState{http.StateClosed, http.StateHijacked} {
		s.connState(nil, http.StateActive)
		select {
		case <-let:
			t.Fatal("there is a third seat")
		default:
		}
		s.connState(nil, end)
		<-let
	}
	if n := s.now(); n != 2 {
		t.Errorf("%d seats are taken, want 2", n)
	}
	if err := l.Close(); err != nil { // while Accept waits for a seat
		t.Fatal(err)
	}
	<-let // the last one who waited
	if _, ok := <-let; ok {
		t.Error("somebody comes in after the end")
	}
}

func TestClientsOfALimitOfFiles(t *testing.T) {
	for files, want := range map[int]int{1: 1, 256: 192, 1024: 768, 2048: 1536, 20_000: 19_488, 65_536: 65_024} {
		if got := clientsOf(files); got != want {
			t.Errorf("of %d files %d are clients', want %d", files, got, want)
		}
	}
}
