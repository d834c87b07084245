package archtest

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/englishapp/englishctl"

// floor is a group of rooms that obey the same rule.
type floor string

const (
	ground       floor = "ground"       // words that everybody shares
	services     floor = "services"     // the rules of the product
	data         floor = "data"         // one room per outside thing
	presentation floor = "presentation" // how people and programs talk to us
	settings     floor = "settings"     // config and telemetry
	hall         floor = "hall"         // where everything is wired
	testOnly     floor = "testing"      // for tests only
	commands     floor = "commands"     // cmd/*
	workshop     floor = "workshop"     // scripts/* and examples/*
)

// rooms is the plan: the room a package lies in, as a path in the module, and its floor. Planned rooms may be missing.
var rooms = map[string]floor{
	"internal/fault":     ground,
	"internal/ownership": ground,
	"internal/paging":    ground,

	"internal/account":       services,
	"internal/audit":         services,
	"internal/backup":        services,
	"internal/catalog":       services,
	"internal/doctor":        services,
	"internal/importing":     services,
	"internal/practice":      services,
	"internal/pronunciation": services,
	"internal/seeding":       services,
	"internal/statistics":    services,

	"internal/audio": data,
	"internal/azure": data,
	// A stand-in that is started by hand; it takes what tests take.
	"internal/azure/fakeazure": testOnly,
	"internal/blob":            data,
	"internal/cache":           data,
	"internal/identity":        data,
	"internal/mail":            data,
	"internal/offline":         data,
	"internal/offline/forest":  data,
	"internal/offline/neural":  data,
	// They measure and draw, are started by hand, and take what tests take.
	"internal/offline/speechocean": testOnly,
	"internal/offline/figures":     testOnly,
	"internal/ratelimit":           data,
	"internal/remote":              data,
	"internal/signature":           data,
	"internal/spreadsheet":         data,
	"internal/sqlstore":            data,
	"migrations":                   data,

	"internal/adminweb": presentation,
	"internal/cli":      presentation,
	"internal/httpapi":  presentation,

	"internal/config":    settings,
	"internal/telemetry": settings,
	"internal/app":       hall,

	"internal/archtest": testOnly,
	"internal/testenv":  testOnly,

	"cmd":      commands,
	"examples": workshop,
	// What is carried in the program like the migrations, although it lies among the examples.
	"examples/starter-pack": data,
	"scripts":               workshop,
}

// mayImport says which floors a floor's rooms may import, beside their own room.
var mayImport = map[floor][]floor{
	ground:       {ground},
	services:     {ground},
	data:         {ground, services},
	presentation: {ground, services, settings},
	settings:     {ground},
	hall:         {ground, services, data, presentation, settings},
	testOnly:     {ground, services, data, presentation, settings, hall},
	commands:     {ground, settings, hall},
	workshop:     {},
}

// doors are the single imports that are allowed beyond mayImport; all of them are one-way.
var doors = map[string][]string{
	"internal/account":       {"internal/audit"},
	"internal/catalog":       {"internal/audit"},
	"internal/practice":      {"internal/audit", "internal/catalog"},
	"internal/importing":     {"internal/audit", "internal/catalog"},
	"internal/pronunciation": {"internal/audit"},
	"internal/seeding":       {"internal/account", "internal/audit", "internal/catalog", "internal/practice"},
	"internal/statistics":    {"internal/account", "internal/catalog"},
	"internal/offline":       {"internal/offline/forest", "internal/offline/neural"},
	"internal/sqlstore":      {"migrations"},
	"internal/cli":           {"internal/app"}, // its commands start what app builds
	"cmd":                    {"internal/cli"},
}

// why is the sentence that goes with a broken floor rule.
var why = map[floor]string{
	ground:       "what everybody shares may depend on nobody",
	services:     "services import fault and paging and, along one-way doors, another service; what they need of the data they state as an interface",
	data:         "a data room implements the services' interfaces and knows no other data room; internal/app brings them together",
	presentation: "presentation imports services; it gets them built from internal/app and never sees data or another presentation",
	settings:     "config and telemetry import nothing of ours but fault",
	hall:         "app wires everything but the commands",
	testOnly:     "",
	commands:     "a main function only starts the CLI or the daemon",
	workshop:     "scripts and examples use the program from outside, as everybody else does",
}

