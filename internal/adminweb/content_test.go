package adminweb_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
)

// wave is a recording of a second and a half of a tone.
func wave(hertz float64) []byte {
	const rate, samples = 16000, 24000
	var b bytes.Buffer
	header := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	b.WriteString("RIFF")
	header(uint32(36 + 2*samples))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		header(v)
	}
	b.WriteString("data")
	header(uint32(2 * samples))
	for i := range samples {
		header(int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/rate)))
	}
	return b.Bytes()
}

// upload is a form with files: "name:file name" is a file.
func (h *house) upload(status int, path string, fields [][2]string) answer {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range fields {
		name, file, isFile := strings.Cut(f[0], ":")
		if !isFile {
			must(0, form.WriteField(name, f[1]))
			continue
		}
		must(must(form.CreateFormFile(name, file)).Write([]byte(f[1])))
	}
	must(0, form.Close())
	a := h.do(http.MethodPost, path, &body, with("Content-Type", form.FormDataContentType()))
	if a.status != status {
		h.t.Fatalf("POST %s: status %d, want %d: %s", path, a.status, status, a.text())
	}
	return a
}

func TestSpeechFromBeginningToEnd(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		food := must(h.Catalog.CreateTag(t.Context(), catalog.NewTag{Name: "Food", Category: "topic"}))
		h.get(200, "/admin/speeches/new")

		wrong := h.upload(400, "/admin/speeches", [][2]string{{"text", ""}, {"level", "Z9"}, {"type", "answer"}, {"audio:a.mp3", "no sound"}, {"tag", food.ID.String()}})
		h.says(wrong, "The text is missing.", "Invalid level 'Z9'", "only MP3, WAV and M4A are allowed")
		if got := wrong.find("input", "name=tag"); len(got) != 1 {
			t.Errorf("%d tags are still chosen, want 1", len(got))
		}
		for _, field := range []string{"text", "level", "audio"} {
			described := wrong.find("p", "id="+field+"-problem")
			if len(described) != 1 {
				t.Errorf("nothing stands beside the field %s: %s", field, wrong.body)
			}
		}
		h.says(h.upload(400, "/admin/speeches", [][2]string{{"text", "Hello."}, {"level", "A1"}, {"type", "answer"}}), "The audio address is missing.")

		created := h.upload(303, "/admin/speeches", [][2]string{
			{"text", "I eat rice."}, {"level", "A1"}, {"type", "answer"}, {"audio:a.wav", string(wave(440))}, {"audio_url", ""}, {"tag", food.ID.String()},
		})
		h.audited("panel:root", "speech.create")
		id := h.idIn(created)
		path := "/admin/speeches/" + id.String()
		page := h.get(200, created.header.Get("Location"))
		h.says(page, "Created.", "I eat rice.", "Food")
		player := page.find("audio")
		if len(player) != 1 {
			t.Fatalf("there is no player: %s", page.body)
		}
		source := attr(player[0], "src")
		u := must(url.Parse(source))
		if !strings.Contains(page.header.Get("Content-Security-Policy"), "media-src 'self' "+u.Scheme+"://"+u.Host) {
			t.Errorf("the policy does not let the player play %s: %s", source, page.header.Get("Content-Security-Policy"))
		}

		h.says(h.upload(303, path, [][2]string{{"text", "I eat noodles."}, {"level", "A2"}, {"type", "question"}}), "")
		h.audited("panel:root", "speech.update")
		speech := must(h.Catalog.Speech(t.Context(), id))
		if speech.Text != "I eat noodles." || speech.Level != "A2" || speech.Type != catalog.Question || len(speech.Tags) != 0 || !speech.Stored() {
			t.Errorf("the speech is %+v", speech)
		}

		ask := h.get(200, path+"/delete")
		h.says(ask, "I eat noodles.", "What goes", "What stays", "keep showing its text and its recording")
		h.get(200, path) // asking changes nothing
		h.says(h.get(200, h.post(303, path+"/delete", nil).header.Get("Location")), "Deleted.", "No speech matches")
		h.audited("panel:root", "speech.delete")
		h.get(404, path)
		h.post(404, path+"/delete", nil)
	})
}

