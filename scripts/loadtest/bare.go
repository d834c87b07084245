package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// bareServer is the first argument of a process that is what every answer is compared with.
const bareServer = "bare"

// bareOrder is what the bare server is told on its standard input.
type bareOrder struct {
	Key    string // of the tokens; "": it looks at none
	Status int
	Header map[string]string
	Body   string
}

// beBare serves the same bytes to whoever has a good token, with net/http and nothing else, until its input ends.
func beBare(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var order bareOrder
	if err := json.Unmarshal(line, &order); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // nobody waits for it
	if err != nil {
		return err
	}
	server := &http.Server{Handler: order.handler(), ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintln(out, listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		failed <- nil
	}()
	return <-failed
}

// claims are those that our access tokens have.
type claims struct {
	jwt.RegisteredClaims
	Role string `json:"role"`
	Type string `json:"typ"`
}

func (o bareOrder) handler() http.Handler {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	key := func(*jwt.Token) (any, error) { return []byte(o.Key), nil }
	body := []byte(o.Body)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.Key != "" {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			var c claims
			if _, err := parser.ParseWithClaims(token, &c, key); err != nil || c.Type != "access" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		for name, value := range o.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(o.Status)
		_, _ = w.Write(body)
	})
}

// startBare starts a bare server as a process of its own.
func (c *cleanup) startBare(o bareOrder) (server, error) {
	self, err := os.Executable()
	if err != nil {
		return server{}, err
	}
	cmd, err := c.process(self, bareServer)
	if err != nil {
		return server{}, err
	}
	line, err := json.Marshal(o)
	if err != nil {
		return server{}, err
	}
	if _, err := cmd.in.Write(append(line, '\n')); err != nil {
		return server{}, err
	}
	address, err := bufio.NewReader(cmd.out).ReadString('\n')
	if err != nil {
		return server{}, fmt.Errorf("the bare server does not start: %w", err)
	}
	return server{address: strings.TrimSpace(address), processes: processes{pids: []int{cmd.pid}}}, nil
}
