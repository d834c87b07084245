package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
	"github.com/englishapp/englishctl/internal/testenv"
)

// example is one command line of a help text.
type example struct {
	command *cobra.Command
	line    string
}

// examples returns every command line of every help text, once: a command that holds others repeats some of theirs.
func examples() []example {
	var found []example
	all := commands(newRoot(&env{}))
	slices.SortStableFunc(all, func(a, b *cobra.Command) int { return len(a.Commands()) - len(b.Commands()) })
	seen := map[string]bool{}
	for _, cmd := range all {
		for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", " ")) {
			line = strings.Join(strings.Fields(line), " ")
			if !seen[line] {
				found = append(found, example{cmd, line})
			}
			seen[line] = true
		}
	}
	return found
}

// commands returns cmd and all below it.
func commands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

// TestHelp: whoever asks for help gets a whole answer, on a terminal of 80 columns.
func TestHelp(t *testing.T) {
	for _, cmd := range commands(newRoot(&env{})) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			if cmd.Short == "" || cmd.Example == "" || cmd.Long == "" && !cmd.HasSubCommands() {
				t.Error("the help lacks its short text, its long text or an example")
			}
			var out strings.Builder
			cmd.SetOut(&out)
			if err := cmd.Help(); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if len([]rune(strings.TrimSuffix(line, "\n"))) > 80 {
					t.Errorf("wider than 80 columns: %s", line)
				}
			}
		})
	}
}

// exampleScript runs one example (%[2]s), with a terminal for those that ask for a password, after a preparation.
const exampleScript = `
%[1]s
ttyin -stdin %[3]s
exec sh -c '%[2]s'
-- password.txt --
SecurePass123
-- typed --
SecurePass123
SecurePass123
-- agreed --
y
-- signed-in --
ada@example.com
SecurePass123
-- lessons.csv --
audio_filename,text,level
one.mp3,What a fine day it is!,A1
two.mp3,A row that is wrong.,D1
-- good.csv --
audio_filename,text,level
one.mp3,What a fine day it is!,A1
`

// folderToImport is a folder that holds one CSV file and its recordings.
const folderToImport = `
mkdir lessons
cp good.csv lessons/lessons.csv
cp recordings/one.mp3 lessons/one.mp3`

// exampleBatch is the import that examples speak of, and newestBatch how a shell finds one that is really there.
const (
	exampleBatch = "01a20811-b2ce-7ca8-a519-ae14fb3735e2"
	newestBatch  = `$(englishctl import list -o csv | sed -n "2s/,.*//p")`

	// The same for the sentence of the data directory.
	exampleSpeech = "01985a2e-7c1b-7000-8000-00000000000a"
	newestSpeech  = `$(englishctl speeches list -o csv | sed -n "2s/,.*//p")`

	exampleSnapshot = "20260304T020000Z"
	newestSnapshot  = `$(ls backups/snapshots | tail -n 1)`

	// The daemon that examples speak of, and the variable with the address of the one that is really there.
	exampleServer = "https://api.example.com"
	realServer    = "$SERVER"
	signIn        = `
stdin password.txt
exec englishctl login --server $SERVER --email ada@example.com --password-stdin`
)

