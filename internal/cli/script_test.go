package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/cli"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestScripts runs the stories in testdata/script against the real program on an empty machine, and once more from a
// laptop, over HTTP: the same commands, the same output, the same exit codes. What truly differs stands behind [local] and
// [remote].
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	t.Run("local", func(t *testing.T) { runScripts(t, here{}, files) })
	t.Run("remote", func(t *testing.T) { runScripts(t, newLaptop(t), files) })
}

// TestLocalScripts runs what works on this machine only.
func TestLocalScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/local/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	runScripts(t, here{}, files)
}

// TestLaptopScripts runs what there is from a laptop only.
func TestLaptopScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/laptop/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	runScripts(t, newLaptop(t), files)
}

// place is where the commands of a script work.
type place interface {
	// name is the condition that holds there.
	name() string
	// begin makes an empty catalogue, and returns the variables by which commands find it.
	begin(work string, deferred func(func())) ([]string, error)
}

func runScripts(t *testing.T, p place, files []string) {
	t.Helper()
	pack := testenv.StarterPack(t, 10)
	scripts, err := filepath.Abs("../../scripts")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Condition:           func(cond string) (bool, error) { return cond == p.name(), knownPlace(cond) },
		Setup: func(env *testscript.Env) error {
			env.Setenv("STARTER_PACK", pack)
			env.Setenv("SCRIPTS", scripts)
			env.Setenv("API_PORT", "0")
			found, err := p.begin(env.WorkDir, env.Defer)
			env.Vars = append(env.Vars, found...)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "workbook": workbook,
			// azure lets commands score with a stand-in for Azure Speech; the daemons elsewhere have one already.
			"azure": func(ts *testscript.TestScript, _ bool, _ []string) {
				for _, setting := range standInForAzure(t) {
					name, value, _ := strings.Cut(setting, "=")
					ts.Setenv(name, value)
				}
			},
			// empty-catalogue lets the commands that follow work on another catalogue, an empty one.
			"empty-catalogue": func(ts *testscript.TestScript, _ bool, _ []string) {
				found, err := p.begin(filepath.Join(ts.Getenv("WORK"), "another"), ts.Defer)
				ts.Check(err)
				for _, variable := range found {
					name, value, _ := strings.Cut(variable, "=")
					ts.Setenv(name, value)
				}
			},
		},
	})
}

func knownPlace(cond string) error {
	if cond == "local" || cond == "remote" {
		return nil
	}
	return fmt.Errorf("unknown condition %q", cond)
}

// spokenOnTape is what the stand-in for Azure Speech hears in every recording.
const spokenOnTape = "Where is your passport?"

// standInForAzure starts one, and returns the settings that lead to it.
func standInForAzure(t *testing.T) []string {
	t.Helper()
	fake := azuretest.New(azuretest.Config{Transcript: spokenOnTape})
	return []string{"AZURE_SPEECH_KEY=" + azuretest.Key, "AZURE_SPEECH_ENDPOINT=" + fake.Serve(t).String()}
}

// here is the database of this machine.
type here struct{}

func (here) name() string { return "local" }

func (here) begin(work string, _ func(func())) ([]string, error) {
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	return []string{"DATA_DIR=" + filepath.Join(work, "data"), "ACTOR=cli:" + me.Username, "ACCOUNTS=1"}, nil
}

// laptop is signed in to a daemon elsewhere, a new one for each catalogue, as its administrator.
type laptop struct {
	t *testing.T
	// azure are the daemons' settings of a stand-in for Azure Speech.
	azure []string
	// data is the data directory of a daemon that has the account of staff@example.org, whose id is staff, and no more.
	data, staff string
}

const staffPassword = "StaffPass123"

func newLaptop(t *testing.T) laptop {
	t.Helper()
	data := t.TempDir()
	id, err := command([]string{"DATA_DIR=" + data}, staffPassword,
		"users", "create", "--email", "staff@example.org", "--name", "Staff", "--role", "admin", "--password-stdin")
	if err != nil {
		t.Fatal(err)
	}
	return laptop{t, standInForAzure(t), data, id}
}

func (laptop) name() string { return "remote" }

func (l laptop) begin(_ string, deferred func(func())) ([]string, error) {
	dir, err := os.MkdirTemp(filepath.Dir(l.data), "laptop-*")
	if err != nil {
		return nil, err
	}
	data, config := filepath.Join(dir, "data"), filepath.Join(dir, "config")
	if err := os.CopyFS(data, os.DirFS(l.data)); err != nil {
		return nil, err
	}
	address, stop, err := cli.StartDaemon(l.t.Context(), data, l.azure...)
	if err != nil {
		return nil, err
	}
	deferred(stop)
	_, err = command([]string{"XDG_CONFIG_HOME=" + config}, staffPassword,
		"login", "--server", address, "--email", "staff@example.org", "--password-stdin")
	return []string{"XDG_CONFIG_HOME=" + config, "SERVER=" + address, "ACTOR=user:" + l.staff, "ACCOUNTS=2"}, err
}

// command runs the program with nothing of the environment but these variables, and returns the first word that it prints.
func command(env []string, stdin string, args ...string) (string, error) {
	cmd := exec.Command("englishctl", args...) //nolint:noctx // each ends by itself
	cmd.Env = append(env, "PATH="+os.Getenv("PATH"))
	var out, talk bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &talk
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%v: %w: %s", args, err, talk.String())
	}
	return strings.TrimSpace(out.String()), nil
}
