package adminweb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/testenv"
)

// browser is a Chromium at a daemon.
type browser struct {
	*house
	ctx       context.Context
	artifacts string
	axe       string
	mu        sync.Mutex
	// complaints are what the console has said, and dialogs that opened: nobody should hear of either.
	complaints []string
}

// patience is how long something on a page may take to appear. Busy machines are slow.
const patience = time.Minute

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := testenv.Browser(t)
	b := &browser{house: newHouse(t, scoredBy(t, azuretest.New(azuretest.Config{Transcript: "I eat* rice"}))...), artifacts: testenv.Artifacts(t, "panel")}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b.axe = string(must(os.ReadFile("testdata/axe-core/axe.min.js")))
	if err := chromedp.Listen(b.ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	set(b, log.Enable, cdp.Empty{})
	return b
}

// hear notes what no page may do: run into an error, break its own policy, open a dialog.
func (b *browser) hear(event any) {
	var said string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = "an exception: " + e.ExceptionDetails.Text
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 4") {
			said = e.Entry.Text
		}
	case *page.EventJavascriptDialogOpening:
		said = "a dialog: " + e.Message
		go func() {
			_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	}
	if said == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, said)
}

// do runs actions, or fails the test with a picture of the page.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	b.check(chromedp.Do(ctx, actions...))
}

// check fails the test on an error, with a picture of the page.
func (b *browser) check(err error) {
	b.t.Helper()
	if err == nil {
		return
	}
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + " " + document.body.innerText`))
	b.shoot("failed")
	b.t.Fatalf("%v, on the page %s", err, text)
}

// set runs a command of the browser's protocol.
func set[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, command, params)
	b.check(err)
}

// open opens a page of the panel.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.address + path))
}

// await waits until the page says something.
func (b *browser) await(text string) {
	b.t.Helper()
	quoted := must(json.Marshal(text))
	b.until(`document.readyState === "complete" && document.body.innerText.includes(` + string(quoted) + `)`)
}

// until waits until an expression holds. While a page makes way for the next one there is nothing to ask.
func (b *browser) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err == nil && holds {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			b.check(fmt.Errorf("waiting for %s: %w", expression, ctx.Err()))
		}
	}
}

// eval returns what an expression is on the page; a promise is awaited.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	b.check(err)
	return value
}

// click clicks the first element that fits a selector of CSS.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q) !== null`, selector))
	b.doOnce(chromedp.Click(chromedp.CSS(selector)))
}

// doOnce runs an action on an element. Where the page makes way for the next one, or is still being built, between finding the
// element and doing something with it, nothing has been done yet: then it looks again.
func (b *browser) doOnce(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, action)
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "Could not find node") {
			b.check(err)
			return
		}
	}
}

// follow clicks the link with these words.
func (b *browser) follow(words string) {
	b.t.Helper()
	b.doOnce(chromedp.Click(chromedp.Search(fmt.Sprintf(`//main//a[contains(., %q)]`, words))))
}

// fill puts a text into a field in place of what is there.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => { const field = document.querySelector(%q); field?.focus(); field?.select(); return field !== null; })()`, selector))
	b.write(text)
}

// write types a text where the focus is.
func (b *browser) write(text string) {
	b.t.Helper()
	set(b, input.InsertText, input.InsertTextParams{Text: text})
}

// press presses keys, one after the other.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// focused is the text or name of the element that has the focus.
func (b *browser) focused() string {
	b.t.Helper()
	return eval[string](b, `(document.activeElement.innerText || document.activeElement.name || document.activeElement.id || "").trim()`)
}

// column is what stands in a column of the list.
func (b *browser) column(label string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`[...document.querySelectorAll('td[data-label=%q]')].map(td => td.innerText.trim()).join("|")`, label))
}

func (b *browser) shoot(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Errorf("take a picture: %v", err)
		return
	}
	if err := os.WriteFile(filepath.Join(b.artifacts, name+".png"), png, 0o644); err != nil {
		b.t.Error(err)
	}
}

// quiet demands that no page has complained.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, said := range b.complaints {
		b.t.Errorf("the browser says: %s", said)
	}
	b.complaints = nil
}

// accessible demands that axe-core finds no serious violation on the page.
func (b *browser) accessible(name string) {
	b.t.Helper()
	found := eval[[]struct {
		ID, Impact, Help string
		Nodes            []string
	}](b, b.axe+`;axe.run(document, {preload: false, resultTypes: ["violations"]}).then(r => r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
		nodes: v.nodes.map(n => n.html + " " + n.any.map(c => c.message).join(" "))})))`)
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			b.t.Errorf("%s: %s (%s): %s: %s", name, v.ID, v.Impact, v.Help, strings.Join(v.Nodes, " | "))
		}
	}
}