// TestTagsAreSearchedFor: a form with ten thousand tags shows those that were chosen and a few that were searched for, and
// keeps what was entered.
func TestTagsAreSearchedFor(t *testing.T) {
	h := newHouse(t).signIn()
	var tags []catalog.NewTag
	for i := range 60 {
		tags = append(tags, catalog.NewTag{Name: fmt.Sprintf("Unit %02d", i)})
	}
	must(h.Catalog.ApplyTags(t.Context(), append(tags, catalog.NewTag{Name: "Food"})))
	food := must(h.Catalog.FindTag(t.Context(), "Food"))
	found := h.upload(200, "/admin/speeches", [][2]string{
		{"text", "Kept text"}, {"level", "B1"}, {"type", "question"}, {"tag", food.ID.String()}, {"tag_search", "unit"}, {"do", "find"},
	})
	h.says(found, "Kept text", "Food", "Unit 00", "And 40 more")
	boxes := found.find("input", "name=tag")
	if len(boxes) != 21 || attr(boxes[0], "value") != food.ID.String() {
		t.Errorf("%d tags are shown, want the chosen one and 20", len(boxes))
	}
	if speeches, _, _ := h.Catalog.Speeches(t.Context(), catalog.SpeechQuery{}, firstPage); len(speeches) != 0 {
		t.Error("searching has created a speech")
	}
	part := h.get(200, "/admin/tags/choices?tag_search=07&tag="+food.ID.String())
	if strings.Contains(part.body, "<html") || len(part.find("input", "name=tag")) != 2 {
		t.Errorf("the part is %s", part.body)
	}
	h.says(h.get(200, "/admin/tags/choices?tag_search=nothing"), "No other tag has “nothing” in its name.")
	h.get(400, "/admin/tags/choices?tag=x")
}