// owners names the rooms that may import a vendor module (and its packages); nobody else may. Modules that are not
// here are free, but for services.
var owners = map[string][]string{
	"github.com/spf13/viper":              {"internal/config"},
	"github.com/spf13/cobra":              {"internal/cli"},
	"github.com/spf13/pflag":              {"internal/cli", "internal/config"},
	"github.com/olekukonko/tablewriter":   {"internal/cli"},
	"github.com/vbauerster/mpb":           {"internal/cli"},
	"github.com/gorilla/mux":              {"internal/httpapi", "internal/adminweb", "internal/app"},
	"github.com/jmoiron/sqlx":             {"internal/sqlstore"},
	"github.com/lib/pq":                   {"internal/sqlstore", "scripts"},
	"modernc.org/sqlite":                  {"internal/sqlstore", "scripts"}, // a load generator compares the program with the bare database
	"github.com/pressly/goose":            {"internal/sqlstore"},
	"database/sql":                        {"internal/sqlstore", "internal/telemetry", "scripts"}, // telemetry looks at pools only
	"github.com/minio/minio-go":           {"internal/blob"},
	"github.com/redis/go-redis":           {"internal/cache"},
	"github.com/golang-jwt/jwt":           {"internal/account", "internal/identity", "scripts"},
	"github.com/RoaringBitmap/roaring/v2": {"internal/catalog"},
	"github.com/xuri/excelize":            {"internal/spreadsheet"},
	"github.com/dunglas/httpsfv":          {"internal/signature"},
	"github.com/wneessen/go-mail":         {"internal/mail"},
	"github.com/prometheus":               {"internal/telemetry"},
	"go.opentelemetry.io":                 {"internal/telemetry"},
	"github.com/XSAM/otelsql":             {"internal/telemetry"},
	"github.com/getsentry":                {"internal/telemetry"},
	"github.com/tetratelabs/wazero":       {"internal/audio"},
}

// serviceModules are the modules that services may import: algorithms and ids, nothing that talks to the outside.
var serviceModules = []string{
	"golang.org/x",
	"github.com/google/uuid",
	"github.com/golang-jwt/jwt",
	"github.com/RoaringBitmap/roaring/v2",
}

// notForServices are the packages of the standard library that belong to the other floors.
var notForServices = []string{"net/http", "database/sql"}

// check returns a sentence for every broken rule, in the order of the packages.
func check(packages []pkg) []string {
	var broken []string
	for _, p := range packages {
		if p.forTests() {
			continue
		}
		if _, known := rooms[p.room()]; !known {
			broken = append(broken, fmt.Sprintf("%s is in no room of the plan: give it a floor in internal/archtest/rules_test.go and in docs", p.path))
			continue
		}
		for _, imp := range p.imports {
			if reason := forbidden(p, imp.path); reason != "" {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", imp.where, short(imp.path), reason))
			}
		}
		if !p.main() {
			for _, exit := range p.exits {
				broken = append(broken, exit+": only main functions end the process; return an error instead")
			}
		}
	}
	return broken
}

// forbidden returns why p may not import the package, or nothing if it may.
func forbidden(p pkg, path string) string {
	if path == module || within(path, module) {
		return forbiddenRoom(p, pkg{path: short(path)})
	}
	for owned, by := range owners {
		if within(path, owned) && !slices.Contains(by, p.room()) {
			return fmt.Sprintf("only %s may import %s", strings.Join(by, " and "), owned)
		}
	}
	if rooms[p.room()] != services {
		return ""
	}
	if withinAny(path, notForServices) {
		return "a service knows neither HTTP nor SQL"
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && !withinAny(path, serviceModules) {
		return "a service knows no vendor; it states what it needs as an interface, and a data room implements it"
	}
	return ""
}

func forbiddenRoom(p, other pkg) string {
	from, to := p.room(), other.room()
	switch {
	case from == to && !other.forTests():
		return ""
	case other.forTests():
		return "it is for tests only"
	case slices.Contains(doors[from], to):
		return ""
	}
	floorTo, known := rooms[to]
	if !known {
		return "it is in no room of the plan"
	}
	if !slices.Contains(mayImport[rooms[from]], floorTo) {
		return why[rooms[from]]
	}
	return ""
}

// within tells whether path is the package or module root itself or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func withinAny(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return within(path, root) })
}

// short leaves the module's own name out of a path.
func short(path string) string { return strings.TrimPrefix(path, module+"/") }