// in runs a part of the story whose failures carry its name.
func (b *browser) in(t *testing.T, name string, part func()) {
	t.Run(name, func(t *testing.T) {
		outer := b.t
		b.t = t
		defer func() { b.t = outer }()
		part()
		b.quiet()
	})
}

// evil is markup that would say so if it were run.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{.}}`

// furnish puts something into each list, with markup wherever somebody can enter a text. It returns the pages to look at.
func (b *browser) furnish() map[string]string {
	b.t.Helper()
	ctx := b.t.Context()
	tag := must(b.Catalog.CreateTag(ctx, catalog.NewTag{Name: evil, Category: evil[:50]}))
	var tags []catalog.NewTag
	for i := range 70 {
		tags = append(tags, catalog.NewTag{Name: fmt.Sprintf("Unit %02d", i), Category: "unit"})
	}
	must(b.Catalog.ApplyTags(ctx, tags))
	var speeches []uuid.UUID
	for i, text := range []string{evil, "What is your name?", "My name is An, and I have lived in a small town by the sea for more than twenty years.", "Could you tell me the way?", "It rains."} {
		s := must(b.Catalog.CreateSpeech(ctx, catalog.NewSpeech{
			Text: text, Level: catalog.Levels[i], AudioURL: fmt.Sprintf("%s/elsewhere/%d.mp3", b.address, i), TagIDs: []uuid.UUID{tag.ID},
		}))
		speeches = append(speeches, s.ID)
	}
	avatar := "https://avatars.example/?" + evil[12:20]
	an := must(b.Accounts.Register(ctx, account.Registration{Email: "an@example.com", Password: adminPassword, Name: evil})).User
	must(b.Accounts.UpdateUser(ctx, an.ID, account.ProfileChange{AvatarURL: &avatar}))
	score, heard := 87.5, evil
	end := time.Date(2025, 12, 10, 10, 0, 0, 0, time.UTC)
	session := must(b.Practice.Save(ctx, an.ID, practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Answer, SelectedTags: []uuid.UUID{tag.ID}, TotalSentences: 2, CorrectCount: 1,
		MaxStreak: 1, DurationSeconds: 40, StartedAt: end.Add(-time.Minute), CompletedAt: end, AvgPronunciationScore: &score,
		Results: []practice.Result{
			{SpeechID: speeches[0], SequenceNumber: 1, UserResponse: practice.Correct, PronunciationScore: &score, RecognizedText: &heard, ResponseTimeMS: 1500},
			{SpeechID: speeches[1], SequenceNumber: 2, UserResponse: practice.Incorrect, ResponseTimeMS: 2500},
		},
	}, ""))
	b.play(an.ID, speeches)
	often, lost := b.respoken("How long have you been learning English?"), b.respoken("Its recording is lost.")
	must(0, os.Remove(filepath.Join(b.dir, "data", "audio", filepath.FromSlash(b.keyOf(lost)))))
	earlier := must(b.Catalog.Recordings(ctx, often))[1]
	return map[string]string{
		"dashboard": "/admin?days=30", "dashboard-90": "/admin?days=90", "dashboard-quiet": "/admin?days=7",
		"speeches": "/admin/speeches", "speech-new": "/admin/speeches/new", "speech": "/admin/speeches/" + speeches[0].String(),
		"speech-recordings": "/admin/speeches/" + often.String(), "speech-restore": restoring(often, earlier.Version), "speech-lost": "/admin/speeches/" + lost.String(),
		"speech-delete": "/admin/speeches/" + speeches[0].String() + "/delete", "tags": "/admin/tags", "tag": "/admin/tags/" + tag.ID.String(),
		"tag-delete": "/admin/tags/" + tag.ID.String() + "/delete", "users": "/admin/users", "user": "/admin/users/" + an.ID.String(),
		"user-delete": "/admin/users/" + an.ID.String() + "/delete", "sessions": "/admin/sessions", "session": "/admin/sessions/" + session.String(),
		"session-delete": "/admin/sessions/" + session.String() + "/delete", "audit": "/admin/audit", "imports": "/admin/imports",
		"import-new": "/admin/imports/new", "no-result": "/admin/speeches?search=zzz", "unknown": "/admin/nothing",
		"hostile-search": "/admin/tags?search=" + strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E", " ", "+", "{", "%7B", "}", "%7D").Replace(evil),
	}
}

