// Package scripts has the tests of the scripts beside it.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// clone is a git repository with the scripts of this one, and a gitleaks that finds whatever says "leak".
type clone struct {
	t   *testing.T
	dir string
	env []string
}

func newClone(t *testing.T) clone {
	t.Helper()
	c := clone{t: t, dir: t.TempDir()}
	cache := t.TempDir()
	c.env = append(os.Environ(), "ENGLISHCTL_CACHE="+cache, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	for _, name := range []string{"install-hooks", "pre-commit", "install-tool", "versions"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c.write("scripts/"+name, string(content))
	}
	versions, err := os.ReadFile("versions")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^GITLEAKS_VERSION=(.*)$`).FindSubmatch(versions)[1]
	c.write(filepath.Join(cache, "bin", "gitleaks-"+string(version), "gitleaks"), `#!/bin/sh
case "$*" in
"git --pre-commit --staged --config .gitleaks.toml --redact "*) ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
if git diff --cached | grep -q '^+.*leak'; then echo "found one"; exit 1; fi
`)
	c.must("git", "init", "--quiet")
	return c
}

func (c clone) write(path, content string) {
	c.t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		c.t.Fatal(err)
	}
}

func (c clone) run(name string, args ...string) (said string, ok bool) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	if strings.HasPrefix(name, "scripts/") {
		cmd.Path, cmd.Err = filepath.Join(c.dir, name), nil
	}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func (c clone) must(name string, args ...string) {
	c.t.Helper()
	if said, ok := c.run(name, args...); !ok {
		c.t.Fatalf("%s %s: %s", name, strings.Join(args, " "), said)
	}
}

// commit tries to commit a file.
func (c clone) commit(content string) bool {
	c.t.Helper()
	c.write("file", content)
	c.must("git", "add", "file")
	_, ok := c.run("git", "commit", "--quiet", "-m", "x")
	return ok
}

func TestHooks(t *testing.T) {
	c := newClone(t)
	if !c.commit("leak before the hook") {
		t.Fatal("a commit without the hook fails")
	}
	for range 2 { // it may be run again
		c.must("scripts/install-hooks")
	}
	if c.commit("a new leak") {
		t.Error("a secret is committed")
	}
	if !c.commit("nothing") {
		t.Error("a commit without a secret is stopped")
	}
	worktree := filepath.Join(t.TempDir(), "other")
	c.must("git", "add", ".")
	c.must("git", "commit", "--quiet", "--no-verify", "-m", "all")
	c.must("git", "worktree", "add", "--quiet", worktree)
	c.dir = worktree
	if c.commit("a leak in another work tree") {
		t.Error("the hook does not work in another work tree")
	}
}

func TestHooksLeaveOthersAlone(t *testing.T) {
	c := newClone(t)
	c.write(".git/hooks/pre-commit", "#!/bin/sh\necho mine\n")
	if said, ok := c.run("scripts/install-hooks"); ok || !strings.Contains(said, "add this line to it") {
		t.Errorf("somebody's hook is overwritten: %s", said)
	}
	if content, err := os.ReadFile(filepath.Join(c.dir, ".git/hooks/pre-commit")); err != nil || !strings.Contains(string(content), "mine") {
		t.Errorf("%s, %v", content, err)
	}
}
