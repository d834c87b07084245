package adminweb

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Deps are the services behind the panel.
type Deps struct {
	Accounts accounts
	Catalog  catalogue
	Practice games
	Imports  imports
	Audit    auditLog
	Stats    dashboards
	Scores   scorer
	// Guesses counts tries at an account; nil means that they are not counted.
	Guesses guesses
}

// Config is what the panel needs to know of its surroundings.
type Config struct {
	// Log takes a line per failure; nil means slog.Default().
	Log *slog.Logger
	// PublicURL is the panel's address as browsers see it, if that is known: forms may come from its pages whatever a proxy
	// makes of the Host header.
	PublicURL *url.URL
	// OverHTTPS reports whether a request has come over https, to this process or to a proxy of ours; nil means as net/http
	// sees it.
	OverHTTPS func(*http.Request) bool
}

// Panel is the pages. It is safe for concurrent use.
type Panel struct {
	accounts accounts
	catalog  catalogue
	games    games
	imports  imports
	audit    auditLog
	stats    dashboards
	scores   scorer
	guesses  guesses

	log       *slog.Logger
	origins   *http.CrossOriginProtection
	overHTTPS func(*http.Request) bool
}

// New returns the panel over the services.
func New(deps Deps, cfg Config) *Panel {
	templates() // now: a page that is broken stops the start, no request
	p := &Panel{
		accounts: deps.Accounts, catalog: deps.Catalog, games: deps.Practice, imports: deps.Imports, audit: deps.Audit, stats: deps.Stats,
		scores: deps.Scores, guesses: deps.Guesses, log: cfg.Log, origins: http.NewCrossOriginProtection(), overHTTPS: cfg.OverHTTPS,
	}
	if p.log == nil {
		p.log = slog.Default()
	}
	if p.overHTTPS == nil {
		p.overHTTPS = func(r *http.Request) bool { return r.TLS != nil }
	}
	if u := cfg.PublicURL; u != nil {
		// Its only error is for what is no origin; a setting has been checked to be one.
		_ = p.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	return p
}

// Page is one page, as a router takes it.
type Page struct {
	Method string
	// Path is a template of gorilla/mux.
	Path string
	http.Handler
	// Time is how long the work may take; 0 is the usual.
	Time time.Duration
	// SignsIn is set where a password is tried.
	SignsIn bool
	// Scores is set where a recording is scored.
	Scores bool
	// Asset is set for files that belong to pages: a browser asks for several at once.
	Asset bool
}

// What a page may take, as in the API.
const (
	// recordingTime is one recording of 10 MiB at 140 kbit/s.
	recordingTime = 10 * time.Minute
	// uploadTime is 500 recordings of 10 MiB at 12 Mbit/s.
	uploadTime = time.Hour
	// scoreTime is the longest that SPEECH_API_TIMEOUT may be, two minutes, and reading the recording.
	scoreTime = 3 * time.Minute
	// importTime is for moving 500 recordings.
	importTime = 10 * time.Minute
)

// Pages lists every page; an earlier one comes before a later one whose path fits too.
func (p *Panel) Pages() []Page {
	const get, post = http.MethodGet, http.MethodPost
	page := func(method, path string, h handler) Page {
		return Page{Method: method, Path: "/admin" + path, Handler: p.forEditors(h)}
	}
	within := func(d time.Duration, pg Page) Page { pg.Time = d; return pg }
	scoring := page(post, "/speeches/{speech_id}/check", p.checkSpeech)
	scoring.Scores = true
	return []Page{
		{Method: get, Path: "/admin/static/{file}", Handler: p.forAll(p.showAsset), Asset: true},
		{Method: get, Path: "/admin/login", Handler: p.forAll(p.showLogin)},
		{Method: post, Path: "/admin/login", Handler: p.forAll(p.signIn), SignsIn: true},
		page(post, "/logout", p.signOut),
		page(get, "", p.showDashboard),
		page(get, "/", p.showDashboard),

		page(get, "/speeches", p.listSpeeches),
		page(get, "/speeches/new", p.newSpeech),
		within(recordingTime, page(post, "/speeches", p.createSpeech)),
		page(get, "/speeches/{speech_id}", p.showSpeech),
		within(recordingTime, page(post, "/speeches/{speech_id}", p.updateSpeech)),
		within(scoreTime, scoring),
		page(get, "/speeches/{speech_id}/check", p.toSpeech),
		page(get, "/speeches/{speech_id}/restore", p.askRestoreRecording),
		within(recordingTime, page(post, "/speeches/{speech_id}/restore", p.restoreRecording)),
		page(get, "/speeches/{speech_id}/delete", p.askDeleteSpeech),
		page(post, "/speeches/{speech_id}/delete", p.deleteSpeech),

		page(get, "/tags", p.listTags),
		page(get, "/tags/new", p.newTag),
		page(get, "/tags/choices", p.showChoices),
		page(post, "/tags", p.createTag),
		page(get, "/tags/{tag_id}", p.showTag),
		page(post, "/tags/{tag_id}", p.updateTag),
		page(get, "/tags/{tag_id}/delete", p.askDeleteTag),
		page(post, "/tags/{tag_id}/delete", p.deleteTag),
		page(post, "/tags/{tag_id}/merge", p.mergeTag),

		page(get, "/users", p.listUsers),
		page(get, "/users/{user_id}", p.showUser),
		page(post, "/users/{user_id}", p.updateUser),
		page(post, "/users/{user_id}/role", p.setRole),
		page(post, "/users/{user_id}/password", p.setPassword),
		page(post, "/users/{user_id}/revoke", p.revokeUser),
		page(get, "/users/{user_id}/delete", p.askDeleteUser),
		page(post, "/users/{user_id}/delete", p.deleteUser),

		page(get, "/sessions", p.listSessions),
		page(get, "/sessions/{session_id}", p.showSession),
		page(get, "/sessions/{session_id}/delete", p.askDeleteSession),
		page(post, "/sessions/{session_id}/delete", p.deleteSession),

		page(get, "/imports", p.listImports),
		page(get, "/imports/new", p.newImport),
		within(uploadTime, page(post, "/imports", p.uploadImport)),
		page(get, "/imports/{batch_id}", p.showImport),
		page(get, "/imports/{batch_id}/rejected.csv", p.downloadSkipped),
		page(get, "/imports/{batch_id}/undo", p.askUndoImport),
		within(importTime, page(post, "/imports/{batch_id}/undo", p.undoImport)),
		within(importTime, page(get, "/imports/plan/{upload_session_id}", p.showPlan)),
		within(uploadTime, page(post, "/imports/plan/{upload_session_id}", p.uploadMore)),
		within(importTime, page(get, "/imports/plan/{upload_session_id}/rejected.csv", p.downloadRejected)),
		within(importTime, page(post, "/imports/plan/{upload_session_id}/apply", p.applyImport)),
		page(post, "/imports/plan/{upload_session_id}/discard", p.discardImport),

		page(get, "/audit", p.listAudit),

		page(get, "/{rest:.*}", p.unknownPage),
	}
}

// Refuse answers a request that did not come as far as a page: too many of them, or too slow a one.
func (p *Panel) Refuse(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	secure(w.Header())
	p.showFailure(w, r, failure{status, capital(sentence)})
}
