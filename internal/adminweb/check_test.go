package adminweb_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/testenv"
)

// scoredBy are the settings of a daemon that asks the stand-in for Azure.
func scoredBy(t *testing.T, fake *azuretest.Fake) []string {
	return []string{"AZURE_SPEECH_KEY=" + azuretest.Key, "AZURE_SPEECH_ENDPOINT=" + fake.Serve(t).String()}
}

// spoken creates a speech with a recording.
func (h *house) spoken(text string, recording []byte) uuid.UUID {
	h.t.Helper()
	return must(h.Catalog.CreateSpeech(h.t.Context(), catalog.NewSpeech{Text: text, Level: "A1", Type: catalog.Answer, Recording: bytes.NewReader(recording)})).ID
}

func checkPath(id uuid.UUID) string { return "/admin/speeches/" + id.String() + "/check" }

func TestCheckARecording(t *testing.T) {
	// Temporary files have their folder, and nothing else writes there.
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	fake := azuretest.New(azuretest.Config{Transcript: "I eat* rice <b>"})
	h := newHouse(t, scoredBy(t, fake)...).signIn()
	id := h.spoken("I eat brown rice.", wave(440))
	before := h.stored()

	page := h.get(200, "/admin/speeches/"+id.String())
	form := page.find("form", "action="+checkPath(id)+"#check")
	if len(form) != 1 || attr(form[0], "method") != "post" {
		t.Fatalf("there is no form to check the recording: %s", page.body)
	}
	h.says(page, "Check this recording")
	if strings.Contains(page.text(), "What was heard") {
		t.Error("the page has a finding before anybody has asked")
	}

	page = h.post(200, checkPath(id), nil)
	h.says(page, "What was heard", "Scored by the provider azure.", "I eat brown rice.", "Save")
	if strings.Contains(page.text(), "estimate") {
		t.Error("Azure's scores are called an estimate")
	}
	for label, want := range map[string][]string{
		"Of the whole": {"Pronunciation", "Accuracy", "Fluency", "Completeness", "Prosody"},
		"Word":         {"I", "eat", "brown", "rice", "b"},
		"Error":        {"–", "mispronunciation", "omission", "–", "insertion"},
	} {
		if diff := cmp.Diff(want, page.column(label)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", label, diff)
		}
	}
	if scores := page.column("Score"); len(scores) != 10 || scores[5] != "95" || scores[7] != "0" {
		t.Errorf("the scores are %q", scores)
	}
	bars := page.find("meter")
	if len(bars) != 10 || attr(bars[5], "value") != "95" || attr(bars[5], "max") != "100" {
		t.Errorf("%d bars are drawn", len(bars))
	}
	if strings.Contains(page.body, "<b>") {
		t.Error("what was heard is markup")
	}

	if diff := cmp.Diff(before, h.stored()); diff != "" {
		t.Errorf("checking has changed what is stored (-before +after):\n%s", diff)
	}
	if left := must(os.ReadDir(temporary)); len(left) > 0 {
		t.Errorf("checking has left %v", left)
	}
	if calls := fake.Calls(); len(calls) != 1 {
		t.Errorf("the provider was asked %d times, want once", len(calls))
	}
	// The address of the answer, asked for once more by hand, leads to the speech.
	if to := h.get(303, checkPath(id)).header.Get("Location"); to != "/admin/speeches/"+id.String() {
		t.Errorf("it leads to %s", to)
	}
	h.post(404, checkPath(uuid.New()), nil)
	h.post(403, checkPath(id), nil, without("Origin"))
}

