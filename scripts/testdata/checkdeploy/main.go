// Command checkdeploy looks at the samples in examples/deploy as the programs would that they are for: the Dockerfiles by BuildKit's
// parser, the compose file by Compose's own loader, the Kubernetes manifests by kustomize, strict decoding, the published
// description of the API, and the rules of Pod Security. It is a module of its own, so that none of these becomes a part of
// the product.
//
// Usage: checkdeploy ROOT SWAGGER, the repository and the file api/openapi-spec/swagger.json of k8s.io/kubernetes. It prints a line
// for everything that is wrong; the exit code is 1 then.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: checkdeploy ROOT SWAGGER")
		os.Exit(2)
	}
	root, swagger := os.Args[1], os.Args[2]
	deploy := filepath.Join(root, "examples", "deploy")
	var all findings
	all.in("Dockerfile", func(f *findings) { checkDockerfile(f, root, filepath.Join(deploy, "Dockerfile")) })
	all.in("compose/minio.Dockerfile", func(f *findings) {
		checkDockerfile(f, filepath.Join(deploy, "compose"), filepath.Join(deploy, "compose", "minio.Dockerfile"))
	})
	all.in("compose/compose.yaml", func(f *findings) {
		checkCompose(context.Background(), f, filepath.Join(deploy, "compose", "compose.yaml"))
	})
	all.in("kubernetes", func(f *findings) { checkKubernetes(f, filepath.Join(deploy, "kubernetes"), swagger) })
	for _, line := range all.lines {
		fmt.Println(line)
	}
	if len(all.lines) > 0 {
		os.Exit(1)
	}
}

// findings are what is wrong, each a sentence with its place before it.
type findings struct {
	place string
	lines []string
}

// in runs a check whose findings have the place before them.
func (f *findings) in(place string, check func(*findings)) {
	if f.place != "" {
		place = f.place + ": " + place
	}
	inner := &findings{place: place}
	check(inner)
	f.lines = append(f.lines, inner.lines...)
}

func (f *findings) add(format string, args ...any) {
	f.lines = append(f.lines, f.place+": "+fmt.Sprintf(format, args...))
}

// failed adds the error, if there is one, and reports whether there was.
func (f *findings) failed(err error) bool {
	if err != nil {
		f.add("%v", err)
	}
	return err != nil
}