// respoken creates a speech that has had three recordings.
func (b *browser) respoken(text string) uuid.UUID {
	b.t.Helper()
	id := b.spoken(text, wave(440))
	for _, pitch := range []float64{550, 660} {
		must(b.Catalog.UpdateSpeech(b.t.Context(), id, catalog.SpeechChange{Recording: bytes.NewReader(wave(pitch))}))
	}
	return id
}

// play lets a learner play on each day of the month before the last week, and brings the dashboard up to date.
func (b *browser) play(learner uuid.UUID, speeches []uuid.UUID) {
	b.t.Helper()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for day := 29; day > 7; day-- {
		for game := range 1 + day%5 {
			end := today.AddDate(0, 0, -day).Add(time.Duration(game) * time.Hour)
			draft := practice.Draft{
				Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Answer, TotalSentences: len(speeches), DurationSeconds: 60 + 7*day,
				StartedAt: end.Add(-5 * time.Minute), CompletedAt: end,
			}
			for i, speech := range speeches {
				score := float64((day*17+game*31+i*13)%70) + 30
				draft.Results = append(draft.Results, practice.Result{
					SpeechID: speech, SequenceNumber: i + 1, UserResponse: practice.Responses[(day+i)%3], PronunciationScore: &score, ResponseTimeMS: 1500,
				})
			}
			must(b.Practice.Save(b.t.Context(), learner, draft, ""))
		}
	}
	var counted statistics.Requests
	for i, route := range []string{"/api/v1/speech/score", "/api/v1/auth/login", "/api/v1/game/speeches/random", "/admin/imports/plan/{upload_session_id}/apply", "unknown"} {
		for n := range 40 - 7*i {
			counted.Add("POST", route, []int{400, 401, 200, 503}[n%4])
		}
	}
	must(0, b.Stats.AddRequests(b.t.Context(), &counted))
	b.lookBack()
}

