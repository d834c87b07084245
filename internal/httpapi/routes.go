package httpapi

import (
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// basePath is where the versioned API begins (spec, "Base URL").
const basePath = "/api/v1"

// What a route may take beyond usualTime.
const (
	// uploadTime is 500 recordings of 10 MiB at 12 Mbit/s.
	uploadTime = time.Hour
	// importTime is for the CSV and for moving the 500 recordings that it names.
	importTime = 10 * time.Minute
	// recordingTime is one recording of 10 MiB at 140 kbit/s, in either direction.
	recordingTime = 10 * time.Minute
	// scoreTime is a recording of 10 MiB at 1.4 Mbit/s, and the longest that SPEECH_API_TIMEOUT may be, two minutes.
	scoreTime = 3 * time.Minute
	// exportTime is a million speeches, which have about 700 MB, at 10 Mbit/s, or as long a history.
	exportTime = 10 * time.Minute
)

// Methods of the routes.
const (
	get  = http.MethodGet
	head = http.MethodHead // comes with every GET
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// router lists every endpoint, in the order of the spec.
//
// Signed are the critical operations (spec, "API Security"): what destroys, what gives somebody power over others, and what
// changes the catalogue in bulk. Ending tokens is not: it must be easy.
func (a *API) router() *mux.Router {
	// SkipClean: a path with "//" or ".." is an unknown path (404), not a redirect that drops the request's body.
	root := mux.NewRouter().SkipClean(true)
	root.Use(noteRoute)
	root.NotFoundHandler = a.public(unknownPath)
	root.MethodNotAllowedHandler = a.public(wrongMethod(root))

	// No Subrouter: mux forgets that only the method did not fit when the rest of its routes do not fit either.
	on := func(method, path string, rt *route) { handle(root, method, basePath+path, rt) }
	on(post, "/auth/register", a.public(a.register).limited(limitRegister))
	on(post, "/auth/login", a.public(a.login).limited(limitLogin))
	on(post, "/auth/social", a.public(a.socialLogin))
	on(post, "/auth/refresh", a.public(a.refresh))
	on(post, "/auth/logout", a.public(a.logout))
	on(post, "/auth/password/forgot", a.public(a.forgotPassword).limited(limitForgot))
	on(post, "/auth/password/reset", a.public(a.resetPassword).limited(limitReset))
	on(post, "/auth/email/verify", a.public(a.verifyEmail).limited(limitReset))
	on(post, "/auth/email/verification", a.learner(a.requestVerification).limited(limitMail))

	on(get, "/users/me", a.learner(a.showProfile))
	on(put, "/users/me", a.learner(a.updateProfile))
	on(get, "/users/me/export", a.learner(a.exportProfile).within(exportTime))
	on(del, "/users/me", a.learner(a.deleteProfile).signed())

	on(get, "/tags", a.public(a.listTags))

	on(post, "/game/speeches/random", a.learner(a.drawSpeeches).limited(limitRandom))
	on(post, "/game/sessions", a.learner(a.saveSession).limited(limitSessions))
	on(post, "/game/sessions/batch", a.learner(a.saveSessions).limited(limitSessions))
	on(get, "/game/sessions", a.learner(a.listSessions).limited(limitHistory))
	on(get, "/game/sessions/{session_id}", a.learner(a.showSession))

	on(post, "/speech/score", a.learner(a.scoreSpeech).limited(limitScore).within(scoreTime).yielding())

	on(get, "/admin/speeches", a.admin(a.listSpeeches))
	on(get, "/admin/speeches/export", a.admin(a.exportSpeeches).within(exportTime)) // before {speech_id}, which it fits
	on(get, "/admin/speeches/{speech_id}", a.admin(a.showSpeech))
	on(post, "/admin/speeches", a.admin(a.createSpeech).within(recordingTime))
	on(put, "/admin/speeches/{speech_id}", a.admin(a.updateSpeech).within(recordingTime))
	on(del, "/admin/speeches/{speech_id}", a.admin(a.deleteSpeech).signed())
	on(get, "/admin/speeches/{speech_id}/recordings", a.admin(a.listRecordings))
	on(post, "/admin/speeches/{speech_id}/recordings/restore", a.admin(a.restoreRecording).within(recordingTime))
	on(post, "/admin/speeches/{speech_id}/check", a.admin(a.checkSpeech).limited(limitScore).within(scoreTime))
	on(get, "/admin/tags", a.admin(a.listAllTags))
	on(post, "/admin/tags", a.admin(a.createTag))
	on(put, "/admin/tags/{tag_id}", a.admin(a.updateTag))
	on(del, "/admin/tags/{tag_id}", a.admin(a.deleteTag).signed())
	on(post, "/admin/tags/batch", a.admin(a.applyTags).signed())
	on(post, "/admin/tags/{tag_id}/merge", a.admin(a.mergeTags).signed())

	on(get, "/admin/users", a.admin(a.listUsers))
	on(get, "/admin/users/{user_id}", a.admin(a.showUser))
	on(post, "/admin/users", a.admin(a.createUser).signed())
	on(put, "/admin/users/{user_id}/role", a.admin(a.setRole).signed())
	on(put, "/admin/users/{user_id}/password", a.admin(a.setPassword).signed())
	on(post, "/admin/users/{user_id}/revoke", a.admin(a.revokeUser))
	on(del, "/admin/users/{user_id}", a.admin(a.deleteUser).signed())
	on(get, "/admin/stats", a.admin(a.showStats))
	on(get, "/admin/dashboard", a.admin(a.showDashboard))

	on(post, "/admin/import/audio", a.admin(a.uploadAudio).within(uploadTime).signedForm())
	on(post, "/admin/import/csv", a.admin(a.importCSV).within(importTime).signedForm())
	on(post, "/admin/import/plan", a.admin(a.planImport).within(importTime))
	on(post, "/admin/import/sessions", a.admin(a.continueImport))
	on(post, "/admin/import/sessions/{upload_session_id}/release", a.admin(a.releaseImport))
	on(del, "/admin/import/sessions/{upload_session_id}", a.admin(a.discardImport).within(importTime).signed())
	on(get, "/admin/audit", a.admin(a.listAudit))
	on(get, "/admin/imports", a.admin(a.listImports))
	on(get, "/admin/imports/{batch_id}", a.admin(a.showImport))
	on(post, "/admin/imports/{batch_id}/undo", a.admin(a.undoImport).within(importTime).signed())

	on(get, "/openapi.json", a.public(a.showDescription))

	// Beside the versioned API: for who writes apps, for whoever runs the daemon, and for audio players.
	handle(root, get, "/docs", a.public(a.showDocs))
	handle(root, get, "/docs/{asset}", a.public(a.showDocsAsset))
	handle(root, get, "/healthz", a.public(alive).limited(unlimited))
	handle(root, get, "/readyz", a.public(a.ready).limited(unlimited))
	handle(root, get, "/metrics", a.public(a.showMetrics).limited(unlimited))
	handle(root, get, "/vantage", a.public(a.showVantage).limited(unlimited))
	handle(root, get, "/media/{key:.+}", a.public(a.play).limited(unlimited).within(recordingTime))
	a.addPages(root)
	return root
}

// handle adds a route. Whoever may GET may also ask for the header alone (RFC 9110, section 9.3.2).
func handle(router *mux.Router, method, path string, rt *route) {
	methods := []string{method}
	if method == get {
		methods = append(methods, head)
	}
	router.Handle(path, rt).Methods(methods...)
}
