// Command englishd is the daemon alone, for containers: it is "englishctl serve".
package main

import (
	"os"

	"github.com/englishapp/englishctl/internal/cli"
)

func main() { os.Exit(cli.Main("serve")) }
