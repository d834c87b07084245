package adminweb

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/*
var staticFiles embed.FS

// page is what a template shows.
type page struct {
	// Name is the template's.
	Name  string
	Title string
	// Section is the entry of the menu that the page belongs to.
	Section string
	// Media are the addresses of the recordings that the page plays.
	Media []string
	Data  any

	// What render adds.
	Editor account.Editor
	Said   string
}

// said are the sentences that a page may begin with after something was done, by the word in its address: what stands
// there is never shown itself.
var said = map[string]string{
	"signed_out": "You are signed out.",
	"created":    "Created.",
	"saved":      "Saved.",
	"deleted":    "Deleted.",
	"merged":     "Merged.",
	"restored":   "The earlier recording is back.",
	"imported":   "Imported.",
	"discarded":  "Thrown away. Nothing was imported.",
	"password":   "The new password is set. All sessions of this account have ended.",
	"revoked":    "All sessions of this account have ended.",
}

// templates are the pages by name, each inside the frame. They are read when a panel is made: only the daemon has one.
var templates = sync.OnceValue(parseTemplates)

func parseTemplates() map[string]*template.Template {
	frame := template.Must(template.New("frame").Funcs(template.FuncMap{
		"asset": asset, "when": when, "iso": iso, "score": score, "sections": func() []section { return sections },
		"dict": dict, "has": slices.Contains[[]string],
	}).ParseFS(templateFiles, "templates/frame.html", "templates/parts.html"))
	pages := map[string]*template.Template{}
	for _, path := range must(fs.Glob(templateFiles, "templates/*.html")) {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		pages[name] = template.Must(must(frame.Clone()).ParseFS(templateFiles, path))
	}
	return pages
}

// must is for what is compiled in: a test that starts the program finds it broken.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// section is an entry of the menu.
type section struct{ Name, Path, Title string }

var sections = []section{
	{"dashboard", "/admin", "Dashboard"},
	{"speeches", "/admin/speeches", "Speeches"},
	{"tags", "/admin/tags", "Tags"},
	{"imports", "/admin/imports", "Imports"},
	{"sessions", "/admin/sessions", "Game sessions"},
	{"users", "/admin/users", "Users"},
	{"audit", "/admin/audit", "Audit"},
}

// render sends a page. It is written as a whole first, so that an error can still become another page.
func (p *Panel) render(w http.ResponseWriter, r *http.Request, status int, pg page) error {
	return p.renderPart(w, r, status, pg, "frame.html")
}

// renderPart sends one template of a page's.
func (p *Panel) renderPart(w http.ResponseWriter, r *http.Request, status int, pg page, part string) error {
	pg.Editor = editorOf(r.Context())
	pg.Said = said[r.URL.Query().Get("said")]
	var body bytes.Buffer
	if err := templates()[pg.Name].ExecuteTemplate(&body, part, pg); err != nil {
		return fmt.Errorf("write the page %s: %w", pg.Name, err)
	}
	secure(w.Header(), originsOf(pg.Media)...)
	w.Header().Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // a browser that is gone does not mind
	return nil
}

const htmlType = "text/html; charset=utf-8"

// originsOf are those of recordings' addresses, each once.
func originsOf(addresses []string) (origins []string) {
	for _, address := range addresses {
		if origin := originOf(address); origin != "" && !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// originOf is scheme and host of a recording's address, for the Content-Security-Policy.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// assetTypes are the files that pages are made of.
var assetTypes = map[string]string{
	"panel.css": "text/css; charset=utf-8",
	"panel.js":  "text/javascript; charset=utf-8",
	"icon.svg":  "image/svg+xml",
}

// digests stand in the addresses of assets, so that browsers keep them until they change.
var digests = sync.OnceValue(digestAssets)

func digestAssets() map[string]string {
	sums := map[string]string{}
	for name := range assetTypes {
		sum := sha256.Sum256(must(staticFiles.ReadFile("static/" + name)))
		sums[name] = hex.EncodeToString(sum[:6])
	}
	return sums
}

// asset is the address of a file in static/.
func asset(name string) string { return "/admin/static/" + name + "?v=" + digests()[name] }

func (p *Panel) showAsset(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["file"]
	contentType, known := assetTypes[name]
	if !known {
		return fault.NotFound("there is no such file")
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	content, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return fmt.Errorf("read the asset %s: %w", name, err)
	}
	_, _ = w.Write(content)
	return nil
}

// when is a time as pages show it: in UTC, to the minute.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// dict makes a map for a template that takes several things.
func dict(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
