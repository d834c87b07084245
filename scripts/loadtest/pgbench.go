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
	"slices"
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
	script, variables, err := pgbenchScript(s)
	if err != nil {
		return 0, err
	}
	file := filepath.Join(c.stack.dir, fmt.Sprintf("save-%s-%d.pgbench", protocol, len(s.players)))
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
		"--host="+u.Hostname(), "--port="+u.Port(), "--username="+u.User.Username())
	for _, v := range variables {
		cmd.Args = append(cmd.Args, "--define="+v)
	}
	cmd.Args = append(cmd.Args, strings.TrimPrefix(u.Path, "/"))
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

// pgbenchScript is the daemon's statement with values in place of its parameters, and the variables that it needs. What is the same at every save is
// a variable: pgbench sends it as a parameter each time, as the daemon does, and the server reads it each time. Ids are new in every
// transaction and rise with the time, as the daemon's do (UUID version 7), so that the indexes have the same work.
func pgbenchScript(s saving) (script string, variables []string, err error) {
	source, err := sourceOf(saveStatement)
	if err != nil {
		return "", nil, err
	}
	statement, err := stringConstant(source, saveStatementName)
	if err != nil {
		return "", nil, err
	}
	values := s.parameters()
	used := map[int]bool{}
	statement = parameter.ReplaceAllStringFunc(statement, func(p string) string {
		i, _ := strconv.Atoi(p[1:]) // digits
		if i < 1 || i > len(values) {
			return p
		}
		v := values[i-1]
		if v.same && !used[i] {
			variables = append(variables, fmt.Sprintf("p%d=%s", i, v.text))
		}
		used[i] = true
		if v.same {
			return ":p" + p[1:]
		}
		return "(" + v.text + ")"
	})
	if len(used) != len(values) || strings.Contains(statement, "$") {
		return "", nil, fmt.Errorf("%s has not the %d parameters that the load generator has values for: give it one for each", saveStatementName, len(values))
	}
	variables = append(variables, "learners="+array(playerIDs(s.players)))
	return `\set n random(1, 1000000000000000)` + "\n" + strings.ReplaceAll(strings.TrimSpace(statement), "\n", " ") + ";\n", variables, nil
}

// pgbenchValue is one of the statement's parameters: a text that is the same at every save, or SQL.
type pgbenchValue struct {
	text string
	same bool
}

// parameters are what the statement is run with, in their order.
func (s saving) parameters() []pgbenchValue {
	const stamp = `lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0')`
	session := `(` + stamp + ` || '7000' || lpad(to_hex(:n::bigint), 16, '8'))::uuid`
	learner := `(:learners::uuid[])[:client_id::int % ` + strconv.Itoa(len(s.players)) + ` + 1]`
	n := len(s.speeches)
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	sql := func(text string) pgbenchValue { return pgbenchValue{text: text} }
	same := func(values ...string) pgbenchValue { return pgbenchValue{array(values), true} }
	many := func(value string) pgbenchValue { return same(slices.Repeat([]string{value}, n)...) }
	tags := `"[\"` + strings.Join(s.tags, `\",\"`) + `\"]"`
	return []pgbenchValue{
		sql(`'k' || :n`), sql(learner), sql(`decode(md5('x' || :n) || md5('y' || :n), 'hex')`),
		sql(`jsonb_build_array(` + session + `)`), sql(`now()`), sql(`now() - interval '24 hours'`),
		sql(`ARRAY(SELECT (` + stamp + ` || '7' || lpad(to_hex(i), 3, '0') || lpad(to_hex(:n::bigint), 16, '8'))::uuid FROM generate_series(1, ` + strconv.Itoa(n) + `) i)`),
		sql(`array_fill(` + session + `, ARRAY[` + strconv.Itoa(n) + `])`), same(s.speeches...), same(numbers...), many("correct"),
		many("NULL"), many("NULL"), many("1000"), sql(`array_fill(now(), ARRAY[` + strconv.Itoa(n) + `])`), many("NULL"), many("NULL"),
		sql(`ARRAY[` + session + `]`), sql(`ARRAY[` + learner + `]`), same("listen_only"), same("A1"), same("question"), same(tags),
		same("10"), same("10"), same("10"), same("NULL"), same("60"), sql(`ARRAY[now()]`), sql(`ARRAY[now()]`), sql(`ARRAY[now()]`),
	}
}

// array is an array as PostgreSQL reads it, of values that need no quotes or have them.
func array(values []string) string { return "{" + strings.Join(values, ",") + "}" }

func playerIDs(players []player) []string {
	ids := make([]string, len(players))
	for i, p := range players {
		ids[i] = p.id
	}
	return ids
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
