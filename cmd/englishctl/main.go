// Command englishctl is the backend of an English-learning app and the tool of those who look after it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/englishapp/englishctl/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.FromOS().Run(ctx))
}
