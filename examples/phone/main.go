// Command phone plays one whole game, listening and repeating, against a running daemon, as a phone app would, and prints each step.
//
// It uses nothing but the public REST API, so it is also a short example of a client.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	server := flag.String("server", "http://127.0.0.1:8000", "address of the daemon")
	level := flag.String("level", "A2", "level to play: A1, A2, B1, B2 or C1")
	wait := flag.Duration("wait", 20*time.Second, "how long to wait for the daemon to be ready")
	play := flag.Bool("play", true, "play a game; false only waits until the daemon is ready")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *server, *level, *wait, *play); err != nil {
		fmt.Fprintln(os.Stderr, "phone:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, server, level string, wait time.Duration, play bool) error {
	c := &client{base: server}
	if err := c.waitUntilReady(ctx, wait); err != nil {
		return err
	}
	if !play {
		return nil
	}
	g := &game{client: c, level: level, out: os.Stdout}
	for _, step := range []func(context.Context) error{
		g.register, g.chooseTags, g.drawSpeeches, g.listen, g.repeat, g.save, g.history, g.detail,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
