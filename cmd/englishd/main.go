// Command englishd is the daemon alone, for containers: it is "englishctl serve".
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
	program := cli.FromOS()
	program.Args = append([]string{"serve"}, program.Args...)
	os.Exit(program.Run(ctx))
}
