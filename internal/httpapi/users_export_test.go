package httpapi

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

var exportMine = request{path: "/users/me/export", token: learnerToken}

// TestExportIsAFile of all sessions, each with its results and the texts of its sentences.
func TestExportIsAFile(t *testing.T) {
	w := newWorld(t)
	w.exported = 2
	got := w.do(t, exportMine)
	if disposition := got.header.Get("Content-Disposition"); disposition != `attachment; filename="englishapp-export-2025-12-10.json"` {
		t.Errorf("Content-Disposition: %s", disposition)
	}
	sessions := decodeJSON(t, got.body).(body)["sessions"].([]any)
	if len(sessions) != 2 {
		t.Fatalf("%d sessions", len(sessions))
	}
	sameJSON(t, encodeJSON(t, sessions[1]), `{
		"id": "00000000-0000-7000-8000-000000000005", "mode": "listen_and_repeat", "level": "A1", "sentence_type": "question",
		"selected_tags": ["Present Tense", "Food"], "total_sentences": 1, "correct_count": 1, "max_streak": 1,
		"avg_pronunciation_score": 87.5, "duration_seconds": 300, "started_at": "2025-12-10T10:00:00Z",
		"completed_at": "2025-12-10T10:05:00Z", "saved_at": "2025-12-10T10:00:00Z", "results": [{
			"sequence_number": 1, "speech_id": "00000000-0000-7000-8000-000000000003", "text": "What is your name?",
			"user_response": "correct", "pronunciation_score": null, "recognized_text": null, "response_time_ms": 5000, "score_source": null}]}`)
}

// TestExportThatFails: before the first session it is an answer like others, after it the connection is cut.
func TestExportThatFails(t *testing.T) {
	w := newWorld(t)
	w.exportErr = fault.Unavailable("the database does not answer").WithCode("database_unavailable")
	if got := w.do(t, exportMine); got.status != 503 || got.header.Get("Content-Disposition") != "" || got.problem(t).Code != "database_unavailable" {
		t.Errorf("at once: %d %s", got.status, got.body)
	}
	w = newWorld(t)
	w.exported, w.exportErr = 1000, errors.New("the database is gone")
	server := newTestServer(t, w.handler)
	r, err := http.NewRequestWithContext(t.Context(), get, server.URL+"/api/v1/users/me/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+learnerToken)
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || strings.HasSuffix(strings.TrimSpace(string(content)), "]}") {
		t.Errorf("%d bytes ended with %v: it looks whole", len(content), err)
	}
	if !strings.Contains(w.log.String(), "the database is gone") {
		t.Errorf("log: %s", w.log)
	}
}

// TestExportNeedsNoMemory: a history of some 100 MB passes through what one of a few kilobytes needs.
func TestExportNeedsNoMemory(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("said ", 1000)
	for range 20 {
		result := w.detail.Results[0]
		result.RecognizedText = &long
		w.detail.Results = append(w.detail.Results, result)
	}
	w.exported = 1000
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak, sent := uint64(0), 0
	watch := writerFunc(func(p []byte) (int, error) {
		if sent += len(p); sent/(10<<20) != (sent-len(p))/(10<<20) {
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
		return len(p), nil
	})
	w.handler.ServeHTTP(&sink{header: http.Header{}, out: watch}, exportMine.build(t))
	if sent < 90<<20 || peak > 4<<20 {
		t.Errorf("%d MB sent, and %d kB held at most", sent>>20, peak>>10)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// sink is a response that keeps nothing.
type sink struct {
	header http.Header
	out    io.Writer
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { return s.out.Write(p) }

// TestExportOfARealLife on both databases.
func TestExportOfARealLife(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		providers, option := newProviders(t, time.Minute)
		h, server := newMailHouse(t, db, option)
		zoe := richLife(t, h, providers, server)
		got := h.json(200, get, "/users/me/export", zoe.access, nil)
		profile, sessions := got["profile"].(body), got["sessions"].([]any)
		if profile["id"] != zoe.id || profile["email_verified"] != true || len(got["identities"].([]any)) != 1 || len(sessions) != 2 {
			t.Errorf("export: %v", got)
		}
		result := sessions[0].(body)["results"].([]any)[0].(body)
		if result["text"] != "What is it?" || result["recognized_text"] != "zoe said something unmistakable" {
			t.Errorf("result: %v", result)
		}
		if exported, err := time.Parse(time.RFC3339, got["exported_at"].(string)); err != nil || time.Since(exported) > time.Hour {
			t.Errorf("exported_at: %v, %v", got["exported_at"], err)
		}
	})
}
