package adminweb_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/adminweb"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

// heldImports is importing that waits wherever it says how far it is, until it may go on or has to fail.
type heldImports struct {
	*importing.Service
	goOn chan error
	// over is closed when the test ends, however.
	over <-chan struct{}
	// finished gets what an import came to.
	finished chan error
	// left gets a word for each request that has ended, or lost its client.
	left chan struct{}
}

func (h heldImports) ImportSheet(ctx context.Context, session uuid.UUID, onError importing.OnError, watch func(done, total int)) (importing.Report, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	report, err := h.Service.ImportSheet(ctx, session, onError, func(done, total int) {
		watch(done, total)
		select {
		case err := <-h.goOn:
			if err != nil {
				fail(err)
			}
		case <-h.over:
		}
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	h.finished <- err
	return report, err
}

// holdImports puts a panel before the house whose imports wait.
func (h *house) holdImports(t *testing.T) heldImports {
	t.Helper()
	imports := heldImports{h.Imports, make(chan error), t.Context().Done(), make(chan error, 1), make(chan struct{}, 8)}
	router := mux.NewRouter()
	panel := adminweb.New(adminweb.Deps{Accounts: h.Accounts, Catalog: h.Catalog, Imports: imports}, adminweb.Config{})
	for _, page := range panel.Pages() {
		router.Handle(page.Path, page.Handler).Methods(page.Method)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/apply") {
			context.AfterFunc(r.Context(), func() { imports.left <- struct{}{} })
		}
		router.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	h.address = server.URL // the cookie is good for all ports
	return imports
}

// arriving is a page of which a part is there.
type arriving struct {
	*http.Response
	lines *bufio.Scanner
	read  strings.Builder
}

// apply sends the form and returns as soon as the answer begins.
func (h *house) apply(ctx context.Context, plan string) *arriving {
	h.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address+plan+"/apply", strings.NewReader("on_error=abort"))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Origin", h.address)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = res.Body.Close() })
	return &arriving{Response: res, lines: bufio.NewScanner(res.Body)}
}

// until reads on until a line holds a text.
func (a *arriving) until(t *testing.T, text string) {
	t.Helper()
	for a.lines.Scan() {
		a.read.WriteString(a.lines.Text() + "\n")
		if strings.Contains(a.lines.Text(), text) {
			return
		}
	}
	t.Fatalf("the page ends before it says %q: %v\n%s", text, a.lines.Err(), a.read.String())
}

// rest is the page when it is whole.
func (a *arriving) rest(t *testing.T) answer {
	t.Helper()
	for a.lines.Scan() {
		a.read.WriteString(a.lines.Text() + "\n")
	}
	if err := a.lines.Err(); err != nil {
		t.Fatal(err)
	}
	return answer{a.StatusCode, a.Header, a.read.String()}
}

// planOfTwo uploads two sentences with their recordings.
func (h *house) planOfTwo() string {
	h.t.Helper()
	return h.upload(303, "/admin/imports", [][2]string{
		{"file:lessons.csv", header + "one.wav,I see a cat.,A1,answer,\ntwo.wav,You see a dog.,A1,answer,\n"},
		{"audio:one.wav", string(wave(300))}, {"audio:two.wav", string(wave(400))},
	}).header.Get("Location")
}

// TestAnImportSaysHowFarItIs while it runs: the client reads each step before the import may go on.
func TestAnImportSaysHowFarItIs(t *testing.T) {
	h := newHouse(t).signIn()
	imports := h.holdImports(t)
	page := h.apply(t.Context(), h.planOfTwo())
	if page.StatusCode != 200 || page.Header.Get("X-Accel-Buffering") != "no" || page.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("status %d, header %v", page.StatusCode, page.Header)
	}
	page.until(t, "<h1>Importing …</h1>")
	page.until(t, "0 of 2 recordings")
	imports.goOn <- nil
	imports.goOn <- nil
	page.until(t, "2 of 2 recordings. Writing the sentences …")
	if _, total, err := h.Catalog.Speeches(t.Context(), catalog.SpeechQuery{}, firstPage); err != nil || total != 0 {
		t.Errorf("%d sentences are there before the import is done, %v", total, err)
	}
	imports.goOn <- nil
	whole := page.rest(t)
	h.says(h.get(200, leadsTo(t, whole)), "Imported.", "I see a cat.", "You see a dog.")
	if bars := whole.find("progress"); len(bars) < 2 || attr(bars[len(bars)-1], "max") != "2" || attr(bars[len(bars)-1], "value") != "2" {
		t.Errorf("the bars of the page are wrong: %s", whole.body)
	}
	if !strings.HasSuffix(strings.TrimSpace(whole.body), "</html>") || len(whole.find("link", "rel=stylesheet")) != 1 {
		t.Errorf("the page is not whole: %s", whole.body)
	}
}

// TestAnImportThatFailsMidway says so below its progress, and where to go on; what was uploaded can be imported.
func TestAnImportThatFailsMidway(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		says string
	}{
		"the editor's": {fault.Conflict("the audio file '%s' is <gone>", "one.wav"), "The audio file 'one.wav' is <gone>"},
		"ours":         {errors.New("disk 7 is secret"), "Something went wrong on our side."},
		"too slow":     {context.DeadlineExceeded, "This took too long."},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t).signIn()
			imports := h.holdImports(t)
			plan := h.planOfTwo()
			page := h.apply(t.Context(), plan)
			page.until(t, "0 of 2 recordings")
			imports.goOn <- tt.err
			close(imports.goOn)
			whole := page.rest(t)
			h.says(whole, tt.says, "What was uploaded is still there")
			if len(whole.find("meta", "http-equiv=refresh")) != 0 || len(whole.find("a", "href="+plan)) != 1 || strings.Contains(whole.body, "secret") || strings.Contains(whole.body, "<gone>") {
				t.Errorf("the page is %s", whole.body)
			}
			if err := <-imports.finished; !errors.Is(err, tt.err) {
				t.Errorf("the import ended with %v", err)
			}
			h.says(h.get(200, plan), "New 2", "Recordings 2", "Import 2 rows")
			h.says(h.get(200, h.imported(plan, "abort")), "Imported.")
		})
	}
}