func TestSpeechList(t *testing.T) {
	h := newHouse(t).signIn()
	tag := must(h.Catalog.CreateTag(t.Context(), catalog.NewTag{Name: "Food"}))
	for i, s := range []catalog.NewSpeech{
		{Text: "What is your name?", Level: "B1", Type: catalog.Question}, {Text: "My name is An.", Level: "A1"}, {Text: "I eat rice.", Level: "C1", TagIDs: []uuid.UUID{tag.ID}},
	} {
		s.AudioURL = fmt.Sprintf("https://audio.example/%d.mp3", i)
		must(h.Catalog.CreateSpeech(t.Context(), s))
	}
	for query, want := range map[string][]string{
		"":                        {"I eat rice.", "My name is An.", "What is your name?"},
		"?sort=created_at":        {"What is your name?", "My name is An.", "I eat rice."},
		"?sort=-created_at":       {"I eat rice.", "My name is An.", "What is your name?"},
		"?sort=level":             {"My name is An.", "What is your name?", "I eat rice."},
		"?sort=-level":            {"I eat rice.", "What is your name?", "My name is An."},
		"?search=NAME":            {"My name is An.", "What is your name?"},
		"?level=B1&type=question": {"What is your name?"},
		"?search=&level=&type=":   {"I eat rice.", "My name is An.", "What is your name?"},
		"?tag=" + tag.ID.String(): {"I eat rice."},
		"?tag=food":               {"I eat rice."},
		"?search=nothing":         nil,
		"?page=2":                 nil,
		"?page=x":                 {"I eat rice.", "My name is An.", "What is your name?"},
		"?page=99999999999999":    {"I eat rice.", "My name is An.", "What is your name?"},
	} {
		a := h.get(200, "/admin/speeches"+query)
		if diff := cmp.Diff(want, a.column("Text")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	sorted := h.get(200, "/admin/speeches?sort=level&search=name")
	if ths := sorted.find("th", "aria-sort=ascending"); len(ths) != 1 {
		t.Errorf("%d columns say that the list is sorted by them", len(ths))
	}
	if links := sorted.find("a", "href=/admin/speeches?search=name&sort=-level"); len(links) != 1 {
		t.Errorf("no link sorts the other way round: %s", sorted.body)
	}
	for query, says := range map[string]string{
		"?level=Z9": "Invalid level 'Z9'", "?type=x": "Invalid type 'x'", "?sort=x": "'x' is not an order", "?search=%21": "no letter or digit",
		"?search=%00": "", "?level=%ff": "",
	} {
		h.says(h.get(400, "/admin/speeches"+query), says)
	}
	h.get(404, "/admin/speeches?tag=nothing")
}

func TestPages(t *testing.T) {
	h := newHouse(t).signIn()
	var tags []catalog.NewTag
	for i := range 120 {
		tags = append(tags, catalog.NewTag{Name: fmt.Sprintf("Tag %03d", i)})
	}
	must(h.Catalog.ApplyTags(t.Context(), tags))
	first := h.get(200, "/admin/tags?search=tag")
	h.says(first, "1–50 of 120", "page 1 of 3")
	if len(first.find("a", "rel=prev")) != 0 || attr(first.find("a", "rel=next")[0], "href") != "/admin/tags?page=2&search=tag" {
		t.Errorf("the first page leads on wrongly: %s", first.body)
	}
	last := h.get(200, "/admin/tags?page=3")
	h.says(last, "101–120 of 120")
	if len(last.find("a", "rel=next")) != 0 || len(last.column("Name")) != 20 {
		t.Errorf("the last page is wrong: %s", last.body)
	}
	h.says(h.get(200, "/admin/tags?page=9"), "120 in all, none on this page")
}

func TestTagFromBeginningToEnd(t *testing.T) {
	h := newHouse(t).signIn()
	h.get(200, "/admin/tags/new")
	h.says(h.post(400, "/admin/tags", url.Values{"name": {"a,b"}, "category": {strings.Repeat("x", 51)}}), "contains a comma", "at most 50 are allowed")
	id := h.idIn(h.post(303, "/admin/tags", url.Values{"name": {"Food"}, "category": {"topic"}}))
	h.audited("panel:root", "tag.create")
	path := "/admin/tags/" + id.String()
	h.says(h.post(400, "/admin/tags", url.Values{"name": {"FOOD"}}), `There is a tag "Food" already`)
	other := h.idIn(h.post(303, "/admin/tags", url.Values{"name": {"Meals"}}))

	h.says(h.get(200, path), "Speeches", "0")
	h.post(303, path, url.Values{"name": {"Eating"}, "category": {""}})
	h.audited("panel:root", "tag.update")
	h.says(h.post(400, path, url.Values{"name": {"meals"}}), `There is a tag "Meals" already`)
	list := h.get(200, "/admin/tags")
	if diff := cmp.Diff([]string{"Eating", "Meals"}, list.column("Name")); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	h.says(h.get(200, "/admin/tags?category=topic"), "No tag matches")

	speech := must(h.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Text: "I eat.", Level: "A1", AudioURL: "https://audio.example/1.mp3", TagIDs: []uuid.UUID{id}}))
	ask := h.get(200, path+"/delete")
	h.says(ask, "1 speech has it", "Give its speeches another tag")
	if buttons := ask.find("form", "action="+path+"/delete"); len(buttons) != 0 {
		t.Error("a tag that speeches have can be deleted")
	}
	h.says(h.post(409, path+"/delete", nil), "1 speeches have it")
	h.says(h.post(400, path+"/merge", url.Values{"into": {"Nothing"}}), "No tag has the id or the name 'Nothing'")
	h.says(h.post(400, path+"/merge", url.Values{"into": {"eating"}}), "A tag cannot be merged into itself")
	merged := h.post(303, path+"/merge", url.Values{"into": {"meals"}})
	h.says(h.get(200, merged.header.Get("Location")), "Merged.", "Speeches 1")
	h.audited("panel:root", "tag.merge")
	if got := must(h.Catalog.Speech(t.Context(), speech.ID)).Tags; len(got) != 1 || got[0].ID != other {
		t.Errorf("the speech has the tags %v", got)
	}
	h.get(404, path)
	must(0, h.Catalog.DeleteSpeech(t.Context(), speech.ID))
	h.says(h.get(200, "/admin/tags/"+other.String()+"/delete"), "Delete the tag")
	h.post(303, "/admin/tags/"+other.String()+"/delete", nil)
	h.audited("panel:root", "tag.delete")
}

