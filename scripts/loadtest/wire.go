package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// patience is how long an answer may take before it counts as an error.
const patience = 30 * time.Second

// request is a request as it goes over the wire, made once and sent often: what the generator does not spend on it is left
// for the servers on the same machine.
type request []byte

// newRequest renders a request. header holds names and values by turns.
func newRequest(method, path, token string, body []byte, header ...string) request {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
	}
	if method == http.MethodPost {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// wire is a connection that is kept alive. It is one goroutine's at a time.
type wire struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	body    bytes.Buffer
}

// send sends a request and reads the whole answer. The connection is opened where there is none; after an error there is none.
// The reply's body is the wire's and changes with its next one.
func (w *wire) send(ctx context.Context, r request) (reply, error) {
	if w.conn == nil {
		if err := w.open(ctx); err != nil {
			return reply{}, err
		}
	}
	got, err := w.exchange(r)
	if err != nil {
		w.close()
	}
	return got, err
}

func (w *wire) open(ctx context.Context) error {
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "tcp", w.address)
	if err != nil {
		return err
	}
	w.conn, w.in = conn, bufio.NewReaderSize(conn, 4096)
	return nil
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
}

func (w *wire) exchange(r request) (reply, error) {
	if err := w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return reply{}, err
	}
	if _, err := w.conn.Write(r); err != nil {
		return reply{}, err
	}
	res, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return reply{}, err
	}
	w.body.Reset()
	if _, err := io.Copy(&w.body, res.Body); err != nil {
		return reply{}, err
	}
	if err := res.Body.Close(); err != nil {
		return reply{}, err
	}
	if res.Close {
		w.close()
	}
	return reply{res.StatusCode, res.Header, w.body.Bytes()}, nil
}

// once sends a request on a connection of its own and demands a status.
func once(ctx context.Context, address string, r request, status int) (reply, error) {
	w := &wire{address: address}
	defer w.close()
	got, err := w.send(ctx, r)
	if err != nil {
		return reply{}, err
	}
	if got.status != status {
		return reply{}, &unexpected{got.status, string(got.body)}
	}
	got.body = slices.Clone(got.body)
	return got, nil
}

// unexpected is an answer with another status than the one that was wanted.
type unexpected struct {
	status int
	body   string
}

func (e *unexpected) Error() string {
	return "status " + strconv.Itoa(e.status) + ": " + e.body[:min(len(e.body), 300)]
}
