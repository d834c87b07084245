package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHouse judges the code as it is.
func TestHouse(t *testing.T) {
	packages, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 3 {
		t.Fatalf("found %d packages: this test looks in the wrong place", len(packages))
	}
	for _, sentence := range check(packages) {
		t.Error(sentence)
	}
}

// TestCheck makes sure that the checker sees what it is there to see.
func TestCheck(t *testing.T) {
	const ours = module + "/"
	tests := map[string]struct {
		from, to string
		want     string // part of the sentence; empty where the import is allowed
	}{
		"presentation imports a service":          {"internal/httpapi", ours + "internal/practice", ""},
		"presentation imports fault":              {"internal/cli", ours + "internal/fault", ""},
		"presentation never sees data":            {"internal/httpapi", ours + "internal/sqlstore", "presentation imports services"},
		"presentation never sees its neighbour":   {"internal/adminweb", ours + "internal/httpapi", "presentation imports services"},
		"only cli starts what app builds":         {"internal/cli", ours + "internal/app", ""},
		"httpapi does not reach up to app":        {"internal/httpapi", ours + "internal/app", "presentation imports services"},
		"a service imports fault":                 {"internal/practice", ours + "internal/fault", ""},
		"practice uses catalog":                   {"internal/practice", ours + "internal/catalog", ""},
		"importing uses catalog":                  {"internal/importing", ours + "internal/catalog", ""},
		"every service writes the audit log":      {"internal/account", ours + "internal/audit", ""},
		"a door is one-way":                       {"internal/catalog", ours + "internal/practice", "one-way doors"},
		"statistics counts what others keep":      {"internal/statistics", ours + "internal/catalog", ""},
		"nobody depends on the statistics":        {"internal/catalog", ours + "internal/statistics", "one-way doors"},
		"there is no door from account":           {"internal/account", ours + "internal/catalog", "one-way doors"},
		"the audit log depends on no service":     {"internal/audit", ours + "internal/account", "one-way doors"},
		"a service does not reach down to data":   {"internal/practice", ours + "internal/sqlstore", "state as an interface"},
		"a service does not reach up":             {"internal/practice", ours + "internal/httpapi", "services import fault"},
		"a service does not read settings":        {"internal/account", ours + "internal/config", "services import fault"},
		"a service knows no HTTP":                 {"internal/practice", "net/http", "neither HTTP nor SQL"},
		"a service knows no HTTP cookies either":  {"internal/practice", "net/http/cookiejar", "neither HTTP nor SQL"},
		"a service may know URLs":                 {"internal/catalog", "net/url", ""},
		"a service knows no SQL":                  {"internal/practice", "database/sql", "only internal/sqlstore and internal/telemetry and scripts may import database/sql"},
		"a service knows no sqlx":                 {"internal/practice", "github.com/jmoiron/sqlx", "only internal/sqlstore"},
		"a service knows no vendor at all":        {"internal/practice", "example.com/vendor/sdk", "a service knows no vendor"},
		"a service uses golang.org/x":             {"internal/account", "golang.org/x/crypto/argon2", ""},
		"a service uses ids":                      {"internal/practice", "github.com/google/uuid", ""},
		"catalog uses bitmaps":                    {"internal/catalog", "github.com/RoaringBitmap/roaring/v2", ""},
		"a name that only begins alike":           {"internal/practice", "github.com/google/uuidx", "a service knows no vendor"},
		"data imports the services' types":        {"internal/sqlstore", ours + "internal/practice", ""},
		"data does not import its neighbour":      {"internal/sqlstore", ours + "internal/blob", "knows no other data room"},
		"data does not reach up":                  {"internal/blob", ours + "internal/httpapi", "a data room implements"},
		"data does not read settings":             {"internal/blob", ours + "internal/config", "a data room implements"},
		"sqlstore runs the migrations":            {"internal/sqlstore", ours + "migrations", ""},
		"blob has nothing to do with migrations":  {"internal/blob", ours + "migrations", "a data room implements"},
		"app imports data":                        {"internal/app", ours + "internal/blob", ""},
		"app imports presentation":                {"internal/app", ours + "internal/httpapi", ""},
		"config imports fault":                    {"internal/config", ours + "internal/fault", ""},
		"config imports nothing else of ours":     {"internal/config", ours + "internal/account", "nothing of ours but fault"},
		"telemetry does not read settings itself": {"internal/telemetry", ours + "internal/config", "nothing of ours but fault"},
		"fault depends on nobody":                 {"internal/fault", ours + "internal/account", "depend on nobody"},
		"viper is config's":                       {"internal/config", "github.com/spf13/viper", ""},
		"nobody else imports viper":               {"internal/app", "github.com/spf13/viper", "only internal/config may import"},
		"nobody but cli imports cobra":            {"cmd/englishctl", "github.com/spf13/cobra", "only internal/cli may import"},
		"nobody but cli imports tablewriter":      {"internal/httpapi", "github.com/olekukonko/tablewriter/tw", "only internal/cli may import"},
		"nobody but sqlstore imports pq":          {"internal/app", "github.com/lib/pq", "only internal/sqlstore and scripts may import"},
		"nobody but spreadsheet reads XLSX":       {"internal/app", "github.com/xuri/excelize/v2", "only internal/spreadsheet may import"},
		"nobody but blob imports minio":           {"internal/app", "github.com/minio/minio-go/v7", "only internal/blob may import"},
		"a command starts the CLI":                {"cmd/englishctl", ours + "internal/cli", ""},
		"a command does nothing itself":           {"cmd/englishctl", ours + "internal/account", "only starts the CLI"},
		"an example is an outsider":               {"examples/phone", ours + "internal/fault", "from outside"},
		"app carries the starter pack":            {"internal/app", ours + "examples/starter-pack", ""},
		"nobody else takes the starter pack":      {"internal/cli", ours + "examples/starter-pack", "presentation imports services"},
		"seeding makes other services' rows":      {"internal/seeding", ours + "internal/practice", ""},
		"nobody but app calls seeding":            {"internal/importing", ours + "internal/seeding", "one-way doors"},
		"a room below a room":                     {"internal/httpapi/openapi", ours + "internal/sqlstore", "presentation imports services"},
		"a room imports its own parts":            {"internal/sqlstore", ours + "internal/sqlstore/dialect", ""},
		"what is for tests stays there":           {"internal/sqlstore", ours + "internal/sqlstore/storetest", "for tests only"},
		"the test environment stays there":        {"internal/app", ours + "internal/testenv", "for tests only"},
		"a contract suite may import anything":    {"internal/sqlstore/storetest", ours + "internal/testenv", ""},
		"a room that is not in the plan":          {"internal/utils", "fmt", "internal/utils is in no room of the plan"},
		"nobody imports what is not in the plan":  {"internal/app", ours + "internal/utils", "in no room of the plan"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(check([]pkg{{path: tt.from, imports: []imported{{path: tt.to, where: tt.from + "/file.go:3"}}}}), "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("the checker says %q, want %q in it", got, tt.want)
			}
		})
	}
}