func TestUserFromListToEnd(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		an := must(h.Accounts.Register(t.Context(), account.Registration{Email: "an@example.com", Password: adminPassword, Name: "An"})).User
		for query, want := range map[string][]string{
			"":                                {"an@example.com", "ed@example.com"},
			"?search=AN@":                     {"an@example.com"},
			"?search=ed":                      {"ed@example.com"},
			"?auth_provider=google":           nil,
			"?auth_provider=email&role=admin": {"ed@example.com"},
		} {
			if diff := cmp.Diff(want, h.get(200, "/admin/users"+query).column("E-mail")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		h.says(h.get(400, "/admin/users?auth_provider=x"), "is not a provider")
		path := "/admin/users/" + an.ID.String()
		h.says(h.get(200, path), "An", "an@example.com", "not proven", "Signed up with email")

		h.says(h.post(400, path, url.Values{"name": {""}, "avatar_url": {"ftp://x"}}), "A name is required.", "This is not an absolute http or https URL.")
		h.post(303, path, url.Values{"name": {"Anh"}, "avatar_url": {""}})
		h.audited("panel:root", "user.update")
		h.says(h.get(200, path), "Anh")
		h.says(h.post(400, path+"/role", url.Values{"role": {"king"}}), `"king" is not a role`)
		h.post(303, path+"/role", url.Values{"role": {"admin"}})
		h.audited("panel:root", "user.set_role")
		h.says(h.post(400, path+"/password", url.Values{"password": {"short"}}), "A password has at least 8 characters.", "A password has at least one digit.")
		h.says(h.get(200, h.post(303, path+"/password", url.Values{"password": {"OtherPass123"}}).header.Get("Location")), "All sessions of this account have ended.")
		h.audited("panel:root", "user.set_password")
		h.post(303, path+"/revoke", nil)
		h.audited("panel:root", "user.revoke")

		h.says(h.get(200, path+"/delete"), "What stays", "an opaque number takes the place of this person", "All games that were played with it")
		h.post(303, path+"/delete", nil)
		h.audited("panel:root", "user.delete")
		h.get(404, path)

		h.signInAs(adminEmail, adminPassword)
		own := "/admin/users/" + h.admin.ID.String()
		h.says(h.get(200, own), "This is your own account.")
		h.says(h.get(200, own+"/delete"), "you will be signed out")
		h.post(303, own+"/delete", nil)
		h.get(303, "/admin/users")
	})
}

func TestSessionsAreSeenAndDeleted(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		an := must(h.Accounts.Register(t.Context(), account.Registration{Email: "an@example.com", Password: adminPassword, Name: "An"})).User
		kept := must(h.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Text: "I eat.", Level: "A1", AudioURL: "https://audio.example/1.mp3"}))
		gone := must(h.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Text: "You eat.", Level: "A1", AudioURL: "https://audio.example/2.mp3"}))
		must(0, h.Catalog.DeleteSpeech(t.Context(), gone.ID))
		score, heard := 81.25, "I beat"
		end := time.Date(2025, 12, 10, 10, 0, 0, 0, time.UTC)
		draft := func(mode practice.Mode, level catalog.Level, minute int) practice.Draft {
			at := end.Add(time.Duration(minute) * time.Minute)
			return practice.Draft{
				Mode: mode, Level: level, SentenceType: catalog.Answer, TotalSentences: 2, CorrectCount: 1, MaxStreak: 1, DurationSeconds: 40,
				StartedAt: at.Add(-40 * time.Second), CompletedAt: at,
				Results: []practice.Result{
					{SpeechID: kept.ID, SequenceNumber: 1, UserResponse: practice.Correct, ResponseTimeMS: 1500},
					{SpeechID: gone.ID, SequenceNumber: 2, UserResponse: practice.Skipped, ResponseTimeMS: 900},
				},
			}
		}
		repeated := draft(practice.ListenAndRepeat, "A1", 1)
		repeated.Results[0].PronunciationScore, repeated.Results[0].RecognizedText, repeated.AvgPronunciationScore = &score, &heard, &score
		first := must(h.Practice.Save(t.Context(), an.ID, repeated, ""))
		must(h.Practice.Save(t.Context(), an.ID, draft(practice.ListenOnly, "B1", 2), ""))

		for query, want := range map[string][]string{
			"":                           {"2025-12-10 10:02", "2025-12-10 10:01"},
			"?sort=completed_at":         {"2025-12-10 10:01", "2025-12-10 10:02"},
			"?mode=listen_and_repeat":    {"2025-12-10 10:01"},
			"?level=B1":                  {"2025-12-10 10:02"},
			"?level=B1&mode=listen_only": {"2025-12-10 10:02"},
			"?level=C1":                  nil,
		} {
			if diff := cmp.Diff(want, h.get(200, "/admin/sessions"+query).column("Completed")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		h.get(400, "/admin/sessions?mode=sing")
		path := "/admin/sessions/" + first.String()
		h.says(h.get(200, path), "listen and repeat", "1 of 2", "81.2", "I beat", "You eat. (deleted)", "1.5 s")
		h.says(h.get(200, path+"/delete"), "2 results", "What stays", "and not whose it was")
		h.post(303, path+"/delete", nil)
		h.audited("panel:root", "session.delete")
		h.get(404, path)
		if got := h.get(200, "/admin/sessions").column("Id"); len(got) != 1 {
			t.Errorf("%d sessions are left", len(got))
		}
	})
}

