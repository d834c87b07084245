package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// saveStatement is where the statement stands that the daemon saves with, and its name there.
const (
	saveStatement     = "internal/sqlstore/sessions_insert_postgres.go"
	saveStatementName = "insertSessionsPG"
)

var errNoPgbench = errors.New("no pgbench")

// findPgbench looks on the PATH, and where Debian keeps it.
func findPgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(found) == 0 {
		return "", errNoPgbench
	}
	return found[len(found)-1], nil
}

// parameter is one of the statement's.
var parameter = regexp.MustCompile(`\$[0-9]+`)

var transactions = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench lets PostgreSQL's own load generator save the same game, by the same statement and over as many connections, and
// returns how many a second it saves. The protocol is "extended", where the statement is parsed at every save, or "prepared".
func (b *bench) pgbench(ctx context.Context, c catalogue, s saving, protocol string) (float64, error) {
	program, err := findPgbench()
	if err != nil {
		return 0, err
	}
	script, err := pgbenchScript(s)
	if err != nil {
		return 0, err
	}
	file := filepath.Join(c.stack.dir, "save-"+protocol+".pgbench")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	b.undo.add(func() error { return os.Remove(file) })
	u, err := url.Parse(c.database)
	if err != nil {
		return 0, errors.New("the database has no address that can be read")
	}
	password, _ := u.User.Password()
	cmd := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol="+protocol, "--file="+file, //nolint:gosec // our own words
		"--client="+strconv.Itoa(clients), "--jobs=2", "--time="+strconv.Itoa(max(int(b.duration.Seconds()), 1)),
		"--host="+u.Hostname(), "--port="+u.Port(), "--username="+u.User.Username(), strings.TrimPrefix(u.Path, "/"))
	var complaint bytes.Buffer
	cmd.Env, cmd.Stderr = append(os.Environ(), "PGPASSWORD="+password), &complaint
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, &complaint)
	}
	match := transactions.FindSubmatch(out)
	if match == nil || bytes.Contains(complaint.Bytes(), []byte("aborted")) {
		return 0, fmt.Errorf("pgbench has not saved:\n%s%s", out, &complaint)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}

// pgbenchScript is the daemon's statement with values in place of its parameters. Ids are new in every transaction and rise
// with the time, as the daemon's do (UUID version 7), so that the indexes have the same work.
func pgbenchScript(s saving) (string, error) {
	source, err := sourceOf(saveStatement)
	if err != nil {
		return "", err
	}
	statement, err := stringConstant(source, saveStatementName)
	if err != nil {
		return "", err
	}
	const stamp = `lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0')`
	session := `(` + stamp + ` || '7000' || lpad(to_hex(:n::bigint), 16, '8'))::uuid`
	quoted := func(values []string) string { return "'{" + strings.Join(values, ",") + "}'" }
	many := func(value string, n int) string {
		return quoted(strings.Split(strings.Repeat(value+"|", n-1)+value, "|"))
	}
	numbers := make([]string, played)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	tags := `'["` + strings.Join(s.tags, `","`) + `"]'`
	n := len(s.speeches)
	values := []string{
		`'k' || :n`, `'` + s.player.id + `'`, `decode(md5('x' || :n) || md5('y' || :n), 'hex')`,
		`jsonb_build_array(` + session + `)`, `now()`, `now() - interval '24 hours'`,
		`ARRAY(SELECT (` + stamp + ` || '7' || lpad(to_hex(i), 3, '0') || lpad(to_hex(:n::bigint), 16, '8'))::uuid FROM generate_series(1, ` + strconv.Itoa(n) + `) i)`,
		`array_fill(` + session + `, ARRAY[` + strconv.Itoa(n) + `])`, quoted(s.speeches), quoted(numbers[:n]), many("correct", n),
		many("NULL", n), many("NULL", n), many("1000", n), `array_fill(now(), ARRAY[` + strconv.Itoa(n) + `])`, many("NULL", n), many("NULL", n),
		`ARRAY[` + session + `]`, `'{` + s.player.id + `}'`, `'{listen_only}'`, `'{A1}'`, `'{question}'`, `ARRAY[` + tags + `]`,
		`'{10}'`, `'{10}'`, `'{10}'`, `'{NULL}'`, `'{60}'`, `ARRAY[now()]`, `ARRAY[now()]`, `ARRAY[now()]`,
	}
	used := map[int]bool{}
	statement = parameter.ReplaceAllStringFunc(statement, func(p string) string {
		i, _ := strconv.Atoi(p[1:]) // digits
		used[i] = true
		if i < 1 || i > len(values) {
			return p
		}
		return "(" + values[i-1] + ")"
	})
	if len(used) != len(values) || !used[len(values)] {
		return "", fmt.Errorf("%s has %d parameters, and the load generator values for %d: give it one for each", saveStatementName, len(used), len(values))
	}
	return `\set n random(1, 1000000000000000)` + "\n" + strings.ReplaceAll(strings.TrimSpace(statement), "\n", " ") + ";\n", nil
}

// stringConstant returns the text of a constant in a Go file.
func stringConstant(source []byte, name string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			text, err = strconv.Unquote(literal.Value)
		}
		return false
	})
	if err == nil && text == "" {
		err = fmt.Errorf("there is no constant %s any more", name)
	}
	return text, err
}