// TestPlan makes sure that the tables of the plan speak about rooms that the plan has.
func TestPlan(t *testing.T) {
	named := map[string]bool{}
	for from, to := range doors {
		named[from] = true
		for _, room := range to {
			named[room] = true
		}
	}
	for _, by := range owners {
		for _, room := range by {
			named[room] = true
		}
	}
	for room := range named {
		if _, known := rooms[room]; !known {
			t.Errorf("%s has a door or a module, but no floor", room)
		}
	}
	for room, floor := range rooms {
		if _, known := mayImport[floor]; !known {
			t.Errorf("%s is on floor %q, which has no rule", room, floor)
		}
	}
}

// TestLoad reads a small house from disk and judges it.
func TestLoad(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"cmd/englishctl/main.go":          "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(0) }\n",
		"internal/practice/save.go":       "package practice\n\nimport (\n\t\"fmt\"\n\t_ \"net/http\"\n)\n\nvar _ = fmt.Sprint\n",
		"internal/practice/save_test.go":  "package practice\n\nimport _ \"net/http/httptest\"\n",
		"internal/practice/tagged.go":     "//go:build sometag\n\npackage practice\n\nimport \"os\"\n\nfunc give() {\n\tos.Exit(1)\n}\n",
		"internal/practice/testdata/x.go": "package x\n\nimport _ \"net/http\"\n",
		"internal/blob/blob.go":           "package blob\n\nimport \"log\"\n\nvar stop = log.Fatalf\n",
		".cache/internal/utils/utils.go":  "package utils\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	packages, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"internal/blob/blob.go:5 calls log.Fatalf: only main functions end the process; return an error instead",
		"internal/practice/save.go:5 imports net/http: a service knows neither HTTP nor SQL",
		"internal/practice/tagged.go:8 calls os.Exit: only main functions end the process; return an error instead",
	}
	if diff := cmp.Diff(want, check(packages)); diff != "" {
		t.Errorf("broken rules (-want +got):\n%s", diff)
	}
}

// TestLoadBroken makes sure that a file that cannot be read is an error and not a package without imports.
func TestLoadBroken(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "x.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(root); err == nil {
		t.Error("a file that does not parse was accepted")
	}
}