// TestExamples runs every example but those of serve as a shell would, where there is what they speak of.
func TestExamples(t *testing.T) {
	dir := t.TempDir()
	var scripts []string
	for i, ex := range examples() {
		if ex.command.Name() == "serve" {
			continue
		}
		name := fmt.Sprintf("%s-%d.txtar", strings.ReplaceAll(ex.command.CommandPath(), " ", "-"), i)
		preparation := ""
		if ex.command.CommandPath() == "englishctl users create" {
			preparation = "rm data" // nobody is there yet
		}
		line := strings.ReplaceAll(ex.line, "'", "''")
		line = strings.ReplaceAll(line, exampleSpeech, newestSpeech)
		if strings.Contains(line, exampleBatch) {
			preparation = "exec englishctl import lessons.csv --audio recordings --skip-invalid"
			line = strings.ReplaceAll(line, exampleBatch, newestBatch)
		}
		typed := "typed"
		if ex.command.CommandPath() == "englishctl import" {
			typed = "agreed"
		}
		if strings.Contains(line, "import lessons ") {
			preparation = folderToImport
		}
		if strings.Contains(line, "backups") {
			preparation = "exec englishctl backup backups"
			line = strings.ReplaceAll(line, exampleSnapshot, newestSnapshot)
		}
		line = strings.ReplaceAll(line, exampleServer, realServer)
		switch ex.command.Name() {
		case "login":
			typed = "signed-in"
		case "logout":
			preparation = signIn
		}
		if strings.Contains(line, "model install") {
			line = strings.Replace(line, "pocketsphinx-en-us.deb", testenv.SpeechModel(t), 1) // packages are offline's tests
		}
		write(t, dir, name, fmt.Sprintf(exampleScript, preparation, line, typed))
		scripts = append(scripts, filepath.Join(dir, name))
	}
	pack := testenv.StarterPack(t, 10)
	data := dataWithAda(t, pack)
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DATA_DIR", filepath.Join(env.WorkDir, "data"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			return errors.Join(
				os.CopyFS(filepath.Join(env.WorkDir, "data"), os.DirFS(data)),
				os.Chmod(filepath.Join(env.WorkDir, "data", "jwt.key"), 0o600), // which CopyFS forgets, and the doctor looks at
				serveTo(t, env, "-login-", "-logout-", "-ready-"),
				scoreWith(t, env, azuretest.Config{}),
				os.Mkdir(filepath.Join(env.WorkDir, "examples"), 0o700),
				os.Symlink(pack, filepath.Join(env.WorkDir, "examples", "starter-pack")),
				testenv.Workbook(filepath.Join(env.WorkDir, "good.csv"), filepath.Join(env.WorkDir, "lessons.xlsx")),
				os.Mkdir(filepath.Join(env.WorkDir, "recordings"), 0o700),
				os.Symlink(filepath.Join(pack, "audio", "a1-question-001.mp3"), filepath.Join(env.WorkDir, "recordings", "one.mp3")),
			)
		},
	})
}

// scoreWith starts a stand-in for Azure, which hears what the settings of it say.
func scoreWith(t *testing.T, env *testscript.Env, cfg azuretest.Config) error {
	env.Setenv("AZURE_SPEECH_KEY", azuretest.Key)
	env.Setenv("AZURE_SPEECH_ENDPOINT", azuretest.New(cfg).Serve(t).String())
	return nil
}

// serveTo starts a daemon on the script's data directory, of which Ada is an admin, where the script's name has one of the
// words in it.
func serveTo(t *testing.T, env *testscript.Env, words ...string) error {
	if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(env.WorkDir, word) }) {
		return nil
	}
	data := filepath.Join(env.WorkDir, "data")
	prepare(t, data, "", "users", "set-role", "ada@example.com", "admin")
	address, stop, err := StartDaemon(t.Context(), data)
	if err != nil {
		return err
	}
	env.Defer(stop)
	env.Setenv(strings.TrimPrefix(realServer, "$"), address)
	if strings.Contains(env.WorkDir, "-ready-") {
		env.Setenv("API_PORT", address[strings.LastIndex(address, ":")+1:])
	}
	return nil
}

// dataWithAda makes the data directory that the examples find: with the account of ada@example.com, tags and a sentence.
func dataWithAda(t *testing.T, pack string) string {
	t.Helper()
	data := t.TempDir()
	prepare(t, data, "SecurePass123", "users", "create", "--email", "ada@example.com", "--name", "Ada", "--password-stdin")
	prepare(t, data, "", "tags", "import", filepath.Join(pack, "tags.csv"))
	prepare(t, data, "", "speeches", "create", "--text", "What a fine day!", "--level", "A1", "--tag", "Food",
		"--audio", filepath.Join(pack, "audio", "a1-question-002.mp3"))
	return data
}