func (b *browser) file(name string, content []byte) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// TestInABrowser is an editor's day in a real one.
func TestInABrowser(t *testing.T) {
	b := newBrowser(t)
	pages := b.furnish()

	b.in(t, "a wrong password", func() {
		b.open("/admin/tags")
		b.fill("#name", operatorName)
		b.fill("#password", "OtherPass123")
		b.click("button.main")
		b.await("User name or password is wrong")
		b.accessible("login, refused")
		b.shoot("login-refused")
	})
	b.in(t, "signing in with the keyboard alone", func() {
		b.open("/admin/tags")
		b.press(kb.Tab)
		if got := b.focused(); got != "Skip to the content" {
			t.Errorf("the first stop is %q, want the skip link", got)
		}
		b.press(kb.Tab)
		b.write(operatorName)
		b.press(kb.Tab)
		b.write(operatorPassword)
		b.press(kb.Enter)
		b.await("Sign out")
		if got := eval[string](b, "location.pathname"); got != "/admin/tags" {
			t.Errorf("signing in leads to %s", got)
		}
	})
	b.in(t, "a tag with the keyboard alone", func() {
		b.press(kb.Tab, kb.Enter) // the skip link, which leads past the menu
		b.press(kb.Tab)
		if got := b.focused(); got != "New tag" {
			t.Errorf("behind the skip link is %q", got)
		}
		b.press(kb.Enter)
		b.await("Groups tags")
		b.press(kb.Tab, kb.Enter, kb.Tab)
		b.write("By keyboard")
		b.press(kb.Enter)
		b.await("Created.")
		ring := eval[string](b, `(() => { const a = document.querySelector("nav a"); a.focus({focusVisible: true}); return getComputedStyle(a).outlineStyle; })()`)
		if ring != "solid" {
			t.Errorf("the focus is drawn as %q", ring)
		}
	})
	b.in(t, "creating a speech", func() { b.createSpeech() })
	b.in(t, "checking its recording", func() {
		b.click(`form[action$="/check#check"] button`)
		b.await("What was heard")
		b.await("mispronunciation")
		b.accessible("speech, checked")
		b.shoot("speech-checked")
		b.appear(375, "dark")
		if over := eval[int](b, "document.scrollingElement.scrollWidth - innerWidth"); over > 0 {
			b.t.Errorf("the scores are %d px wider than a phone", over)
		}
		b.shoot("speech-checked-375")
		b.appear(1280, "light")
	})
	b.in(t, "bringing an earlier recording back", func() {
		b.open(pages["speech-recordings"])
		b.click(`a[href="` + pages["speech-restore"] + `"]`)
		b.await("the earlier one (until")
		b.click("button.danger")
		b.await("The earlier recording is back.")
		b.shoot("speech-restored")
	})
	b.in(t, "search, filter, sort", func() {
		b.open("/admin/speeches")
		b.fill("#f-search", "name")
		b.press(kb.Enter)
		b.await("1–2 of 2")
		eval[bool](b, `(document.querySelector("#f-level").value = "A2") !== ""`)
		b.click(".filters button")
		b.await("1–1 of 1")
		if got := b.column("Text"); got != "What is your name?" {
			t.Errorf("found %q", got)
		}
		b.open("/admin/speeches")
		b.follow("Level")
		b.await("▼")
		if got := b.column("Level"); got != "C1|B2|B1|A2|A1|A1|A1|A1" {
			t.Errorf("sorted by level: %s", got)
		}
	})
	b.in(t, "editing and deleting", func() { b.editAndDelete() })
	b.in(t, "an import with two bad rows, undone", func() { b.importAndUndo() })
	b.in(t, "a form on another site", func() { b.forge() })
	b.in(t, "without script", func() {
		set(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.open("/admin/speeches/new")
		b.fill("#text", "Kept.")
		b.fill("#tag_search", "unit 0")
		b.click(`button[value="find"]`)
		b.do(chromedp.WaitVisible(chromedp.CSS(`ul[aria-label="Tags found"] input`)))
		set(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
		if got := eval[string](b, `document.querySelector("#text").value`); got != "Kept." {
			t.Errorf("the text is %q after searching for tags", got)
		}
	})
	b.in(t, "the dashboard", func() { b.dashboard() })
	b.in(t, "every page", func() {
		b.appear(1280, "light")
		b.lookAt(pages, "1280", true)
	})
	b.in(t, "every page on a phone", func() {
		b.appear(375, "light")
		b.lookAt(pages, "375", false) // what is on it is the same
	})
	b.in(t, "pages of each kind in the dark", func() {
		b.appear(1280, "dark")
		b.lookAt(map[string]string{"dashboard": pages["dashboard"], "speeches": pages["speeches"], "speech": pages["speech"], "user-delete": pages["user-delete"], "audit": pages["audit"]}, "dark", true)
	})
	b.in(t, "signing out", func() {
		b.do(chromedp.EmulateViewport(1280, 900))
		b.open("/admin/speeches")
		b.click(".who button")
		b.await("You are signed out.")
		b.open("/admin/speeches")
		b.await("Sign in")
	})
}

// createSpeech creates one with a recording and a tag, and hears that its player has loaded it.
func (b *browser) createSpeech() {
	b.open("/admin/speeches/new")
	b.fill("#text", "I eat rice.")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#audio"), []string{b.file("rice.wav", wave(440))}))
	b.fill("#tag_search", "unit 07")
	b.press(kb.Enter)                                                                      // searches, and does not save
	b.until(`document.querySelectorAll('ul[aria-label="Tags found"] input').length === 1`) // before, all are there
	b.click(`ul[aria-label="Tags found"] input`)
	b.click(`button[value="save"]`)
	b.await("Created.")
	length := eval[float64](b, `new Promise((done, failed) => {
		const player = document.querySelector("audio");
		if (player.readyState > 0) done(player.duration);
		player.onloadedmetadata = () => done(player.duration);
		player.onerror = () => failed(new Error("the player cannot load " + player.src));
		player.load();
	})`)
	if length < 1.4 || length > 1.6 {
		b.t.Errorf("the player says that the recording has %v s, want 1.5", length)
	}
	if got := eval[string](b, `[...document.querySelectorAll('input[name="tag"]:checked')].map(i => i.parentNode.innerText.trim()).join()`); got != "Unit 07\nunit" {
		b.t.Errorf("the tags are %q", got)
	}
	b.shoot("speech-created")
}

func (b *browser) editAndDelete() {
	b.open("/admin/speeches")
	b.follow("I eat rice.")
	b.await("who changed it")
	b.fill("#text", " ")
	b.do(chromedp.RemoveAttribute(chromedp.CSS("#text"), "required"))
	b.click(`button[value="save"]`)
	b.await("The text is missing.")
	b.accessible("speech, refused")
	b.shoot("speech-refused")
	b.fill("#text", "I eat noodles.")
	b.click(`button[value="save"]`)
	b.await("Saved.")
	b.follow("Delete")
	b.await("What stays")
	b.follow("Keep it")
	b.await("who changed it")
	b.follow("Delete")
	b.await("What stays")
	b.click("button.danger")
	b.await("Deleted.")
	if strings.Contains(b.column("Text"), "noodles") {
		b.t.Error("the speech is still there")
	}
}

func (b *browser) importAndUndo() {
	sheet := b.file("lessons.csv", []byte(header+"one.wav,I see a cat.,A1,answer,Animals\ntwo.wav,You see a dog.,Z9,answer,Animals\nthree.wav,"+`"`+strings.ReplaceAll(evil, `"`, `""`)+`"`+",A1,answer,Animals\n"))
	b.open("/admin/imports")
	b.follow("New import")
	b.await("nothing is imported before you say so")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{sheet}),
		chromedp.SetUploadFiles(chromedp.CSS("#audio"), []string{b.file("one.wav", wave(300)), b.file("two.wav", wave(400))}))
	b.click("main button.main")
	b.await("Nothing has been imported yet.")
	b.await("skip 2")
	b.accessible("import plan")
	b.shoot("import-plan")
	b.click("main button.main")
	b.until(`location.search === "?said=imported"`) // the page on the way there says so, too
	b.await("Imported.")
	b.accessible("import")
	b.shoot("import")
	b.follow("Undo")
	b.await("What stays")
	b.click("button.danger")
	b.await("1 speech was deleted.")
	b.accessible("import, undone")
}

