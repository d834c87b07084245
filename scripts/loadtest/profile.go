package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// profiled runs a scenario, and where profiles are wanted takes one of the processor while it goes on and one of all
// allocations after it, from the daemon's private listener.
func (b *bench) profiled(ctx context.Context, d *daemon, name string, scenario func(context.Context, *daemon) error) error {
	if b.profile == "" {
		return scenario(ctx, d)
	}
	if err := os.MkdirAll(b.profile, 0o700); err != nil {
		return err
	}
	file := func(kind string) string {
		return filepath.Join(b.profile, strings.ToLower(b.stack)+"-"+name+"-"+kind+".pprof")
	}
	var failed error
	var all sync.WaitGroup
	during := b.warmup + b.duration
	all.Go(func() {
		failed = d.fetchProfile(ctx, fmt.Sprintf("profile?seconds=%d", int(during.Seconds())), file("cpu"))
	})
	err := scenario(ctx, d)
	all.Wait()
	return errors.Join(err, failed, d.fetchProfile(ctx, "allocs", file("allocs")))
}

func (d *daemon) fetchProfile(ctx context.Context, kind, file string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	address := strings.TrimPrefix(d.metrics, "http://")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/debug/pprof/"+kind, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("profiles: the daemon answers %s on its private listener", res.Status)
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o600)
}
