package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// Without its database the daemon says so, loses nothing that it has acknowledged, and goes on when the database is back.
func TestDatabaseOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	database := s.behindWire(t, "DATABASE_URL")
	d := s.serve(t)
	learner := d.learner()
	body := session(learner.drawAll("A2", "answer", 3))
	first := learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)["session_id"]

	database.cut()
	key := uuid.NewString()
	refused := learner.want(http.StatusServiceUnavailable, "POST", "/api/v1/game/sessions", body, "Idempotency-Key", key)
	if refused["code"] != "database_unavailable" || refused["request_id"] == "" {
		t.Errorf("problem %v, want the code database_unavailable and a request id", refused)
	}
	if ready := learner.want(http.StatusServiceUnavailable, "GET", "/readyz", nil); !strings.Contains(toJSON(t, ready), "database") {
		t.Errorf("readyz %v does not name the database", ready)
	}
	learner.want(http.StatusOK, "GET", "/healthz", nil)
	learner.want(http.StatusOK, "GET", readinessProbe(t), nil)
	learner.playsOn()
	database.freeze()
	learner.playsOn()

	database.cut()
	database.mend()
	var second any
	eventually(t, time.Minute, "the save is accepted again", func() bool {
		a, err := learner.try("POST", "/api/v1/game/sessions", body, "Idempotency-Key", key)
		second = a.body["session_id"]
		return err == nil && a.status == http.StatusCreated
	})
	for _, id := range []any{first, second} {
		learner.want(http.StatusOK, "GET", "/api/v1/game/sessions/"+id.(string), nil)
	}
	history := learner.want(http.StatusOK, "GET", "/api/v1/game/sessions", nil)
	if total := history["pagination"].(map[string]any)["total"].(float64); total != 2 {
		t.Errorf("%v sessions, want the two that were acknowledged", total)
	}
	learner.want(http.StatusOK, "GET", "/readyz", nil)
}

// Without the audio store play goes on; uploads are refused and leave nothing.
func TestAudioStoreOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	store := s.behindWire(t, "S3_ENDPOINT_URL")
	d := s.serve(t)
	admin := d.admin(s)
	learner := d.learner()
	recording, err := os.ReadFile("../../examples/starter-pack/audio/a1-question-001.mp3")
	if err != nil {
		t.Fatal(err)
	}

	store.cut()
	body := session(learner.drawAll("B2", "question", 3)) // links are signed without the store
	learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)
	if a := admin.upload("a.mp3", recording); a.status != http.StatusServiceUnavailable {
		t.Errorf("upload: %s, want 503", a)
	}
	if ready := learner.want(http.StatusServiceUnavailable, "GET", "/readyz", nil); !strings.Contains(toJSON(t, ready), "audio") {
		t.Errorf("readyz %v does not name the audio store", ready)
	}
	learner.want(http.StatusOK, "GET", readinessProbe(t), nil)

	store.mend()
	eventually(t, time.Minute, "uploads are accepted again", func() bool {
		return admin.upload("a.mp3", recording).status == http.StatusOK
	})
}

// playsOn demands that tags and draws are served from the last snapshot, until somebody has looked for a newer one.
func (c client) playsOn() {
	c.t.Helper()
	const looks = `englishctl_cache_lookups_total{cache="catalogue",result="miss"}`
	c.over = &http.Client{Timeout: 10 * time.Second} // a frozen database would hold it up for 15
	before := c.metric(looks)
	eventually(c.t, time.Minute, "somebody looks for a newer catalogue", func() bool {
		c.draw("A2", "answer", 3)
		return c.metric(looks) > before
	})
}

// readinessProbe is what the cluster of the sample asks before it sends somebody to a daemon.
func readinessProbe(t *testing.T) string {
	t.Helper()
	probe := regexp.MustCompile(`readinessProbe:\s+httpGet: \{path: "(/readyz[^"]*)"`)
	found := probe.FindStringSubmatch(read(t, "examples/deploy/kubernetes/app/deployment.yaml"))
	if found == nil {
		t.Fatal("the sample has no readiness probe")
	}
	return found[1]
}

// Without Redis nobody notices.
func TestRedisOutage(t *testing.T) {
	s := production(t)
	s.must(t, "", starterPack(t)...)
	redis := s.behindWire(t, "REDIS_URL")
	d := s.serve(t)
	learner := d.learner()

	redis.cut()
	body := session(learner.drawAll("C1", "answer", 3))
	learner.want(http.StatusCreated, "POST", "/api/v1/game/sessions", body)
	d.learner()
	learner.want(http.StatusOK, "GET", "/readyz", nil)
	if said := strings.Count(d.logged(), `"level":"WARN"`); said != 1 {
		t.Errorf("the log has %d warnings, want one for the whole outage:\n%s", said, d.logged())
	}
	redis.mend()
	learner.want(http.StatusOK, "GET", "/api/v1/users/me", nil)
}