// prepare runs a command that fills the data directory.
func prepare(t *testing.T, data, stdin string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "englishctl", append(args, "--data-dir", data)...)
	cmd.Dir = data
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestServeExamples starts each daemon of the examples and stops it once it serves. The places and the port that the
// examples name are the sandbox's: nobody may write to the real ones.
func TestServeExamples(t *testing.T) {
	for _, ex := range examples() {
		if ex.command.Name() != "serve" {
			continue
		}
		t.Run(ex.line, func(t *testing.T) {
			work := t.TempDir()
			if strings.Contains(ex.line, "database_url") {
				write(t, work, "database_url", sqltest.EmptyPostgresURL(t))
				write(t, work, "jwt_key", strings.Repeat("k", 32))
			}
			line := strings.NewReplacer("/var/lib/", work+"/", "/run/secrets/", work+"/", "=9000", "=0").Replace(ex.line)
			cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec env "+line)
			cmd.Dir = work
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + work, "API_HOST=127.0.0.1", "API_PORT=0", "LOG_FORMAT=json"}
			serveAndStop(t, cmd)
		})
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serveAndStop demands that the daemon says "serving", and that it ends well when it is told to.
func serveAndStop(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	served := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		t.Log(lines.Text())
		if strings.Contains(lines.Text(), `"msg":"serving"`) {
			served = true
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || !served {
		t.Errorf("served: %v; the end: %v", served, err)
	}
}

// Command lines in the documentation: lines of a block of code, and pieces of code within a sentence.
var (
	codeBlock  = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```$")
	blockLine  = regexp.MustCompile(`(?m)^(?:\w+=\S+ )*(?:bin/)?englishctl( .*)?$`)
	inlineCode = regexp.MustCompile("`(?:bin/)?englishctl((?:\\s+[^`]+)?)`")
)

// TestDocumentedCommands: every command line in the documentation is one that the program understands.
func TestDocumentedCommands(t *testing.T) {
	checked := 0
	for _, path := range documents(t) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		prose := codeBlock.ReplaceAllStringFunc(string(content), func(block string) string {
			block = strings.ReplaceAll(block, "\\\n", " ")
			for _, line := range blockLine.FindAllStringSubmatch(block, -1) {
				checked++
				if err := understands(words(line[1]), true); err != nil {
					t.Errorf("%s: %s: %v", path, line[0], err)
				}
			}
			return ""
		})
		for _, code := range inlineCode.FindAllStringSubmatch(prose, -1) {
			checked++
			if err := understands(words(strings.Join(strings.Fields(code[1]), " ")), false); err != nil {
				t.Errorf("%s: %s: %v", path, code[0], err)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d command lines were found: this test looks in the wrong place", checked)
	}
}

// documents are the README and everything in docs.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{"../../README.md", "../../CHANGELOG.md"}
	err := filepath.WalkDir("../../docs", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(entry.Name(), ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// understands returns what the program would complain about. A whole command line has all its arguments; a mention in
// a sentence may leave them out.
func understands(args []string, whole bool) error {
	root := newRoot(&env{})
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if !whole && (!cmd.HasSubCommands() || len(cmd.Flags().Args()) == 0) {
		return nil
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err
	}
	return cmd.ValidateRequiredFlags()
}

// words splits a command line like a shell as far as the documentation needs it: double quotes, comments, and an end
// where something else follows the command.
func words(line string) []string {
	var found []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range line + " " {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case !quoted && unicode.IsSpace(r):
			if begun {
				found = append(found, word.String())
			}
			word.Reset()
			begun = false
		case !quoted && !begun && strings.ContainsRune("#<>|&;", r):
			return found
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	return found
}
