package adminweb

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/importing"
)

const (
	// stepEvery is how often a page says how far its import is: often enough for a bar that moves, and ten minutes of it are a
	// hundred kilobytes or a few.
	stepEvery = 250 * time.Millisecond
	// stepTime is how long a step may take to leave. A browser that reads no more (a laptop that sleeps) would hold the import
	// up otherwise; after this it is as good as gone.
	stepTime = 5 * time.Second
)

// applyImport imports what an upload session holds, and shows how far that is while it runs. What is wrong before anything
// begins becomes a page with a status, as everywhere.
func (p *Panel) applyImport(w http.ResponseWriter, r *http.Request) error {
	session, err := pathID(r, "upload_session_id", "import")
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	// Who closes the page does not take back what they have asked for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), importTime)
	defer cancel()
	shown := &importRun{panel: p, w: w, r: r, plan: planPath(session)}
	report, err := p.imports.ImportSheet(ctx, session, importing.OnError(r.PostFormValue("on_error")), shown.step)
	if shown.begun {
		shown.end(report.BatchID, err)
		return nil
	}
	wrong, internal := mendable(err)
	if internal != nil {
		return internal
	}
	if wrong != nil {
		return p.planAgain(w, r, http.StatusBadRequest, problems{"": failureOf(r.Context(), err).Sentence})
	}
	return done(w, r, importPath(report.BatchID), "imported")
}

func importPath(batch uuid.UUID) string { return "/admin/imports/" + batch.String() }

// importRun is the page of an import on its way. It is sent piece by piece: a browser shows each as it arrives, with script or
// without, and the style sheet hides all steps but the last.
type importRun struct {
	panel *Panel
	w     http.ResponseWriter
	r     *http.Request
	plan  string

	begun   bool
	next    time.Time // before that, no step is sent
	quarter int       // how many quarters of the recordings have been told aloud
}

// importStep is what a step shows.
type importStep struct {
	Done, Total int
	// Writing says that all recordings are there.
	Writing bool
	// Announced is set for steps that are read aloud: the first and each quarter, for more would be noise.
	Announced bool
}

// step has the shape that the service asks for.
func (s *importRun) step(done, total int) {
	begins := !s.begun
	if begins {
		s.begin()
	}
	writing := done == total
	if now := time.Now(); begins || writing || !now.Before(s.next) {
		quarter := 4 * done / max(total, 1)
		s.send("step", importStep{Done: done, Total: total, Writing: writing, Announced: begins || quarter != s.quarter})
		s.next, s.quarter = now.Add(stepEvery), quarter
	}
}

// begin sends what stands above the steps.
func (s *importRun) begin() {
	s.begun = true
	s.w.Header().Set("Content-Type", htmlType)
	s.w.Header().Set("X-Accel-Buffering", "no") // nginx would keep the pieces back
	s.w.WriteHeader(http.StatusOK)
	pg := page{Title: "Importing", Section: "imports", Editor: editorOf(s.r.Context())}
	s.send("top", pg)
	s.send("main", pg)
}

// end says how it went.
func (s *importRun) end(batch uuid.UUID, err error) {
	if err != nil {
		shown := failureOf(s.r.Context(), err)
		s.panel.logFailure(s.r.Context(), shown.Status, err)
		s.send("broken", struct{ Sentence, Plan string }{shown.Sentence, s.plan})
	} else {
		s.send("imported", importPath(batch)+"?"+url.Values{"said": {"imported"}}.Encode())
	}
	s.send("bottom", nil)
}

// send sends one piece of the page. That it cannot be sent is no reason to stop: a browser that is gone does not mind.
func (s *importRun) send(part string, data any) {
	var piece bytes.Buffer
	if err := templates()["import_run"].ExecuteTemplate(&piece, part, data); err != nil {
		s.panel.log.ErrorContext(s.r.Context(), "a piece of a page failed", "piece", part, "error", err)
		return
	}
	connection := http.NewResponseController(s.w)
	_ = connection.SetWriteDeadline(time.Now().Add(stepTime))
	_, _ = piece.WriteTo(s.w)
	_ = connection.Flush()
}