// TestAnImportGoesOnWithoutItsBrowser: who closes the page finds the import done.
func TestAnImportGoesOnWithoutItsBrowser(t *testing.T) {
	h := newHouse(t).signIn()
	imports := h.holdImports(t)
	ctx, leave := context.WithCancel(t.Context())
	page := h.apply(ctx, h.planOfTwo())
	page.until(t, "0 of 2 recordings")
	leave()
	if _, err := io.ReadAll(page.Body); err == nil {
		t.Fatal("the browser is still there")
	}
	<-imports.left // the server knows
	close(imports.goOn)
	if err := <-imports.finished; err != nil {
		t.Errorf("the import failed: %v", err)
	}
	if files := h.get(200, "/admin/imports").column("State"); !slices.Equal(files, []string{"done"}) {
		t.Errorf("the states of the imports are %q", files)
	}
}

// TestProgressLeavesAtOnce through all that stands between the panel and the wire: what was sent piece by piece has no length.
func TestProgressLeavesAtOnce(t *testing.T) {
	h := newHouse(t).signIn()
	page := h.apply(t.Context(), h.planOfTwo())
	if page.ContentLength != -1 || page.Uncompressed || page.Header.Get("Content-Encoding") != "" {
		t.Errorf("the length is %d, the header %v", page.ContentLength, page.Header)
	}
	leadsTo(t, page.rest(t))

	// Nothing new: there is no recording to count.
	page = h.apply(t.Context(), h.planOfTwo())
	whole := page.rest(t)
	h.says(whole, "Writing the sentences …")
	h.says(h.get(200, leadsTo(t, whole)), "Unchanged 2")
}

// anEditor is signed in whatever the cookie says.
type anEditor struct{ *account.Service }

func (anEditor) PanelEditor(context.Context, string) (account.Editor, error) {
	return account.Editor{Name: "root", Actor: "panel:root"}, nil
}

// slowImports copies a recording every ten milliseconds.
type slowImports struct {
	*importing.Service
	recordings int
}

func (s slowImports) ImportSheet(_ context.Context, _ uuid.UUID, _ importing.OnError, watch func(done, total int)) (importing.Report, error) {
	for done := range s.recordings + 1 {
		watch(done, s.recordings)
		time.Sleep(10 * time.Millisecond) // of the bubble: no time passes
	}
	return importing.Report{BatchID: uuid.Max}, nil
}

// TestStepsAreFew: four a second at most, of which few are read aloud.
func TestStepsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		panel := adminweb.New(adminweb.Deps{Accounts: anEditor{}, Imports: slowImports{recordings: 500}}, adminweb.Config{})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/imports/plan/"+uuid.NewString()+"/apply", strings.NewReader("on_error=abort"))
		r.Header.Set("Origin", "http://"+r.Host)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		router := mux.NewRouter()
		for _, page := range panel.Pages() {
			router.Handle(page.Path, page.Handler).Methods(page.Method)
		}
		router.ServeHTTP(w, r)
		page := answer{w.Code, w.Header(), w.Body.String()}
		if n := len(page.find("progress")); n != 21 {
			t.Errorf("five seconds have %d steps, want four a second and the last: %s", n, page.text())
		}
		if n := len(page.find("p", "class=step", "role=status")); n != 5 {
			t.Errorf("%d steps are read aloud, want the first and each quarter", n)
		}
		if got := leadsTo(t, page); got != "/admin/imports/"+uuid.Max.String()+"?said=imported" {
			t.Errorf("the page leads to %s", got)
		}
	})
}

// TestAnImportOnItsWayInABrowser: one step is seen at a time, and the end is a page that can be reloaded and left by Back.
func TestAnImportOnItsWayInABrowser(t *testing.T) {
	b := newBrowser(t)
	imports := b.holdImports(t)
	b.signIn()
	plan := b.planOfTwo()
	b.open(plan)
	b.fill("#name", operatorName)
	b.fill("#password", operatorPassword)
	b.press(kb.Enter)
	b.await("Import 2 rows")
	b.click("main button.main")
	b.until(`document.body.innerText.includes("0 of 2 recordings") && document.querySelector("progress").value === 0`)
	b.accessible("import, on its way")
	imports.goOn <- nil
	imports.goOn <- nil
	b.until(`document.body.innerText.includes("2 of 2 recordings. Writing")`)
	if seen := eval[int](b, `[...document.querySelectorAll("progress")].filter(bar => bar.checkVisibility()).length`); seen != 1 {
		t.Errorf("%d bars are seen, want the last one", seen)
	}
	b.accessible("import, nearly done")
	b.shoot("import-running")
	imports.goOn <- nil
	b.until(`document.readyState === "complete" && location.search === "?said=imported"`)
	b.await("You see a dog.")
	eval[bool](b, `(history.back(), true)`)
	b.until(`document.readyState === "complete" && location.pathname === ` + strconv.Quote(plan)) // and nothing was sent again
	b.quiet()
}