// dashboard looks at the charts as one who sees them, and as one who does not.
func (b *browser) dashboard() {
	b.open("/admin")
	b.await("Most often wrong")
	if got := eval[string](b, `document.querySelector("nav [aria-current]").innerText + ", " + document.querySelector(".periods [aria-current]").innerText`); got != "Dashboard, 30 days" {
		b.t.Errorf("one is at %q", got)
	}
	charts := eval[[]string](b, `[...document.querySelectorAll("svg")].map(svg => svg.getAttribute("role") + "|" +
		svg.getAttribute("aria-labelledby").split(" ").map(id => document.getElementById(id).textContent).join("|"))`)
	if len(charts) < 8 {
		b.t.Errorf("there are %d charts: %q", len(charts), charts)
	}
	for _, chart := range charts {
		if parts := strings.Split(chart, "|"); len(parts) != 3 || parts[0] != "img" || parts[1] == "" || !strings.Contains(parts[2], "The table below") {
			b.t.Errorf("a chart says %q", chart)
		}
	}
	if spilled := eval[[]string](b, `[...document.querySelectorAll("svg text")].filter(word => {
		const inner = word.getBoundingClientRect(), outer = word.closest(".figure").getBoundingClientRect();
		return inner.left < outer.left || inner.right > outer.right || inner.height < 8;
	}).map(word => word.textContent)`); len(spilled) > 0 {
		b.t.Errorf("words beside their chart, or too small to be read: %q", spilled)
	}
	b.click("#sessions ~ details summary")
	b.until(`document.querySelector("#sessions ~ details").open && document.querySelectorAll("#sessions ~ details tbody tr").length === 30`)
	b.click(`.periods a[href="/admin?days=90"]`)
	b.until(`document.readyState === "complete" && document.querySelectorAll("#sessions ~ details tbody tr").length === 90`)
	if answer := eval[string](b, `fetch(document.querySelector('a[href*="chart=incorrect"]').href).then(a => a.text())`); !strings.HasPrefix(answer, "speech_id,text,level,type,incorrect,attempts\n") {
		b.t.Errorf("the CSV is %.200s", answer)
	}
}

// forge has another site send a form to the panel, with the editor's cookie if the browser sends it.
func (b *browser) forge() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<form method="post" action="%s/admin/tags"><input name="name" value="Forged"><button id="go">Win a prize</button></form>`, b.address)
	}))
	defer site.Close()
	b.do(chromedp.Navigate(strings.Replace(site.URL, "127.0.0.1", "localhost", 1)))
	b.click("#go")
	b.await("This form was not sent from a page of the panel")
	if _, err := b.Catalog.FindTag(b.t.Context(), "Forged"); err == nil {
		b.t.Error("another site's form has created a tag")
	}
}

// appear gives the window a width and the colours that its user likes.
func (b *browser) appear(width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 800))
	set(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// lookAt opens pages, takes a picture of each, and demands that it is not wider than the window, and accessible.
func (b *browser) lookAt(pages map[string]string, name string, withAxe bool) {
	for what, path := range pages {
		b.open(path)
		if over := eval[int](b, "document.scrollingElement.scrollWidth - innerWidth"); over > 0 {
			b.t.Errorf("%s is %d px wider than the window", what, over)
		}
		if eval[bool](b, `document.body.innerText.includes("%!")`) {
			b.t.Errorf("%s shows a value that is not formatted", what)
		}
		if withAxe {
			b.accessible(what)
		}
		b.shoot(what + "-" + name)
	}
}
