package adminweb_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
)

const header = "audio_filename,text,level,type,tags\n"

// TestImportWithTwoBadRows: the plan first, then the good rows, then the bad ones, mended; and all of it taken back.
func TestImportWithTwoBadRows(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		h.says(h.get(200, "/admin/imports/new"), "nothing is imported before you say so")
		up := h.upload(303, "/admin/imports", [][2]string{
			{"file:lessons.csv", header + "one.wav,I see a cat.,A1,answer,Animals\ntwo.wav,You see a dog.,Z9,answer,Animals\nthree.wav,He sees a cow.,A1,answer,Animals\n"},
			{"audio:one.wav", string(wave(300))}, {"audio:two.wav", string(wave(400))}, {"audio:left.wav", string(wave(500))},
		})
		plan := up.header.Get("Location")
		page := h.get(200, plan)
		h.says(page, "Nothing has been imported yet.", "New 1", "Rejected 2", "Recordings 3", "Invalid level 'Z9'", "three.wav", "left.wav", "Animals", "Import the good rows, skip 2")
		if diff := cmp.Diff([]string{"2", "3"}, page.column("Row")[:2]); diff != "" {
			t.Errorf("the rejected rows (-want +got):\n%s", diff)
		}
		rejected := h.get(200, plan+"/rejected.csv")
		if !strings.HasPrefix(rejected.body, strings.TrimSpace(header)+",error\ntwo.wav,You see a dog.,Z9,answer,Animals,") || strings.Count(rejected.body, "\n") != 3 {
			t.Errorf("the rejected rows are %q", rejected.body)
		}
		if got := rejected.header.Get("Content-Disposition"); got != "attachment; filename=lessons-rejected.csv" {
			t.Errorf("they are called %q", got)
		}
		h.says(h.post(400, plan+"/apply", url.Values{"on_error": {"abort"}}), "2 of 3 rows are invalid; nothing was imported")
		h.says(h.post(400, plan+"/apply", url.Values{"on_error": {"sometimes"}}), "'sometimes' is not allowed")

		imported := h.imported(plan, "skip")
		h.audited("panel:root", "import.apply")
		first := lastID(t, imported)
		h.says(h.get(200, imported), "Imported.", "I see a cat.", "Rejected 2", "Rejected rows wait to be mended")

		// What was rejected is what is left; mended, and with its recording, it goes in.
		h.says(h.get(200, plan), "lessons-rejected.csv", "Rejected 2")
		h.upload(303, plan, [][2]string{
			{"file:mended.csv", header + "two.wav,You see a dog.,A1,answer,Animals\nthree.wav,He sees a cow.,A1,answer,Animals\n"}, {"audio:three.wav", string(wave(600))},
		})
		h.says(h.get(200, plan), "mended.csv", "New 2", "Rejected 0", "Import 2 rows")
		second := lastID(t, h.imported(plan, "abort"))
		h.get(404, plan) // used up
		if _, total, _ := h.Catalog.Speeches(t.Context(), catalog.SpeechQuery{}, firstPage); total != 3 {
			t.Fatalf("%d speeches are there, want 3", total)
		}
		if diff := cmp.Diff([]string{"mended.csv", "lessons.csv"}, h.get(200, "/admin/imports").column("File")); diff != "" {
			t.Errorf("the imports (-want +got):\n%s", diff)
		}

		speeches, _, err := h.Catalog.Speeches(t.Context(), catalog.SpeechQuery{Search: "dog"}, firstPage)
		if err != nil {
			t.Fatal(err)
		}
		edited := "You see a big dog."
		must(h.Catalog.UpdateSpeech(t.Context(), speeches[0].ID, catalog.SpeechChange{Text: &edited}))
		undo := "/admin/imports/" + second.String() + "/undo"
		h.says(h.get(200, undo), "What goes", "2 speeches", "What stays", "somebody has changed since")
		h.says(h.post(200, undo, nil), "1 speech was deleted.", "You see a big dog.", "it was changed since")
		h.audited("panel:root", "import.undo")
		h.says(h.get(200, undo), "This import is undone; only one that is done can be undone.")
		h.post(409, undo, nil)
		h.says(h.post(200, "/admin/imports/"+first.String()+"/undo", nil), "1 speech was deleted.")
	})
}

func TestUploadsThatAreRefused(t *testing.T) {
	h := newHouse(t).signIn()
	good := [2]string{"file:a.csv", header + "one.wav,I see a cat.,A1,answer,\n"}
	for name, tt := range map[string]struct {
		form [][2]string
		says string
	}{
		"no file":         {[][2]string{{"audio:one.wav", string(wave(300))}}, "Choose the file with the sentences."},
		"nothing at all":  {[][2]string{{"x", "y"}}, "Choose the file with the sentences."},
		"the wrong order": {[][2]string{{"audio:one.wav", string(wave(300))}, good}, "Choose the file with the sentences."},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			h.says(h.upload(400, "/admin/imports", tt.form), tt.says)
		})
	}
	h.t = t
	h.post(400, "/admin/imports", url.Values{"file": {"x"}})

	// A file that is none of ours is told so where another one can be sent.
	plan := h.upload(303, "/admin/imports", [][2]string{{"file:a.csv", "text;level\nx;A1\n"}}).header.Get("Location")
	h.says(h.get(200, plan), "audio_filename", "Send another file with the sentences.")
	h.says(h.post(400, plan+"/apply", url.Values{"on_error": {"abort"}}), "audio_filename")
	h.get(400, plan+"/rejected.csv")
	h.upload(303, plan, [][2]string{good})
	h.says(h.get(200, plan), "Missing recordings", "one.wav")
	h.says(h.get(200, h.post(303, plan+"/discard", nil).header.Get("Location")), "Thrown away. Nothing was imported.")
	h.get(404, plan)
	h.get(404, "/admin/imports/plan/no-id")
}

