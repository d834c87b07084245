package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChecks spoils the samples, one line at a time, and demands that somebody notices.
func TestChecks(t *testing.T) {
	swagger := os.Getenv("TEST_SWAGGER")
	if swagger == "" {
		t.Fatal("TEST_SWAGGER is not set: run scripts/check-deploy")
	}
	kubernetes := func(f *findings, deploy string) { checkKubernetes(f, filepath.Join(deploy, "kubernetes"), swagger) }
	compose := func(f *findings, deploy string) {
		checkCompose(context.Background(), f, filepath.Join(deploy, "compose", "compose.yaml"))
	}
	dockerfile := func(f *findings, deploy string) {
		checkDockerfile(f, filepath.Join("..", "..", ".."), filepath.Join(deploy, "Dockerfile"))
	}
	const deployment, job, cron = "kubernetes/app/deployment.yaml", "kubernetes/migrate/job.yaml", "kubernetes/backup/cronjob.yaml"
	for _, tt := range []struct {
		check           func(*findings, string)
		file, old, with string
		want            string
	}{
		{kubernetes, deployment, "", "", ""},
		{compose, deployment, "", "", ""},
		{dockerfile, deployment, "", "", ""},
		{kubernetes, deployment, "minReadySeconds", "minReadySecond", `unknown field "spec.minReadySecond"`},
		{kubernetes, deployment, "periodSeconds: 10", "periodSeconds: ten", "cannot unmarshal"},
		{kubernetes, deployment, "  selector:\n    matchLabels: *labels\n", "", "spec.selector in body is required"},
		{kubernetes, deployment, "runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"},
		{kubernetes, deployment, "capabilities: {drop: [ALL]}", "capabilities: {}", "unrestricted capabilities"},
		{kubernetes, deployment, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "can write to its image"},
		{kubernetes, deployment, "automountServiceAccountToken: false", "automountServiceAccountToken: true", "token of the cluster"},
		{kubernetes, deployment, "{name: tmp, mountPath", "{name: temp, mountPath", "which is no volume"},
		{kubernetes, "kubernetes/app/service.yaml", "targetPort: http", "targetPort: web", "which no container has"},
		{kubernetes, "kubernetes/app/service.yaml", "component: daemon}\n  ports", "component: daemons}\n  ports", "selects no pod"},
		{kubernetes, "kubernetes/app/scaling.yaml", "name: englishctl}\n  minReplicas", "name: english}\n  minReplicas", "scales Deployment english"},
		{kubernetes, "kubernetes/app/ingress.yaml", "port: {name: http}", "port: {name: https}", "which is not there"},
		{kubernetes, "kubernetes/app/kustomization.yaml", "newTag: 1.0.0", "newTag: 1.0.1", "of different images"},
		{kubernetes, job, "restartPolicy: Never", "restartPolicy: Never\n      hostNetwork: true", "host namespaces"},
		{kubernetes, cron, "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "may run twice"},
		{kubernetes, cron, "schedule:", "schedules:", `unknown field "spec.schedules"`},
		{kubernetes, cron, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "backup can write to its image"},
		{kubernetes, cron, "{name: backup, mountPath", "{name: backups, mountPath", "which is no volume"},
		{kubernetes, "kubernetes/backup/kustomization.yaml", "newTag: 1.0.0", "newTag: 1.0.1", "of different images"},
		{compose, "compose/compose.yaml", "start_period", "start_periods", "start_periods"},
		{compose, "compose/compose.yaml", "    image: redis:7.2-alpine", "    image: redis:7.2-alpine\n    ports: [\"6379:6379\"]", "port 6379 is public"},
		{compose, "compose/compose.yaml", "CHOWN, DAC_READ_SEARCH", "CHOWN", "cannot read a certificate's key"},
		{compose, "compose/compose.yaml", "../monitoring/alerts.yml", "../monitoring/alert.yml", "no such file"},
		{compose, "compose/compose.yaml", "secrets: [postgres_password]", "secrets: [redis_password]", "postgres_password is a secret that it is not given"},
		{compose, "compose/compose.yaml", "redis: {condition", "cache: {condition", "cache"},
		{dockerfile, "Dockerfile", "USER nonroot\n", "", "runs as root"},
		{dockerfile, "Dockerfile", "COPY scripts/decoder ", "COPY scripts/coder ", "no scripts/coder to copy"},
		{dockerfile, "Dockerfile", "--from=decoder /out/ /usr", "--from=coder /out/ /usr", "no stage coder"},
		{dockerfile, "Dockerfile", "debian:bookworm ", "debian ", "debian has no version"},
		{dockerfile, "Dockerfile", "EXPOSE 8000", "EXPOSED 8000", "EXPOSED"},
	} {
		deploy := spoiled(t, tt.file, tt.old, tt.with)
		var f findings
		tt.check(&f, deploy)
		said := strings.Join(f.lines, "\n")
		if !strings.Contains(said, tt.want) || (tt.want == "") != (said == "") {
			t.Errorf("%s with %q instead of %q: want %q, got: %s", tt.file, tt.with, tt.old, tt.want, said)
		}
	}
}

// spoiled returns a copy of the samples in which a file has another text everywhere.
func spoiled(t *testing.T, file, old, with string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "..", "examples", "deploy"))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(file))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if old != "" {
		content = []byte(strings.ReplaceAll(string(content), old, with))
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