func TestAuditIsReadable(t *testing.T) {
	h := newHouse(t).signIn()
	id := h.idIn(h.post(303, "/admin/tags", url.Values{"name": {"Food"}, "category": {"topic"}}))
	h.post(303, "/admin/tags/"+id.String(), url.Values{"name": {"Meals"}, "category": {"topic"}})
	a := h.get(200, "/admin/audit")
	h.says(a, "name: Food → Meals", "tag.create", "panel:root", "panel.sign_in", "user.create")
	for query, want := range map[string][]string{
		"?action=tag":                {"tag.update", "tag.create"},
		"?action=tag.update":         {"tag.update"},
		"?actor=panel:root":          {"tag.update", "tag.create", "panel.sign_in"},
		"?object_id=" + id.String():  {"tag.update", "tag.create"},
		"?from_date=2999-01-01":      nil,
		"?to_date=2001-01-01":        nil,
		"?actor=&action=&object_id=": {"tag.update", "tag.create", "panel.sign_in", "user.create"},
	} {
		if diff := cmp.Diff(want, h.get(200, "/admin/audit"+query).column("Action")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	h.get(400, "/admin/audit?from_date=yesterday")
	if links := a.find("a", "href=/admin/tags/"+id.String()); len(links) == 0 {
		t.Error("no link leads to the tag")
	}
}

// TestMarkupIsText: whatever is stored is shown, and never run.
func TestMarkupIsText(t *testing.T) {
	h := newHouse(t).signIn()
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
	id := h.idIn(h.post(303, "/admin/tags", url.Values{"name": {evil}, "category": {evil[:50]}}))
	speech := h.idIn(h.upload(303, "/admin/speeches", [][2]string{{"text", evil}, {"level", "A1"}, {"type", "answer"}, {"audio_url", "https://audio.example/a.mp3?'\"<script>"}, {"tag", id.String()}}))
	for _, path := range []string{
		"/admin/tags", "/admin/tags/" + id.String(), "/admin/tags/" + id.String() + "/delete", "/admin/speeches", "/admin/speeches/" + speech.String(),
		"/admin/speeches/" + speech.String() + "/delete", "/admin/audit", "/admin/tags?search=" + url.QueryEscape(evil), "/admin/audit?actor=" + url.QueryEscape(evil),
		"/admin/tags?category=" + url.QueryEscape(evil) + "&sort=" + url.QueryEscape(evil), "/admin/tags/choices?tag_search=" + url.QueryEscape(evil),
	} {
		a := h.get(200, path)
		scripts := a.find("script")
		if len(scripts) > 1 || len(a.find("img")) > 0 || slices.ContainsFunc(scripts, func(n *node) bool { return n.FirstChild != nil }) {
			t.Errorf("%s: markup is run: %s", path, a.body)
		}
	}
	h.says(h.get(404, "/admin/speeches?tag="+url.QueryEscape(evil+"!")), "<script>alert(1)</script>")
}