// TestBadRecordingsAreLeftOut: they are named, with the reason, and what else was sent is there.
func TestBadRecordingsAreLeftOut(t *testing.T) {
	h := newHouse(t).signIn()
	sheet := [2]string{"file:a.csv", header + "one.wav,I see a cat.,A1,answer,\ntwo.wav,I see a dog.,A1,answer,\n"}
	page := h.upload(422, "/admin/imports", [][2]string{
		sheet, {"audio:two.wav", "words"}, {"audio:one.wav", string(wave(300))}, {"audio:empty.wav", ""}, {"audio:.wav", string(wave(300))},
		{"audio:silent.wav", string(silence())}, {"audio:big.wav", string(wave(300)) + strings.Repeat("\x00", 10<<20)},
	})
	h.says(page, "5 recordings cannot be used and were left out.", "'two.wav' is text; only MP3, WAV and M4A are allowed", "'empty.wav' is empty",
		"begins with a dot", "'silent.wav' cannot be used: it is silent", "'big.wav' is larger than 10 MiB",
		"New 1", "Rejected 1", "Recordings 1", "Import the good rows, skip 1")

	// The plan can be gone on with from that very page.
	forms := page.find("form", "enctype=multipart/form-data")
	if len(forms) != 1 || !strings.HasPrefix(attr(forms[0], "action"), "/admin/imports/plan/") {
		t.Fatalf("there is no form to send more: %s", page.body)
	}
	plan := attr(forms[0], "action")
	again := h.upload(422, plan, [][2]string{{"audio:two.wav", "words"}})
	h.says(again, "One recording cannot be used and was left out.", "Recordings 1")
	h.upload(303, plan, [][2]string{{"audio:two.wav", string(wave(400))}})
	h.says(h.get(200, plan), "New 2", "Rejected 0")

	// None is good: the file with the sentences is there all the same.
	h.says(h.upload(422, "/admin/imports", [][2]string{sheet, {"audio:one.wav", "words"}}), "'one.wav' is text", "Rejected 2", "Recordings 0")
}

// TestSkippedRowsAreKept: what an import has skipped can be downloaded from its page, also when nothing else is left of it.
func TestSkippedRowsAreKept(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		plan := h.upload(303, "/admin/imports", [][2]string{
			{"file:lessons.csv", header + "one.wav,I see a cat.,A1,answer,\nthree.wav,He sees a cow.,A1,answer,\n"}, {"audio:one.wav", string(wave(300))},
		}).header.Get("Location")
		batch := lastID(t, h.imported(plan, "skip")).String()
		h.get(404, plan) // no recording is left, so that the session has ended
		page := h.get(200, "/admin/imports/"+batch)
		if links := page.find("a", "href=/admin/imports/"+batch+"/rejected.csv"); len(links) != 1 {
			t.Fatalf("there is no link to the rejected rows: %s", page.body)
		}
		h.signInAs(adminEmail, adminPassword) // whoever made it
		rejected := h.get(200, "/admin/imports/"+batch+"/rejected.csv")
		want := strings.TrimSpace(header) + ",error\nthree.wav,He sees a cow.,A1,answer,,Audio file 'three.wav' not found in upload session\n"
		if diff := cmp.Diff(want, rejected.body); diff != "" {
			t.Errorf("the rejected rows (-want +got):\n%s", diff)
		}
		if got := rejected.header.Get("Content-Disposition"); got != "attachment; filename=lessons-rejected.csv" {
			t.Errorf("they are called %q", got)
		}

		whole := h.upload(303, "/admin/imports", [][2]string{{"file:b.csv", header + "one.wav,I see a pig.,A1,answer,\n"}, {"audio:one.wav", string(wave(350))}}).header.Get("Location")
		batch = lastID(t, h.imported(whole, "skip")).String()
		h.get(404, "/admin/imports/"+batch+"/rejected.csv")
		if strings.Contains(h.get(200, "/admin/imports/"+batch).body, "rejected.csv") {
			t.Error("an import that skipped nothing has rejected rows")
		}
		h.get(404, "/admin/imports/"+uuid.NewString()+"/rejected.csv")
	})
}

// TestPlansAreTheirAuthors: another editor cannot see or use what somebody has uploaded.
func TestPlansAreTheirAuthors(t *testing.T) {
	h := newHouse(t).signIn()
	plan := h.upload(303, "/admin/imports", [][2]string{{"file:a.csv", header + "one.wav,I see a cat.,A1,answer,\n"}, {"audio:one.wav", string(wave(300))}}).header.Get("Location")
	h.signInAs(adminEmail, adminPassword)
	h.get(404, plan)
	h.get(404, plan+"/rejected.csv")
	h.post(404, plan+"/apply", url.Values{"on_error": {"abort"}})
	h.upload(404, plan, [][2]string{{"file:b.csv", header}})
	h.post(303, plan+"/discard", nil) // as good as gone for them, and untouched
	h.signIn()
	h.get(200, plan)
	if _, total, _ := h.Accounts.Users(t.Context(), account.UserFilter{}, firstPage); total != 1 {
		t.Fatal("the house has other people")
	}
}
