package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// server is what requests are sent to.
type server struct {
	address string // host:port
	processes
}

// daemon is a running "englishctl serve".
type daemon struct {
	server
	child
	catalogue catalogue
	metrics   string        // host:port of its private listener
	ready     time.Duration // from the start of the process until /readyz was 200
}

// englishctl runs a command on a catalogue.
func (b *bench) englishctl(ctx context.Context, c catalogue, args ...string) error {
	cmd := exec.CommandContext(ctx, b.program, args...)
	var complaint bytes.Buffer
	cmd.Env, cmd.Stderr = c.env, &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("englishctl %s: %w\n%s", args[0], err, &complaint)
	}
	return nil
}

// serve starts the daemon on a catalogue and waits until it is ready.
func (b *bench) serve(ctx context.Context, c catalogue) (*daemon, error) {
	cmd := exec.Command(b.program, "serve") //nolint:noctx // it is stopped in good order
	cmd.Env = c.env
	log, err := os.CreateTemp("", "loadtest-log-*")
	if err != nil {
		return nil, err
	}
	b.undo.add(func() error { return errors.Join(log.Close(), os.Remove(log.Name())) })
	cmd.Stderr = log
	began := time.Now()
	p, err := b.undo.start(cmd)
	if err != nil {
		return nil, err
	}
	d := &daemon{child: p, catalogue: c}
	d.processes = processes{pids: append([]int{p.pid}, c.stack.beside.pids...), families: c.stack.beside.families}
	if err := d.awaitAddress(log.Name()); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	for time.Since(began) < time.Minute {
		if _, err := once(ctx, d.address, newRequest(http.MethodGet, "/readyz", "", nil), http.StatusOK); err == nil {
			d.ready = time.Since(began)
			return d, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, errors.Join(errors.New("the daemon is not ready after a minute"), p.stop())
}

// awaitAddress reads the log until it says where the daemon listens.
func (d *daemon) awaitAddress(log string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		raw, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		for lines.Scan() {
			var line struct{ Msg, Address string }
			if json.Unmarshal(lines.Bytes(), &line) != nil {
				continue
			}
			switch line.Msg {
			case "serving metrics":
				d.metrics = line.Address
			case "serving":
				u, err := url.Parse(line.Address)
				if err != nil {
					return err
				}
				d.address = u.Host
				return nil
			}
		}
		if _, err := readStat(d.pid); err != nil {
			return fmt.Errorf("the daemon does not start:\n%s", raw)
		}
	}
	return errors.New("the daemon does not say where it listens")
}

// player is somebody who is signed in.
type player struct{ id, token string }

// player registers somebody.
func (d *daemon) player(ctx context.Context) (player, error) {
	body := fmt.Appendf(nil, `{"email": "load-%d@example.com", "password": "SecurePass123", "name": "Load"}`, time.Now().UnixNano())
	got, err := once(ctx, d.address, newRequest(http.MethodPost, "/api/v1/auth/register", "", body), http.StatusCreated)
	if err != nil {
		return player{}, fmt.Errorf("register: %w", err)
	}
	var answer struct {
		User  struct{ ID string }
		Token string `json:"access_token"`
	}
	err = json.Unmarshal(got.body, &answer)
	return player{answer.User.ID, answer.Token}, err
}

// as makes a token for another account, of the kind that the daemon has given this player.
func (p player) as(id, key string) (player, error) {
	var c claims
	if _, _, err := jwt.NewParser().ParseUnverified(p.token, &c); err != nil {
		return player{}, err
	}
	c.Subject = id
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(key))
	return player{id, token}, err
}

// tags are the ids of all tags.
func (d *daemon) tags(ctx context.Context) ([]string, error) {
	got, err := once(ctx, d.address, newRequest(http.MethodGet, "/api/v1/tags", "", nil), http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("tags: %w", err)
	}
	var answer struct{ Tags []struct{ ID string } }
	if err := json.Unmarshal(got.body, &answer); err != nil {
		return nil, err
	}
	var ids []string
	for _, tag := range answer.Tags {
		ids = append(ids, tag.ID)
	}
	slices.Sort(ids)
	return ids, nil
}
