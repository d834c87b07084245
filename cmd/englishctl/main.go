// Command englishctl is the backend of an English-learning app and the tool of those who look after it.
package main

import (
	"os"

	"github.com/englishapp/englishctl/internal/cli"
)

func main() { os.Exit(cli.Main()) }
