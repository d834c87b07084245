//go:build unix

package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/azure/azuretest"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/testenv"
)

// providersTime is how long the provider takes in these benchmarks.
const providersTime = 800 * time.Millisecond

// BenchmarkScoringAtOnce scores 100 recordings of 5 s at once with a provider that takes 800 ms, and BenchmarkScoringOfflineAtOnce ten of
// them with the offline provider, while somebody plays. They report how long all of it took; the most memory that the daemon
// had; and the 99th percentile of random draws in the quiet before, beside a bare handler that takes the same uploads from
// the same learners, waits as long as the provider and answers, and beside the daemon. Learners, provider and player are other
// processes, which in reality have processors of their own. Here they share the daemon's: the player goes before all, so that an answer
// is heard when it has come, and learners and provider come last. What draws beside the bare handler lose is due to what is left of that.
func BenchmarkScoringAtOnce(b *testing.B) {
	learners := newCrowd(b, providersTime, last)
	took := scoringAtOnce(b, learners, 100, providersTime, azureBench(b, learners.provider))
	b.ReportMetric(took/providersTime.Seconds(), "ratio")
}

func BenchmarkScoringOfflineAtOnce(b *testing.B) {
	model := testenv.SpeechModel(b)
	c := openClassroom(b, "OFFLINE_MODEL_DIR="+model, "RATE_LIMITS=score=1000000,random=1000000")
	c.mustScore(b, phoneRecording(b), -1) // reads the model
	scoringAtOnce(b, newCrowd(b, 0, last), 10, 0, c)
}

func scoringAtOnce(b *testing.B, learners *crowd, atOnce int, wait time.Duration, c *classroom) (seconds float64) {
	const drawsASecond = 100
	player := newCrowd(b, 0, first)
	recording := phoneRecording(b)
	tag, err := c.Catalog.CreateTag(b.Context(), catalog.NewTag{Name: "Breakfast"})
	if err != nil {
		b.Fatal(err)
	}
	for n := range 20 {
		c.addSpeech(b, fmt.Sprintf("Do you eat breakfast at %d?", n), tag.ID)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(wait)
		_, _ = io.WriteString(w, "{}")
	}))
	defer bare.Close()
	draw := crowdTask{Address: c.address, Token: c.token, Draw: &drawing{tag.ID, drawsASecond}}
	score := crowdTask{Token: c.token, Learners: atOnce, Recording: recording}
	var all time.Duration
	var quiet, beside, busy []time.Duration
	memory := newMemory()
	for b.Loop() {
		player.begin(b, draw)
		time.Sleep(2 * time.Second)
		quiet = append(quiet, player.stop(b)...)

		score.Address = bare.URL
		player.begin(b, draw)
		learners.begin(b, score)
		learners.end(b)
		beside = append(beside, player.stop(b)...)

		score.Address = c.address
		player.begin(b, draw)
		learners.begin(b, score)
		all += learners.end(b).Took
		busy = append(busy, player.stop(b)...)
		score.First += atOnce
	}
	seconds = all.Seconds() / float64(b.N)
	b.ReportMetric(seconds, "s")
	b.ReportMetric(memory.most(b), "MiB-at-most")
	b.ReportMetric(percentile99(quiet), "quiet-p99-ms")
	b.ReportMetric(percentile99(beside), "bare-p99-ms")
	b.ReportMetric(percentile99(busy), "p99-ms")
	b.ReportMetric(percentile99(busy)/percentile99(quiet), "p99/quiet")
	b.ReportMetric(percentile99(busy)/percentile99(beside), "p99/bare")
	return seconds
}

// BenchmarkScoreM4A scores M4A of 5 s, 44.1 kHz, one after the other, beside a provider that answers at once: what is left is the
// daemon's own work. The processor time is that of daemon, client and provider, which share this process.
func BenchmarkScoreM4A(b *testing.B) {
	c := azureBench(b, azuretest.New(azuretest.Config{}).Serve(b).String())
	recording := phoneRecording(b)
	before, n := processorTime(b), 0
	for b.Loop() {
		n++
		c.mustScore(b, recording, n)
	}
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(n), "cpu-ms/op")
}

// BenchmarkListen decodes, resamples and measures M4A of 5 s, 44.1 kHz: most of what a scoring costs.
func BenchmarkListen(b *testing.B) {
	recording, l := phoneRecording(b), listener{decoder: audio.BuiltIn{}}
	b.ReportAllocs()
	before, n := processorTime(b), 0
	for b.Loop() {
		n++
		if _, err := l.hear(b.Context(), recording); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(n), "cpu-ms/op")
}

// azureBench is a daemon with a provider at the address, and no limits that matter.
func azureBench(b *testing.B, provider string) *classroom {
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
	if err != nil || status != http.StatusOK && got.Code != "different_sentence" {
		b.Errorf("%d %+v, %v", status, got, err)
	}
}

// percentile99 is in milliseconds.
func percentile99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[min(len(took)*99/100, len(took)-1)].Microseconds()) / 1000
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// memory is the most that this process has had, from a moment on where the system can begin anew (Linux), and otherwise ever.
type memory struct{}

func newMemory() memory {
	debug.FreeOSMemory()                                      // what others have left
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // forgets the peak
	return memory{}
}

// most is in MiB.
func (memory) most(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if _, peak, found := strings.Cut(string(status), "VmHWM:"); err == nil && found {
		kib, err := strconv.Atoi(strings.Fields(peak)[0])
		if err != nil {
			b.Fatal(err)
		}
		return float64(kib) / 1024
	}
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Maxrss) / 1024
}