// stored are the files of the audio store.
func (h *house) stored() (files []string) {
	h.t.Helper()
	err := filepath.WalkDir(filepath.Join(h.dir, "data", "audio"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}

// What cannot be scored, or cannot be now, is said on the page of the speech, which is there as before.
func TestChecksWithoutScores(t *testing.T) {
	fake := azuretest.New(azuretest.Config{})
	h := newHouse(t, scoredBy(t, fake)...).signIn()
	long := strings.Repeat("rice and ", 60) + "rice"
	for name, tt := range map[string]struct {
		text   string
		sound  []byte
		fault  azuretest.Fault
		status int
		says   string
	}{
		"silence":             {"I eat rice.", silence(), azuretest.Fault{}, 422, "Nothing is to be heard in this recording"},
		"no words":            {"I eat rice.", wave(441), azuretest.Fault{Recognition: "NoMatch"}, 422, "but no words of this language in it"},
		"too long a text":     {long, wave(442), azuretest.Fault{}, 400, "The text: has 544 characters; at most 500 are allowed."},
		"a damaged recording": {"I eat rice.", wave(444)[:60], azuretest.Fault{}, 400, "The recording: "},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			id := h.spoken(tt.text, tt.sound)
			if tt.fault != (azuretest.Fault{}) {
				fake.Next(tt.fault)
			}
			page := h.post(tt.status, checkPath(id), nil)
			h.says(page, tt.says, "Check this recording", "Save")
			if alert := page.find("p", "role=alert"); len(alert) != 1 {
				t.Errorf("%d alerts are on the page, want 1", len(alert))
			}
			if strings.Contains(page.text(), "What was heard") {
				t.Error("there are scores all the same")
			}
		})
	}
	h.t = t
	elsewhere := must(h.Catalog.CreateSpeech(t.Context(), catalog.NewSpeech{Text: "Far away.", Level: "A1", Type: catalog.Answer, AudioURL: "https://media.example.com/x.mp3"})).ID
	page := h.get(200, "/admin/speeches/"+elsewhere.String())
	h.says(page, "Only recordings that are kept here can be checked.")
	if len(page.find("form", "action="+checkPath(elsewhere)+"#check")) != 0 {
		t.Error("a recording elsewhere has a button to check it")
	}
	h.says(h.post(404, checkPath(elsewhere), nil), "is not kept here but at https://media.example.com/x.mp3")

	fake.Next(azuretest.Fault{Status: 401}) // after the others: the provider is left alone from then on
	refused := h.spoken("I eat rice.", wave(443))
	for range 2 {
		h.says(h.post(503, checkPath(refused), nil), "Pronunciation cannot be scored at the moment; please try again later.")
	}

	lost := h.spoken("It is gone.", wave(445))
	for _, file := range h.stored() {
		must(0, os.Remove(file))
	}
	gone := h.post(404, checkPath(lost), nil) // from a page of before
	h.says(gone, "does not have this recording any longer", "Save")
	if len(gone.find("form", "action="+checkPath(lost)+"#check")) != 0 {
		t.Error("a recording that is lost has a button to check it")
	}
}

// Checks count where scores count, and where nobody scores the page says what the operator can do.
func TestChecksAreLimited(t *testing.T) {
	h := newHouse(t, "SPEECH_PROVIDER=none", "RATE_LIMITS=score=2,login=1000,admin=1000").signIn()
	id := h.spoken("I eat rice.", wave(440))
	for range 2 {
		h.says(h.post(503, checkPath(id), nil), "Pronunciation is not scored on this server", "englishctl model install")
	}
	h.says(h.post(http.StatusTooManyRequests, checkPath(id), nil), "Too many requests")
	h.get(200, "/admin/speeches/"+id.String())
}

// Without a cloud it is an estimate, and each word has a band.
func TestCheckOffline(t *testing.T) {
	h := newHouse(t, "SPEECH_PROVIDER=offline", "OFFLINE_MODEL_DIR="+testenv.SpeechModel(t), "SPEECH_API_TIMEOUT=60").signIn()
	recording := must(os.ReadFile(filepath.Join(testenv.StarterPack(t, 2), "audio", "a1-question-002.mp3")))
	right := h.spoken("What do you eat for breakfast?", recording)
	page := h.post(200, checkPath(right), nil)
	h.says(page, "Scored by the provider offline.", "This is an estimate , not to be compared with scores of another provider.")
	for _, band := range page.column("Band") {
		if band != "good" && band != "doubtful" && band != "poor" {
			t.Errorf("a word has the band %q", band)
		}
	}
	if words := page.column("Word"); len(words) != 6 || words[5] != "breakfast" {
		t.Errorf("the words are %q", words)
	}
	wrong := h.spoken("Our grandparents never travelled by aeroplane.", recording)
	h.says(h.post(422, checkPath(wrong), nil), "sentence")
}

// silence is a recording of a second and a half of nothing.
func silence() []byte { return wave(0) }
