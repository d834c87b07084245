package adminweb_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	miniocredentials "github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/testenv"
)

// TestEarlierRecordings: a recording that was replaced can be heard and brought back, on both databases, without script.
func TestEarlierRecordings(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.signIn()
		id := h.spoken("I eat rice.", wave(440))
		path := "/admin/speeches/" + id.String()
		first := h.keyOf(id)
		if page := h.get(200, path); strings.Contains(page.text(), "Earlier recordings") {
			t.Error("a speech with one recording has earlier ones")
		}
		h.upload(303, path, [][2]string{{"text", "I eat rice."}, {"level", "A1"}, {"type", "answer"}, {"audio:b.wav", string(wave(660))}})
		second := h.keyOf(id)

		page := h.get(200, path)
		players := page.find("audio")
		if len(players) != 2 || !strings.Contains(attr(players[1], "src"), first) || attr(players[1], "preload") != "none" {
			t.Fatalf("%d players: %s", len(players), page.body)
		}
		link := must(url.Parse(attr(players[1], "src"))).RequestURI()
		if heard := h.do(http.MethodGet, link, nil); heard.status != 200 || heard.body != string(wave(440)) {
			t.Errorf("the earlier recording is %d with %d bytes", heard.status, len(heard.body))
		}
		ask := attr(page.find("a", "href="+restoring(id, first))[0], "href")
		question := h.get(200, ask)
		h.says(question, "Bring this recording back?", "I eat rice.", "What goes", "the earlier one (until 2", "What stays")
		if forms := question.find("form", "method=post", "action="+ask); len(forms) != 1 {
			t.Fatalf("the question has no form: %s", question.body)
		}
		h.post(403, ask, nil, without("Origin"))
		if h.keyOf(id) != second {
			t.Fatal("asking has changed the recording")
		}
		h.says(h.get(200, h.post(303, ask, nil).header.Get("Location")), "The earlier recording is back.", "Earlier recordings")
		h.audited("panel:root", "speech.update")
		if h.keyOf(id) != first {
			t.Error("the earlier recording is not back")
		}

		h.says(h.get(404, ask), "no such earlier recording") // an old page has asked, and the recording is in use again
		h.says(h.post(409, ask, nil), "is in use")
		h.says(h.post(404, restoring(id, "audio/A1/none.wav"), nil), "no recording")
		h.post(404, restoring(uuid.New(), first), nil)
	})
}

// TestEarlierRecordingsOfOneElsewhere: the page plays both what is elsewhere and what is kept here, and says what is lost.
func TestEarlierRecordingsOfOneElsewhere(t *testing.T) {
	h := newHouse(t).signIn()
	id := h.spoken("I eat rice.", wave(440))
	elsewhere := "https://media.example.com/x.mp3"
	must(h.Catalog.UpdateSpeech(t.Context(), id, catalog.SpeechChange{AudioURL: &elsewhere}))
	page := h.get(200, "/admin/speeches/"+id.String())
	if n := len(page.find("audio")); n != 2 {
		t.Errorf("%d players, want 2", n)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "media-src 'self' "+h.address+" https://media.example.com;") {
		t.Errorf("the policy does not let both play: %s", policy)
	}

	must(h.Catalog.UpdateSpeech(t.Context(), id, catalog.SpeechChange{Recording: bytes.NewReader(wave(550))}))
	must(0, os.Remove(filepath.Join(h.dir, "data", "audio", filepath.FromSlash(h.keyOf(id)))))
	lost := h.get(200, "/admin/speeches/"+id.String())
	h.says(lost, "does not have this recording any longer", "An earlier one can be brought back", "Earlier recordings")
	if n := len(lost.find("audio")); n != 1 {
		t.Errorf("%d players, want that of the earlier recording: nothing else can be heard", n)
	}
	if checks := lost.find("form", "action="+checkPath(id)+"#check"); len(checks) != 0 {
		t.Error("a recording that is lost can be checked")
	}
}

// TestEarlierRecordingsOfABucket: what was deleted in a bucket with versioning can be brought back, and its page says when it was stored,
// since nobody has replaced it.
func TestEarlierRecordingsOfABucket(t *testing.T) {
	endpoint, access, secret := testenv.Required(t, "TEST_S3_ENDPOINT"), os.Getenv("TEST_S3_ACCESS_KEY"), os.Getenv("TEST_S3_SECRET_KEY")
	bucket := "panel-" + uuid.NewString()
	h := newHouse(t, "S3_ENDPOINT_URL="+endpoint, "S3_ACCESS_KEY="+access, "S3_SECRET_KEY="+secret, "S3_BUCKET_NAME="+bucket).signIn()
	id := h.spoken("I eat rice.", wave(440))
	store := must(minio.New(strings.TrimPrefix(endpoint, "http://"), &minio.Options{Creds: miniocredentials.NewStaticV4(access, secret, "")}))
	must(0, store.RemoveObject(t.Context(), bucket, h.keyOf(id), minio.RemoveObjectOptions{}))

	page := h.get(200, "/admin/speeches/"+id.String())
	h.says(page, "does not have this recording any longer", "stored 2", "Deleted or overwritten in the bucket")
	if players := page.find("audio"); len(players) != 0 {
		t.Errorf("%d players for what no link leads to", len(players))
	}
	var asks []string
	for _, link := range page.find("a") {
		if href := attr(link, "href"); strings.Contains(href, "/restore?") {
			asks = append(asks, href)
		}
	}
	if len(asks) != 1 {
		t.Fatalf("%d recordings can be brought back: %s", len(asks), page.body)
	}
	h.says(h.get(200, asks[0]), "the earlier one (stored 2")
	h.says(h.get(200, h.post(303, asks[0], nil).header.Get("Location")), "The earlier recording is back.")
}

func (h *house) keyOf(id uuid.UUID) string {
	h.t.Helper()
	return must(h.Catalog.Speech(h.t.Context(), id)).Audio
}

// restoring is the address of the question whether to bring a recording back.
func restoring(id uuid.UUID, version string) string {
	return "/admin/speeches/" + id.String() + "/restore?" + url.Values{"version": {version}}.Encode()
}
