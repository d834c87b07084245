package cli

import (
	"errors"
	"net"
	"strings"
)

// supervisor returns what tells systemd of a state, as sd_notify(3) describes it, or nil where nobody has asked: it is the
// supervisor that sets NOTIFY_SOCKET, for units of Type=notify. A name that begins with "@" is an abstract one, which net knows.
func supervisor(environ []string) func(state string) error {
	var socket string
	for _, line := range environ {
		if path, ok := strings.CutPrefix(line, "NOTIFY_SOCKET="); ok {
			socket = path
		}
	}
	if socket == "" {
		return nil
	}
	return func(state string) error {
		conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
		if err != nil {
			return err
		}
		_, err = conn.Write([]byte(state))
		return errors.Join(err, conn.Close())
	}
}
