//go:build unix

package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
)

// providersTime is how long the provider takes in these benchmarks.
const providersTime = 800 * time.Millisecond

// BenchmarkScoringAtOnce scores 100 recordings of 5 s at once with a provider that takes 800 ms, while somebody plays, and reports how
// long all of it took, in seconds and in times of the provider's answer; the most memory that the daemon had, with the player; and the
// 99th percentile of random draws beside that of the quiet before. The learners and their provider are another process, which has
// to share the processors. It comes first, since the most memory of a process is that of all it has done before.
func BenchmarkScoringAtOnce(b *testing.B) {
	const learners = 100
	crowd := newCrowd(b, providersTime)
	c := scoringBench(b, crowd.provider)
	recording := phoneRecording(b)
	tag, err := c.Catalog.CreateTag(b.Context(), catalog.NewTag{Name: "Breakfast"})
	if err != nil {
		b.Fatal(err)
	}
	for n := range 20 {
		c.addSpeech(b, fmt.Sprintf("Do you eat breakfast at %d?", n), tag.ID)
	}
	var all time.Duration
	var quiet, busy []time.Duration
	n := 0
	for b.Loop() {
		resting, rested := context.WithTimeout(b.Context(), 2*time.Second)
		quiet = append(quiet, c.drawUntil(resting, b, tag.ID)...)
		rested()
		playing, end := context.WithCancel(b.Context())
		var player sync.WaitGroup
		player.Go(func() { busy = append(busy, c.drawUntil(playing, b, tag.ID)...) })
		all += crowd.score(b, c, recording, n, learners)
		n += learners
		end()
		player.Wait()
	}
	took := all.Seconds() / float64(b.N)
	b.ReportMetric(took, "s/hundred")
	b.ReportMetric(took/providersTime.Seconds(), "ratio")
	b.ReportMetric(usage(b).mostMiB, "MiB-at-most")
	b.ReportMetric(percentile99(busy)/percentile99(quiet), "draws-p99-ratio")
	b.ReportMetric(percentile99(quiet), "quiet-p99-ms")
}

// BenchmarkScoreM4A scores M4A of 5 s, 44.1 kHz, one after the other, beside a provider that answers at once: what is left is the
// daemon's own work. The processor time is that of daemon, client and provider, which share this process.
func BenchmarkScoreM4A(b *testing.B) {
	c := scoringBench(b, azuretest.New(azuretest.Config{}).Serve(b).String())
	recording := phoneRecording(b)
	before, n := usage(b), 0
	for b.Loop() {
		n++
		c.mustScore(b, recording, n)
	}
	b.ReportMetric((usage(b).processor-before.processor).Seconds()*1000/float64(n), "cpu-ms/op")
}

// scoringBench is a daemon with a provider at the address, and no limits that matter.
func scoringBench(b *testing.B, provider string) *classroom {
	b.Helper()
	b.Cleanup(http.DefaultClient.CloseIdleConnections)
	return openClassroom(b, "AZURE_SPEECH_KEY="+azuretest.Key, "AZURE_SPEECH_ENDPOINT="+provider, "RATE_LIMITS=score=1000000,random=1000000")
}

// phoneRecording is 5 s of speech as a phone records it: M4A, AAC-LC, 44.1 kHz, one channel, 64 kbit/s, by FFmpeg's encoder from the
// starter pack.
func phoneRecording(b *testing.B) []byte {
	b.Helper()
	content, err := os.ReadFile("testdata/phone-5s.m4a")
	if err != nil {
		b.Fatal(err)
	}
	return content
}

// mustScore scores a sentence that nobody has read before.
func (c *classroom) mustScore(b *testing.B, recording []byte, n int) {
	status, got, err := c.score(b.Context(), recording, sentence(n))
	if err != nil || status != http.StatusOK {
		b.Errorf("%d %+v, %v", status, got, err)
	}
}

// drawUntil draws sentences 50 times a second until ctx ends, and returns how long each draw took from the moment it was due.
func (c *classroom) drawUntil(ctx context.Context, b *testing.B, tag uuid.UUID) []time.Duration {
	draw := map[string]any{"level": "A1", "type": "question", "tags": []uuid.UUID{tag}, "limit": 10}
	var mu sync.Mutex
	var took []time.Duration
	var draws sync.WaitGroup
	due := time.NewTicker(20 * time.Millisecond)
	defer due.Stop()
	for {
		select {
		case at := <-due.C:
			draws.Go(func() {
				status, answer, err := c.sendJSON(context.WithoutCancel(ctx), http.MethodPost, "/game/speeches/random", c.token, "", draw)
				if err != nil || status != http.StatusOK {
					b.Errorf("draw: %d %s, %v", status, answer, err)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(at))
			})
		case <-ctx.Done():
			draws.Wait()
			return took
		}
	}
}

// percentile99 is in milliseconds.
func percentile99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[min(len(took)*99/100, len(took)-1)].Microseconds()) / 1000
}

// used is what this process has used.
type used struct {
	processor time.Duration
	mostMiB   float64
}

func usage(b *testing.B) used {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return used{time.Duration(r.Utime.Nano() + r.Stime.Nano()), float64(r.Maxrss) / 1024}
}
