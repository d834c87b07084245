package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// attacks are what goes on during a measurement: the address of the nth login, and how often all of them come.
var attacks = []struct {
	name    string
	address func(round, n int) string
	every   time.Duration // 0: never
}{
	{"nobody attacks", nil, 0},
	{"from 200 addresses", func(round, n int) string { return fmt.Sprintf("2001:db8:%x:%x::1", round+1, n) }, time.Hour},
	{"from one address", func(round, _ int) string { return fmt.Sprintf("2001:db8:ffff:%x::1", round) }, 2 * time.Second},
}

// attackers is the first argument of a process that only attacks.
const attackers = "attackers"

// attack lets a process of its own attack the daemon until ctx ends, and returns how often which status was answered. Within
// this process the players' requests would wait for a turn behind those of the attackers, and the daemon be blamed for it.
func attack(ctx context.Context, address string, logins, which, round int) (map[int]int, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, attackers, address, strconv.Itoa(logins), strconv.Itoa(which), strconv.Itoa(round))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil && !errors.Is(err, ctx.Err()) { // being told to end is no failure
		return nil, fmt.Errorf("the attackers: %w", err)
	}
	var answers map[int]int
	return answers, json.Unmarshal(out, &answers)
}

// beAttackers attacks until ctx ends, and writes how often which status was answered. Its arguments are those of attack.
func beAttackers(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 4 {
		return errors.New("arguments: address, logins, which of the attacks, round")
	}
	var numbers [3]int
	for i, arg := range args[1:] {
		var err error
		if numbers[i], err = strconv.Atoi(arg); err != nil {
			return err
		}
	}
	logins, which, round := numbers[0], attacks[numbers[1]], numbers[2]
	answers := storm(ctx, newDaemon(args[0]), logins, which.every, func(n int) string { return which.address(round, n) })
	return json.NewEncoder(out).Encode(answers)
}

// storm sends so many logins at once, again and again until ctx ends, and counts the answers by status; 0 is none.
func storm(ctx context.Context, d *daemon, logins int, every time.Duration, address func(n int) string) map[int]int {
	var mu sync.Mutex
	answers := map[int]int{}
	var all sync.WaitGroup
	again := time.NewTicker(every)
	defer again.Stop()
	for ctx.Err() == nil {
		for n := range logins {
			all.Go(func() {
				who := map[string]any{"email": fmt.Sprintf("user%d@example.com", n), "password": "WrongPass1"}
				status, _ := d.post(context.WithoutCancel(ctx), "/auth/login", address(n), "", who, nil)
				mu.Lock()
				defer mu.Unlock()
				answers[status]++
			})
		}
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
	all.Wait()
	return answers
}
