package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// repository is the root of the source, seen from here.
const repository = "../.."

// section begins an endpoint in docs/api.md; the first words of its text say who may call it.
var section = regexp.MustCompile(`(?m)^### ([A-Z]+ /\S*)\n\n\*([\w ]+)\.?\*`)

// whoMay are the words of docs/api.md for those of the router's test.
var whoMay = map[string]string{"everybody": "Everybody", "learners": "Signed in", "admins": "Admins"}

// Every endpoint has its section in docs/api.md, which says who may call it, and no section is about what does not exist.
func TestReferenceHasAllEndpoints(t *testing.T) {
	var documented []string
	for _, found := range section.FindAllStringSubmatch(read(t, "docs/api.md"), -1) {
		documented = append(documented, found[1]+" for "+found[2])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(endpoints(t), documented); diff != "" {
		t.Errorf("docs/api.md differs from the routes (-routes +docs):\n%s", diff)
	}
}

// endpoints reads the table "golden" of the router's own test, which holds the router to it: from outside nobody can
// ask the router for what it knows.
func endpoints(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(repository, "internal/httpapi/routes_test.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		table, ok := n.(*ast.ValueSpec)
		if !ok || table.Names[0].Name != "golden" {
			return true
		}
		for _, row := range table.Values[0].(*ast.CompositeLit).Elts {
			cells := row.(*ast.CompositeLit).Elts
			method, _, _ := strings.Cut(literal(t, cells[0]), " ") // "GET HEAD"
			path := strings.ReplaceAll(literal(t, cells[1]), ":.+}", "}")
			who := whoMay[cells[2].(*ast.Ident).Name]
			found = append(found, method+" "+strings.TrimPrefix(path, "/api/v1")+" for "+who)
		}
		return false
	})
	if len(found) < 20 {
		t.Fatalf("found %d endpoints: this test looks in the wrong place", len(found))
	}
	slices.Sort(found)
	return found
}

func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// How a stable code is written in the source, and in the table of docs/api.md.
var (
	codeInSource = regexp.MustCompile(`(?:WithCode\(|code[A-Z]\w* += |Kind[A-Z]\w+ +Kind = |&refusal\{[^,]+, |newProblem\(r, [^,]+, )"([a-z_]+)"`)
	codeInDocs   = regexp.MustCompile("(?m)^\\|((?: `[a-z_]+`,?)+) \\| \\d{3} \\|.*\\|$")
)

// notAnswered are the codes that no caller of the API ever sees, and why.
var notAnswered = map[string]bool{
	"schema_newer": true, "schema_older": true, // the daemon does not start
	"file_exists": true, "already_exists": true, "reference_broken": true, // the services turn them into something else
	"lease_lost":   true,                        // another daemon does the work
	"unauthorized": true, "unprocessable": true, // kinds that always have a code of their own
}

// The table at the end of docs/api.md has every code that the source has, and no other.
func TestReferenceHasAllCodes(t *testing.T) {
	inSource := map[string]bool{"internal": true} // it has no kind
	for _, room := range []string{"account", "catalog", "practice", "pronunciation", "offline", "importing", "httpapi", "app", "sqlstore", "blob", "identity", "signature", "fault"} {
		files, err := filepath.Glob(filepath.Join(repository, "internal", room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", room, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, found := range codeInSource.FindAllStringSubmatch(read(t, strings.TrimPrefix(path, repository+"/")), -1) {
				inSource[found[1]] = true
			}
		}
	}
	documented := map[string]bool{}
	_, table, _ := strings.Cut(read(t, "docs/api.md"), "\n## All codes\n")
	for _, row := range codeInDocs.FindAllStringSubmatch(table, -1) {
		for code := range strings.FieldsFuncSeq(row[1], func(r rune) bool { return strings.ContainsRune("` ,", r) }) {
			documented[code] = true
		}
	}
	for code := range notAnswered {
		delete(inSource, code)
	}
	if diff := cmp.Diff(inSource, documented); diff != "" {
		t.Errorf("the codes of docs/api.md differ from the source (-source +docs):\n%s", diff)
	}
}

// link is a link of Markdown to a file of ours, with the part of it, or to a part of the same file.
var link = regexp.MustCompile(`\]\(([^)#\s:]*)(?:#([^)\s]*))?\)`)

// Every link in the documentation leads to a file that exists, and to a heading that it has.
func TestLinks(t *testing.T) {
	checked := 0
	for _, doc := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(read(t, doc), -1) {
			checked++
			target := doc
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(doc), found[1])
			}
			if _, err := os.Stat(filepath.Join(repository, target)); err != nil {
				t.Errorf("%s: %s leads nowhere", doc, found[0])
				continue
			}
			if found[2] != "" && !slices.Contains(anchors(read(t, target)), found[2]) {
				t.Errorf("%s: %s: there is no such heading", doc, found[0])
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d links were found: this test looks in the wrong place", checked)
	}
}

// anchors are the names by which the headings of a document are linked to.
func anchors(doc string) []string {
	var found []string
	for line := range strings.Lines(doc) {
		title, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !isHeading || !strings.HasPrefix(line, "#") {
			continue
		}
		found = append(found, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title)))
	}
	return found
}

// documents are the README, the changelog and everything in docs.
func documents(t *testing.T) []string {
	t.Helper()
	found := []string{"README.md", "CHANGELOG.md"}
	err := fs.WalkDir(os.DirFS(repository), "docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// What the README's first steps are made of: "curl -s URL", then headers and data in single quotes.
var (
	curlLine   = regexp.MustCompile(`(?m)^curl -s .*$`)
	curlHeader = regexp.MustCompile(`-H '([^:']+): ([^']+)'`)
	curlData   = regexp.MustCompile(`-d '([^']+)'`)
)

// The first steps of the README are taken one after the other, and each is answered with success.
func TestFirstSteps(t *testing.T) {
	_, steps, _ := strings.Cut(read(t, "README.md"), "\n## First steps\n")
	steps, _, _ = strings.Cut(steps, "\n## ")
	lines := curlLine.FindAllString(strings.ReplaceAll(steps, "\\\n", " "), -1)
	if len(lines) == 0 {
		t.Fatal("the README has no first steps with curl")
	}
	d := stack{env: []string{"DATA_DIR=" + t.TempDir()}}.serve(t)
	for _, line := range lines {
		if got, err := send(http.DefaultClient, d.curl(line)); err != nil || got.status/100 != 2 {
			t.Errorf("%s: %s, %v", line, got, err)
		}
	}
}

// curl makes the request of a command line, to this daemon instead of the default address.
func (d *daemon) curl(line string) *http.Request {
	d.t.Helper()
	address := strings.Replace(strings.Fields(line)[2], "http://127.0.0.1:8000", d.address, 1)
	method, data := http.MethodGet, ""
	if found := curlData.FindStringSubmatch(line); found != nil {
		method, data = http.MethodPost, found[1]
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, address, strings.NewReader(data))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, header := range curlHeader.FindAllStringSubmatch(line, -1) {
		r.Header.Set(header[1], header[2])
	}
	return r
}
