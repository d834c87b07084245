package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// made are the folders that somebody makes before the first start.
var made = []string{"secrets", "tls"}

// checkCompose loads the file as Compose does, and demands what its first lines promise.
func checkCompose(ctx context.Context, f *findings, path string) {
	path, err := filepath.Abs(path)
	if f.failed(err) {
		return
	}
	options, err := cli.NewProjectOptions([]string{path}, cli.WithWorkingDirectory(filepath.Dir(path)), cli.WithInterpolation(true))
	if f.failed(err) {
		return
	}
	project, err := options.LoadProject(ctx)
	if f.failed(err) {
		return
	}
	for name, service := range project.Services {
		f.in(name, func(f *findings) {
			checkService(f, service)
			checkReach(f, service)
			checkBinds(f, filepath.Dir(path), service)
		})
	}
	if !project.Networks["inner"].Internal {
		f.add("the network inner has a way out")
	}
}

func checkService(f *findings, s types.ServiceConfig) {
	once := s.Restart == "no"
	if s.Restart == "" {
		f.add("is not restarted")
	}
	if s.HealthCheck == nil && !once {
		f.add("has no health check")
	}
	if s.Deploy == nil || s.Deploy.Resources.Limits == nil || s.Deploy.Resources.Limits.MemoryBytes == 0 {
		f.add("may take all of the memory")
	}
	if !slices.Contains(s.CapDrop, "ALL") {
		f.add("keeps capabilities")
	}
	if s.Name == "nginx" && !slices.Contains(s.CapAdd, "DAC_READ_SEARCH") {
		f.add("cannot read a certificate's key that belongs to another user than root")
	}
	if _, tag, _ := strings.Cut(s.Image, ":"); s.Build == nil && !strings.HasPrefix(s.Image, "englishctl") && (tag == "" || tag == "latest") {
		f.add("the image %s has no version", s.Image)
	}
	for name, value := range s.Environment {
		secret := strings.Contains(name, "PASSWORD") || strings.Contains(name, "SECRET") || strings.HasSuffix(name, "DATABASE_URL")
		if secret && !strings.HasSuffix(name, "_FILE") && !strings.HasSuffix(name, "__FILE") {
			f.add("%s is a secret and stands in the file", name)
		}
		if path, ok := strings.CutPrefix(*value, "/run/secrets/"); ok && !slices.ContainsFunc(s.Secrets, func(c types.ServiceSecretConfig) bool { return c.Source == path }) {
			f.add("%s is a secret that it is not given", path)
		}
	}
}

// checkReach: nginx alone is reached from elsewhere.
func checkReach(f *findings, s types.ServiceConfig) {
	for _, port := range s.Ports {
		if s.Name != "nginx" && port.HostIP != "127.0.0.1" {
			f.add("port %s is public", port.Published)
		}
	}
	if _, public := s.Networks["public"]; public != (s.Name == "nginx") {
		f.add("in the network public: %v", public)
	}
	if _, inner := s.Networks["inner"]; !inner {
		f.add("is not in the network inner")
	}
}

func checkBinds(f *findings, dir string, s types.ServiceConfig) {
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if relative, err := filepath.Rel(dir, v.Source); err == nil && slices.Contains(made, relative) {
			continue
		}
		if _, err := os.Stat(v.Source); err != nil {
			f.add("%v", err)
		}
		if !v.ReadOnly {
			f.add("%s can be written to", v.Source)
		}
	}
}
