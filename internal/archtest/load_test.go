package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// pkg is a package of the module, without its tests.
type pkg struct {
	path    string // in the module: internal/practice
	imports []imported
	exits   []string // where it ends the process: "internal/practice/save.go:12 calls os.Exit"
}

type imported struct {
	path  string
	where string // file:line
}

// room is the part of the path that the plan speaks about: the longest that it has, else internal/NAME or the first
// directory.
func (p pkg) room() string {
	for part := p.path; part != "."; part = filepath.Dir(part) {
		if _, planned := rooms[part]; planned {
			return part
		}
	}
	first, rest, _ := strings.Cut(p.path, "/")
	if first != "internal" {
		return first
	}
	second, _, _ := strings.Cut(rest, "/")
	return "internal/" + second
}

// main tells packages that are programs.
func (p pkg) main() bool {
	floor := rooms[p.room()]
	return floor == commands || floor == workshop
}

// forTests tells packages that only tests import: those of the testing floor, and contract suites and fakes beside
// what they test, whose names end in "test" (sqlstore/storetest).
func (p pkg) forTests() bool {
	return rooms[p.room()] == testOnly || strings.HasSuffix(p.path, "test")
}

// load reads all packages below root. It parses and does not build, so that a broken package, or one behind a build
// tag, is judged like any other.
func load(root string) ([]pkg, error) {
	byDir := map[string]*pkg{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && ignored(d.Name()):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		if byDir[dir] == nil {
			byDir[dir] = &pkg{path: dir}
		}
		return byDir[dir].read(path, filepath.ToSlash(name))
	})
	if err != nil {
		return nil, fmt.Errorf("load the packages: %w", err)
	}
	var packages []pkg
	for _, p := range byDir {
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b pkg) int { return strings.Compare(a.path, b.path) })
	return packages, nil
}

// ignored tells directories that the go command ignores, too.
func ignored(dir string) bool {
	return dir == "testdata" || dir == "vendor" || strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

// read adds one file to the package.
func (p *pkg) read(path, name string) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", name, files.Position(n.Pos()).Line) }
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", at(spec), err)
		}
		p.imports = append(p.imports, imported{path: target, where: at(spec)})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call := exit(n); call != "" {
			p.exits = append(p.exits, at(n)+" calls "+call)
		}
		return true
	})
	return nil
}

// exit returns the name of the function if the node is a use of os.Exit or of log.Fatal and its like.
func exit(n ast.Node) string {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return ""
	}
	switch name := from.Name + "." + selector.Sel.Name; name {
	case "os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
		return name
	}
	return ""
}
